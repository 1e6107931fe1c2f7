// What forking does to processes, descriptors and open files.
#include "core/world/reduce.hpp"

#include <gtest/gtest.h>

#include <csignal>

#include "core/world/describe.hpp"
#include "tests/world/facts.hpp"
#include "tests/world/invariant.hpp"
#include "tests/world/told.hpp"

namespace forktable::test {
namespace {

World accepting() { return told({{kServerPid, Listened{3, 8080, 10}}, {kServerPid, AcceptCalled{3}}}); }

// The parent has accepted a connection and is about to fork.
World forking() {
  World world = accepting();
  tell(world, kServerPid, Accepted{3, 4, 40001});
  tell(world, kServerPid, ForkCalled{1});
  return world;
}

World forked() {
  World world = forking();
  tell(world, kServerPid, Forked{1, kChild});
  tell(world, kChild, ChildStarted{kServerPid, 1});
  return world;
}

std::vector<int> descriptors(const World& world, Pid pid) {
  std::vector<int> all;
  for (const Descriptor& descriptor : process(world, pid).descriptors) all.push_back(descriptor.fd);
  return all;
}
std::uint32_t references(const World& world, FileKind kind) {
  for (const OpenFile& file : world.files)
    if (file.kind == kind) return count_references(world, file.id);
  return 0;
}

using Fds = std::vector<int>;

TEST(Fork, GivesEveryOpenFileOneMoreReference) {
  const World before = forking();
  EXPECT_EQ(references(before, FileKind::kListening), 1u);
  EXPECT_EQ(references(before, FileKind::kConnection), 1u);
  const World after = forked();
  EXPECT_EQ(references(after, FileKind::kListening), 2u);
  EXPECT_EQ(references(after, FileKind::kConnection), 2u);
  EXPECT_EQ(descriptors(after, kChild), descriptors(after, kServerPid)) << "the child has a copy of the table";
}

TEST(Fork, AfterForkClosingInTheChildLeavesTheParentsDescriptorOpen) {
  World world = forked();
  tell(world, kChild, Closed{3});
  EXPECT_EQ(descriptors(world, kChild), Fds{4});
  EXPECT_EQ(descriptors(world, kServerPid), (Fds{3, 4}));
  EXPECT_EQ(references(world, FileKind::kListening), 1u);
}

TEST(Fork, AConnectionThatTheParentForgetsToCloseStaysOpenWhenTheChildIsGone) {
  World world = forked();
  tell(world, kChild, ExitCalled{0});
  tell(world, kServerPid, Reaped{kChild, 0});
  EXPECT_EQ(references(world, FileKind::kConnection), 1u);
  EXPECT_EQ(world.counts.closed, 0u) << "so the client sees no end of file";
  tell(world, kServerPid, Closed{4});
  EXPECT_EQ(find_file(world, process(world, kServerPid).accepted), nullptr);
  EXPECT_EQ(world.counts.closed, 1u);
}

TEST(Fork, TheChildGetsTheTableAsItWasWhenForkWasCalledHoweverLateItIsHeardOf) {
  World world = forking();
  // The child runs first: it has closed, answered and gone before fork returns in the parent.
  tell(world, kChild, ChildStarted{kServerPid, 1});
  EXPECT_EQ(descriptors(world, kChild), (Fds{3, 4}));
  tell(world, kChild, Closed{3});
  tell(world, kServerPid, Forked{1, kChild});
  EXPECT_EQ(descriptors(world, kChild), Fds{4}) << "the parent's word does not bring it back";
  EXPECT_EQ(world.counts.forked, 1u);
}

TEST(Fork, WhatTheParentClosesAfterwardsTheChildStillHas) {
  World world = forking();
  tell(world, kServerPid, Forked{1, kChild});
  tell(world, kServerPid, Closed{4});
  tell(world, kChild, ChildStarted{kServerPid, 1});
  EXPECT_EQ(descriptors(world, kServerPid), Fds{3});
  EXPECT_EQ(descriptors(world, kChild), (Fds{3, 4}));
}

TEST(Fork, ThatFailsMakesNoChild) {
  World world = forking();
  tell(world, kServerPid, CallFailed{Call::kFork, -1, EAGAIN});
  EXPECT_TRUE(world.expected.empty());
  EXPECT_EQ(references(world, FileKind::kConnection), 1u);
  EXPECT_EQ(world.counts.forked, 0u);
  tell(world, kServerPid, Closed{4});
  EXPECT_EQ(world.counts.closed, 1u) << "the client is sent away";
}

TEST(Process, ThatHasEndedHoldsNothingAndKeepsItsPidUntilItIsReaped) {
  World world = forked();
  tell(world, kChild, ExitCalled{7});
  EXPECT_EQ(process(world, kChild).life, Life::kDead);
  EXPECT_EQ(descriptors(world, kChild), Fds{});
  EXPECT_EQ(doing(world, process(world, kChild)), "zombie: exited 7, not yet reaped");
  tell(world, kServerPid, Reaped{kChild, 7 << 8});
  EXPECT_EQ(find_process(world, kChild), nullptr);
  ASSERT_EQ(world.departed.size(), 1u);
  EXPECT_EQ(doing(world, world.departed[0]), "reaped: exited 7");
}

TEST(Process, ThatIsKilledLosesWhatItHeldWithoutClosingIt) {
  World world = forked();
  tell(world, kServerPid, Closed{4});
  tell(world, kServerPid, Reaped{kChild, SIGKILL});
  EXPECT_EQ(world.counts.closed, 1u);
  EXPECT_EQ(world.counts.exited, 1u);
  EXPECT_EQ(references(world, FileKind::kListening), 1u);
  EXPECT_EQ(ending_of(*world.departed[0].wait_status), "killed by SIGKILL");
}

TEST(Process, KilledWhileItsParentSleepsIsAZombieSaysTheKernel) {
  World world = forked();
  tell(world, kChild, DeathSeen{});
  EXPECT_EQ(process(world, kChild).life, Life::kDead);
  EXPECT_EQ(doing(world, process(world, kChild)), "zombie: dead, not yet reaped");
  EXPECT_EQ(world.counts.exited, 1u);
  tell(world, kServerPid, Reaped{kChild, SIGKILL});
  EXPECT_EQ(world.counts.exited, 1u) << "counted once";
}

TEST(Process, OfAReusedPidIsAnotherProcess) {
  World world = forked();
  const ProcessId first = process(world, kChild).id;
  tell(world, kChild, ExitCalled{0});
  tell(world, kServerPid, Reaped{kChild, 0});
  tell(world, kServerPid, Closed{4});
  tell(world, kServerPid, Accepted{3, 4, 40002});
  tell(world, kServerPid, ForkCalled{2});
  tell(world, kServerPid, Forked{2, kChild});
  EXPECT_NE(process(world, kChild).id, first);
  EXPECT_EQ(process(world, kChild).connection, 2u);
  ASSERT_NE(find_process(world, first), nullptr) << "the first is remembered";
  EXPECT_EQ(find_process(world, first)->connection, 1u);
}

TEST(Process, KilledBeforeItSaidAWordIsReapedAllTheSame) {
  World world = forking();
  tell(world, kServerPid, SignalDelivered{SIGCHLD});
  tell(world, kServerPid, Reaped{kChild, SIGKILL});
  tell(world, kServerPid, HandlerReturned{SIGCHLD});
  tell(world, kServerPid, Forked{1, kChild});  // fork returns only now
  EXPECT_EQ(world.anomaly_count, 0u);
  EXPECT_EQ(find_process(world, kChild), nullptr);
  EXPECT_EQ(world.counts, (Counts{.accepted = 1, .forked = 1, .closed = 0, .exited = 1, .reaped = 1}));
}

TEST(Process, WhoseParentHasEndedIsAnOrphanAndGoesOn) {
  World world = forked();
  EXPECT_FALSE(is_orphan(world, process(world, kChild)));
  tell(world, kServerPid, Collected{SIGKILL});
  EXPECT_TRUE(is_orphan(world, process(world, kChild)));
  tell(world, kChild, Closed{3});
  tell(world, kChild, ReadCalled{4});
  EXPECT_EQ(doing(world, process(world, kChild)), "orphan, blocked in read(4)");
  tell(world, kChild, ExitCalled{0});
  tell(world, kChild, Collected{0});
  EXPECT_EQ(world.counts, (Counts{.accepted = 1, .forked = 1, .closed = 1, .exited = 1, .reaped = 1}));
  EXPECT_TRUE(world.processes.empty() && world.files.empty());
}

TEST(Process, WhoseParentDiedInsideForkIsKnownByWhatTheKernelSaysOfIt) {
  World world = forking();
  tell(world, kServerPid, Collected{SIGKILL});
  EXPECT_EQ(world.expected.size(), 1u) << "it may still show";
  tell(world, kChild, Collected{SIGKILL});  // and has not said a word
  EXPECT_EQ(world.anomaly_count, 0u);
  EXPECT_TRUE(world.expected.empty() && world.processes.empty() && world.files.empty());
  EXPECT_EQ(world.counts, (Counts{.accepted = 1, .forked = 1, .closed = 1, .exited = 1, .reaped = 1}));
}

TEST(Process, ReapedByAParentThatCouldNotReportItHasGoneSaysTheKernel) {
  World world = forked();
  tell(world, kChild, ExitCalled{0});
  tell(world, kServerPid, SignalDelivered{SIGCHLD});
  tell(world, kServerPid, Collected{SIGKILL});  // killed behind waitpid(2)
  EXPECT_EQ(process(world, kChild).life, Life::kDead);
  tell(world, kChild, DeathSeen{});
  EXPECT_EQ(find_process(world, kChild), nullptr);
  EXPECT_EQ(doing(world, world.departed.back()), "reaped: exited 0");
  EXPECT_EQ(world.counts.reaped, 1u);
  EXPECT_EQ(broken_invariant(world), "");
}

TEST(SignalHandler, InTheMiddleOfAcceptLeavesTheParentBlockedInAccept) {
  World world = accepting();
  tell(world, kServerPid, SignalDelivered{SIGCHLD});
  EXPECT_FALSE(is_blocked(process(world, kServerPid)));
  EXPECT_EQ(doing(world, process(world, kServerPid)), "in the SIGCHLD handler");
  tell(world, kServerPid, CallFailed{Call::kWaitpid, -1, ECHILD});
  tell(world, kServerPid, HandlerReturned{SIGCHLD});
  EXPECT_EQ(doing(world, process(world, kServerPid)), "blocked in accept(3)");
  EXPECT_FALSE(world.trouble) << "that there are no children left is no trouble";
}

TEST(Trouble, IsTheServersLastFailureUntilSomethingSucceeds) {
  World world = accepting();
  tell(world, kServerPid, CallFailed{Call::kAccept, 3, EMFILE});
  ASSERT_TRUE(world.trouble);
  EXPECT_EQ(std::get<CallFailed>(world.trouble->what).error, EMFILE);
  tell(world, kServerPid, BackedOff{100});
  EXPECT_EQ(doing(world, process(world, kServerPid)), "waiting before the next accept");
  tell(world, kServerPid, AcceptCalled{3});
  EXPECT_TRUE(world.trouble) << "asking again is no success";
  tell(world, kServerPid, Accepted{3, 4, 40001});
  EXPECT_FALSE(world.trouble);
}

TEST(Trouble, OfAChildIsNotTheServers) {
  World world = forked();
  tell(world, kChild, CallFailed{Call::kRead, 4, ECONNRESET});
  EXPECT_FALSE(world.trouble);
}

TEST(Restart, CountsFromTheBeginningAndForgetsNobody) {
  World world = forked();
  tell(world, 0, ClientConnecting{{1}, Behaviour::kQuiet, 40007});
  tell(world, kServerPid, ForkCalled{2});
  tell(world, kServerPid, Collected{SIGTERM});
  tell(world, 200, ServerLaunched{9090});
  EXPECT_EQ(world.counts, Counts{});
  EXPECT_EQ(world.port, 9090);
  EXPECT_TRUE(world.expected.empty());
  EXPECT_EQ(process(world, 200).id, world.server);
  EXPECT_TRUE(is_orphan(world, process(world, kChild))) << "a child that outlived its server is still there";
  EXPECT_EQ(world.clients.size(), 1u);
  EXPECT_EQ(broken_invariant(world), "");
}

TEST(World, RemembersTheLastThousandThatHaveGoneAndNotAll) {
  World world = accepting();
  for (std::uint32_t i = 1; i <= 5000; ++i) {
    const auto port = static_cast<Port>(10000 + i);
    tell(world, 0, ClientConnecting{{i}, Behaviour::kHello, port});
    tell(world, kServerPid, Accepted{3, 4, port});
    tell(world, kServerPid, ForkCalled{i});
    tell(world, kServerPid, Forked{i, kChild});
    tell(world, kServerPid, Closed{4});
    tell(world, kServerPid, Reaped{kChild, SIGKILL});
    tell(world, 0, ClientEnded{{i}, ClientEnd::kClosed, Call::kClose, 0});
  }
  for (const std::size_t kept : {world.departed.size(), world.gone_clients.size()}) {
    EXPECT_GE(kept, 1024u);
    EXPECT_LE(kept, 2048u);
  }
  EXPECT_EQ(world.departed.back().connection, 5000u);
  EXPECT_EQ(world.gone_clients.back().id, ClientId{5000});
  EXPECT_EQ(world.counts, (Counts{.accepted = 5000, .forked = 5000, .closed = 5000, .exited = 5000, .reaped = 5000}));
}

TEST(World, ACopyGoesItsOwnWay) {
  const World before = forked();
  World after = before;
  tell(after, kChild, Closed{3});
  tell(after, kChild, ExitCalled{0});
  EXPECT_EQ(facts_of(before), facts_of(forked())) << "the past does not change";
  EXPECT_NE(facts_of(after), facts_of(before));
}

}  // namespace
}  // namespace forktable::test
