// What Perfetto and chrome://tracing show of a recording.
#include "core/trace/trace.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/recording/recording.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/program.hpp"
#include "tests/support/story.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/text.hpp"
#include "tests/trace/loaded_trace.hpp"
#include "tests/world/generated_run.hpp"

namespace forktable::test {
namespace {

using Names = std::vector<std::string>;

// One client that comes and goes.
Story one_client() {
  Story story;
  story.leave(story.client());
  return story;
}

TEST(Trace, HasATrackForEachProcessAndEachClient) {
  Story story;
  story.client();
  story.client();
  const LoadedTrace trace = traced(story.events);
  EXPECT_EQ(trace.order, (Names{"parent", "child 1", "child 2", "client 1", "client 2"}));
  EXPECT_EQ(trace.groups.at(2), "processes");
  EXPECT_EQ(trace.groups.at(1), "clients");
}

TEST(Trace, ShowsWhereAProcessIsBlockedAndThatItIsAZombie) {
  const LoadedTrace trace = traced(one_client().events);
  EXPECT_EQ(names_of(trace.slices.at("parent")),
            (Names{"parent", "blocked in accept(3)", "fork", "blocked in accept(3)", "in a signal handler",
                   "blocked in accept(3)"}));
  EXPECT_EQ(names_of(trace.slices.at("child 1")), (Names{"child 1", "blocked in read(4)", "zombie"}));
  EXPECT_EQ(names_of(trace.slices.at("client 1")),
            (Names{"client 1", "connecting", "waiting for the echo", "waiting for end of file"}));
}

TEST(Trace, ShowsWhatWasDoneWithItsSentenceItsStepAndItsLine) {
  const Story story = one_client();
  const LoadedTrace trace = traced(story.events);
  const std::vector<nlohmann::json>& done = trace.instants.at("child 1");
  EXPECT_EQ(names_of(done), (Names{"close 3", "read", "write", "EOF", "close 4", "exit"}));
  const nlohmann::json& args = done.front().at("args");
  EXPECT_EQ(args.at("said"), "Child 1 closes listenfd 3. refcnt(listening socket): 2 → 1.");
  EXPECT_EQ(args.at("line"), 28);
  const Event& event = story.events.at(args.at("step").get<std::size_t>() - 1);
  EXPECT_TRUE(event.pid == 4243 && std::holds_alternative<Closed>(event.what));
}

TEST(Trace, ShowsEachForkAsAnArrowFromTheCallToTheChild) {
  Story story;
  story.client();
  story.client();
  const LoadedTrace trace = traced(story.events);
  ASSERT_EQ(trace.flows.size(), 2u);
  for (const LoadedTrace::Flow& flow : trace.flows) {
    EXPECT_EQ(flow.from, "parent");
    EXPECT_EQ(flow.from_slice, "fork");
  }
  EXPECT_EQ(trace.flows[0].to, "child 1");
  EXPECT_EQ(trace.flows[1].to, "child 2");
}

TEST(Trace, CountsReferences) {
  const LoadedTrace trace = traced(one_client().events);
  EXPECT_EQ(trace.counters.at("connection 1 refcnt"), (std::vector<std::int64_t>{1, 2, 1, 0}));
  EXPECT_EQ(trace.counters.at("listening socket refcnt"), (std::vector<std::int64_t>{1, 2, 1}));
}

TEST(Trace, ShowsGatesAndStops) {
  Story story;
  story.happens(Story::kServer, Accepted{3, 4, 40001}, 22);
  story.happens(Story::kServer, GateReached{Call::kFork, -1}, 27);
  story.happens(Story::kServer, StopSeen{0});
  story.happens(Story::kServer, ContinueSeen{});
  story.happens(Story::kServer, ForkCalled{1}, 27);
  EXPECT_EQ(names_of(traced(story.events).slices.at("parent")),
            (Names{"parent", "blocked in accept(3)", "gate: fork()", "stopped", "gate: fork()", "fork"}));
}

TEST(Trace, CutsOffWhatReachesOutOfTheCallThatItBeganIn) {
  Story story;
  story.happens(Story::kServer, Accepted{3, 4, 40001}, 22);
  story.happens(Story::kServer, ForkCalled{1}, 27);
  story.happens(Story::kServer, StopSeen{0});
  story.happens(Story::kServer, Forked{1, 4243}, 27);
  story.happens(Story::kServer, ContinueSeen{});
  EXPECT_EQ(names_of(traced(story.events).slices.at("parent")),
            (Names{"parent", "blocked in accept(3)", "fork", "stopped"}));
}

TEST(Trace, HasATrackForEachProcessAlsoWhenItsPidWasUsedBefore) {
  Story story;
  const Pid child = story.client();
  story.leave(child);
  story.connect_only();
  story.happens(Story::kServer, Accepted{3, 4, story.port()}, 22);
  story.happens(Story::kServer, ForkCalled{2}, 27);
  story.happens(Story::kServer, Forked{2, child}, 27);
  story.happens(child, Closed{3}, 28);
  const LoadedTrace trace = traced(story.events);
  EXPECT_EQ(trace.names.at({2, child}), "child 1");
  EXPECT_EQ(trace.names.at({2, 10'000'000 + child}), "child 2");
  EXPECT_EQ(trace.flows.size(), 2u);
}

TEST(Trace, HasATrackForAProcessWhosePidIsMadeUp) {
  const std::vector<Event> events = {{1000, -5, 0, ServerLaunched{8080}},
                                     {2000, -5, 27, ForkCalled{1}},
                                     {3000, -5, 27, Forked{1, -9}},
                                     {4000, -9, 28, Closed{3}}};
  EXPECT_EQ(traced(events).order, (Names{"parent", "child 1"}));
}

TEST(Trace, ShowsWhereTheKernelSaysSomethingElse) {
  Story story;
  EXPECT_FALSE(traced(story.events).instants.contains("what differs"));
  story.happens(Story::kServer,
                DifferenceSeen{Differs::kDescriptor, 3, ShortText("listening socket"), ShortText("closed")});
  story.happens(Story::kServer, DifferenceGone{Differs::kDescriptor, 3});
  EXPECT_EQ(names_of(traced(story.events).instants.at("what differs")), (Names{"differs", "agrees again"}));
}

TEST(Trace, BeginsWithTheFirstEventAndNeverGoesBack) {
  std::vector<Event> events = one_client().events;
  for (Event& event : events) event.at += 5 * kSecond + 1;
  events[4].at -= 3 * kMillisecond;  // told late
  const LoadedTrace trace = traced(events);
  const nlohmann::json& life = trace.slices.at("parent").front();
  EXPECT_EQ(life.at("ts"), 0.0);
  EXPECT_EQ(life.at("dur"), static_cast<double>(events.back().at - events.front().at) / 1000);
}

TEST(Trace, TellsTimesThatFloatingPointHoldsExactly) {
  Random random(7);
  std::vector<Event> events = one_client().events;
  Nanoseconds at = 0;
  for (Event& event : events) event.at = at += number_between(random, 1, 40 * kSecond);
  for (const auto& [track, slices] : traced(events).slices)
    for (const nlohmann::json& slice : slices) {
      EXPECT_EQ(slice["ts"].get<double>() * 8, std::floor(slice["ts"].get<double>() * 8));
      EXPECT_EQ(slice["dur"].get<double>() * 8, std::floor(slice["dur"].get<double>() * 8));
    }
}

TEST(Trace, OfTheSameRecordingHasTheSameBytes) {
  const std::vector<Event> events = one_client().events;
  EXPECT_EQ(trace_of(events).value(), trace_of(events).value());
}

TEST(Trace, OfNothingHasNothingInIt) {
  const LoadedTrace trace = traced({});
  EXPECT_TRUE(trace.slices.empty() && trace.instants.empty() && trace.flows.empty() && trace.names.empty());
}

TEST(Trace, IsJsonWhateverNamesAndMessagesHold) {
  for (const char* text :
       {"\"},{\"", "\\", "\x01\x1f\x7f", "</script>", "\xFF\xFE", "\xC3", "a\nb", "\xED\xA0\x80", "é😀"}) {
    Story story;
    story.connect_only();
    story.happens(0, ClientSent{{1}, 6, ShortText(text)});
    story.happens(Story::kServer, Accepted{3, 5, 50000}, 22);
    story.happens(0, OutsiderConnected{{2}, 50000});
    story.happens(4711, OutsiderNamed{{2}, ShortText(text)});
    story.happens(Story::kServer, Read{5, 6, ShortText(text)}, 12);
    story.happens(Story::kServer, DifferenceSeen{Differs::kDescriptor, 3, ShortText(text), ShortText(text)});
    EXPECT_EQ(traced(story.events).order.size(), 4u) << text;
  }
}

TEST(Trace, OfAnyRunInAnyOrderIsOneThatToolsUnderstand) {
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    Random random(seed);
    const GeneratedRun run = generate_run(random, {.clients = 4, .gates = seed % 2 == 0});
    std::vector<Event> events = random_order(run, random);
    Nanoseconds at = 0;
    for (Event& event : events) event.at = at += number_between(random, 0, 300);
    traced(events);
    if (testing::Test::HasFailure()) FAIL() << "seed " << seed;
  }
}

TEST(Trace, OfEventsThatCannotBeIsOneThatToolsUnderstand) {
  for (std::uint64_t seed = 0; seed < tries(300); ++seed) {
    Random random(seed);
    std::vector<Event> events;
    for (int i = 0; i < 20; ++i)
      for (const Event& event : one_of_every_kind(random, i % 2 == 0 ? Values::kTame : Values::kAny))
        if (event.at >= 0) events.push_back(event);
    std::shuffle(events.begin(), events.end(), random);
    traced(events);
    if (testing::Test::HasFailure()) FAIL() << "seed " << seed;
  }
}

TEST(Trace, OfARealRunShowsItsProcesses) {
  const TemporaryFolder folder;
  const std::string path = folder.file("run.jsonl");
  const Outcome recorded = run({.words = {FORKTABLE_PROGRAM, "record", "--clients", "3", "-o", path}});
  ASSERT_EQ(recorded.status, 0) << recorded.err;
  const auto recording = read_recording(path);
  ASSERT_TRUE(recording) << recording.error().message();
  const LoadedTrace trace = traced(recording->events);
  EXPECT_EQ(trace.order.size(), 7u) << "a server, three children, three clients";
  EXPECT_EQ(trace.flows.size(), 3u);
  for (const LoadedTrace::Flow& flow : trace.flows) EXPECT_TRUE(contains(flow.from, "parent")) << flow.from;
}

}  // namespace
}  // namespace forktable::test
