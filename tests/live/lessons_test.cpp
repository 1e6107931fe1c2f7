// The installed lessons, played with real processes; and what a lesson does that can't be played.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "core/event/traits.hpp"
#include "core/lesson/ends.hpp"
#include "core/lesson/library.hpp"
#include "core/recording/recording.hpp"
#include "tests/live/installed_lessons.hpp"
#include "tests/live/lesson_player.hpp"
#include "tests/support/events.hpp"
#include "tests/support/forktable.hpp"
#include "tests/support/proc.hpp"
#include "tests/support/temporary_folder.hpp"

namespace forktable::test {
namespace {

const std::string kLessons = FORKTABLE_LESSONS;

// ---- the twenty-four ----

class InstalledLesson : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(All, InstalledLesson, testing::ValuesIn(installed_lessons()),
                         [](const auto& one) { return test_name(one.param); });

TEST_P(InstalledLesson, RecordedWithoutAWindowEndsAsItSaysAndLeavesNoProcess) {
  const TemporaryFolder folder;
  const std::string path = folder.file("lesson.jsonl");
  const Outcome outcome = run(forktable({"record", "--lesson", GetParam(), "-o", path}));
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const auto recording = read_recording(path);
  ASSERT_TRUE(recording) << recording.error().message();
  EXPECT_EQ(recording->header.lesson, GetParam());
  EXPECT_TRUE(living_in_group(recording->events.at(0).pid).empty());

  const auto lesson = find_lesson(GetParam(), kLessons);
  ASSERT_TRUE(lesson) << lesson.error().message();
  World world;
  for (const Event& event : recording->events) reduce(world, event);
  EXPECT_EQ(world.lesson_step, lesson->steps.size());
  EXPECT_EQ(world.anomaly_count, 0u);
  for (const Nanoseconds later : {kSecond, 3600 * kSecond})
    EXPECT_EQ(differences(lesson->ends, world, world.now + later), std::vector<std::string>{}) << later;
  EXPECT_TRUE(lesson->ends.diagnoses.has_value());
}

TEST(InstalledLessons, AreTwentyFourAndListedByNumber) {
  const Outcome outcome = run(forktable({"lessons", "--json"}));
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const auto list = nlohmann::json::parse(outcome.out);
  ASSERT_EQ(list.size(), 24u);
  for (std::size_t i = 0; i < list.size(); ++i) {
    EXPECT_EQ(list[i]["number"], i + 1);
    EXPECT_FALSE(list[i]["title"].empty());
    EXPECT_FALSE(list[i]["about"].empty());
    EXPECT_EQ(list[i]["name"], installed_lessons().at(i));
  }
}

TEST(InstalledLessons, AreListedWithTheirTitlesInAColumn) {
  std::istringstream lines(run(forktable({"lessons"})).out);
  std::size_t column = 0;
  for (const std::string& name : installed_lessons()) {
    std::string title, about;
    ASSERT_TRUE(std::getline(lines, title) && std::getline(lines, about)) << name;
    ASSERT_EQ(title.rfind(name + "  ", 0), 0u) << title;
    const std::size_t begin = title.find_first_not_of(' ', name.size());
    if (column == 0) column = begin;
    EXPECT_EQ(begin, column) << title;
    EXPECT_EQ(about.find_first_not_of(' '), column) << about;
  }
}

TEST(InstalledLessons, AboutZombiesLeaveNoneWithWhileInPlaceOfIf) {
  auto lesson = find_lesson("7", kLessons);
  ASSERT_TRUE(lesson) << lesson.error().message();
  lesson->bugs.set(Bug::kOneWaitpid, false);
  Player player(*lesson);
  player.play();
  EXPECT_EQ(player.world().counts.exited, 4u);
  EXPECT_EQ(player.world().counts.reaped, 4u);
  EXPECT_EQ(player.world().processes.size(), 1u);
}

TEST(LessonsMd, HasAnExampleThatCanBePlayedAsItIs) {
  const std::string page = contents(kLessons + "/../../LESSONS.md");
  const std::string fence = "```yaml\n";
  const std::size_t begin = page.find(fence);
  ASSERT_NE(begin, page.npos);
  const std::string example = page.substr(begin + fence.size(), page.find("```", begin + 3) - begin - fence.size());
  const auto lesson = parse_lesson(example, "LESSONS.md");
  ASSERT_TRUE(lesson) << lesson.error().message();
  Player player(*lesson);
  player.play();
  EXPECT_EQ(differences(lesson->ends, player.world(), player.world().now), std::vector<std::string>{});
}

// ---- how one is played ----

TEST(Lesson, HasItsClientsNumberedFromOneWhateverCameBefore) {
  const Lesson lesson = lesson_from("steps: [{do: [client 1 connects, parent accepts], say: C}]");
  Player player(lesson);
  player.play();
  player.session->dismiss_clients();
  player.runner.emplace(lesson, *player.session);
  ASSERT_TRUE(player.session->start_server(setup_for(lesson, {.program = FORKTABLE_SERVER})));
  player.play();
  ASSERT_EQ(player.world().clients.size(), 1u);
  EXPECT_EQ(player.world().clients[0].id.value, 1u);
  EXPECT_EQ(player.world().counts.accepted, 1u);
}

TEST(Lesson, StopsAtAQuestionBeforeItDoesWhatTheQuestionIsAbout) {
  Player player(lesson_from("steps: [{say: C}, {ask: D, do: [parent calls accept], say: E}]"));
  ASSERT_TRUE(player.next()) << player.trouble();
  EXPECT_EQ(player.world().lesson_step, 1u);
  ASSERT_TRUE(player.next()) << player.trouble();
  EXPECT_TRUE(player.world().lesson_asks);
  EXPECT_EQ(only<AcceptCalled>(player.events).size(), 0u);
  EXPECT_FALSE(player.runner->done());
  ASSERT_TRUE(player.next()) << player.trouble();
  EXPECT_FALSE(player.world().lesson_asks);
  EXPECT_EQ(only<AcceptCalled>(player.events).size(), 1u);
  EXPECT_TRUE(player.runner->done());
}

TEST(Lesson, IsPlayedOnByNothingButNext) {
  Player player(lesson_from("steps: [{say: C}, {do: [client 1 connects, parent accepts], say: D}, {say: E}]"));
  ASSERT_TRUE(player.next());
  ASSERT_TRUE(player.next());
  const auto deeds = [&] {
    return std::count_if(player.events.begin(), player.events.end(),
                         [](const Event& event) { return teller_of(event.what) != Teller::kKernel; });
  };
  const auto before = deeds();
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(100);
  while (std::chrono::steady_clock::now() < until) {
    player.session->pump(std::chrono::milliseconds(10));
    player.runner->work();
  }
  EXPECT_EQ(deeds(), before);
}

TEST(Lesson, CountsAStepThatFollowedAtOnceAsDone) {
  // Blocked in accept, the parent returns from it as soon as the client connects, whether it is told to or not.
  Player player(
      lesson_from("steps: [{do: [parent calls accept], say: C}, "
                  "{do: [client 1 connects, parent accepts, client 2 connects, parent accepts], say: D}]"));
  player.play();
  EXPECT_EQ(player.world().counts.accepted, 2u);
}

TEST(Lesson, TakesSingleStepsAndClosesByNumber) {
  Player player(lesson_from(
      "steps: [{do: [client 1 connects, parent steps 2 times, child 1 closes 3, parent closes 4], say: C}]"));
  player.play();
  EXPECT_EQ(player.world().counts.forked, 1u);
  EXPECT_EQ(player.world().files.size(), 3u + 1u);  // two of them are Forktable's own
}

TEST(Lesson, RunsFreelyUntilAllIsQuietAndThenStepsAgain) {
  Player player(
      lesson_from("steps: [{do: [client 1 comes and goes, client 2 connects, run], say: C}, "
                  "{do: [client 2 says hello, child 2 reads], say: D}]"));
  ASSERT_TRUE(player.next()) << player.trouble();
  EXPECT_EQ(player.world().counts.reaped, 1u);
  EXPECT_TRUE(player.world().stepping);
  ASSERT_TRUE(player.next()) << player.trouble();
  EXPECT_EQ(only<Wrote>(player.events).size(), 1u);  // the second child waits before it
}

TEST(Lesson, DoesNotTakeWhatHappenedDuringARunForWhatIsWantedAfterIt) {
  Player player(lesson_from("steps: [{do: [client 1 connects, run, client 2 connects, parent forks], say: C}]"));
  player.play();
  EXPECT_EQ(player.world().counts.forked, 2u);
}

TEST(Lesson, SwitchesABugWhileTheServerRuns) {
  Player player(
      lesson_from("steps: [{do: [client 1 connects, parent accepts, switch parent-keeps-connfd on, "
                  "parent forks, parent calls accept], say: C}]"));
  player.play();
  EXPECT_TRUE(player.world().bugs.has(Bug::kParentKeepsConnfd));
  EXPECT_EQ(only<Closed>(player.events).size(), 0u);
}

TEST(Lesson, SaysThatAProcessHasExitedWhenItIsAZombieForTheKernelToo) {
  Player player(
      lesson_from("server: {bugs: [no-sigchld-handler]}\n"
                  "steps: [{do: [client 1 connects, parent forks, client 1 closes, child 1 exits], say: C}]"));
  player.play();
  const Process& child = player.world().processes.at(1);
  EXPECT_EQ(child.life, Life::kDead);
  EXPECT_EQ(state_of(child.pid), 'Z');
}

TEST(Lesson, ThatWantsWhatABlockedProcessCannotDoSaysInWhatItIsBlocked) {
  Player player(
      lesson_from("steps:\n  - do: [client 1 connects, parent forks]\n    say: C\n"
                  "  - do:\n      - child 1 exits\n    say: D\n"));
  ASSERT_TRUE(player.next()) << player.trouble();
  EXPECT_FALSE(player.next());
  EXPECT_EQ(player.trouble(),
            "lesson test, step 2: line 7: \"child 1 exits\" doesn't happen (child 1: blocked in read(4))");
  player.runner->next();  // is of no use any more
  EXPECT_FALSE(player.runner->busy());
}

TEST(Lesson, ThatWantsWhatNobodyCanDoSaysWhoIsMissing) {
  const std::pair<const char*, const char*> lessons[] = {
      {"child 1 exits", "there is no child 1"},
      {"kill parent, parent accepts", "the parent: killed by SIGKILL"},
      {"client 1 connects, parent forks, client 1 closes, child 1 exits, child 1 is killed",
       "child 1: zombie: exited 0"},
      {"client 1 is refused", "client 1: in the accept queue"},
      {"kill parent, client 1 connects", "client 1: connection refused"},
      {"client 1 connects, client 1 hears the echo", "client 1: in the accept queue"},
  };
  for (const auto& [actions, trouble] : lessons) {
    Player player(lesson_from(std::string("steps: [{do: [") + actions + "], say: C}]"));
    EXPECT_FALSE(player.next());
    EXPECT_TRUE(contains(player.trouble(), trouble)) << player.trouble();
  }
}

TEST(Lesson, WhoseServerCannotListenSaysSo) {
  Player first(lesson_from("steps: [say: C]"));
  ASSERT_TRUE(first.next()) << first.trouble();
  Player second(lesson_from("steps: [say: C]"), first.session->port());
  EXPECT_FALSE(second.next());
  EXPECT_EQ(second.trouble(), "lesson test, step 1: the server doesn't listen");
}

TEST(Lesson, FromALecturersOwnFileIsRecordedAndAMistakeInItIsToldWithItsLine) {
  const TemporaryFolder folder;
  const std::string lesson = folder.file("own.yaml"), path = folder.file("own.jsonl");
  put(lesson, "title: A\nabout: B\nsteps:\n  - do: [client 1 comes and goes, run]\n    say: C\n");
  const Outcome good = run(forktable({"record", "--lesson", lesson, "--bug", "parent-keeps-connfd", "-o", path}));
  EXPECT_EQ(good.status, 0) << good.err;
  const auto recording = read_recording(path);
  ASSERT_TRUE(recording) << recording.error().message();
  World world;
  for (const Event& event : recording->events) reduce(world, event);
  EXPECT_EQ(world.counts.closed, 0u);

  put(lesson, "title: A\nabout: B\nserver: {bugs: [parent-keeps-confd]}\n");
  expect_one_line(run(forktable({"record", "--lesson", lesson, "-o", path})),
                  lesson + ":3: unknown bug \"parent-keeps-confd\"; expected one of: parent-keeps-connfd");
  put(lesson, "title: A\nabout: B\nsteps: [say: C]\nends: {counts: {accepted: 7}}\n");
  expect_one_line(run(forktable({"record", "--lesson", lesson, "--force", "-o", path})), "accepted is 0, not 7");
}

TEST(Lesson, LetsAServerWaitForManyAndAProcessForASemaphore) {
  Player polls(
      lesson_from("server: {kind: event-epoll}\n"
                  "steps: [{do: [server watches listenfd, client 1 connects, server returns from epoll_wait, server "
                  "watches connfd, server calls epoll_wait], say: C}]"));
  polls.play();
  EXPECT_EQ(process_of(polls.world(), polls.world().processes.at(0)).watched.size(), 2u);

  Player waits(lesson_from(
      "server: {kind: process-shm}\n"
      "steps: [{do: [client 1 connects, parent forks, client 2 connects, parent calls accept, parent forks, "
      "client 1 closes, child 1 takes the semaphore, client 2 closes, child 2 waits for the semaphore, "
      "child 1 calls V, child 2 takes the semaphore], say: C}]"));
  waits.play();
  EXPECT_EQ(waits.world().semaphore->value, 0);
}

TEST(Lesson, ThatWantsWhatAThreadCannotDoSaysWho) {
  Player player(
      lesson_from("server: {kind: thread}\nsteps: [{do: [client 1 connects, server creates a thread, thread 1 ends], "
                  "say: C}]"));
  EXPECT_FALSE(player.next());
  EXPECT_TRUE(contains(player.trouble(), "\"thread 1 ends\" doesn't happen (thread 1: blocked in read(4))"))
      << player.trouble();
}

}  // namespace
}  // namespace forktable::test
