// Clients that do what no client should: the others are served, and nothing of them stays.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <csignal>
#include <thread>

#include "tests/live/live_session.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/proc.hpp"
#include "tests/support/tcp_client.hpp"

namespace forktable::test {
namespace {

// A new client says hello and is served, whatever the others do.
void expect_others_are_served(LiveSession& live) {
  const ClientId client = live.session->launch_client(Behaviour::kHello);
  ASSERT_TRUE(live.until([&] { return live.client(client).state == Client::kClosed; }));
  EXPECT_EQ(live.client(client).received, 6u);
}

// Sends until nothing more fits in anywhere.
std::size_t fill(const TcpClient& client) {
  const std::string text(1 << 16, 'x');
  std::size_t all = 0;
  for (ssize_t sent = 1; sent > 0; all += sent > 0 ? static_cast<std::size_t>(sent) : 0)
    sent = send(client.fd(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return all;
}

// The process that serves an outsider is stuck in write(2); the session goes on meanwhile.
Pid child_stuck_in_write(LiveSession& live, TcpClient& outsider) {
  Pid child = 0;
  EXPECT_TRUE(live.until([&] {
    fill(outsider);
    for (const Process& process : live.world.processes)
      if (process.parent && process.activity.call == Call::kWrite && is_blocked(process)) child = process.pid;
    // As much as the server's side holds, too: its socket's buffers grow for a while.
    return child != 0 && state_of(child) == 'S' && fill(outsider) == 0;
  }));
  return child;
}

TEST(HostileClient, ThatSendsAHundredMegabytesGetsThemAllBack) {
  const std::size_t bytes = tries(100'000'000);
  LiveSession live;
  ASSERT_TRUE(live.start());
  const pid_t sender = fork();
  if (sender == 0) {
    TcpClient client(live.session->port());
    const std::string text(bytes, 'x');
    std::thread reader([&] {
      if (client.receive(bytes) != text) _exit(1);
    });
    if (!client.send(text)) _exit(2);
    client.half_close();
    reader.join();
    _exit(client.sees_end_of_file() ? 0 : 3);
  }
  int status = -1;
  ASSERT_TRUE(live.until([&] { return waitpid(sender, &status, WNOHANG) == sender; }));
  EXPECT_EQ(status, 0);
  ASSERT_TRUE(live.until([&] { return live.count<Reaped>() == 1; }) && live.until_all_served());
  std::uint64_t read = 0, written = 0;
  for (const auto& one : only<Read>(live.events)) read += one.bytes;
  for (const auto& one : only<Wrote>(live.events)) written += one.bytes;
  EXPECT_EQ(read, bytes);
  EXPECT_EQ(written, bytes);
  EXPECT_EQ(live.count<ReportsLost>(), 0u);
  EXPECT_EQ(live.world.anomaly_count, 0u);
}

TEST(HostileClient, OfOurOwnSendsAHundredMegabytesToo) {
  const std::size_t bytes = tries(100'000'000);
  LiveSession live;
  ASSERT_TRUE(live.start());
  const ClientId client = live.session->launch_client(Behaviour::kQuiet);
  ASSERT_TRUE(live.until_children_wait(1));
  live.session->clients().send_line(client, std::string(bytes, 'x'));
  ASSERT_TRUE(live.until([&] { return live.client(client).received == bytes + 1; }));
  live.session->clients().close(client);
  ASSERT_TRUE(live.until_all_served());
  EXPECT_EQ(live.world.anomaly_count, 0u);
}

TEST(HostileClient, ThatNeverReadsHoldsUpItsOwnChildOnly) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  TcpClient deaf(live.session->port());
  const Pid child = child_stuck_in_write(live, deaf);
  expect_others_are_served(live);
  EXPECT_TRUE(wait_until([&] { return children_of(live.server()) == std::vector{child}; }));
  live.session->send_signal(child, SIGKILL);
  ASSERT_TRUE(live.until([&] { return live.world.clients.empty(); }) && live.until_all_served());
  EXPECT_TRUE(wait_until([&] { return children_of(live.server()).empty(); }));
  EXPECT_TRUE(wait_until([&] { return open_descriptors(live.server()) == std::set{0, 1, 2, 3, 62, 63}; }));
  EXPECT_EQ(live.world.anomaly_count, 0u);
}

TEST(HostileClient, ThatResetsWhileItsChildIsStuckInWriteFreesIt) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  TcpClient deaf(live.session->port());
  const Pid child = child_stuck_in_write(live, deaf);
  deaf.reset();
  ASSERT_TRUE(live.until([&] { return live.count<Reaped>() == 1; }) && live.until_all_served());
  EXPECT_EQ(only<Reaped>(live.events)[0].child, child);
  EXPECT_EQ(only<Reaped>(live.events)[0].status, 0);
  EXPECT_EQ(live.world.anomaly_count, 0u);
}

TEST(HostileClient, ThatIsGoneBeforeItsEchoIsAnErrorOfWriteAndNoSignal) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  TcpClient rude(live.session->port());
  ASSERT_TRUE(live.until_children_wait(1));
  const Pid child = live.children().at(0);
  kill(child, SIGSTOP);
  ASSERT_TRUE(wait_until([&] { return state_of(child) == 'T'; }));
  ASSERT_TRUE(rude.send("hello"));
  rude.half_close();  // without this, it would be ECONNRESET
  rude.reset();
  kill(child, SIGCONT);
  ASSERT_TRUE(live.until([&] { return live.count<Reaped>() == 1; }) && live.until_all_served());
  int broken = 0;
  for (const auto& failed : only<CallFailed>(live.events)) broken += failed.error == EPIPE ? 1 : 0;
  EXPECT_EQ(broken, 1);
  EXPECT_EQ(only<Reaped>(live.events)[0].status, 0);
}

TEST(HostileClient, ThatReadsLateGetsEveryByteAlthoughSignalsInterruptItsChild) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  TcpClient late(live.session->port());
  Pid child = 0;
  std::size_t sent = 0;
  ASSERT_TRUE(live.until([&] {
    sent += fill(late);
    for (const Process& process : live.world.processes)
      if (process.parent && process.activity.call == Call::kWrite && is_blocked(process)) child = process.pid;
    return child != 0 && state_of(child) == 'S';
  }));
  late.half_close();
  std::size_t received = 0;
  for (std::size_t got = 1; got > 0; received += got) {
    kill(child, SIGCHLD);
    live.session->pump(std::chrono::milliseconds(0));
    got = late.receive(30'000).size();
  }
  EXPECT_EQ(received, sent);
}

TEST(HostileClient, ThatSendsByteByByteHasAChildOfItsOwnForThat) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  TcpClient slow(live.session->port());
  for (const char* byte : {"d", "r", "i", "p"}) {
    ASSERT_TRUE(slow.send(byte));
    expect_others_are_served(live);
    EXPECT_EQ(slow.receive(1), byte);
  }
  slow.close();
  ASSERT_TRUE(live.until([&] { return live.count<Reaped>() == 5; }) && live.until_all_served());
  EXPECT_EQ(live.world.anomaly_count, 0u);
}

TEST(HostileClient, MayResetAtAnyMoment) {
  constexpr std::size_t kClients = 60;
  LiveSession live;
  ASSERT_TRUE(live.start());
  for (std::size_t i = 0; i < kClients; ++i) {
    TcpClient rude(live.session->port());
    // Still in the queue; accepted; in the middle of its echo; with an echo that it never takes.
    bool done = true;
    if (i % 4 == 1) done = live.until([&] { return live.count<OutsiderConnected>() > i; });
    if (i % 4 == 2) done = rude.send(std::string(50'000, 'x'));
    if (i % 4 == 3) done = rude.echoes("hello") && rude.send("x");
    ASSERT_TRUE(done) << i;
    rude.reset();
    expect_others_are_served(live);
  }
  ASSERT_TRUE(live.until([&] { return live.count<Reaped>() == live.count<Forked>(); }) && live.until_all_served());
  EXPECT_GE(live.count<Reaped>(), kClients);
  for (const auto& reaped : only<Reaped>(live.events)) EXPECT_EQ(reaped.status, 0);
  EXPECT_TRUE(live.session->server_alive());
  EXPECT_EQ(live.world.anomaly_count, 0u);
}

}  // namespace
}  // namespace forktable::test
