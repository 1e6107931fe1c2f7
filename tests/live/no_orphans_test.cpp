// However Forktable dies, its server and all its children die with it, and the port is free.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <sstream>

#include "tests/support/deadline.hpp"
#include "tests/support/proc.hpp"
#include "tests/support/program.hpp"
#include "tests/support/tcp_client.hpp"

namespace forktable::test {
namespace {

class HeldSession {
 public:
  explicit HeldSession(int clients)
      : program({.words = {FORKTABLE_SESSION_HOLDER, FORKTABLE_SERVER, std::to_string(clients)}}) {
    std::istringstream line(program.line_from_output());
    line >> port >> server;
    EXPECT_GT(server, 0);
    EXPECT_EQ(living_in_group(server).size(), static_cast<std::size_t>(clients) + 1);
    EXPECT_FALSE(can_listen_on(port));
  }
  bool leaves_nothing() const {
    return wait_until([this] { return living_in_group(server).empty(); }) &&
           wait_until([this] { return can_listen_on(port); });
  }

  RunningProgram program;
  Port port = 0;
  Pid server = 0;
};

TEST(NoOrphans, WhenForktableIsKilled) {
  HeldSession held(50);
  held.program.send_signal(SIGKILL);
  EXPECT_TRUE(held.leaves_nothing());
}

TEST(NoOrphans, WhenForktableIsTerminatedOrInterruptedOrCrashes) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGSEGV, SIGABRT}) {
    HeldSession held(3);
    held.program.send_signal(signal);
    EXPECT_TRUE(held.leaves_nothing()) << signal;
  }
}

TEST(NoOrphans, WhenForktableIsKilledWhileAChildIsStopped) {
  HeldSession held(5);
  const auto children = children_of(held.server);
  ASSERT_EQ(children.size(), 5u);
  kill(children[2], SIGSTOP);
  ASSERT_TRUE(wait_until([&] { return state_of(children[2]) == 'T'; }));
  held.program.send_signal(SIGKILL);
  EXPECT_TRUE(held.leaves_nothing());
}

TEST(NoOrphans, WhenForktableIsKilledWhileTheWholeServerIsStopped) {
  HeldSession held(5);
  kill(-held.server, SIGSTOP);
  for (const Pid pid : living_in_group(held.server)) {
    ASSERT_TRUE(wait_until([&] { return state_of(pid) == 'T'; }));
  }
  held.program.send_signal(SIGKILL);
  EXPECT_TRUE(held.leaves_nothing());
}

TEST(NoOrphans, WhenForktableIsKilledWhileTheServerWaitsForItToRead) {
  HeldSession held(2);
  held.program.send_signal(SIGSTOP);
  const UniqueFd pipe(open(fmt::format("/proc/{}/fd/62", held.server).c_str(), O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(pipe);
  const pid_t talker = fork();
  if (talker == 0) {
    TcpClient client(held.port);
    while (client.echoes("hello")) {
    }
    _exit(0);
  }
  ASSERT_TRUE(wait_until([&] {
    pollfd room{pipe.get(), POLLOUT, 0};
    return poll(&room, 1, 0) == 0;
  })) << "it is full";
  held.program.send_signal(SIGKILL);
  EXPECT_TRUE(held.leaves_nothing());
  EXPECT_EQ(waitpid(talker, nullptr, 0), talker) << "its client is told by the kernel";
}

TEST(NoOrphans, WhenForktableIsKilledAfterTheServerWas) {
  HeldSession held(5);
  kill(held.server, SIGKILL);
  ASSERT_TRUE(wait_until([&] { return state_of(held.server) == '-'; }));
  EXPECT_EQ(living_in_group(held.server).size(), 5u) << "the children are orphans";
  held.program.send_signal(SIGKILL);
  EXPECT_TRUE(held.leaves_nothing());
}

}  // namespace
}  // namespace forktable::test
