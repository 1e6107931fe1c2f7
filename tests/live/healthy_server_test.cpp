// What is wrong with a server, as real ones run: nothing, at any step, unless a bug is switched on.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/recording/recording.hpp"
#include "core/world/diagnose.hpp"
#include "tests/live/installed_lessons.hpp"
#include "tests/live/lesson_player.hpp"
#include "tests/support/events.hpp"
#include "tests/support/forktable.hpp"
#include "tests/support/temporary_folder.hpp"

namespace forktable::test {
namespace {

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

}  // namespace
}  // namespace forktable::test
