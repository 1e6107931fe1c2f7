// What is waited for all at once, other programs, and what is shared.
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "tests/world/invariant.hpp"
#include "tests/world/told.hpp"

namespace forktable::test {
namespace {

constexpr Pid kForked = 301;

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

}  // namespace
}  // namespace forktable::test
