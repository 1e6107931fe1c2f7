// Clients that Forktable didn't start: from whatever address they call, however short they stay, and while they wait
// for accept.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <functional>
#include <optional>
#include <vector>

#include "core/world/describe.hpp"
#include "core/world/inspect.hpp"
#include "tests/live/approach.hpp"
#include "tests/live/live_session.hpp"
#include "tests/support/proc.hpp"
#include "tests/support/tcp_client.hpp"
#include "tests/support/user.hpp"

namespace forktable::test {
namespace {

constexpr Ipv4 kAnother{0x7F080808};  // of this machine, as 127.0.0.1 is

// The one that calls from there; as good as a new one if there is none.
const Client& client_at(const LiveSession& live, Address address) {
  static const Client unknown{};
  for (const auto* all : {&live.world.clients, &live.world.gone_clients})
    for (const Client& client : *all)
      if (client.address == address) return client;
  return unknown;
}

// Another process, which does that when it is told to go on.
class Stranger {
 public:
  explicit Stranger(const std::function<void(const std::function<void()>& wait)>& live) {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    const UniqueFd go(ends[0]);
    go_ = UniqueFd(ends[1]);
    pid_ = fork();
    if (pid_ != 0) return;
    setpgid(0, 0);
    go_.close();
    live([&] {
      char byte;
      [[maybe_unused]] const ssize_t got = read(go.get(), &byte, 1);
    });
    while (true) pause();
  }
  Stranger(const Stranger&) = delete;
  Stranger& operator=(const Stranger&) = delete;
  ~Stranger() {
    kill(-pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  void go_on() { go_.close(); }
  Pid pid() const { return pid_; }

 private:
  Pid pid_ = 0;
  UniqueFd go_;
};

// The kernel has been asked about all that is there, both ends of so many connections are ESTABLISHED, and it agrees.
testing::AssertionResult all_are_alive(LiveSession& live, std::size_t connections) {
  const auto is_established = [](const auto& one) { return one.socket.state == TcpState::kEstablished; };
  const World& world = live.world;
  const bool good = live.until([&] {
    return is_checked(world) && world.clients.size() == connections &&
           std::all_of(world.clients.begin(), world.clients.end(), is_established) &&
           static_cast<std::size_t>(std::count_if(world.files.begin(), world.files.end(), is_established)) ==
               connections;
  });
  const auto states = only<TcpStateSeen>(live.events);
  const bool dead = std::any_of(states.begin(), states.end(), [](const TcpStateSeen& one) {
    return one.state == TcpState::kClose || one.state == TcpState::kGone;
  });
  if (good && !dead && world.difference_count == 0 && world.anomaly_count == 0) return testing::AssertionSuccess();
  return testing::AssertionFailure() << world_as_table(world, world.step);
}

TEST(OutsiderElsewhere, IsShownAliveAndByItsName) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  TcpClient outsider({kAnother, 0}, live.session->port());
  ASSERT_TRUE(outsider.send("hello\n"));
  ASSERT_TRUE(live.until([&] { return live.count<OutsiderNamed>() == 1; }));
  EXPECT_TRUE(all_are_alive(live, 1));
  const Client& client = client_at(live, {kAnother, outsider.port()});
  EXPECT_TRUE(client.outsider);
  EXPECT_EQ(client.pid, getpid());
  EXPECT_NE(live.child_of(client.id), 0);
  EXPECT_EQ(client.received, 6u);
}

TEST(OutsiderElsewhere, CallsOverIpv6) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  const TcpClient outsider = TcpClient::over_ipv6(live.session->port());
  if (!outsider.connected()) GTEST_SKIP() << "this system has no IPv6";
  ASSERT_TRUE(live.until([&] { return live.count<OutsiderNamed>() == 1; }));
  EXPECT_TRUE(all_are_alive(live, 1));
}

TEST(OutsiderElsewhere, IsNotTakenForWhoHasItsPortAtAnotherAddress) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  const TcpClient first({kAnother, 0}, live.session->port());
  const TcpClient second(Address(first.port()), live.session->port());
  ASSERT_TRUE(first.connected() && second.connected());
  ASSERT_TRUE(live.until([&] { return live.count<OutsiderNamed>() == 2; }));
  EXPECT_TRUE(all_are_alive(live, 2));
  EXPECT_EQ(live.session->kernel_watch().is_current(), true);
  EXPECT_NE(client_at(live, {kAnother, first.port()}).connection, client_at(live, first.port()).connection);
}

TEST(OutsiderElsewhere, IsNotTakenForAClientOfOursWithItsPort) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  // Our client's port is the kernel's choice, and may be taken at the other address.
  ClientId ours;
  std::optional<TcpClient> outsider;
  for (std::size_t clients = 1; clients <= 16 && (!outsider || !outsider->connected()); ++clients) {
    ours = live.session->launch_client(Behaviour::kQuiet);
    ASSERT_TRUE(live.until([&] { return live.client(ours).address.port != 0; }));
    outsider.emplace(Address(kAnother, live.client(ours).address.port), live.session->port());
  }
  ASSERT_TRUE(outsider->connected()) << std::strerror(errno);
  ASSERT_TRUE(live.until([&] { return live.count<OutsiderNamed>() == 1; }));
  EXPECT_TRUE(all_are_alive(live, ours.value + 1));
  EXPECT_FALSE(live.client(ours).outsider);
  EXPECT_TRUE(client_at(live, {kAnother, outsider->port()}).outsider);
}

