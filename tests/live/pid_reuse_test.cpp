// The kernel gives the number of a process that has gone to another one.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <csignal>

#include "tests/live/live_session.hpp"
#include "tests/support/proc.hpp"

namespace forktable::test {
namespace {

// The next process on this machine gets this number, unless somebody else forks before. False if not allowed.
bool next_pid(Pid pid) {
  const UniqueFd last(open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC));
  const std::string text = std::to_string(pid - 1);
  return last && write(last.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

// A process of ours with that number, which does nothing; -1 with errno if that isn't allowed.
Pid stranger_with(Pid number) {
  clone_args arguments{};
  arguments.exit_signal = SIGCHLD;
  arguments.set_tid = reinterpret_cast<std::uintptr_t>(&number);
  arguments.set_tid_size = 1;
  const auto stranger = static_cast<pid_t>(syscall(SYS_clone3, &arguments, sizeof arguments));
  while (stranger == 0) pause();
  return stranger;
}

TEST(PidReuse, ByAnotherChildOfTheServerIsAnotherProcess) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  int reused = 0;
  for (int attempt = 0; attempt < 20 && reused < 3; ++attempt) {
    const ClientId first = live.session->launch_client(Behaviour::kQuiet);
    ASSERT_TRUE(live.until_children_wait(1));
    const Pid pid = live.child_of(first);
    const std::size_t reaped = live.count<Reaped>(), deaths = live.count<DeathSeen>();
    // The new process with its number may be there before anybody has read that the old one is reaped.
    kill(pid, SIGKILL);
    ASSERT_TRUE(wait_until([&] { return state_of(pid) == '-'; }));
    if (!next_pid(pid)) GTEST_SKIP() << "this user may not choose the next pid: errno " << errno;
    const ClientId second = live.session->launch_client(Behaviour::kTalk);
    ASSERT_TRUE(live.until([&] { return live.client(second).received == 6 && live.count<Reaped>() == reaped + 1; }));
    ASSERT_TRUE(live.until_children_wait(1));
    if (live.child_of(second) == pid) {
      ++reused;
      EXPECT_EQ(state_of(pid), 'S') << "the new one lives";
      for (int i = 0; i < 10; ++i) live.session->pump(std::chrono::milliseconds(5));
      EXPECT_EQ(live.count<DeathSeen>(), deaths) << "and is not taken for the dead one";
    }
    live.session->clients().close(second);
    ASSERT_TRUE(live.until_all_served());
  }
  EXPECT_GT(reused, 0) << "somebody else took the number each time";
  EXPECT_EQ(live.count<ReportsLost>(), 0u);
  EXPECT_EQ(live.world.anomaly_count, 0u);
}

TEST(PidReuse, ByAStrangerIsNoneOfTheServersBusiness) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  const ClientId client = live.session->launch_client(Behaviour::kQuiet);
  ASSERT_TRUE(live.until_children_wait(1));
  const Pid pid = live.child_of(client);
  kill(pid, SIGKILL);
  ASSERT_TRUE(wait_until([&] { return state_of(pid) == '-'; }));
  // Nobody here has read yet that it is reaped: for the session, the number is still its child's.
  const Pid stranger = stranger_with(pid);
  if (stranger < 0) GTEST_SKIP() << "this user may not choose the pid of a process (clone3): errno " << errno;
  ASSERT_EQ(stranger, pid);
  live.session->send_signal(pid, SIGKILL);
  live.session->hold_process(pid, true);
  ASSERT_TRUE(live.until([&] { return live.count<Reaped>() == 1; }) && live.until_all_served());
  live.session->send_signal(pid, SIGKILL);
  // It has outlived all that: this signal is the one that ends it.
  kill(stranger, SIGUSR1);
  ASSERT_TRUE(wait_until([&] { return state_of(pid) == 'Z'; }));
  live.session->stop_server();
  EXPECT_EQ(live.count<SignalSent>() + live.count<HoldChanged>(), 0u);
  int status = 0;
  ASSERT_EQ(waitpid(stranger, &status, 0), stranger) << "and nobody has reaped it";
  EXPECT_EQ(WTERMSIG(status), SIGUSR1);
  EXPECT_EQ(live.count<DeathSeen>(), 0u);
  EXPECT_EQ(live.world.anomaly_count, 0u);
}

}  // namespace
}  // namespace forktable::test
