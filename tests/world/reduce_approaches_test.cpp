// Threads, what is waited for all at once, and what is shared: in every order in which real servers can tell of it.
#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>
#include <memory>
#include <vector>

#include "core/world/describe.hpp"
#include "core/world/narrate.hpp"
#include "tests/world/invariant.hpp"
#include "tests/world/told.hpp"

namespace forktable::test {
namespace {

constexpr Pid kThread = 201, kOther = 202, kForked = 301;

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

TEST(Readiness, OfADescriptorLastsUntilItIsReadAndIsForgottenWithIt) {
  World world = told({{kServerPid, Listened{3, 8080, 10}}, {kServerPid, EpollOpened{4}}, {kServerPid, Watched{3}}});
  tell(world, kServerPid, Accepted{3, 5, 40001});
  tell(world, kServerPid, Watched{5});
  EXPECT_EQ(process(world, kServerPid).watched, (std::vector<int>{3, 5}));
  tell(world, kServerPid, PollCalled{Call::kEpollWait, 4});
  for (const int fd : {5, 3}) tell(world, kServerPid, FoundReady{fd});
  tell(world, kServerPid, PollReturned{Call::kEpollWait, 2});
  EXPECT_EQ(process(world, kServerPid).ready, (std::vector<int>{3, 5}));
  tell(world, kServerPid, EndOfFile{5});
  EXPECT_EQ(process(world, kServerPid).ready, (std::vector<int>{3}));
  tell(world, kServerPid, Closed{5});
  EXPECT_EQ(process(world, kServerPid).watched, (std::vector<int>{3}));
  EXPECT_EQ(world.anomaly_count, 0u);
}

// A child with shared memory and a semaphore.
World sharing() {
  World world = told({{kServerPid, Listened{3, 8080, 10}},
                      {kServerPid, SegmentAttached{7, 4}},
                      {kServerPid, SemaphoreMade{8, 1}},
                      {kServerPid, ForkCalled{1}},
                      {kServerPid, Forked{1, kForked}}});
  tell(world, kForked, ChildStarted{kServerPid, 1});
  return world;
}

// A child that holds the listening socket, close-on-exec or not, and its connection.
World child_of_inetd(bool cloexec) {
  World world = told({{kServerPid, Listened{3, 8080, 10}}, {kServerPid, CloexecSet{3, cloexec ? 1 : 0}}});
  tell(world, kServerPid, Accepted{3, 4, 40001});
  tell(world, kServerPid, ForkCalled{1});
  tell(world, kServerPid, Forked{1, kForked});
  tell(world, kServerPid, Closed{4});
  return world;
}

std::vector<int> numbers_of(const Process& process) {
  std::vector<int> numbers;
  for (const Descriptor& descriptor : process.descriptors) numbers.push_back(descriptor.fd);
  return numbers;
}

std::uint32_t references_to(const World& world, FileKind kind) {
  for (const OpenFile& file : world.files)
    if (file.kind == kind) return count_references(world, file.id);
  return 0;
}

TEST(Dup2, IsOneMoreReferenceInTheSameProcess) {
  World world = child_of_inetd(true);
  tell(world, kForked, Duplicated{3, 0});
  EXPECT_FALSE(find_descriptor(process(world, kForked), 0)->cloexec) << "the flag isn't copied";
  EXPECT_EQ(references_to(world, FileKind::kListening), 3u);
  tell(world, kForked, Duplicated{4, 0});
  EXPECT_EQ(references_to(world, FileKind::kListening), 2u) << "what was there before is closed";
  tell(world, kForked, Duplicated{4, 1});
  tell(world, kForked, Duplicated{4, 4});
  EXPECT_EQ(numbers_of(process(world, kForked)), (std::vector<int>{0, 1, 3, 4}));
  EXPECT_EQ(references_to(world, FileKind::kConnection), 3u);
  EXPECT_EQ(find_file(world, find_descriptor(process(world, kForked), 0)->file)->change, Change::kDuplicated);
  EXPECT_EQ(world.anomaly_count, 0u);
  EXPECT_EQ(broken_invariant(world), "");
}

TEST(Dup2, OfADescriptorThatIsNotOpenIsAnAnomaly) {
  World world = child_of_inetd(true);
  tell(world, kForked, Duplicated{7, 0});
  EXPECT_EQ(numbers_of(process(world, kForked)), (std::vector<int>{3, 4}));
  EXPECT_EQ(world.anomaly_count, 1u);
  tell(world, kForked, CloexecSet{7, 1});
  EXPECT_EQ(world.anomaly_count, 2u);
}

TEST(CloexecSet, LeavesAProcessWhereItWaits) {
  World world = told({{kServerPid, Listened{3, 8080, 10}}});
  tell(world, kServerPid, CloexecSet{3, 1}, 14);
  EXPECT_EQ(process(world, kServerPid).line, 14u);
  tell(world, kServerPid, GateReached{Call::kAccept, 3}, 16);
  tell(world, kServerPid, CloexecSet{3, 0}, 14);
  EXPECT_TRUE(process(world, kServerPid).gate);
  tell(world, kServerPid, AcceptCalled{3}, 16);
  tell(world, kServerPid, CloexecSet{3, 1}, 14);
  EXPECT_TRUE(is_blocked(process(world, kServerPid)));
  EXPECT_EQ(process(world, kServerPid).line, 16u);
}

TEST(Execve, ClosesWhatIsCloseOnExecAndKeepsTheRest) {
  for (const bool cloexec : {true, false}) {
    World world = child_of_inetd(cloexec);
    tell(world, kForked, Duplicated{4, 0});
    tell(world, kForked, Counted{1});
    const ProcessId id = process(world, kForked).id;
    tell(world, kForked, ExecCalled{ShortText("cat")});
    EXPECT_FALSE(is_blocked(process(world, kForked))) << "it waits for nobody";
    tell(world, kForked, Executed{ShortText("cat")});
    const Process& child = process(world, kForked);
    EXPECT_EQ(child.id, id);
    EXPECT_EQ(child.program.view(), "cat");
    EXPECT_EQ(child.counter, 0u) << "its variables are gone";
    EXPECT_EQ(numbers_of(child), cloexec ? (std::vector<int>{0, 4}) : (std::vector<int>{0, 3, 4}));
    EXPECT_EQ(references_to(world, FileKind::kListening), cloexec ? 1u : 2u);
    EXPECT_EQ(references_to(world, FileKind::kConnection), 2u);
    ASSERT_EQ(child.closed.size(), cloexec ? 1u : 0u);
    if (cloexec) {
      EXPECT_TRUE(child.closed[0].by_exec);
    }
    EXPECT_EQ(world.anomaly_count, 0u);
    EXPECT_EQ(broken_invariant(world), "");
  }
}

TEST(Semaphore, ThatAProcessHasTakenIsGivenBackByTheKernelWhenItDies) {
  World world = sharing();
  tell(world, kForked, SemaphoreCalled{8});
  EXPECT_EQ(world.semaphore->value, 1);
  tell(world, kForked, SemaphoreTaken{8});
  EXPECT_EQ(world.semaphore->value, 0);
  tell(world, kServerPid, Reaped{kForked, 9});
  EXPECT_EQ(world.semaphore->value, 1);
}

TEST(Semaphore, ThatAProcessHasGivenBackIsNotGivenBackTwice) {
  World world = sharing();
  for (const What& what : std::vector<What>{SemaphoreTaken{8}, SemaphoreGiven{8}, ExitCalled{0}})
    tell(world, kForked, what);
  EXPECT_EQ(world.semaphore->value, 1);
}

TEST(Segment, IsAttachedByWhoIsAlive) {
  World world = sharing();
  EXPECT_EQ(count_attached(world), 2u);
  tell(world, kForked, ExitCalled{0});
  EXPECT_EQ(count_attached(world), 1u) << "a zombie has no memory";
}

TEST(Segment, HasLostAnUpdateWhenTheValueIsLessThanTheNumberOfStores) {
  World world = sharing();
  tell(world, kForked, Loaded{0});
  tell(world, kServerPid, Loaded{0});
  tell(world, kForked, Stored{1});
  EXPECT_EQ(world.segment->lost_step, 0u);
  tell(world, kServerPid, Stored{1});
  EXPECT_EQ(world.segment->lost_step, world.step);
  EXPECT_EQ(world.segment->value, 1);
}

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
  World world =
      told({{kServerPid, Listened{3, 8080, 10}}, {kServerPid, ForkCalled{1}}, {kServerPid, Forked{1, kForked}}});
  tell(world, kForked, ChildStarted{kServerPid, 1});
  tell(world, kForked, ExitCalled{0});
  return world;
}

TEST(Jobs, AreAddedAndDeletedAsTheProgramSays) {
  World world = forked_and_ended();
  tell(world, kServerPid, JobAdded{kForked});
  const auto jobs = [&] { return process(world, kServerPid).jobs; };
  ASSERT_EQ(jobs().size(), 1u);
  EXPECT_EQ(jobs()[0].child, process(world, kForked).id);
  EXPECT_FALSE(jobs()[0].late) << "a zombie is still to be reaped";
  tell(world, kServerPid, Reaped{kForked, 0});
  EXPECT_FALSE(jobs().at(0).late) << "it is about to be deleted";
  tell(world, kServerPid, JobDeleted{kForked, 1});
  EXPECT_TRUE(jobs().empty());
  EXPECT_EQ(world.anomaly_count, 0u);
}

TEST(Jobs, ThatAreAddedAfterTheirChildWasReapedAreLate) {
  World world = forked_and_ended();
  const ProcessId child = process(world, kForked).id;
  tell(world, kServerPid, Reaped{kForked, 0});
  tell(world, kServerPid, JobDeleted{kForked, 0});
  tell(world, kServerPid, JobAdded{kForked});
  ASSERT_EQ(process(world, kServerPid).jobs.size(), 1u);
  EXPECT_TRUE(process(world, kServerPid).jobs[0].late);
  EXPECT_EQ(process(world, kServerPid).jobs[0].child, child);
  // The kernel gives its pid to the next child, which the program adds and deletes.
  tell(world, kServerPid, ForkCalled{2});
  tell(world, kForked, ChildStarted{kServerPid, 2});
  tell(world, kServerPid, Forked{2, kForked});
  tell(world, kServerPid, JobAdded{kForked});
  EXPECT_FALSE(process(world, kServerPid).jobs.at(1).late);
  tell(world, kForked, ExitCalled{0});
  tell(world, kServerPid, Reaped{kForked, 0});
  tell(world, kServerPid, JobDeleted{kForked, 1});
  ASSERT_EQ(process(world, kServerPid).jobs.size(), 1u) << "one of the two";
  EXPECT_TRUE(process(world, kServerPid).jobs[0].late);
  EXPECT_EQ(world.anomaly_count, 0u);
}

TEST(Jobs, ThatAreDeletedAndWereNeverAddedAreAnAnomaly) {
  World world = forked_and_ended();
  tell(world, kServerPid, JobDeleted{kForked, 0});
  EXPECT_EQ(world.anomaly_count, 0u);
  tell(world, kServerPid, JobDeleted{kForked, 1});
  EXPECT_EQ(world.anomaly_count, 1u);
}

TEST(Mask, IsInheritedOverForkAndEachChangesItsOwn) {
  constexpr std::uint32_t kChld = 1u << (SIGCHLD - 1);
  World world = told({{kServerPid, MaskChanged{Masking::kBlock, kChld, 0, kChld}}, {kServerPid, ForkCalled{1}}});
  tell(world, kServerPid, MaskChanged{Masking::kUnblock, kChld, kChld, 0});
  tell(world, kForked, ChildStarted{kServerPid, 1});
  EXPECT_EQ(process(world, kServerPid).blocked, 0u);
  EXPECT_EQ(process(world, kServerPid).unblocked_at, world.now - kMillisecond);
  EXPECT_EQ(process(world, kForked).blocked, kChld) << "as it was when fork was called";
}

}  // namespace
}  // namespace forktable::test
