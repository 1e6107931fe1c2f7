// Time travel: the World at a step is the one that those events had led to.
#include "core/world/history.hpp"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "core/world/inspect.hpp"
#include "core/world/reduce.hpp"
#include "tests/support/effort.hpp"
#include "tests/world/generated_run.hpp"

namespace forktable::test {
namespace {

std::string text_of(const World& world) { return world_as_json(world, 0).dump(); }

// So many events at least: runs of one server after another.
std::vector<Event> long_story(std::size_t length) {
  Random random(1);
  std::vector<Event> events;
  Nanoseconds past = 0;
  while (events.size() < length) {
    for (Event event : random_order(generate_run(random, {.clients = 20, .gates = true}), random)) {
      event.at += past;
      events.push_back(event);
    }
    past = events.back().at;
  }
  return events;
}

TEST(History, BeginsWithNothing) {
  const History history;
  EXPECT_EQ(history.size(), 0u);
  EXPECT_EQ(text_of(history.at(0)), text_of(World{}));
  EXPECT_EQ(text_of(history.at(7)), text_of(World{})) << "there is nothing later";
}

TEST(History, HasTheWorldOfEveryStepForwardAndBack) {
  History history;
  World world;
  std::vector<std::string> worlds = {text_of(world)};
  for (const Event& event : long_story(tries(1000))) {
    history.append(event);
    reduce(world, event);
    worlds.push_back(text_of(world));
  }
  ASSERT_EQ(history.size(), worlds.size() - 1);
  EXPECT_EQ(text_of(history.latest()), worlds.back());
  for (std::uint64_t step = 0; step < worlds.size(); ++step) ASSERT_EQ(text_of(history.at(step)), worlds[step]) << step;
  for (std::uint64_t step = worlds.size(); step-- > 0;) ASSERT_EQ(text_of(history.at(step)), worlds[step]) << step;
}

TEST(History, OfAHundredThousandEventsIsTrueAtEveryJump) {
  const std::vector<Event> events = long_story(100'000);
  // Around the copies that are kept, and anywhere.
  Random random(2);
  std::map<std::uint64_t, std::string> worlds;
  for (const std::uint64_t step : {0, 1, 4095, 4096, 4097, 8191, 8192, 8193, 99'999, 100'000}) worlds[step];
  while (worlds.size() < 10 + tries(30))
    worlds[static_cast<std::uint64_t>(number_between(random, 0, static_cast<std::int64_t>(events.size())))];
  History history;
  World world;
  for (const Event& event : events) {
    if (const auto at = worlds.find(world.step); at != worlds.end()) at->second = text_of(world);
    reduce(world, event);
    history.append(event);
  }
  if (const auto at = worlds.find(world.step); at != worlds.end()) at->second = text_of(world);
  std::vector<std::uint64_t> steps;
  for (const auto& [step, text] : worlds) steps.push_back(step);
  for (std::uint64_t jump = 0; jump < tries(100); ++jump) {
    const std::uint64_t step =
        steps[static_cast<std::size_t>(number_between(random, 0, static_cast<int>(steps.size()) - 1))];
    ASSERT_EQ(text_of(history.at(step)), worlds[step]) << "step " << step;
  }
}

TEST(History, GoesOnWhileThePastIsLookedAt) {
  History history;
  World world;
  std::string fifth;
  for (const Event& event : long_story(10'000)) {
    history.append(event);
    reduce(world, event);
    if (world.step == 5) fifth = text_of(world);
    if (world.step % 500 == 0) {
      ASSERT_EQ(text_of(history.at(5)), fifth) << world.step;
      ASSERT_EQ(text_of(history.at(world.step)), text_of(world)) << "the latest is at hand too";
    }
  }
}

}  // namespace
}  // namespace forktable::test
