// The installed lessons, played with real processes; and what a lesson does that can't be played.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/event/traits.hpp"
#include "core/lesson/ends.hpp"
#include "core/lesson/library.hpp"
#include "core/lesson/parse.hpp"
#include "core/lesson/runner.hpp"
#include "core/recording/recording.hpp"
#include "core/world/diagnose.hpp"
#include "core/world/reduce.hpp"
#include "tests/live/installed_lessons.hpp"
#include "tests/support/deadline.hpp"
#include "tests/support/events.hpp"
#include "tests/support/forktable.hpp"
#include "tests/support/proc.hpp"
#include "tests/support/temporary_folder.hpp"

namespace forktable::test {
namespace {

const std::string kLessons = FORKTABLE_LESSONS;

// A lesson, a session and a runner that plays the one on the other.
struct Player {
  explicit Player(const Lesson& lesson, Port port = 0) {
    auto created = Session::create([this](const Event& event) {
      events.push_back(event);
      if (runner) runner->take(event);
    });
    EXPECT_TRUE(created);
    session = std::move(*created);
    runner.emplace(lesson, *session);
    const ServerSetup setup{.program = FORKTABLE_SERVER};
    if (lesson.beside) {
      auto server = BesideServer::start(lesson, *session, setup, [this](const Event& event) {
        beside_events.push_back(event);
        reduce(beside, event);
      });
      EXPECT_TRUE(server);
      if (server) runner->put_beside(std::move(*server));
    }
    const auto started = session->start_server(setup_for(lesson, {.program = FORKTABLE_SERVER, .port = port}));
    EXPECT_TRUE(started) << started.error().message();
  }
  ~Player() {
    session.reset();
    runner.reset();
  }

  // On to the next stop. False if that can't be reached.
  bool next() {
    runner->next();
    const Deadline deadline;
    while (runner->busy() && !deadline.passed()) {
      session->pump(runner->longest_pump());
      runner->work();
    }
    return !runner->busy() && !runner->trouble();
  }
  void play() {
    while (!runner->done() && next()) continue;
    EXPECT_TRUE(runner->done()) << trouble();
  }
  std::string trouble() const { return runner->trouble() ? runner->trouble()->message() : "none"; }
  const World& world() const { return runner->world(); }

  std::vector<Event> events, beside_events;
  World beside;  // the server beside the lesson's
  std::unique_ptr<Session> session;
  std::optional<LessonRunner> runner;
};

Lesson lesson_from(const std::string& text) {
  auto lesson = parse_lesson("title: A\nabout: B\n" + text, "test.yaml");
  EXPECT_TRUE(lesson) << lesson.error().message();
  return lesson ? std::move(*lesson) : Lesson{};
}

World world_at_the_end(const std::string& path) {
  World world;
  const auto recording = read_recording(path);
  EXPECT_TRUE(recording) << recording.error().message();
  if (recording)
    for (const Event& event : recording->events) reduce(world, event);
  return world;
}

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
  EXPECT_EQ(world_at_the_end(path).counts.closed, 0u);

