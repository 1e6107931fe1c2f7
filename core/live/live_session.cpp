#include "core/live/live_session.hpp"

#include <pthread.h>

#include <csignal>
#include <utility>

#include "core/system/clock.hpp"

namespace forktable {

Result<std::unique_ptr<LiveSession>> LiveSession::start(std::function<void()> on_news) {
  std::unique_ptr<LiveSession> live(new LiveSession(std::move(on_news)));
  auto session = Session::create([raw = live.get()](const Event& event) {
    if (raw->lesson_) raw->lesson_->take(event);
    raw->add_news([&](News& news) { news.events.push_back(event); });
  });
  if (!session) return tl::make_unexpected(session.error());
  live->session_ = std::move(*session);
  live->began_ = live->session_->began();
  // Signals are for the main thread.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  live->thread_ = std::thread([raw = live.get()] { raw->run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return live;
}

LiveSession::~LiveSession() {
  ending_ = true;
  if (session_) session_->wake();
  if (thread_.joinable()) thread_.join();
  lesson_.reset();  // the end of the server beside it is news, too
}

void LiveSession::post(std::function<void(Session&)> command) {
  {
    const std::lock_guard lock(mutex_);
    commands_.push_back(std::move(command));
  }
  session_->wake();
}

void LiveSession::start_server(ServerSetup setup) {
  post([this, setup = std::move(setup)](Session& session) {
    if (auto started = session.start_server(setup); !started)
      add_news([&](News& news) { news.errors.push_back(started.error()); });
  });
}

void LiveSession::start_lesson(Lesson lesson, ServerSetup setup) {
  post([this, lesson = std::move(lesson), setup = std::move(setup)](Session& session) {
    lesson_.reset();
    session.dismiss_clients();
    add_news([](News& news) { news.beside.clear(); });  // of a lesson that is over
    const ServerSetup wanted = setup_for(lesson, setup);
    lesson_.emplace(lesson, session);
    if (lesson.beside) put_beside(lesson, setup);
    if (auto started = session.start_server(wanted); !started)
      add_news([&](News& news) { news.errors.push_back(started.error()); });
    lesson_->next();
    tell_lesson();
  });
}

void LiveSession::put_beside(const Lesson& lesson, const ServerSetup& setup) {
  auto beside = BesideServer::start(lesson, *session_, setup, [this](const Event& event) {
    add_news([&](News& news) { news.beside.push_back(event); });
  });
  if (beside)
    lesson_->put_beside(std::move(*beside));
  else
    add_news([&](News& news) { news.errors.push_back(beside.error()); });
}

void LiveSession::next_lesson_stop() {
  post([this](Session&) {
    if (!lesson_) return;
    lesson_->next();
    tell_lesson();
  });
}

void LiveSession::leave_lesson() {
  post([this](Session& session) {
    lesson_.reset();
    session.dismiss_clients();
    session.set_stepping(false);
  });
}

void LiveSession::tell_lesson() {
  lesson_was_busy_ = lesson_->busy();
  add_news([&](News& news) { news.lesson = {lesson_->busy(), lesson_->done(), lesson_->trouble()}; });
}

LiveSession::News LiveSession::take_news() {
  const std::lock_guard lock(mutex_);
  told_ = false;
  return std::exchange(news_, {});
}

Nanoseconds LiveSession::now() const { return monotonic_now() - began_; }

template <class Add>
void LiveSession::add_news(Add add) {
  bool tell = false;
  {
    const std::lock_guard lock(mutex_);
    add(news_);
    tell = !std::exchange(told_, true);
  }
  if (tell) on_news_();
}

void LiveSession::run() {
  pthread_setname_np(pthread_self(), "session");
  while (!ending_) {
    std::vector<std::function<void(Session&)>> commands;
    {
      const std::lock_guard lock(mutex_);
      commands.swap(commands_);
    }
    for (const auto& command : commands) command(*session_);
    session_->pump(lesson_ ? lesson_->longest_pump() : std::chrono::seconds(60));
    if (lesson_) {
      lesson_->work();
      if (lesson_->busy() != lesson_was_busy_) tell_lesson();
    }
  }
}

}  // namespace forktable
