// Threads, and what a call of one keeps open: in every order in which real servers can tell of it.
#include <gtest/gtest.h>

#include <cerrno>
#include <vector>

#include "core/world/narrate.hpp"
#include "tests/world/invariant.hpp"
#include "tests/world/told.hpp"

namespace forktable::test {
namespace {

constexpr Pid kThread = 201, kOther = 202;

// Main has accepted a connection and called pthread_create.
World creating() {
  return told({{kServerPid, Listened{3, 8080, 10}},
               {kServerPid, AcceptCalled{3}},
               {kServerPid, Accepted{3, 4, 40001}},
               {kServerPid, ThreadCreateCalled{1}}});
}
World created() {
  World world = creating();
  tell(world, kThread, ThreadStarted{kServerPid, 1});
  tell(world, kServerPid, ThreadCreated{1});
  return world;
}

TEST(Thread, IsThereWhenItSaysSoBeforeOrAfterItsCreatorDoes) {
  for (const bool creator_first : {true, false}) {
    World world = creating();
    if (creator_first) tell(world, kServerPid, ThreadCreated{1});
    EXPECT_EQ(world.counts.threads, 0u) << "nobody knows its number yet";
    tell(world, kThread, ThreadStarted{kServerPid, 1});
    if (!creator_first) tell(world, kServerPid, ThreadCreated{1});
    EXPECT_EQ(process(world, kThread).thread_of, world.server);
    EXPECT_TRUE(process(world, kThread).descriptors.empty()) << "it uses its process's";
    EXPECT_EQ(world.counts.threads, 1u);
    EXPECT_EQ(world.counts.forked, 0u);
    EXPECT_TRUE(world.expected.empty());
    EXPECT_EQ(world.anomaly_count, 0u);
  }
}

TEST(Thread, MayHaveEndedWhenItsCreatorIsTold) {
  World world = creating();
  tell(world, kThread, ThreadStarted{kServerPid, 1});
  tell(world, kThread, ThreadDetached{});
  tell(world, kThread, Closed{4});
  tell(world, kThread, ThreadEnded{});
  tell(world, kServerPid, ThreadCreated{1});
  EXPECT_EQ(find_process(world, kThread), nullptr);
  EXPECT_EQ(world.counts.ended_threads, 1u);
  EXPECT_EQ(find_descriptor(process(world, kServerPid), 4), nullptr) << "it has closed it for all of them";
  EXPECT_EQ(world.counts.closed, 1u);
  EXPECT_EQ(world.anomaly_count, 0u);
}

TEST(Thread, OneThatCannotBeCreatedLeavesTheOneBeforeItThatHasNotSpokenYet) {
  World world = creating();
  tell(world, kServerPid, ThreadCreated{1});
  tell(world, kServerPid, ThreadCreateCalled{2});
  tell(world, kServerPid, CallFailed{Call::kPthreadCreate, -1, EAGAIN});
  tell(world, kThread, ThreadStarted{kServerPid, 1});
  EXPECT_EQ(process(world, kThread).thread_of, world.server);
  EXPECT_TRUE(world.expected.empty());
  EXPECT_EQ(world.anomaly_count, 0u);
}

TEST(Thread, ThatHasEndedStaysUntilItIsJoinedUnlessItIsDetached) {
  for (const bool detached : {true, false}) {
    World world = created();
    if (detached) tell(world, kThread, ThreadDetached{});
    tell(world, kThread, ThreadEnded{});
    EXPECT_EQ(find_process(world, kThread) == nullptr, detached);
    if (detached) continue;
    EXPECT_EQ(process(world, kThread).life, Life::kDead);
    tell(world, kServerPid, ThreadJoined{kThread});
    EXPECT_EQ(find_process(world, kThread), nullptr);
    EXPECT_EQ(world.anomaly_count, 0u);
  }
}

TEST(Thread, GoesWithItsProcessWhateverItDoes) {
  const std::vector<What> ends = {ExitCalled{1}, DeathSeen{}, Collected{9}};
  for (const What& end : ends) {
    World world = created();
    tell(world, kServerPid, ThreadCreateCalled{2});
    tell(world, kOther, ThreadStarted{kServerPid, 2});
    tell(world, kOther, ThreadEnded{});
    tell(world, kServerPid, ThreadCreateCalled{3});
    tell(world, kServerPid, end);
    EXPECT_EQ(find_process(world, kThread), nullptr);
    EXPECT_EQ(find_process(world, kOther), nullptr);
    EXPECT_TRUE(world.expected.empty());
    EXPECT_EQ(world.counts.ended_threads, 2u);
    EXPECT_EQ(world.counts.reaped, 0u) << "threads aren't reaped";
    EXPECT_TRUE(world.files.empty());
    EXPECT_EQ(world.anomaly_count, 0u);
  }
}

TEST(Thread, ServesWhatItsArgumentSaysWhenItLooks) {
  World world = created();
  EXPECT_EQ(process(world, kThread).connection, 1u) << "what it was made for";
  tell(world, kServerPid, Accepted{3, 5, 40002});
  tell(world, kThread, ArgumentRead{5});
  EXPECT_EQ(process(world, kThread).connection, 2u);
  EXPECT_EQ(process(world, kThread).argument, 5);
}

TEST(Thread, CountsInTheVariableOfAllOfThem) {
  World world = created();
  tell(world, kThread, Counted{1});
  EXPECT_EQ(process(world, kServerPid).counter, 1u);
  EXPECT_EQ(process(world, kThread).counter, 0u);
}

// A thread was in read(4) when main closed that.
World closed_under_read() {
  World world = created();
  tell(world, kThread, ReadCalled{4});
  tell(world, kServerPid, Closed{4});
  return world;
}

TEST(OpenFile, IsKeptByACallUntilThatReturnsWhoeverClosesTheDescriptor) {
  World world = closed_under_read();
  EXPECT_EQ(find_descriptor(process(world, kServerPid), 4), nullptr);
  ASSERT_EQ(world.files.size(), 2u);
  const FileId connection = world.files.back().id;
  EXPECT_EQ(process(world, kThread).keeps, connection);
  EXPECT_EQ(count_references(world, connection), 1u);
  EXPECT_EQ(world.counts.closed, 0u);
  EXPECT_EQ(broken_invariant(world), "");
  EXPECT_EQ(doing(world, process(world, kThread)), "blocked in read(4), keeps connection 1");
  tell(world, kThread, Read{4, 6, ShortText("hello\n")});
  EXPECT_EQ(find_file(world, connection), nullptr);
  EXPECT_EQ(world.counts.closed, 1u);
  EXPECT_EQ(broken_invariant(world), "");
  ASSERT_EQ(world.gone_files.size(), 1u);
  EXPECT_EQ(world.gone_files[0].change, Change::kReturned);
  EXPECT_EQ(world.anomaly_count, 0u);
}

TEST(OpenFile, IsNotKeptByAThreadThatIsAboutToCall) {
  World world = created();
  tell(world, kThread, GateReached{Call::kRead, 4});
  tell(world, kServerPid, Closed{4});
  EXPECT_EQ(world.files.size(), 1u);
  EXPECT_EQ(world.counts.closed, 1u);
}

TEST(OpenFile, ThatACallKeepsIsWhatItReadsEvenIfItsNumberIsAnothersByNow) {
  World world = closed_under_read();
  tell(world, kServerPid, Accepted{3, 4, 40002});
  tell(world, 0, QueuesSeen{8080, 40002, 9, 0});
  tell(world, kThread, Read{4, 6, ShortText("hello\n")});
  ASSERT_EQ(world.files.size(), 2u);
  EXPECT_EQ(world.files.back().number, 2u);
  EXPECT_EQ(world.files.back().socket.receive, 9u);
  tell(world, kThread, ReadCalled{4});
  tell(world, kServerPid, Closed{4});
  EXPECT_EQ(process(world, kThread).keeps, world.files.back().id);
}

TEST(OpenFile, ThatACallKeepsStaysTheSameWhenItsNumberIsClosedOnceMore) {
  World world = closed_under_read();
  const FileId kept = process(world, kThread).keeps;
  tell(world, kServerPid, Accepted{3, 4, 40002});
  tell(world, kServerPid, Closed{4});
  EXPECT_EQ(process(world, kThread).keeps, kept);
  EXPECT_EQ(world.files.size(), 2u) << "connection 2 is gone";
  EXPECT_EQ(broken_invariant(world), "");
}

TEST(OpenFile, ThatACallKeepsGoesWithTheProcess) {
  for (const What& end : std::vector<What>{ExitCalled{1}, DeathSeen{}, Collected{9}}) {
    World world = closed_under_read();
    tell(world, kServerPid, end);
    EXPECT_TRUE(world.files.empty());
    EXPECT_EQ(world.counts.closed, 1u);
  }
}

TEST(OpenFile, ThatACallKeepsIsToldOfWhenItIsClosedAndWhenTheCallReturns) {
  World world = created();
  tell(world, kServerPid, ServerNamed{ServerKind::kThread});
  tell(world, kThread, ReadCalled{4});
  const auto tells = [&](Pid pid, const What& what) { return narrate(world, {world.now, pid, 0, what}); };
  EXPECT_EQ(tells(kServerPid, Closed{4}).said, "The server closes connfd 4. refcnt(connection 1) stays 1.");
  EXPECT_EQ(tells(kServerPid, Closed{4}).meaning,
            "Thread 1 is in read(4): until that returns, the kernel keeps the open file and sends no FIN.");
  tell(world, kServerPid, Closed{4});
  EXPECT_EQ(tells(kThread, Read{4, 6, ShortText("hello\n")}).meaning,
            "This call was all that kept connection 1: the kernel closes it now.");
}

}  // namespace
}  // namespace forktable::test
