// The pre-forking server: who gets a client, who waits, and who comes for a child that has ended.
#include <csignal>

#include "core/kernel/process_state.hpp"
#include "core/world/diagnose.hpp"
#include "tests/live/approach.hpp"
#include "tests/support/text.hpp"

namespace forktable::test {
namespace {

using Kinds = std::vector<std::string>;

Kinds wrong_in(const World& world) {
  Kinds kinds;
  for (const Diagnosis& one : diagnose(world, world.now + kSecond)) kinds.emplace_back(one.kind);
  return kinds;
}

struct Pool : Approach {
  explicit Pool(std::initializer_list<Bug> bugs = {}, bool stepping = false)
      : Approach(ServerKind::kPrefork, bugs, stepping) {}

  // The next client, which says nothing, and the child that accepts it.
  std::pair<ClientId, Pid> quiet_client() {
    const std::uint64_t before = world.counts.accepted;
    const ClientId id = quiet();
    EXPECT_TRUE(until([&] { return world.counts.accepted == before + 1 && client(id).connection_number != 0; }));
    return {id, child_of(id)};
  }
  void kill(Pid child) {
    session->send_signal(child, SIGKILL);
    EXPECT_TRUE(until([=, this] { return process(child) == nullptr; })) << "the parent waits for it";
  }
  std::uint32_t listening_references() const {
    for (const OpenFile& file : world.files)
      if (file.kind == FileKind::kListening) return count_references(world, file.id);
    return 0;
  }
  Kinds wrong() const { return wrong_in(world); }
};

TEST(Prefork, HasChildrenThatAllSleepInAcceptOnOneSocketBeforeAnyClientComes) {
  Pool live;
  ASSERT_TRUE(live.until_waiting());
  EXPECT_EQ(live.children().size(), std::size_t{kPoolSize});
  EXPECT_EQ(live.listening_references(), 1u + kPoolSize);
  EXPECT_TRUE(live.kernel_agrees());
  EXPECT_EQ(live.wrong(), Kinds{});
}

TEST(Prefork, AConnectionIsHeldByTheChildThatAcceptedItAndByNobodyElse) {
  Pool live;
  ASSERT_TRUE(live.until_waiting());
  const auto [client, child] = live.quiet_client();
  ASSERT_TRUE(live.until_waiting(1));
  EXPECT_EQ(count_references(live.world, live.client(client).connection), 1u);
  EXPECT_EQ(live.world.counts.forked, std::uint64_t{kPoolSize}) << "nobody was forked for it";
  EXPECT_TRUE(live.kernel_agrees());
}

// Linux wakes one of those that sleep in accept, the one that came first; POSIX doesn't say which.
TEST(Prefork, OnLinuxAConnectionGoesToTheChildThatHasSleptLongestInAccept) {
  Pool live({}, true);
  for (int i = 0; i < kPoolSize; ++i) ASSERT_TRUE(live.step_over(live.server(), Call::kFork));
  ASSERT_TRUE(live.step_over(live.server(), Call::kWaitpid));
  const std::vector<Pid> children = live.children();
  ASSERT_EQ(children.size(), 3u);
  const Pid order[] = {children[2], children[0], children[1]};
  for (const Pid child : order) {
    ASSERT_TRUE(live.step_over(child, Call::kAccept));
    ASSERT_TRUE(live.until([=] { return process_state(child) == 'S'; }));
  }
  for (const Pid child : order) EXPECT_EQ(live.quiet_client().second, child);
}

TEST(Prefork, ServesAsManyClientsAsItHasChildrenAndTheNextOneWaitsForOneOfThem) {
  Pool live;
  const auto [first, child] = live.quiet_client();
  live.quiet_client();
  live.quiet_client();
  ASSERT_TRUE(live.until_waiting(3));
  const ClientId next = live.hello();
  ASSERT_TRUE(live.until([&, id = next] { return live.client(id).state == Client::kAwaitingEcho; }));
  ASSERT_TRUE(live.kernel_agrees());
  EXPECT_TRUE(waits_for_accept(live.client(next)));
  live.session->clients().half_close(first);
  ASSERT_TRUE(live.until([&, id = next] { return live.client(id).state == Client::kClosed; }));
  const auto accepted = only<Accepted>(live.events);
  ASSERT_EQ(accepted.size(), 4u);
  ASSERT_TRUE(live.until_waiting(2));
  EXPECT_EQ(find_process(live.world, child)->counter, 2u) << "whoever served the first serves the fourth";
}

TEST(Prefork, AChildThatIsKilledTakesItsClientWithItAndNoOtherAndIsReplaced) {
  Pool live;
  ASSERT_TRUE(live.until_waiting());
  const auto [lost, child] = live.quiet_client();
  const auto [other, survivor] = live.quiet_client();
  ASSERT_TRUE(live.until_waiting(2));
  const std::uint32_t place = live.process(child)->place;
  live.kill(child);
  ASSERT_TRUE(live.until([&, id = lost] { return live.client(id).saw_end_of_file; }));
  ASSERT_TRUE(live.until([&] { return live.world.counts.forked == 4; }));
  ASSERT_TRUE(live.until_waiting(1));
  EXPECT_EQ(live.client(other).state, Client::kConnected);
  EXPECT_EQ(live.process(survivor)->serves, other);
  EXPECT_EQ(live.world.processes.back().place, place);
  EXPECT_EQ(live.listening_references(), 1u + kPoolSize);
  EXPECT_TRUE(live.kernel_agrees());
  EXPECT_EQ(live.wrong(), Kinds{});
}

TEST(Prefork, ThatReplacesNobodyListensInTheEndAndAcceptsNobody) {
  Pool live({Bug::kNotReplaced});
  ASSERT_TRUE(live.until_waiting());
  for (const Pid child : live.children()) {
    live.kill(child);
    ASSERT_TRUE(live.until([&] { return live.wrong() == Kinds{"not-replaced"}; }));
  }
  ASSERT_TRUE(live.until([&] { return live.count<BackedOff>() > 0; })) << "it has nobody to wait for";
  const ClientId client = live.hello();
  ASSERT_TRUE(live.until([&] { return live.client(client).state == Client::kAwaitingEcho; })) << "it isn't refused";
  ASSERT_TRUE(live.until([&] { return live.count<BackedOff>() > 2; }));
  EXPECT_TRUE(waits_for_accept(live.client(client)));
  EXPECT_EQ(live.world.counts.forked, 3u);
  EXPECT_TRUE(contains(diagnose(live.world, live.world.now).front().text, "nobody accepts"));
}

TEST(Prefork, OfOneClientEachHasNewChildrenAllTheTime) {
  Pool live({Bug::kOneClientEach});
  ASSERT_TRUE(live.until_waiting());
  for (int i = 0; i < 5; ++i) live.hello();
  ASSERT_TRUE(live.until([&] { return live.world.counts.reaped == 5 && live.world.clients.empty(); }));
  ASSERT_TRUE(live.until_waiting());
  EXPECT_EQ(live.world.counts.forked, 8u);
  EXPECT_EQ(live.wrong(), Kinds{});
  EXPECT_TRUE(live.kernel_agrees());
}

TEST(Prefork, GoesOnWithTheChildrenThatItHasWhereForkFails) {
  LiveSession live;
  ASSERT_TRUE(live.start(with_server({.program = FORKTABLE_SERVER, .children_limit = 2}, ServerKind::kPrefork)));
  ASSERT_TRUE(live.until([&] { return live.children().size() == 2 && live.count<WaitpidCalled>() == 1; }));
  const ClientId client = live.session->launch_client(Behaviour::kHello);
  ASSERT_TRUE(live.until([&] { return live.client(client).state == Client::kClosed; }));
  ASSERT_EQ(wrong_in(live.world), Kinds{"out-of-processes"});
  EXPECT_EQ(diagnose(live.world, live.world.now).front().text,
            "fork fails with EAGAIN: the parent has 2 children and may have no more than 2. It goes on with those that "
            "it has.");
}

}  // namespace
}  // namespace forktable::test
