// Recordings of every version of the format, each written by a Forktable of its time: they keep opening, and show what
// happened then.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include "core/recording/installed_script.hpp"
#include "core/world/diagnose.hpp"
#include "core/world/reduce.hpp"
#include "tests/support/events.hpp"
#include "tests/support/text.hpp"

namespace forktable::test {
namespace {

struct Opened {
  Recording recording;
  World world;
};

// `of` tells apart those of one version.
Opened open_golden(int version, const std::string& of = "") {
  const auto read = read_recording(std::string(FORKTABLE_GOLDEN) + "/v" + std::to_string(version) + of + ".jsonl");
  EXPECT_TRUE(read) << read.error().message();
  Opened opened;
  if (!read) return opened;
  opened.recording = *read;
  for (const Event& event : read->events) reduce(opened.world, event);
  EXPECT_EQ(read->header.version, version);
  EXPECT_FALSE(read->cut_short);
  EXPECT_EQ(opened.world.anomaly_count, 0u);
  return opened;
}

std::vector<std::string> kinds_of_diagnoses(const World& world) {
  std::vector<std::string> kinds;
  for (const Diagnosis& diagnosis : diagnose(world, world.now)) kinds.emplace_back(diagnosis.kind);
  return kinds;
}

// Lesson 4: a parent that forgets to close connfd, and two clients that wait for ever.
void expect_lesson_4(const Opened& opened) {
  EXPECT_EQ(opened.recording.header.lesson, "04-parent-forgets-connfd");
  EXPECT_EQ(opened.world.counts, (Counts{2, 2, 0, 2, 2}));
  EXPECT_EQ(kinds_of_diagnoses(opened.world), std::vector<std::string>{"leaked-connfd"});
  EXPECT_EQ(opened.world.clients.size(), 2u);
  EXPECT_EQ(only<LessonStepped>(opened.recording.events).size(), 8u);
}

TEST(GoldenRecording, OfVersion1HasARunOfThreeClients) {
  const Opened opened = open_golden(1);
  EXPECT_EQ(opened.recording.events.size(), 84u);
  EXPECT_EQ(opened.recording.header.started, "2026-11-23T14:14:52Z");
  EXPECT_EQ(opened.world.counts, (Counts{3, 3, 3, 3, 3}));
  EXPECT_TRUE(kinds_of_diagnoses(opened.world).empty());
}

TEST(GoldenRecording, OfVersion2HasALessonWithItsStops) {
  const Opened opened = open_golden(2);
  EXPECT_EQ(opened.recording.events.size(), 77u);
  expect_lesson_4(opened);
}

TEST(GoldenRecording, OfVersion3HasTheKernelsWord) {
  const Opened opened = open_golden(3);
  EXPECT_EQ(opened.recording.events.size(), 108u);
  expect_lesson_4(opened);
  EXPECT_EQ(only<KernelChecked>(opened.recording.events).size(), 14u);
  EXPECT_TRUE(opened.world.differences.empty());
}

TEST(GoldenRecording, OfVersion4HasItsListingAndItsLessonsTexts) {
  const Opened opened = open_golden(4);
  EXPECT_EQ(opened.recording.events.size(), 107u);
  expect_lesson_4(opened);
  const Script script = script_of(opened.recording);
  EXPECT_EQ(script.listing.file, "process_server.cpp");
  EXPECT_TRUE(std::any_of(script.listing.lines.begin(), script.listing.lines.end(), [](const ListingLine& line) {
    return line.number == 36 && contains(line.text, "Close(connfd);") && line.unless == Bug::kParentKeepsConnfd;
  }));
  ASSERT_TRUE(script.lesson);
  EXPECT_EQ(script.lesson->number, 4);
  EXPECT_EQ(script.lesson->title, "The parent forgets to close connfd");
  EXPECT_EQ(script.lesson->steps.size(), 8u);
  EXPECT_FALSE(script.lesson->wild.empty());
}

// Lesson 19: two children load a shared counter before either stores.
TEST(GoldenRecording, OfVersion5HasAnotherServerAndWhatItsProcessesShare) {
  const Opened opened = open_golden(5);
  EXPECT_EQ(opened.recording.events.size(), 190u);
  EXPECT_EQ(opened.world.program.view(), name_of(ServerKind::kProcessShm));
  EXPECT_EQ(opened.world.counts.accepted, 4u);
  EXPECT_EQ(kinds_of_diagnoses(opened.world), std::vector<std::string>{"lost-update"});
  ASSERT_TRUE(opened.world.segment && opened.world.semaphore);
  EXPECT_EQ(opened.world.segment->value, 3);
  EXPECT_EQ(opened.world.semaphore->value, 1);
  EXPECT_TRUE(opened.world.differences.empty());
  const Script script = script_of(opened.recording);
  EXPECT_EQ(script.listing.file, "process_shm_server.cpp");
  ASSERT_TRUE(script.lesson);
  EXPECT_EQ(script.lesson->number, 19);
}

// A parent that forgets to close connfd, and four clients from outside: two from 127.0.0.2, and two gone at once.
TEST(GoldenRecording, OfVersion6HasClientsFromOtherAddressesAndWhyTheyHaveNoName) {
  const Opened opened = open_golden(6);
  EXPECT_EQ(opened.recording.events.size(), 129u);
  EXPECT_EQ(opened.world.counts, (Counts{5, 5, 0, 5, 5}));
  EXPECT_EQ(only<OutsiderConnected>(opened.recording.events).size(), 4u);
  int elsewhere = 0;
  for (const OpenFile& file : opened.world.files) elsewhere += file.peer.ip == Ipv4{0x7F000002} ? 1 : 0;
  EXPECT_EQ(elsewhere, 2);
  for (const OutsiderUnnamed& one : only<OutsiderUnnamed>(opened.recording.events)) EXPECT_EQ(one.why, Unnamed::kGone);
  for (const std::uint32_t id : {2u, 4u}) EXPECT_EQ(find_client(opened.world, {id})->program.view(), "python3");
  for (const std::uint32_t id : {3u, 5u}) EXPECT_EQ(find_client(opened.world, {id})->unnamed, Unnamed::kGone);
  EXPECT_TRUE(opened.world.differences.empty());
}

// Lesson 11: out of descriptors, then out of processes.
TEST(GoldenRecording, OfVersion7HasWhatItsLessonShowsRevealsAndPointsAt) {
  const Opened opened = open_golden(7);
  const Script script = script_of(opened.recording);
  ASSERT_TRUE(script.lesson);
  EXPECT_EQ(script.lesson->number, 11);
  EXPECT_TRUE(script.lesson->show.has(Topic::kErrno));
  EXPECT_FALSE(script.lesson->show.has(Topic::kServed));
  EXPECT_TRUE(has_line(script.lesson->code, 39));
  EXPECT_TRUE(std::any_of(script.lesson->steps.begin(), script.lesson->steps.end(), [](const LessonStep& step) {
    return step.diagnoses == std::vector<std::string>{"out-of-descriptors"};
  }));
  EXPECT_EQ(opened.world.lesson_step, script.lesson->steps.size());
}

// Lesson 22: three children that are there before their clients, and none that comes for those that are killed.
TEST(GoldenRecording, OfVersion8HasAParentThatWaitsInWaitpid) {
  const Opened opened = open_golden(8, "-prefork");
  EXPECT_EQ(opened.world.program.view(), name_of(ServerKind::kPrefork));
  EXPECT_EQ(opened.world.counts.accepted, 4u);
  EXPECT_EQ(opened.world.counts.forked, 4u);
  EXPECT_EQ(kinds_of_diagnoses(opened.world), std::vector<std::string>{"not-replaced"});
  EXPECT_EQ(only<WaitpidCalled>(opened.recording.events).size(), 5u);
  EXPECT_TRUE(opened.world.differences.empty());
  ASSERT_TRUE(script_of(opened.recording).lesson);
  EXPECT_EQ(script_of(opened.recording).lesson->number, 22);
}

// Lesson 23: children that run another program, one with the listening socket and one without.
TEST(GoldenRecording, OfVersion8HasProgramsThatExecveHasBegun) {
  const Opened opened = open_golden(8, "-inetd");
  EXPECT_EQ(opened.world.program.view(), name_of(ServerKind::kInetd));
  EXPECT_EQ(opened.world.counts, (Counts{2, 2, 2, 2, 2}));
  EXPECT_EQ(only<Duplicated>(opened.recording.events).size(), 4u);
  EXPECT_EQ(only<CloexecSet>(opened.recording.events).size(), 2u);
  ASSERT_EQ(opened.world.departed.size(), 3u);
  for (const std::size_t child : {0, 2}) EXPECT_EQ(opened.world.departed[child].program.view(), "cat");
  EXPECT_TRUE(opened.world.differences.empty());
  const Script script = script_of(opened.recording);
  EXPECT_EQ(script.listing.file, "inetd_server.cpp");
  EXPECT_TRUE(std::any_of(script.listing.lines.begin(), script.listing.lines.end(), [](const ListingLine& line) {
    return line.number == 39 && contains(line.text, "Read(0, ");
  })) << "the lines of cat are behind those of the server";
  ASSERT_TRUE(script.lesson);
  EXPECT_EQ(script.lesson->number, 23);
  EXPECT_TRUE(script.lesson->show.has(Topic::kCloexec));
}

// Lesson 24: a child that ends before its parent has added it to its list, with SIGCHLD blocked and without.
TEST(GoldenRecording, OfVersion8HasAListOfChildrenAndWhatIsBlocked) {
  const Opened opened = open_golden(8, "-jobs");
  EXPECT_EQ(opened.world.program.view(), name_of(ServerKind::kProcessJobs));
  EXPECT_EQ(kinds_of_diagnoses(opened.world), std::vector<std::string>{"stale-job"});
  const Process* parent = find_process(opened.world, opened.world.server);
  ASSERT_NE(parent, nullptr);
  ASSERT_EQ(parent->jobs.size(), 1u);
  EXPECT_TRUE(parent->jobs[0].late);
  EXPECT_EQ(parent->blocked, 0u);
  const auto masks = only<MaskChanged>(opened.recording.events);
  ASSERT_EQ(masks.size(), 5u);
  EXPECT_EQ(masks[0].how, Masking::kBlock);
  const auto deleted = only<JobDeleted>(opened.recording.events);
  ASSERT_EQ(deleted.size(), 2u);
  EXPECT_TRUE(deleted[0].found == 1 && deleted[1].found == 0);
  const Script script = script_of(opened.recording);
  ASSERT_TRUE(script.lesson);
  EXPECT_TRUE(script.lesson->show.has(Topic::kJobs));
  EXPECT_FALSE(script.lesson->show.has(Topic::kRefcnt));
  EXPECT_TRUE(opened.world.differences.empty());
}

// Lesson 21: a child that SIGPIPE kills, and the kernel that says so while it is a zombie.
TEST(GoldenRecording, OfVersion9HasWhatTheKernelSaysOfAZombieThatWasKilled) {
  const Opened opened = open_golden(9, "-sigpipe");
  EXPECT_EQ(kinds_of_diagnoses(opened.world), std::vector<std::string>{"killed-by-sigpipe"});
  const auto endings = only<EndingSeen>(opened.recording.events);
  ASSERT_EQ(endings.size(), 1u);
  EXPECT_EQ(endings[0].status, SIGPIPE);
  EXPECT_TRUE(opened.world.differences.empty());
  const Script script = script_of(opened.recording);
  ASSERT_TRUE(script.lesson);
  EXPECT_EQ(script.lesson->number, 21);
}

// Lesson 20: a server with threads that is killed, and beside it one with processes that isn't.
TEST(GoldenRecording, OfVersion9HasAServerBesideItsLessonsAndWhatEachServerCosts) {
  const Opened opened = open_golden(9, "-beside");
  EXPECT_EQ(opened.world.program.view(), name_of(ServerKind::kThread));
  EXPECT_EQ(opened.world.counts.accepted, 3u);
  World beside;
  for (const Event& event : opened.recording.beside) reduce(beside, event);
  EXPECT_EQ(beside.program.view(), name_of(ServerKind::kProcess));
  EXPECT_EQ(beside.counts, (Counts{3, 3, 1, 1, 1}));
  EXPECT_EQ(beside.processes.size(), 3u);
  EXPECT_EQ(beside.anomaly_count, 0u);
  const Script script = script_of(opened.recording);
  ASSERT_TRUE(script.lesson && script.lesson->beside && script.costs);
  EXPECT_EQ(script.lesson->number, 20);
  EXPECT_EQ(script.lesson->beside->kind, ServerKind::kProcess);
  EXPECT_TRUE(measures(*script.lesson));
  EXPECT_EQ(script.costs->servers.size(), 5u);
  EXPECT_EQ(script.costs->clients, (std::vector<int>{1, 10, 100}));
  EXPECT_EQ(script.costs->servers[1].kind, ServerKind::kProcess);
  EXPECT_EQ(script.costs->servers[1].shares.globals.value, false);
  EXPECT_GT(script.costs->servers[1].at[2].first_byte.value.value_or(0), 0);
  EXPECT_EQ(script.costs->servers[0].at[2].first_byte.reason, "the others wait");
}

TEST(GoldenRecording, OfOlderVersionsHasTheListingThatIsInstalled) {
  for (const int version : {1, 2, 3}) {
    const Opened opened = open_golden(version);
    EXPECT_TRUE(opened.recording.script.listing.lines.empty());
    EXPECT_EQ(script_of(opened.recording).listing.file, "process_server.cpp");
  }
}

}  // namespace
}  // namespace forktable::test
