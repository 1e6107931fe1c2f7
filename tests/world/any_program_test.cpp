// A server that is none of Forktable's: nothing is known of it but what it does.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "core/program/foresee_listing.hpp"
#include "core/program/narrate_listing.hpp"
#include "core/world/describe.hpp"
#include "core/world/diagnose.hpp"
#include "core/world/inspect.hpp"
#include "tests/support/text.hpp"
#include "tests/world/told.hpp"

namespace forktable::test {
namespace {

World stranger(const std::vector<std::pair<Pid, What>>& events = {}) {
  World world = told({{kServerPid, ProgramNamed{ShortText("./echod 8080")}}, {kServerPid, Listened{3, 8080, 10}}});
  for (const auto& [pid, what] : events) tell(world, pid, what);
  return world;
}

// A child that is forked before any client comes, and accepts for itself.
void fork_ahead(World& world, std::uint32_t number) {
  tell(world, kServerPid, ForkCalled{number});
  tell(world, kServerPid, Forked{number, kServerPid + static_cast<Pid>(number)});
  tell(world, kServerPid + static_cast<Pid>(number), ChildStarted{kServerPid, number});
  tell(world, kServerPid + static_cast<Pid>(number), AcceptCalled{3});
}

std::vector<std::string> wrong_with(const World& world) {
  std::vector<std::string> kinds;
  for (const Diagnosis& one : diagnose(world, world.now + kSecond)) kinds.emplace_back(one.kind);
  return kinds;
}

TEST(AProgramOfAnybody, HasNoShapeUntilItDoesSomething) {
  const World world = stranger();
  EXPECT_EQ(world.shape, Shape{});
  EXPECT_EQ(world.program.view(), "./echod 8080");
  EXPECT_EQ(world_as_json(world, world.step)["server"], "./echod 8080");
  EXPECT_EQ(mention_of(process(world, kServerPid)), "the server");
}

TEST(AProgramOfAnybody, ForksForEachClientIfItHoldsAConnectionThen) {
  const World world = stranger({{kServerPid, AcceptCalled{3}},
                                {kServerPid, Accepted{3, 4, Port{40001}}},
                                {kServerPid, ForkCalled{1}},
                                {kServerPid, Forked{1, kChild}}});
  EXPECT_EQ(world.shape, Shape{Shape::kForks});
  EXPECT_EQ(process(world, kChild).shape, world.shape);
  EXPECT_EQ(process(world, kChild).place, 0u);
  EXPECT_EQ(mention_of(process(world, kServerPid)), "the parent");
}

TEST(AProgramOfAnybody, HasAPoolIfChildrenThatWereForkedForNobodyAccept) {
  World world = stranger();
  fork_ahead(world, 1);
  EXPECT_EQ(world.shape, Shape{Shape::kPool});
  EXPECT_EQ(process(world, kChild).place, 1u);
  fork_ahead(world, 2);
  EXPECT_EQ(process(world, kChild + 1).place, 2u);
}

TEST(AProgramOfAnybody, ThatForksAheadIsCorrect) {
  World world = stranger();
  fork_ahead(world, 1);
  fork_ahead(world, 2);
  tell(world, kChild, Accepted{3, 4, Port{40001}});
  tell(world, kChild, ReadCalled{4});
  tell(world, kChild, Read{4, 6, ShortText("hello\n")});
  tell(world, kChild, WriteCalled{4});
  tell(world, kChild, Wrote{4, 6});
  tell(world, kServerPid, WaitpidCalled{});
  EXPECT_EQ(wrong_with(world), std::vector<std::string>{});
  tell(world, kChild, EndOfFile{4});
  tell(world, kChild, Closed{4});
  tell(world, kChild, AcceptCalled{3});
  EXPECT_EQ(wrong_with(world), std::vector<std::string>{});
  EXPECT_EQ(world.anomaly_count, 0u);
}

TEST(AProgramOfAnybody, HasThreadsOrWaitsForManyOnceItDoes) {
  EXPECT_EQ(stranger({{kServerPid, ThreadCreateCalled{1}}}).shape, Shape{Shape::kThreads});
  EXPECT_EQ(stranger({{kServerPid, PollCalled{Call::kSelect, -1}}}).shape, Shape{Shape::kSelects});
  EXPECT_EQ(stranger({{kServerPid, PollCalled{Call::kEpollWait, 4}}}).shape, Shape{Shape::kEpolls});
}

TEST(AProgramOfOurs, HasItsShapeFromTheBeginningAndKeepsIt) {
  World world = told({{kServerPid, ServerNamed{ServerKind::kPrefork}}, {kServerPid, Listened{3, 8080, 10}}});
  EXPECT_EQ(world.shape, shape_of(ServerKind::kPrefork));
  tell(world, kServerPid, PollCalled{Call::kSelect, -1});
  EXPECT_EQ(world.shape, shape_of(ServerKind::kPrefork));
}

TEST(AProgramOfAnybody, IsToldOfWithoutWhatItsSourceMayMean) {
  const World ours = told({{kServerPid, Listened{3, 8080, 10}}, {kServerPid, Accepted{3, 4, Port{40001}}}});
  const World theirs = stranger({{kServerPid, Accepted{3, 4, Port{40001}}}});
  const auto meaning = [](const World& world, const What& what) {
    return narrate_listing(world, {world.now, kServerPid, 0, what}).meaning;
  };
  EXPECT_TRUE(contains(meaning(ours, EndOfFile{4}), "the echo loop ends"));
  EXPECT_EQ(meaning(theirs, EndOfFile{4}), "read returns 0.");
  EXPECT_TRUE(contains(narrate_listing(ours, {ours.now, kServerPid, 0, Closed{4}}).said, "(important!)"));
  EXPECT_FALSE(contains(narrate_listing(theirs, {theirs.now, kServerPid, 0, Closed{4}}).said, "important"));
}

TEST(AProgramOfAnybody, IsForeseenAtAGateAndInTheKernelOnly) {
  World world = stranger({{kServerPid, AcceptCalled{3}}});
  EXPECT_EQ(foresee_listing(world, {world.now, kServerPid, 0, AcceptCalled{3}}), "Next: a client connects.");
  const Event accepted{world.now, kServerPid, 0, Accepted{3, 4, Port{40001}}};
  reduce(world, accepted);
  EXPECT_EQ(foresee_listing(world, accepted), "") << "whether it forks now, nobody knows";
  tell(world, kServerPid, GateReached{Call::kFork, -1});
  EXPECT_EQ(foresee_listing(world, accepted), "Next: the server calls fork().");
}

// 0, 1 and 2 are a terminal, and listenfd is a socket before it listens.
World told_in_full() {
  World world = told({{kServerPid, ProgramNamed{ShortText("./echod 8080")}}});
  tell(world, kServerPid, Opened{0, FileKind::kTerminal, 0, ShortText("/dev/pts/3")});
  tell(world, kServerPid, Duplicated{0, 1});
  tell(world, kServerPid, Duplicated{0, 2});
  tell(world, kServerPid, Opened{3, FileKind::kSocket, 1, {}});
  tell(world, kServerPid, Listened{3, 8080, 10});
  tell(world, kServerPid, AcceptCalled{3});
  return world;
}

TEST(AProgramOfAnybody, HasItsStandardFilesAndASocketThatListensLater) {
  const World world = told_in_full();
  EXPECT_EQ(world.anomaly_count, 0u);
  ASSERT_EQ(world.files.size(), 2u);
  EXPECT_EQ(title_of(world.files[0]), "/dev/pts/3");
  EXPECT_EQ(count_references(world, world.files[0].id), 3u);
  EXPECT_EQ(world.files[1].kind, FileKind::kListening);
  EXPECT_EQ(world.files[1].port, 8080);
  EXPECT_EQ(world_as_json(world, world.step)["files"][0]["path"], "/dev/pts/3");
}

TEST(AProgramOfAnybody, ThatMakesAConnectionStandardInputOfAnotherProgramIsCorrect) {
  World world = told_in_full();
  tell(world, kServerPid, Accepted{3, 4, Port{40001}});
  tell(world, kServerPid, ForkCalled{1});
  tell(world, kServerPid, Forked{1, kChild});
  tell(world, kServerPid, Closed{4});
  tell(world, kServerPid, AcceptCalled{3});
  tell(world, kChild, ChildStarted{kServerPid, 1});
  tell(world, kChild, Duplicated{4, 0});
  tell(world, kChild, Duplicated{4, 1});
  tell(world, kChild, Closed{4});
  tell(world, kChild, ExecCalled{ShortText("/bin/cat")});
  tell(world, kChild, Executed{ShortText("/bin/cat")});
  tell(world, kChild, ReadCalled{0});
  EXPECT_EQ(wrong_with(world), std::vector<std::string>{});
  EXPECT_EQ(world.anomaly_count, 0u);
  EXPECT_EQ(find_descriptor(process(world, kChild), 3), nullptr) << "it was close-on-exec from the beginning";
  EXPECT_TRUE(world.shape.has(Shape::kExecs));
}

TEST(AProgramOfAnybody, ReadsWhatItsChildWritesIntoAPipe) {
  World world = told_in_full();
  tell(world, kServerPid, Piped{4, 5, 0});
  const OpenFile& reader = world.files[2];
  const OpenFile& writer = world.files[3];
  EXPECT_EQ(reader.other_end, writer.id);
  EXPECT_EQ(writer.other_end, reader.id);
  EXPECT_EQ(title_of(reader), "pipe, for reading");
  EXPECT_EQ(title_of(writer), "pipe, for writing");
  tell(world, kServerPid, ForkCalled{1});
  tell(world, kServerPid, Forked{1, kChild});
  tell(world, kServerPid, Closed{5});
  tell(world, kChild, ChildStarted{kServerPid, 1});
  tell(world, kChild, Closed{4});
  tell(world, kChild, WriteCalled{5});
  tell(world, kChild, Wrote{5, 6});
  tell(world, kChild, ExitCalled{0});
  tell(world, kServerPid, ReadCalled{4});
  tell(world, kServerPid, Read{4, 6, ShortText("hello\n")});
  tell(world, kServerPid, EndOfFile{4});
  EXPECT_EQ(world.anomaly_count, 0u);
  EXPECT_EQ(wrong_with(world), std::vector<std::string>{"zombies"});
  tell(world, kServerPid, Reaped{kChild, 0});
  EXPECT_EQ(wrong_with(world), std::vector<std::string>{});
}

TEST(AProgramOfAnybody, MayHandADescriptorToAnotherProcess) {
  World world = told_in_full();
  tell(world, kServerPid, Opened{4, FileKind::kUnix, 0, {}});
  tell(world, kServerPid, ForkCalled{1});
  tell(world, kServerPid, Forked{1, kChild});
  tell(world, kChild, ChildStarted{kServerPid, 1});
  tell(world, kServerPid, Accepted{3, 5, Port{40001}});
  tell(world, kChild, Passed{7, kServerPid, 5, 1});
  const Descriptor* received = find_descriptor(process(world, kChild), 7);
  ASSERT_NE(received, nullptr);
  EXPECT_TRUE(received->cloexec);
  EXPECT_EQ(count_references(world, received->file), 2u);
  tell(world, kServerPid, Closed{5});
  EXPECT_EQ(count_references(world, received->file), 1u);
  EXPECT_EQ(world.anomaly_count, 0u);
  tell(world, kChild, Passed{8, kServerPid, 5, 0});
  EXPECT_EQ(world.anomaly_count, 1u) << "the sender has closed it before it was received";
}

}  // namespace
}  // namespace forktable::test