// ---- before accept ----

TEST(OutsiderInTheQueue, IsShownBeforeAcceptReturnsIt) {
  Approach live(ServerKind::kIterative);
  std::vector<TcpClient> outsiders;
  outsiders.reserve(3);
  for (int i = 0; i < 2; ++i) outsiders.emplace_back(live.session->port());
  outsiders.emplace_back(Address(kAnother, 0), live.session->port());
  const auto waiting = [&] {
    return std::count_if(live.world.clients.begin(), live.world.clients.end(), waits_for_accept);
  };
  ASSERT_TRUE(live.until([&] { return waiting() == 2 && live.count<OutsiderNamed>() == 3; }))
      << world_as_table(live.world, live.world.step);
  EXPECT_EQ(client_at(live, {kAnother, outsiders[2].port()}).pid, getpid());
  // Accepted in their turn, they are the same ones.
  for (TcpClient& outsider : outsiders) {
    EXPECT_TRUE(
        live.until([&] { return outsider.connected() && live.world.counts.closed + 1 == live.world.counts.accepted; }));
    EXPECT_TRUE(outsider.echoes("hello"));
    outsider.close();
  }
  ASSERT_TRUE(live.until([&] { return live.world.clients.empty() && live.world.counts.closed == 3; }));
  EXPECT_EQ(live.count<OutsiderConnected>(), 3u);
  EXPECT_EQ(live.world.anomaly_count, 0u);
  for (const Client& client : live.world.gone_clients) EXPECT_EQ(client.received, 5u) << client.id.value;
}

TEST(OutsiderInTheQueue, IsToldFromOurOwnThatWaitWithIt) {
  Approach live(ServerKind::kIterative);
  const ClientId served = live.quiet();
  ASSERT_TRUE(live.until([&] { return static_cast<bool>(live.client(served).connection); }));
  const ClientId ours = live.quiet();
  const TcpClient outsider(live.session->port());
  ASSERT_TRUE(live.until([&] { return live.count<OutsiderNamed>() == 1; }));
  EXPECT_FALSE(live.client(ours).outsider);
  EXPECT_TRUE(waits_for_accept(client_at(live, outsider.port())));
  EXPECT_EQ(live.world.clients.size(), 3u);
}

TEST(OutsiderInTheQueue, IsResetWithTheServer) {
  Approach live(ServerKind::kIterative);
  TcpClient first(live.session->port()), second(live.session->port());
  ASSERT_TRUE(live.until([&] { return live.world.clients.size() == 2; }));
  kill(live.server(), SIGKILL);
  ASSERT_TRUE(live.until([&] { return live.world.clients.empty(); }));
  EXPECT_EQ(client_at(live, second.port()).state, Client::kReset);
  EXPECT_EQ(second.fails_with(), ECONNRESET);
}

