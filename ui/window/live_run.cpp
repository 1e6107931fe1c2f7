#include "ui/window/live_run.hpp"

#include <spdlog/spdlog.h>

#include <exception>
#include <utility>

#include "ui/window/lesson_rules.hpp"
#include "ui/window/log.hpp"

namespace forktable {

Result<void> LiveRun::start(const ServerSetup& server, std::optional<Port> port, std::function<void()> wake) {
  auto session = LiveSession::start(std::move(wake));
  if (!session) return tl::make_unexpected(session.error());
  session_ = std::move(*session);
  model.began = session_->began();
  control_.emplace(model, *session_, server, port);
  stepper_.emplace(model, session_.get());
  return {};
}

LiveRun::News LiveRun::take_news() {
  model.now = session_->now();
  LiveSession::News news = session_->take_news();
  News told{!news.events.empty() || !news.beside.empty() || !news.errors.empty()};
  for (const Event& event : news.events) log(event);
  if (control_->begin_anew(news.events)) {
    stepper_->start_over();
    told.began_anew = true;
  }
  take_in(model, news.events);
  take_beside(model, news.beside);
  stepper_->look_at_news();
  if (news.lesson && model.in_hand) {
    model.in_hand->busy = news.lesson->busy;
    if (news.lesson->done && !std::exchange(model.in_hand->over, true)) spdlog::info("lesson: over");
    if (news.lesson->trouble && model.in_hand->trouble.empty())
      model.in_hand->trouble = news.lesson->trouble->message();
  }
  for (const Error& error : news.errors) {
    spdlog::error("{}", error.message());
    tell(model, error.message(), true);
  }
  control_->look_at_news(news.events);
  drop_old_messages(model);
  return told;
}

}  // namespace forktable
