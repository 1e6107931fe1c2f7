#include "ui/picture/timeline_scene.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "tests/ui/picture/approaches.hpp"

namespace forktable::test {
namespace {

Timeline timeline_of(const Story& story) {
  Timeline timeline;
  World world;
  for (const Event& event : story.events) {
    reduce(world, event);
    timeline.append(event, world);
  }
  return timeline;
}

TimelineRequest request_of(const Timeline& timeline, Size area = {1400, 180}) {
  return {timeline, timeline.steps(), area, light_theme(), fonts()};
}

Point middle_of(const Rect& rect) { return {rect.x + rect.width / 2, rect.y + rect.height / 2}; }

std::vector<Rect> lanes_in(const Scene& scene) {
  std::vector<Rect> lanes;
  for (const Group& group : scene.groups)
    if (group.subject.kind == Subject::kProcess || group.subject.kind == Subject::kClient) lanes.push_back(group.rect);
  return lanes;
}

TEST(TimelineScene, ThreadsHaveLanesBelowTheirProcessAndNestedInIt) {
  Approach story(ServerKind::kThread);
  story.serve();
  story.detach = false;
  story.happens(story.serve(), ThreadEnded{});
  for (int i = 0; i < 3; ++i) story.serve();
  const Timeline timeline = timeline_of(story);
  const Scene scene = draw_timeline(request_of(timeline, {1400, 300}));
  expect_sound(scene, 9);
  const auto name_of = [&](const std::string& words) {
    Text found;
    for (const Item& item : scene.items)
      if (const Text* text = std::get_if<Text>(&item.what); text != nullptr && text->text == words) found = *text;
    EXPECT_EQ(found.text, words);
    return found;
  };
  const Text server = name_of("server"), one = name_of("thread 1"), other = name_of("thread 2"),
             client = name_of("client 1");
  EXPECT_GT(one.at.x, server.at.x);
  EXPECT_EQ(one.at.x, other.at.x);
  EXPECT_EQ(client.at.x, server.at.x);
  EXPECT_TRUE(server.at.y < one.at.y && one.at.y < other.at.y && other.at.y < client.at.y);
  EXPECT_TRUE(says(scene, "not joined"));
  EXPECT_FALSE(says(scene, "zombie"));
}

TEST(TimelineScene, LanesAreMadeLowerBeforeAnyIsLeftOut) {
  Story story;
  for (int i = 0; i < 40; ++i) story.connect_only();
  const Timeline timeline = timeline_of(story);
  EXPECT_GE(lanes_in(draw_timeline(request_of(timeline, {1400, 170}))).size(), 9u);
}

TEST(TimelineScene, ThreadsStandInTheOrderInWhichTheyWereMadeWhoeverReportsFirst) {
  Approach story(ServerKind::kThread);
  for (std::uint32_t create = 1; create <= 2; ++create) {
    story.connect_only();
    story.happens(Story::kServer, Accepted{3, story.next_fd++, story.port()});
    story.happens(Story::kServer, ThreadCreateCalled{create});
    story.happens(Story::kServer, ThreadCreated{create});
  }
  story.happens(5002, ThreadStarted{Story::kServer, 2});
  story.happens(5001, ThreadStarted{Story::kServer, 1});
  const Timeline timeline = timeline_of(story);
  const Scene scene = draw_timeline(request_of(timeline, {1400, 300}));
  const auto y_of = [&](const std::string& words) {
    for (const Item& item : scene.items)
      if (const Text* text = std::get_if<Text>(&item.what); text != nullptr && text->text == words) return text->at.y;
    ADD_FAILURE() << words;
    return 0.f;
  };
  EXPECT_LT(y_of("thread 1"), y_of("thread 2"));
}

TEST(TimelineScene, NothingOverlapsAtAnyHeightZoomAndNumberOfLanes) {
  Story story;
  for (int clients = 0; clients < 40; ++clients) {
    if (clients > 0) {
      const Pid child = story.client();
      if (clients % 3 == 0) story.happens(child, ExitCalled{0});
      if (clients % 6 == 0) story.happens(Story::kServer, Reaped{child, 0});
      if (clients % 4 == 0) story.happens(child, GateReached{Call::kWrite, 4});
    }
    const Timeline timeline = timeline_of(story);
    for (const float height : {60.f, 110.f, 180.f, 400.f})
      for (const float zoom : {0.f, 0.5f, 7.f, 40.f, 300.f})
        for (const double at : {0.0, 0.5, 1.0}) {
          TimelineRequest request = request_of(timeline, {clients % 2 == 0 ? 1400.f : 1000.f, height});
          request.zoom = zoom;
          request.focus = static_cast<std::uint64_t>(at * static_cast<double>(timeline.steps()));
          request.first = first_to_show_focus(request);
          SCOPED_TRACE(std::to_string(clients) + " clients at " + std::to_string(height) + ", zoom " +
                       std::to_string(zoom) + ", step " + std::to_string(request.focus));
          const Scene scene = draw_timeline(request);
          expect_sound(scene, 9);
          EXPECT_GE(lanes_in(scene).size(), 1u);
          if (HasFailure()) return;
        }
  }
}

TEST(TimelineScene, EachProcessHasItsLaneAndClientsHaveOneWhereThereIsRoom) {
  Story story;
  story.client();
  story.client();
  const Timeline timeline = timeline_of(story);
  const Scene tall = draw_timeline(request_of(timeline, {1400, 300}));
  EXPECT_EQ(lanes_in(tall).size(), 5u);
  EXPECT_TRUE(says(tall, "parent"));
  EXPECT_TRUE(says(tall, "child 1"));
  EXPECT_TRUE(says(tall, "client 2"));
  EXPECT_TRUE(says(tall, "fork"));
  EXPECT_TRUE(says(tall, "close 3"));
  const Scene low = draw_timeline(request_of(timeline, {1400, 80}));
  const std::size_t lanes = lanes_in(low).size();
  EXPECT_LT(lanes, 5u);
  EXPECT_TRUE(says(low, "child 2")) << "processes come first";
  EXPECT_TRUE(says(low, "and " + std::to_string(5 - lanes) + " more"));
}

TEST(TimelineScene, LanesThatDoNotFitAreCountedAndTheNearestToTheFocusAreShown) {
  Story story;
  for (int i = 0; i < 30; ++i) story.client();
  const Timeline timeline = timeline_of(story);
  TimelineRequest request = request_of(timeline, {1400, 100});
  request.first = first_to_show_focus(request);
  const Scene scene = draw_timeline(request);
  const std::size_t lanes = lanes_in(scene).size();
  EXPECT_TRUE(says(scene, "parent"));
  EXPECT_TRUE(says(scene, "child 30"));
  EXPECT_FALSE(says(scene, "child 1"));
  EXPECT_TRUE(says(scene, "and " + std::to_string(61 - lanes) + " more"));
}

TEST(TimelineScene, AMarkIsTheStepThatItShows) {
  Story story;
  story.client();
  const Timeline timeline = timeline_of(story);
  const TimelineRequest request = request_of(timeline, {1400, 300});
  const Scene scene = draw_timeline(request);
  std::size_t marks = 0;
  for (const Lane& lane : timeline.lanes())
    for (const Lane::Mark& mark : lane.marks) {
      const Subject subject{Subject::kStep, static_cast<std::uint32_t>(mark.step)};
      const Group* group = scene.find(subject);
      ASSERT_NE(group, nullptr) << mark.label;
      EXPECT_EQ(scene.at(middle_of(group->rect)), subject);
      EXPECT_EQ(step_at(request, middle_of(group->rect).x, false), mark.step);
      ++marks;
    }
  EXPECT_GT(marks, 8u);
}

TEST(TimelineScene, TheScrubberGoesFromTheStartToTheEnd) {
  Story story;
  for (int i = 0; i < 5; ++i) story.client();
  const Timeline timeline = timeline_of(story);
  const TimelineRequest request = request_of(timeline);
  const Rect scrubber = scrubber_of(request);
  EXPECT_EQ(step_at(request, scrubber.x, true), 0u);
  EXPECT_EQ(step_at(request, scrubber.x - 50, true), 0u);
  EXPECT_EQ(step_at(request, scrubber.right(), true), timeline.steps());
  EXPECT_EQ(step_at(request, scrubber.right() + 50, true), timeline.steps());
  std::uint64_t before = 0;
  for (float x = scrubber.x; x < scrubber.right(); ++x) {
    EXPECT_GE(step_at(request, x, true), before);
    before = step_at(request, x, true);
  }
}

TEST(TimelineScene, TheFocusIsBroughtIntoViewAndNotMovedWhereItIs) {
  Story story;
  for (int i = 0; i < 60; ++i) story.client();
  const Timeline timeline = timeline_of(story);
  TimelineRequest request = request_of(timeline);
  request.zoom = 20;
  for (const std::uint64_t focus : {timeline.steps(), timeline.steps() / 2, std::uint64_t{0}}) {
    request.focus = focus;
    request.first = first_to_show_focus(request);
    EXPECT_EQ(first_to_show_focus(request), request.first);
    const Scene scene = draw_timeline(request);
    const bool seen = std::any_of(scene.items.begin(), scene.items.end(), [](const Item& item) {
      const Line* line = std::get_if<Line>(&item.what);
      return line != nullptr && line->color == light_theme().alarm;
    });
    EXPECT_TRUE(seen) << focus;
  }
}

TEST(TimelineScene, AZombieIsCalledOne) {
  Story story;
  const Pid child = story.client();
  story.happens(child, ExitCalled{0});
  for (int i = 0; i < 10; ++i) story.happens(Story::kServer, NothingToReap{});
  EXPECT_TRUE(says(draw_timeline(request_of(timeline_of(story))), "zombie"));
}

TEST(TimelineScene, AWordThatWouldTouchTheEdgeOfItsLaneIsLeftOut) {
  Story story;
  for (int i = 0; i < 4; ++i) story.client();
  story.happens(Story::kServer, StopSeen{0});
  for (int i = 0; i < 100; ++i) story.happens(0, ClientSent{{1}, 6, ShortText("hello\n")});
  const Timeline timeline = timeline_of(story);
  std::size_t with_word = 0, without = 0;
  for (float height = 90; height < 300; height += 10) {
    std::optional<Rect> span;
    std::optional<Point> word;
    for (const Item& item : draw_timeline(request_of(timeline, {1400, height})).items) {
      const Box* box = std::get_if<Box>(&item.what);
      const Text* text = std::get_if<Text>(&item.what);
      if (box != nullptr && box->dash == Dash::kDotted) span = box->rect;
      if (text != nullptr && text->text == "stopped") word = text->at;
    }
    if (!span) continue;
    ++(word ? with_word : without);
    if (word) {
      EXPECT_GE(span->height, 11) << "its letters are 8 high";
    }
  }
  EXPECT_GT(with_word, 0u);
  EXPECT_GT(without, 0u);
}

TEST(TimelineScene, AHundredThousandEventsAreNoMoreToDrawThanTheScreenIsWide) {
  Story story;
  while (story.events.size() < 100'000) {
    const Pid child = story.client();
    story.happens(child, ExitCalled{0});
    story.happens(Story::kServer, Reaped{child, 0});
    story.happens(0, ClientEnded{{story.clients}, ClientEnd::kClosed, Call::kClose, 0});
  }
  const Timeline timeline = timeline_of(story);
  TimelineRequest request = request_of(timeline);
  for (const float zoom : {0.f, 0.01f, 1.f, 50.f}) {
    request.zoom = zoom;
    request.first = 0;
    request.first = first_to_show_focus(request);
    EXPECT_LT(draw_timeline(request).items.size(), 5000u) << zoom;
  }
}

TEST(TimelineScene, ATimeInWhichAProcessWasStoppedLooksDifferentFromOneInWhichItIsBlocked) {
  Story story;
  const Pid child = story.client();
  const auto dotted = [&] {
    const Timeline timeline = timeline_of(story);
    TimelineRequest request = request_of(timeline);
    request.zoom = 60;
    request.first = first_to_show_focus(request);
    const Scene scene = draw_timeline(request);
    const auto count = std::count_if(scene.items.begin(), scene.items.end(), [](const Item& item) {
      const Box* box = std::get_if<Box>(&item.what);
      return box != nullptr && box->dash == Dash::kDotted;
    });
    return std::pair{count, says(scene, "stopped")};
  };
  EXPECT_EQ(dotted(), (std::pair{std::ptrdiff_t{0}, false})) << "the child is blocked in read";
  story.happens(child, StopSeen{0});
  story.client();
  EXPECT_EQ(dotted(), (std::pair{std::ptrdiff_t{1}, true}));
  const auto last_span = [&] {
    const Timeline timeline = timeline_of(story);
    const ProcessId id = find_process(story.world, child)->id;
    const auto lane = std::find_if(timeline.lanes().begin(), timeline.lanes().end(),
                                   [&](const Lane& one) { return one.process == id; });
    return lane->spans.back().kind;
  };
  EXPECT_EQ(last_span(), Lane::Span::kStopped);
  story.happens(child, ContinueSeen{});
  EXPECT_EQ(last_span(), Lane::Span::kBlocked) << "it waits in the same call again";
}

}  // namespace
}  // namespace forktable::test
