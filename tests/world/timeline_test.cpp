#include "core/world/timeline.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

#include "core/world/reduce.hpp"
#include "tests/support/story.hpp"
#include "tests/world/generated_run.hpp"

namespace forktable::test {
namespace {

Timeline timeline_of(const std::vector<Event>& events) {
  Timeline timeline;
  World world;
  for (const Event& event : events) {
    reduce(world, event);
    timeline.append(event, world);
  }
  return timeline;
}

std::string labels_of(const Lane& lane) {
  std::string labels;
  for (const Lane::Mark& mark : lane.marks) labels += (labels.empty() ? "" : ", ") + mark.label;
  return labels;
}

std::string results_of(const Lane& lane) {
  std::string results;
  for (const Lane::Mark& mark : lane.marks) results += (results.empty() ? "" : ", ") + mark.result;
  return results;
}

const Lane* lane_named(const Timeline& timeline, const std::string& name) {
  for (const Lane& lane : timeline.lanes())
    if (lane.name == name) return &lane;
  return nullptr;
}

TEST(Timeline, HasALaneForTheServerForEachChildAndForEachClient) {
  Story story;
  story.client();
  story.client();
  const Timeline timeline = timeline_of(story.events);
  ASSERT_EQ(timeline.lanes().size(), 5u);
  const Lane* server = lane_named(timeline, "parent");
  const Lane* child = lane_named(timeline, "child 2");
  const Lane* client = lane_named(timeline, "client 2");
  ASSERT_TRUE(server && child && client);
  EXPECT_EQ(labels_of(*server), "listen, accept, fork, close 4, accept, fork, close 4");
  EXPECT_EQ(labels_of(*child), "close 3, read, write");
  EXPECT_EQ(labels_of(*client), "connect, send, receive");
  EXPECT_EQ(child->connection, 2u);
  EXPECT_EQ(client->connection, 2u);
}

TEST(Timeline, SaysWhatCallsReturned) {
  Story story;
  const Pid child = story.client();
  story.happens(child, EndOfFile{4});
  story.happens(child, CallFailed{Call::kClose, 4, EBADF});
  const Timeline timeline = timeline_of(story.events);
  EXPECT_EQ(results_of(*lane_named(timeline, "parent")), "listen, accept = 4, fork = 4243, close(4)");
  EXPECT_EQ(results_of(*lane_named(timeline, "child 1")),
            "close(3), read = 6, write = 6, read = 0, close(4) = -1 EBADF");
}

TEST(Timeline, KnowsWhereALessonStoppedAndBelievesNoNumberThatGoesBack) {
  Story story;
  for (const std::uint32_t number : {1u, 2u, 2u, 1u, 4u}) story.happens(0, LessonStepped{number});
  const Timeline timeline = timeline_of(story.events);
  std::vector<std::uint32_t> numbers;
  for (const LessonStop& stop : timeline.stops()) numbers.push_back(stop.number);
  EXPECT_EQ(numbers, (std::vector<std::uint32_t>{1, 2, 4}));
  EXPECT_EQ(timeline.stops().back().step, timeline.steps());
}

TEST(Timeline, AChildBeginsWhereItsParentForkedWhoeverSaysSoFirst) {
  Story story;
  story.connect_only();
  story.happens(Story::kServer, Accepted{3, 4, 40001});
  story.happens(Story::kServer, ForkCalled{1});
  const std::uint64_t fork = story.events.size();
  story.happens(5000, ChildStarted{Story::kServer, 1});
  story.happens(5000, Closed{3});
  story.happens(Story::kServer, Forked{1, 5000});
  const Timeline timeline = timeline_of(story.events);
  const Lane* child = lane_named(timeline, "child 1");
  ASSERT_NE(child, nullptr);
  EXPECT_EQ(child->born, fork);
  ASSERT_NE(child->parent, kNoLane);
  EXPECT_EQ(timeline.lanes()[child->parent].name, "parent");
}

TEST(Timeline, KnowsWhenAChildIsAZombieAndWhoReapedIt) {
  Story story;
  const Pid child = story.client();
  story.happens(child, ExitCalled{0});
  const std::uint64_t death = story.events.size();
  EXPECT_EQ(timeline_of(story.events).lanes()[2].spans.back().to, kOngoing);
  story.happens(Story::kServer, SignalDelivered{17});
  story.happens(Story::kServer, Reaped{child, 0});
  const std::uint64_t reaped = story.events.size();
  const Timeline timeline = timeline_of(story.events);
  const Lane* lane = lane_named(timeline, "child 1");
  ASSERT_NE(lane, nullptr);
  EXPECT_EQ(lane->dead, death);
  EXPECT_EQ(lane->reaped, reaped);
  EXPECT_TRUE(lane->reaped_by_parent);
  EXPECT_EQ(lane->spans.back().kind, Lane::Span::kZombie);
  EXPECT_EQ(lane->spans.back().from, death);
  EXPECT_EQ(lane->spans.back().to, reaped);
}

TEST(Timeline, TellsBlockedFromWaitingAtAGate) {
  Story story;  // ends with accept called
  const std::uint64_t called = story.events.size();
  story.connect_only();
  story.happens(Story::kServer, Accepted{3, 4, 40001});
  const std::uint64_t accepted = story.events.size();
  story.happens(Story::kServer, GateReached{Call::kFork, -1});
  const Timeline timeline = timeline_of(story.events);
  const std::vector<Lane::Span>& spans = timeline.lanes()[0].spans;
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0].kind, Lane::Span::kBlocked);
  EXPECT_EQ(spans[0].from, called);
  EXPECT_EQ(spans[0].to, accepted);
  EXPECT_EQ(spans[1].kind, Lane::Span::kAtGate);
  EXPECT_EQ(spans[1].to, kOngoing);
}

