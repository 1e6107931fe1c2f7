// A session on a thread of its own, as the window has it. Built with ThreadSanitizer too.
#include "core/live/live_session.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>

#include "core/world/inspect.hpp"
#include "core/world/reduce.hpp"
#include "tests/support/deadline.hpp"

namespace forktable::test {
namespace {

// What a window does: sleeps until there is news, takes it, reduces it.
class Watcher {
 public:
  Watcher() {
    auto started = LiveSession::start([this] { notice(); });
    EXPECT_TRUE(started) << started.error().message();
    if (started) live = std::move(*started);
  }

  void notice() {
    const std::lock_guard lock(mutex_);
    ++noticed_;
    changed_.notify_one();
  }

  // Takes news until that is so; false if it never comes true.
  template <class Condition>
  bool until(Condition condition) {
    const Deadline deadline;
    while (!condition()) {
      if (deadline.passed()) return false;
      {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, std::chrono::milliseconds(20), [this] { return noticed_ > 0; });
        noticed_ = 0;
      }
      const auto news = live->take_news();
      errors.insert(errors.end(), news.errors.begin(), news.errors.end());
      for (const Event& event : news.events) reduce(world, event);
    }
    return true;
  }

  World world;
  std::vector<Error> errors;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int noticed_ = 0;

 public:
  std::unique_ptr<LiveSession> live;  // last: its thread calls notice() until it ends
};

TEST(LiveSession, TellsOfAllThatServerAndClientsDo) {
  Watcher watcher;
  watcher.live->start_server({.program = FORKTABLE_SERVER});
  ASSERT_TRUE(watcher.until([&] { return watcher.world.port != 0; }));
  for (int i = 0; i < 40; ++i) watcher.live->post([](Session& session) { session.launch_client(Behaviour::kHello); });
  ASSERT_TRUE(watcher.until([&] { return watcher.world.counts.reaped == 40 && watcher.world.clients.empty(); }))
      << world_as_table(watcher.world, watcher.world.step);
  EXPECT_EQ(watcher.world.counts.accepted, 40u);
  EXPECT_EQ(watcher.world.counts.forked, 40u);
  EXPECT_EQ(watcher.world.anomaly_count, 0u);
}

TEST(LiveSession, DoesWhatIsPostedInOrder) {
  Watcher watcher;
  std::vector<int> done;  // touched on the session's thread, and read after a round trip
  for (int i = 0; i < 1000; ++i) watcher.live->post([&done, i](Session&) { done.push_back(i); });
  std::atomic<bool> all = false;
  watcher.live->post([&](Session&) {
    all = true;
    watcher.notice();
  });
  ASSERT_TRUE(watcher.until([&] { return all.load(); }));
  ASSERT_EQ(done.size(), 1000u);
  EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
}

TEST(LiveSession, MakesNewsOfAServerThatCannotBeStarted) {
  Watcher watcher;
  watcher.live->start_server({.program = "/no/such/server"});
  ASSERT_TRUE(watcher.until([&] { return !watcher.errors.empty(); }));
  const std::string told = watcher.errors.front().message();
  EXPECT_NE(told.find("/no/such/server"), std::string::npos) << told;
}

TEST(LiveSession, LeavesNothingBehindWhenItEndsInTheMiddleOfEverything) {
  Pid server = 0;
  {
    Watcher watcher;
    watcher.live->start_server({.program = FORKTABLE_SERVER});
    ASSERT_TRUE(watcher.until([&] { return watcher.world.port != 0; }));
    server = find_process(watcher.world, watcher.world.server)->pid;
    for (int i = 0; i < 50; ++i) watcher.live->post([](Session& session) { session.launch_client(Behaviour::kQuiet); });
    ASSERT_TRUE(watcher.until([&] { return watcher.world.counts.accepted > 5; }));
  }
  EXPECT_EQ(kill(-server, 0), -1) << "nobody is left of the server's process group";
}

}  // namespace
}  // namespace forktable::test
