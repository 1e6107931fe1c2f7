#include "core/recording/loading.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "core/system/clock.hpp"

namespace forktable {
namespace {

constexpr Nanoseconds kBetweenNews = kSecond / 20;
constexpr std::size_t kMostWaiting = 8;  // batches

// One thread reads while another one reduces.
class Batches {
 public:
  // Waits while many are waiting.
  void put(std::vector<Event> events) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_.size() < kMostWaiting; });
    waiting_.push_back(std::move(events));
    changed_.notify_all();
  }
  void end() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }
  // Waits for the next one. Nothing: that was all.
  std::optional<std::vector<Event>> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ended_ || !waiting_.empty(); });
    if (waiting_.empty()) return std::nullopt;
    std::vector<Event> events = std::move(waiting_.front());
    waiting_.pop_front();
    changed_.notify_all();
    return events;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::vector<Event>> waiting_;
  bool ended_ = false;
};

}  // namespace

Loading::Loading(std::string path, std::function<void()> on_news)
    : path_(std::move(path)), on_news_(std::move(on_news)), thread_([this] { run(); }) {}

Loading::~Loading() {
  given_up_ = true;
  thread_.join();
}

Result<Loading::Loaded> Loading::take() { return std::move(loaded_); }

// Until it takes too long.
void Loading::follow_beside(const Recording& recording, History& history) const {
  for (std::size_t i = 0; i < recording.beside.size() && !given_up_ && !takes_too_long(history.latest()); ++i)
    history.append(recording.beside[i]);
}

void Loading::run() {
  Batches batches;
  Loaded loaded;
  std::atomic<bool> too_long = false;
  std::thread reducing([&] {
    while (const auto events = batches.take())
      for (std::size_t i = 0; i < events->size() && !given_up_ && !too_long; ++i) {
        loaded.history.append((*events)[i]);
        loaded.timeline.append((*events)[i], loaded.history.latest());
        events_ = loaded.history.size();
        too_long = takes_too_long(loaded.history.latest());
      }
  });
  Nanoseconds told = monotonic_now();
  std::size_t first_line = 0;
  auto recording = read_recording(path_, [&](double part, Recording& so_far) {
    part_ = part;
    first_line = so_far.first_line;
    if (!so_far.events.empty()) batches.put(std::exchange(so_far.events, {}));
    if (monotonic_now() - told > kBetweenNews) {
      told = monotonic_now();
      on_news_();
    }
    return !given_up_ && !too_long;
  });
  if (recording) batches.put(std::exchange(recording->events, {}));
  batches.end();
  reducing.join();
  if (recording && !too_long) follow_beside(*recording, loaded.beside);
  if (takes_too_long(loaded.beside.latest())) {
    const World& world = loaded.beside.latest();
    const std::size_t line = first_line + loaded.history.size() + static_cast<std::size_t>(world.step);
    loaded_ = tl::make_unexpected(too_much(path_, line, world));
  } else if (too_long) {
    const World& world = loaded.history.latest();
    loaded_ = tl::make_unexpected(too_much(path_, first_line + static_cast<std::size_t>(world.step) - 1, world));
  } else if (recording) {
    loaded.recording = std::move(*recording);
    loaded_ = std::move(loaded);
  } else {
    loaded_ = tl::make_unexpected(recording.error());
  }
  done_ = true;
  on_news_();
}

}  // namespace forktable