  put(lesson, "title: A\nabout: B\nserver: {bugs: [parent-keeps-confd]}\n");
  expect_one_line(run(forktable({"record", "--lesson", lesson, "-o", path})),
                  lesson + ":3: unknown bug \"parent-keeps-confd\"; expected one of: parent-keeps-connfd");
  put(lesson, "title: A\nabout: B\nsteps: [say: C]\nends: {counts: {accepted: 7}}\n");
  expect_one_line(run(forktable({"record", "--lesson", lesson, "--force", "-o", path})), "accepted is 0, not 7");
}

// ---- a server beside the lesson's own ----

TEST(AServerBesideALesson, ServesAClientWhileTheIterativeOneLetsItWait) {
  auto lesson = find_lesson("12", kLessons);
  ASSERT_TRUE(lesson) << lesson.error().message();
  Player player(*lesson);
  const auto client = [](const World& world, std::uint32_t number) {
    const Client* found = find_client(world, {number});
    return found != nullptr ? found->state : Client::kFailed;
  };
  std::map<std::uint32_t, std::pair<Client::State, Client::State>> of_client_2;  // by step, at the lesson's and beside
  while (!player.runner->done() && player.next()) {
    EXPECT_TRUE(player.world().stepping);
    EXPECT_FALSE(player.beside.stepping) << "nobody steps it";
    for (const Process& process : player.beside.processes) EXPECT_TRUE(is_blocked(process)) << process.pid;
    EXPECT_EQ(player.world().clients.size() + player.world().gone_clients.size(),
              player.beside.clients.size() + player.beside.gone_clients.size())
        << "each has its like";
    EXPECT_LE(player.beside_events.back().at, player.events.back().at) << "all of it belongs to this stop";
    if (!player.world().lesson_asks)
      of_client_2[player.world().lesson_step] = {client(player.world(), 2), client(player.beside, 2)};
  }
  EXPECT_TRUE(player.runner->done()) << player.trouble();
  EXPECT_EQ(of_client_2[4], std::pair(Client::kConnected, Client::kConnected));
  EXPECT_EQ(of_client_2[5], std::pair(Client::kAwaitingEcho, Client::kEchoed));
  EXPECT_EQ(of_client_2[8], std::pair(Client::kEchoed, Client::kEchoed));
  EXPECT_EQ(player.beside.program.view(), name_of(ServerKind::kProcess));
  EXPECT_EQ(player.beside.counts, (Counts{3, 3, 1, 1, 1})) << "client 1 has left, the others are there";
  EXPECT_EQ(player.world().counts.accepted, 2u);
  EXPECT_EQ(player.beside.anomaly_count, 0u);
}

TEST(AServerBesideALesson, HasComeToRestWhereTheLessonStopsHoweverLongThatTakes) {
  Player player(
      lesson_from("server: {kind: process}\nbeside: {kind: event, bugs: [slow-handler]}\n"
                  "steps: [{do: [client 1 connects, client 1 says hello], say: C}]"));
  player.play();
  const Client* client = find_client(player.beside, {1});
  ASSERT_NE(client, nullptr);
  EXPECT_EQ(client->state, Client::kEchoed) << "the lesson has waited for it";
  EXPECT_GE(waited(player.beside, *client).value_or(0), 2 * kSecond);
  EXPECT_EQ(find_client(player.world(), {1})->state, Client::kAwaitingEcho);
}

TEST(AServerBesideALesson, IsInItsRecordingWithTheSameTimes) {
  const TemporaryFolder folder;
  const std::string lesson = folder.file("own.yaml"), path = folder.file("own.jsonl");
  put(lesson,
      "title: A\nabout: B\nserver: {kind: iterative}\nbeside: {kind: thread}\n"
      "steps: [{do: [client 1 connects, server accepts], say: C}, {do: [client 1 says hi], say: D}]\n");
  const Outcome recorded = run(forktable({"record", "--lesson", lesson, "-o", path}));
  ASSERT_EQ(recorded.status, 0) << recorded.err;
  const auto recording = read_recording(path);
  ASSERT_TRUE(recording) << recording.error().message();
  ASSERT_TRUE(recording->script.lesson && recording->script.lesson->beside);
  EXPECT_EQ(recording->script.lesson->beside->kind, ServerKind::kThread);
  World beside;
  for (const Event& event : recording->beside) reduce(beside, event);
  EXPECT_EQ(beside.program.view(), name_of(ServerKind::kThread));
  EXPECT_EQ(find_client(beside, {1})->state, Client::kEchoed);
  const auto stops = only<LessonStepped>(recording->events);
  EXPECT_EQ(stops.size(), 2u);
  EXPECT_LT(recording->beside.front().at, recording->events.back().at);
  EXPECT_LT(recording->beside.back().at, recording->events.back().at);
  EXPECT_TRUE(living_in_group(recording->beside.at(0).pid).empty());
}

// ---- what is wrong with the other servers, and what isn't ----

std::vector<std::string> found_at(const World& world, Nanoseconds now) {
  std::vector<std::string> kinds;
  for (const Diagnosis& diagnosis : diagnose(world, now)) kinds.emplace_back(diagnosis.kind);
  return kinds;
}

class HealthyServer : public testing::TestWithParam<ServerKind> {};
INSTANTIATE_TEST_SUITE_P(All, HealthyServer,
                         testing::Values(ServerKind::kProcess, ServerKind::kIterative, ServerKind::kProcessFifo,
                                         ServerKind::kProcessShm, ServerKind::kProcessJobs, ServerKind::kSelect,
                                         ServerKind::kEpoll, ServerKind::kThread, ServerKind::kPrefork,
                                         ServerKind::kInetd),
                         [](const auto& one) { return test_name(name_of(one.param)); });

TEST_P(HealthyServer, HasNothingWrongAtAnyStepOfItsRun) {
  const TemporaryFolder folder;
  const std::string path = folder.file("run.forktable");
  const Outcome outcome = run(
      forktable({"record", "--server", std::string(name_of(GetParam())), "--clients", "5", "--port", "0", "-o", path}));
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const auto recording = read_recording(path);
  ASSERT_TRUE(recording) << recording.error().message();
  World world;
  for (const Event& event : recording->events) {
    reduce(world, event);
    EXPECT_EQ(found_at(world, world.now), std::vector<std::string>{}) << world.step << ": " << event;
  }
}

TEST(ThreadServer, WhoseThreadsAreNeitherDetachedNorJoinedIsToldOf) {
  Player player(
      lesson_from("server: {kind: thread, bugs: [threads-not-detached]}\n"
                  "steps: [{do: [client 1 connects, server accepts, server creates a thread, server calls accept, "
                  "client 1 closes, thread 1 ends], say: C}]"));
  player.play();
  EXPECT_EQ(found_at(player.world(), player.world().now), std::vector<std::string>{"unjoined-thread"});
  EXPECT_EQ(player.world().counts.ended_threads, 1u);
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

TEST(Record, TakesBugsByNameAndRefusesOthers) {
  const TemporaryFolder folder;
  const std::string path = folder.file("bugs.jsonl");
  const Outcome outcome = run(forktable({"record", "--clients", "2", "--port", "0", "--bug", "child-keeps-listenfd",
                                         "--bug", "errno-clobbered", "-o", path}));
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  Bugs both;
  both.set(Bug::kChildKeepsListenfd, true);
  both.set(Bug::kErrnoClobbered, true);
  EXPECT_EQ(world_at_the_end(path).bugs, both);
  const Outcome refused = run(forktable({"record", "--bug", "none", "-o", path}));
  EXPECT_EQ(refused.status, 2);
  EXPECT_TRUE(contains(refused.err, "unknown bug \"none\"; expected one of: parent-keeps-connfd")) << refused.err;
}

}  // namespace
}  // namespace forktable::test
