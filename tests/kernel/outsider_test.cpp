// Whose connection is that? The kernel knows.
#include "core/kernel/outsider.hpp"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/support/deadline.hpp"
#include "tests/support/proc.hpp"
#include "tests/support/tcp_client.hpp"
#include "tests/support/user.hpp"

namespace forktable::test {
namespace {

constexpr Ipv4 kAnother{0x7F000002};

// Another process that has connected to `port`, with that name, and waits to be killed.
class Stranger {
 public:
  Stranger(Port port, const char* name) {
    pid_ = fork();
    if (pid_ != 0) return;
    prctl(PR_SET_NAME, name);
    const TcpClient client(port);
    while (true) pause();
  }
  Stranger(const Stranger&) = delete;
  Stranger& operator=(const Stranger&) = delete;
  ~Stranger() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Pid pid() const { return pid_; }

 private:
  Pid pid_ = 0;
};

TEST(Outsider, IsFoundByTheTwoPortsOfItsConnection) {
  const Listener listener;
  const Stranger stranger(listener.port, "nc");
  const TcpClient server(listener);
  const auto found = find_outsider({server.peer_port(), listener.port});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->pid, stranger.pid());
  EXPECT_EQ(found->program, "nc");
}

TEST(Outsider, IsFoundAmongOthers) {
  const Listener listener, other;
  const Stranger first(listener.port, "telnet"), second(other.port, "curl");
  const TcpClient server(listener), other_server(other);
  const auto found = find_outsider({server.peer_port(), listener.port});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->pid, first.pid());
  EXPECT_FALSE(find_outsider({server.peer_port(), other.port})) << "that is no connection";
}

TEST(Outsider, IsNamedTogetherWithAllThatHaveComeWithIt) {
  const Listener listener;
  const Stranger first(listener.port, "nc");
  const TcpClient of_first(listener);
  const Stranger second(listener.port, "telnet");
  const TcpClient of_second(listener);
  const SocketEnd ends[] = {
      {of_second.peer_port(), listener.port}, {1, listener.port}, {of_first.peer_port(), listener.port}};
  auto kernel = SockDiag::open();
  ASSERT_TRUE(kernel);
  const auto found = find_outsiders(*kernel, ends);
  ASSERT_TRUE(found);
  const std::vector<Whose>& all = *found;
  ASSERT_EQ(all.size(), 3u);
  ASSERT_TRUE(all[0] && all[2]);
  EXPECT_EQ(all[0]->program, "telnet");
  EXPECT_EQ(all[0]->pid, second.pid());
  EXPECT_EQ(all[1], tl::make_unexpected(Unnamed::kGone));
  EXPECT_EQ(all[2]->program, "nc");
  EXPECT_EQ(all[2]->pid, first.pid());
}

TEST(Outsider, IsFoundByItsAddressToo) {
  const Listener listener;
  const TcpClient client({kAnother, 0}, listener.port), server(listener);
  const auto found = find_outsider({{kAnother, client.port()}, listener.port});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->pid, getpid());
  EXPECT_EQ(found->fd, client.fd());
  EXPECT_FALSE(find_outsider({client.port(), listener.port})) << "that port of 127.0.0.1 is nobody's";
}

TEST(Outsider, CanSpeakIpv6) {
  const Listener listener;
  const TcpClient client = TcpClient::over_ipv6(listener.port);
  if (!client.connected()) GTEST_SKIP() << "this system has no IPv6";
  const TcpClient accepted(listener);
  const auto found = find_outsider({accepted.peer_port(), listener.port});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->pid, getpid());
}

// The name by which such a program is found; none if it isn't.
std::optional<std::string> name_found_of_one_called(const char* name) {
  const Listener listener;
  const Stranger stranger(listener.port, name);
  const TcpClient server(listener);
  const auto found = find_outsider({server.peer_port(), listener.port});
  return found ? std::optional(found->program) : std::nullopt;
}

TEST(Outsider, CannotWriteToTheTerminalWithItsName) {
  EXPECT_EQ(name_found_of_one_called("\x1b[2J\nx\x7f"), "?[2J?x?");
}

TEST(Outsider, WithABracketInItsNameIsFound) { EXPECT_EQ(name_found_of_one_called("a) R 1 (b"), "a) R 1 (b"); }

TEST(Outsider, ThatHasGoneIsNotFound) {
  const Listener listener;
  Port port = 0;
  {
    const Stranger stranger(listener.port, "nc");
    const TcpClient server(listener);
    port = server.peer_port();
  }
  EXPECT_FALSE(find_outsider({port, listener.port}));
  EXPECT_FALSE(find_outsider({1, listener.port}));
}

TEST(Outsider, OfAnotherUserIsNotFoundByAnOrdinaryOne) {
  if (!is_root()) GTEST_SKIP() << "only root can start a process that an ordinary user may not look into";
  const Listener listener;
  const Stranger stranger(listener.port, "nc");
  const TcpClient server(listener);
  EXPECT_TRUE(as_ordinary_user([&] { return !find_outsider({server.peer_port(), listener.port}); }));
}

TEST(Outsider, LooksWithoutLeavingADescriptorOpen) {
  const Listener listener;
  const TcpClient client(listener.port), server(listener);
  const auto before = open_descriptors(getpid());
  EXPECT_TRUE(find_outsider({client.port(), listener.port}));
  EXPECT_FALSE(find_outsider({1, 2}));
  EXPECT_EQ(open_descriptors(getpid()), before);
}

}  // namespace
}  // namespace forktable::test
