// A second server that runs beside a lesson's own.
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "core/lesson/library.hpp"
#include "core/recording/recording.hpp"
#include "tests/live/lesson_player.hpp"
#include "tests/support/events.hpp"
#include "tests/support/forktable.hpp"
#include "tests/support/proc.hpp"
#include "tests/support/temporary_folder.hpp"

namespace forktable::test {
namespace {

TEST(AServerBesideALesson, ServesAClientWhileTheIterativeOneLetsItWait) {
  auto lesson = find_lesson("12", FORKTABLE_LESSONS);
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

}  // namespace
}  // namespace forktable::test
