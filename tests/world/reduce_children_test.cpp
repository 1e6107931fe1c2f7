// Children that are there before their clients, and a list of children.
#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <vector>

#include "tests/world/told.hpp"

namespace forktable::test {
namespace {

constexpr Pid kJob = 301;

// ---- children that are there before their clients ----

constexpr Pid kPoolFirst = kServerPid + 1, kPoolSecond = kServerPid + 2, kPoolThird = kServerPid + 3;

// Two children in accept, and their parent in waitpid.
World pool() {
  return told({{kServerPid, ServerNamed{ServerKind::kPrefork}},
               {kServerPid, Listened{3, 8080, 10}},
               {kServerPid, ForkCalled{1}},
               {kPoolFirst, ChildStarted{kServerPid, 1}},
               {kServerPid, Forked{1, kPoolFirst}},
               {kServerPid, ForkCalled{2}},
               {kServerPid, Forked{2, kPoolSecond}},
               {kServerPid, WaitpidCalled{}},
               {kPoolFirst, AcceptCalled{3}},
               {kPoolSecond, ChildStarted{kServerPid, 2}},
               {kPoolSecond, AcceptCalled{3}}});
}

TEST(Pool, AChildIsThereForWhomItHasAcceptedAndForNobodyWhenItHasClosedThat) {
  World world = pool();
  EXPECT_TRUE(is_idle(process(world, kPoolFirst)));
  for (const std::uint32_t client : {1u, 2u}) {
    tell(world, 0, ClientConnecting{{client}, Behaviour::kQuiet, static_cast<Port>(40000 + client)});
    tell(world, kPoolFirst, Accepted{3, 4, static_cast<Port>(40000 + client)});
    EXPECT_EQ(process(world, kPoolFirst).serves, ClientId{client});
    EXPECT_EQ(process(world, kPoolFirst).connection, client);
    EXPECT_EQ(count_references(world, process(world, kPoolFirst).accepted), 1u);
    EXPECT_FALSE(is_idle(process(world, kPoolFirst)));
    tell(world, kPoolFirst, Closed{4});
    EXPECT_TRUE(is_idle(process(world, kPoolFirst)));
  }
  EXPECT_TRUE(is_idle(process(world, kPoolSecond)));
  EXPECT_EQ(world.anomaly_count, 0u);
}

TEST(Pool, AChildThatComesForAnotherHasItsPlace) {
  World world = pool();
  EXPECT_EQ(process(world, kPoolFirst).place, 1u);
  EXPECT_EQ(process(world, kPoolSecond).place, 2u);
  tell(world, kPoolFirst, DeathSeen{});
  tell(world, kServerPid, Reaped{kPoolFirst, 9});
  tell(world, kServerPid, ForkCalled{3});
  tell(world, kServerPid, Forked{3, kPoolThird});
  EXPECT_EQ(process(world, kPoolThird).place, 1u);
  EXPECT_EQ(process(world, kPoolThird).child, 3u);
  EXPECT_EQ(world.anomaly_count, 0u);
}

TEST(Pool, TheParentIsInWaitpidUntilAChildHasEndedOrThereIsNone) {
  for (const What& returns : std::vector<What>{Reaped{kPoolFirst, 0}, CallFailed{Call::kWaitpid, -1, ECHILD}}) {
    World world = pool();
    EXPECT_TRUE(is_blocked(process(world, kServerPid)));
    tell(world, kServerPid, returns);
    EXPECT_FALSE(is_blocked(process(world, kServerPid)));
    EXPECT_EQ(process(world, kServerPid).returned.call, Call::kWaitpid);
  }
}

// ---- a list of children ----

// The parent has forked a child, which has ended.
World forked_and_ended() {
  World world = told({{kServerPid, Listened{3, 8080, 10}}, {kServerPid, ForkCalled{1}}, {kServerPid, Forked{1, kJob}}});
  tell(world, kJob, ChildStarted{kServerPid, 1});
  tell(world, kJob, ExitCalled{0});
  return world;
}

TEST(Jobs, AreAddedAndDeletedAsTheProgramSays) {
  World world = forked_and_ended();
  tell(world, kServerPid, JobAdded{kJob});
  const auto jobs = [&] { return process(world, kServerPid).jobs; };
  ASSERT_EQ(jobs().size(), 1u);
  EXPECT_EQ(jobs()[0].child, process(world, kJob).id);
  EXPECT_FALSE(jobs()[0].late) << "a zombie is still to be reaped";
  tell(world, kServerPid, Reaped{kJob, 0});
  EXPECT_FALSE(jobs().at(0).late) << "it is about to be deleted";
  tell(world, kServerPid, JobDeleted{kJob, 1});
  EXPECT_TRUE(jobs().empty());
  EXPECT_EQ(world.anomaly_count, 0u);
}

TEST(Jobs, ThatAreAddedAfterTheirChildWasReapedAreLate) {
  World world = forked_and_ended();
  const ProcessId child = process(world, kJob).id;
  tell(world, kServerPid, Reaped{kJob, 0});
  tell(world, kServerPid, JobDeleted{kJob, 0});
  tell(world, kServerPid, JobAdded{kJob});
  ASSERT_EQ(process(world, kServerPid).jobs.size(), 1u);
  EXPECT_TRUE(process(world, kServerPid).jobs[0].late);
  EXPECT_EQ(process(world, kServerPid).jobs[0].child, child);
  // The kernel gives its pid to the next child, which the program adds and deletes.
  tell(world, kServerPid, ForkCalled{2});
  tell(world, kJob, ChildStarted{kServerPid, 2});
  tell(world, kServerPid, Forked{2, kJob});
  tell(world, kServerPid, JobAdded{kJob});
  EXPECT_FALSE(process(world, kServerPid).jobs.at(1).late);
  tell(world, kJob, ExitCalled{0});
  tell(world, kServerPid, Reaped{kJob, 0});
  tell(world, kServerPid, JobDeleted{kJob, 1});
  ASSERT_EQ(process(world, kServerPid).jobs.size(), 1u) << "one of the two";
  EXPECT_TRUE(process(world, kServerPid).jobs[0].late);
  EXPECT_EQ(world.anomaly_count, 0u);
}

TEST(Jobs, ThatAreDeletedAndWereNeverAddedAreAnAnomaly) {
  World world = forked_and_ended();
  tell(world, kServerPid, JobDeleted{kJob, 0});
  EXPECT_EQ(world.anomaly_count, 0u);
  tell(world, kServerPid, JobDeleted{kJob, 1});
  EXPECT_EQ(world.anomaly_count, 1u);
}

TEST(Mask, IsInheritedOverForkAndEachChangesItsOwn) {
  constexpr std::uint32_t kChld = 1u << (SIGCHLD - 1);
  World world = told({{kServerPid, MaskChanged{Masking::kBlock, kChld, 0, kChld}}, {kServerPid, ForkCalled{1}}});
  tell(world, kServerPid, MaskChanged{Masking::kUnblock, kChld, kChld, 0});
  tell(world, kJob, ChildStarted{kServerPid, 1});
  EXPECT_EQ(process(world, kServerPid).blocked, 0u);
  EXPECT_EQ(process(world, kServerPid).unblocked_at, world.now - kMillisecond);
  EXPECT_EQ(process(world, kJob).blocked, kChld) << "as it was when fork was called";
}

}  // namespace
}  // namespace forktable::test