TEST(Timeline, AnOutsiderHasALaneWithItsNameAndItEndsWithItsConnection) {
  Story story;
  story.happens(Story::kServer, Accepted{3, 4, 50000});
  story.happens(0, OutsiderConnected{{1}, 50000});
  story.happens(777, OutsiderNamed{{1}, ShortText("nc")});
  story.happens(Story::kServer, Closed{4});
  const Timeline timeline = timeline_of(story.events);
  const Lane* lane = lane_named(timeline, "nc");
  ASSERT_NE(lane, nullptr);
  EXPECT_EQ(lane->connection, 1u);
  EXPECT_EQ(lane->reaped, story.events.size());
}

TEST(Timeline, WhatNobodyTellsOfTakesNoPlace) {
  Story story;
  const Timeline before = timeline_of(story.events);
  story.happens(Story::kServer, GateReached{Call::kAccept, 3});
  story.happens(Story::kServer, GateReached{Call::kAccept, 3});
  const Timeline after = timeline_of(story.events);
  EXPECT_EQ(after.places(), before.places());
  EXPECT_EQ(after.steps(), before.steps() + 2);
  EXPECT_EQ(after.place_of(after.steps()), after.places());
  EXPECT_EQ(after.step_of(after.places()), after.steps());
}

TEST(Timeline, PlacesAndStepsFindEachOther) {
  Story story;
  for (int i = 0; i < 5; ++i) {
    story.client();
    story.happens(Story::kServer, GateReached{Call::kAccept, 3});
  }
  const Timeline timeline = timeline_of(story.events);
  EXPECT_EQ(timeline.step_of(0), 0u);
  for (std::uint64_t place = 0; place <= timeline.places(); ++place)
    EXPECT_EQ(timeline.place_of(timeline.step_of(place)), place);
}

// As the World has it at the end, whatever happened on the way and in whatever order it was told.
TEST(Timeline, AgreesWithTheWorldInEveryRun) {
  Random random(1);
  for (int run = 0; run < 60; ++run) {
    const std::vector<Event> events = random_order(generate_run(random, {.clients = 4, .steps = 400}), random);
    const Timeline timeline = timeline_of(events);
    World world;
    for (const Event& event : events) reduce(world, event);
    std::size_t living = 0, zombies = 0, processes = 0;
    for (const Lane& lane : timeline.lanes()) {
      EXPECT_FALSE(lane.name.empty());
      EXPECT_LE(lane.born, lane.dead);
      EXPECT_LE(lane.dead, lane.reaped);
      for (std::size_t i = 0; i < lane.spans.size(); ++i) {
        EXPECT_LT(lane.spans[i].from, lane.spans[i].to);
        if (i > 0) {
          EXPECT_LE(lane.spans[i - 1].to, lane.spans[i].from);
        }
      }
      EXPECT_TRUE(std::is_sorted(lane.marks.begin(), lane.marks.end(),
                                 [](const Lane::Mark& a, const Lane::Mark& b) { return a.step < b.step; }));
      if (!lane.process) continue;
      ++processes;
      const Process* process = find_process(world, lane.process);
      ASSERT_NE(process, nullptr);
      EXPECT_EQ(lane.dead != kOngoing, process->life != Life::kAlive);
      EXPECT_EQ(lane.reaped != kOngoing, process->life == Life::kReaped);
      if (process->life != Life::kAlive) {
        EXPECT_EQ(lane.dead, process->ended_step);
      }
      living += process->life == Life::kAlive ? 1 : 0;
      zombies += process->life == Life::kDead ? 1 : 0;
    }
    EXPECT_EQ(living + zombies, world.processes.size());
    EXPECT_EQ(processes, world.processes.size() + world.departed.size());
  }
}

TEST(Timeline, HasALaneForAProcessOfANumberThatCannotBe) {
  for (const Pid pid : {0, -1}) {
    World world;
    Timeline timeline;
    for (const Event& event : std::vector<Event>{{1, pid, 0, ServerLaunched{0}}, {2, pid, 0, Listened{3, 8080, 1}}}) {
      reduce(world, event);
      timeline.append(event, world);
    }
    ASSERT_EQ(timeline.lanes().size(), 1u) << pid;
    EXPECT_EQ(timeline.lanes().front().marks.back().label, "listen") << pid;
  }
}

}  // namespace
}  // namespace forktable::test
