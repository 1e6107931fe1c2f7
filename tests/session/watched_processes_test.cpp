// The kernel announces deaths, also those that nobody reports.
#include "core/session/watched_processes.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "tests/support/deadline.hpp"
#include "tests/support/proc.hpp"

namespace forktable::test {
namespace {

// A child that does nothing until it is killed.
class Sleeper {
 public:
  Sleeper() : pid_(fork()) {
    while (pid_ == 0) pause();
  }
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;
  ~Sleeper() {
    kill(pid_, SIGKILL);
    reap();
  }
  Pid pid() const { return pid_; }
  void kill_it() const { kill(pid_, SIGKILL); }
  void reap() const { waitpid(pid_, nullptr, 0); }

 private:
  Pid pid_ = 0;
};

struct Watch {
  Watch() : poller(*Poller::create()), watched(poller, [this] { ++deaths; }) {}

  void start(Pid pid) {
    watched.note({0, pid, 0, ChildStarted{1, 1}});
    watched.watch_all();
  }
  // Waits for the next announcement.
  bool hears_of_a_death() {
    const int before = deaths;
    const Deadline deadline;
    while (deaths == before && !deadline.passed()) poller.wait(20);
    return deaths > before;
  }

  int deaths = 0;
  Poller poller;
  WatchedProcesses watched;
};

using Pids = std::vector<Pid>;

TEST(WatchedProcess, ThatIsKilledIsAnnouncedOnce) {
  const Sleeper sleeper;
  Watch watch;
  watch.start(sleeper.pid());
  watch.poller.wait(0);
  EXPECT_TRUE(watch.watched.take_unreported_dead().empty());
  sleeper.kill_it();
  ASSERT_TRUE(watch.hears_of_a_death());
  EXPECT_TRUE(watch.watched.has_unreported_dead());
  EXPECT_EQ(watch.watched.take_unreported_dead(), Pids{sleeper.pid()});
  EXPECT_FALSE(watch.watched.has_unreported_dead());
  for (int i = 0; i < 5; ++i) watch.poller.wait(0);
  EXPECT_EQ(watch.deaths, 1) << "a zombie that nobody reaps is no news";
  EXPECT_TRUE(watch.watched.take_unreported_dead().empty());
}

TEST(WatchedProcess, ThatDiedBeforeItWasWatchedIsAnnouncedToo) {
  const Sleeper sleeper;
  sleeper.kill_it();
  ASSERT_TRUE(wait_until([&] { return state_of(sleeper.pid()) == 'Z'; }));
  Watch watch;
  watch.start(sleeper.pid());
  ASSERT_TRUE(watch.hears_of_a_death());
  EXPECT_EQ(watch.watched.take_unreported_dead(), Pids{sleeper.pid()});
}

TEST(WatchedProcess, ThatSaidThatItExitsIsNotAnnounced) {
  const Sleeper sleeper;
  Watch watch;
  watch.start(sleeper.pid());
  watch.watched.note({0, sleeper.pid(), 0, ExitCalled{0}});
  sleeper.kill_it();
  ASSERT_TRUE(watch.hears_of_a_death()) << "there may be something to collect";
  EXPECT_TRUE(watch.watched.take_unreported_dead().empty());
}

TEST(WatchedProcess, WhoseWordComesAfterTheKernelsIsNotAnnounced) {
  const Sleeper sleeper;
  Watch watch;
  watch.start(sleeper.pid());
  sleeper.kill_it();
  ASSERT_TRUE(watch.hears_of_a_death());
  // It was in the pipe, and read a moment later.
  watch.watched.note({0, sleeper.pid(), 0, ExitCalled{0}});
  EXPECT_TRUE(watch.watched.take_unreported_dead().empty());
}

TEST(WatchedProcess, ThatHasBeenReapedInTheMeantimeIsNotAnnounced) {
  const Sleeper sleeper;
  Watch watch;
  watch.start(sleeper.pid());
  sleeper.kill_it();
  ASSERT_TRUE(watch.hears_of_a_death());
  // Its parent's report comes in before anybody has asked.
  watch.watched.note({0, 1, 0, Reaped{sleeper.pid(), SIGKILL}});
  EXPECT_TRUE(watch.watched.take_unreported_dead().empty());
}

TEST(WatchedProcess, ThatHasGoneIsForgottenAndItsDescriptorClosed) {
  Watch watch;
  const auto watching = open_descriptors(getpid());
  const Sleeper reaped, collected;
  watch.start(reaped.pid());
  watch.start(collected.pid());
  EXPECT_EQ(open_descriptors(getpid()).size(), watching.size() + 2);
  watch.watched.note({0, 1, 0, Reaped{reaped.pid(), 0}});
  watch.watched.note({0, collected.pid(), 0, Collected{0}});
  EXPECT_EQ(open_descriptors(getpid()), watching);
  reaped.kill_it();
  watch.poller.wait(0);
  EXPECT_EQ(watch.deaths, 0);
}

TEST(WatchedProcess, ThatNeverWasDoesNoHarm) {
  Watch watch;
  const auto before = open_descriptors(getpid());
  // Gone before anybody could look: no pidfd, and the report of its reaping is on its way.
  const pid_t gone = fork();
  if (gone == 0) _exit(0);
  waitpid(gone, nullptr, 0);
  watch.start(gone);
  EXPECT_EQ(open_descriptors(getpid()), before);
  watch.watched.note({0, 1, 0, Reaped{gone, 0}});
  watch.watched.note({0, 1, 0, Reaped{4711, 0}});
  watch.watched.note({0, 4711, 0, ExitCalled{0}});
}

TEST(WatchedProcess, IsAnotherOneWhenItsPidComesBack) {
  const Sleeper sleeper;
  Watch watch;
  watch.start(sleeper.pid());
  watch.watched.note({0, sleeper.pid(), 0, ExitCalled{0}});
  watch.start(sleeper.pid());  // a new child, by the same number
  sleeper.kill_it();
  ASSERT_TRUE(watch.hears_of_a_death());
  EXPECT_EQ(watch.watched.take_unreported_dead(), Pids{sleeper.pid()});
}

TEST(WatchedProcesses, OfWhichNoEndWasToldAreThoseThatAreLeft) {
  const Sleeper first, second, third;
  Watch watch;
  for (const Sleeper* one : {&third, &first, &second}) watch.start(one->pid());
  watch.watched.note({0, 1, 0, Reaped{second.pid(), 0}});
  const Pids left = {std::min(first.pid(), third.pid()), std::max(first.pid(), third.pid())};
  EXPECT_EQ(watch.watched.take_all(), left);
  EXPECT_TRUE(watch.watched.take_all().empty());
}

TEST(WatchedProcesses, AreAllForgottenAtOnce) {
  const auto before = open_descriptors(getpid());
  {
    Watch watch;
    const Sleeper first, second;
    watch.start(first.pid());
    watch.start(second.pid());
    first.kill_it();
    ASSERT_TRUE(watch.hears_of_a_death());
    watch.watched.clear();
    EXPECT_TRUE(watch.watched.take_unreported_dead().empty());
    second.kill_it();
    watch.poller.wait(0);
    EXPECT_EQ(watch.deaths, 1);
  }
  EXPECT_EQ(open_descriptors(getpid()), before);
}

}  // namespace
}  // namespace forktable::test