// As the test's ordinary user sees it, while root is the client.
TEST(OutsiderInTheQueue, IsShownWhoeverItBelongsTo) {
  if (!is_root() || !ordinary_user_gets_in()) GTEST_SKIP() << "only root can be another user for an ordinary one";
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd port_is(ends[0]);
  const UniqueFd tells_port(ends[1]);
  // A process, not a thread: after a fork of a process that has threads, allocating is safe in none of its children.
  const Stranger root([&](const auto&) {
    Port port = 0;
    if (read(port_is.get(), &port, sizeof port) != sizeof port) return;
    const TcpClient served(port), waiting(port);
    while (true) pause();
  });
  const bool shown = as_ordinary_user([&] {
    Approach live(ServerKind::kIterative);
    const Port port = live.session->port();
    const bool told = write(tells_port.get(), &port, sizeof port) == sizeof port;
    const auto is_theirs = [](const Client& one) { return one.outsider && one.unnamed == Unnamed::kForbidden; };
    return told && live.until([&] {
      const auto& clients = live.world.clients;
      return clients.size() == 2 && std::all_of(clients.begin(), clients.end(), is_theirs) &&
             waits_for_accept(clients.back());
    });
  });
  EXPECT_TRUE(shown);
}

// ---- their names ----

TEST(OutsiderThatLeavesAtOnce, IsAskedForItsNameAsSoonAsAcceptIsReported) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  TcpClient outsider(live.session->port());
  ASSERT_TRUE(live.until([&] { return live.count<Accepted>() == 1; }));
  const Port port = outsider.port();
  outsider.close();
  ASSERT_TRUE(live.until_all_served());
  EXPECT_EQ(client_at(live, port).program.view(), "test-live");
}

TEST(OutsiderThatLeavesAtOnce, IsSaidToBeGoneIfItWasTooLateToAsk) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  TcpClient outsider(live.session->port());
  const Port port = outsider.port();
  outsider.close();
  ASSERT_TRUE(live.until([&] { return live.count<OutsiderUnnamed>() == 1; }));
  ASSERT_TRUE(live.until_all_served());
  const Client& client = client_at(live, port);
  EXPECT_EQ(client.unnamed, Unnamed::kGone);
  EXPECT_EQ(origin_of(client), "from outside, gone before it could be asked");
  EXPECT_EQ(live.count<OutsiderNamed>(), 0u);
}

TEST(NameOfAnOutsider, IsTheOneOfTheProgramThatItHasBecome) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  const Port port = live.session->port();
  Stranger stranger([port](const auto& wait) {
    const TcpClient client(port);
    fcntl(client.fd(), F_SETFD, 0);
    wait();
    execl("/bin/sleep", "sleep", "1000", nullptr);
  });
  ASSERT_TRUE(live.until([&] { return live.count<OutsiderNamed>() == 1; }));
  EXPECT_EQ(live.world.clients.at(0).program.view(), "test-live");
  stranger.go_on();
  EXPECT_TRUE(live.until([&] { return live.world.clients.at(0).program.view() == "sleep"; }));
}

TEST(NameOfAnOutsider, IsTheOneOfTheProcessThatHasInheritedTheConnection) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  const Port port = live.session->port();
  const Stranger stranger([port](const auto&) {
    const TcpClient client(port);
    fork();
    while (true) pause();
  });
  ASSERT_TRUE(live.until([&] { return live.count<OutsiderNamed>() == 1 && children_of(stranger.pid()).size() == 1; }));
  const Pid heir = children_of(stranger.pid()).at(0), named = live.world.clients.at(0).pid;
  kill(named, SIGKILL);
  const Pid other = named == heir ? stranger.pid() : heir;
  EXPECT_TRUE(live.until([&] { return live.world.clients.at(0).pid == other; }));
}

}  // namespace
}  // namespace forktable::test
