#include "ui/picture/lesson_timeline.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "tests/support/story.hpp"
#include "tests/ui/picture/sound.hpp"

namespace forktable::test {
namespace {

// What the window's timeline is at 1600x900 and at 1024x768.
constexpr Size kAt1600{1600, 169}, kAt1024{1024, 100};

// A lesson in which clients come and go, with a question before each second step.
struct TimedLesson : Story {
  explicit TimedLesson(std::size_t of = 2) {
    axis = {3 * of + 1, 1 + of, of};
    stop();
    for (std::size_t i = 0; i < of; ++i) {
      connect_only();
      stop();
      const Pid child = serve();
      stop();
      leave(child);
      stop();
    }
  }

  Pid serve() {
    const Pid child = kServer + static_cast<Pid>(clients);
    happens(kServer, Accepted{3, 4, port()});
    happens(kServer, ForkCalled{clients});
    happens(child, ChildStarted{kServer, clients});
    happens(kServer, Forked{clients, child});
    happens(child, Closed{3});
    happens(kServer, Closed{4});
    happens(child, Read{4, 6, ShortText("hello\n")});
    return child;
  }

  void stop() {
    const auto number = static_cast<std::uint32_t>(stops.size() + 1);
    if (number % 2 == 0) {
      happens(0, LessonAsked{number});
      questions.push_back(events.size());
    }
    happens(0, LessonStepped{number});
    stops.push_back(events.size());
  }

  LessonAxis axis;
  std::vector<std::uint64_t> stops, questions;  // the events
};

// What a timeline knows after so many of the events.
Timeline timed(const Story& story, std::uint64_t steps) {
  Timeline timeline;
  World world;
  for (std::uint64_t i = 0; i < steps; ++i) {
    reduce(world, story.events[i]);
    timeline.append(story.events[i], world);
  }
  return timeline;
}

TimelineRequest timed_request(const Timeline& timeline, const TimedLesson& lesson, std::uint64_t focus,
                              Size area = kAt1600) {
  TimelineRequest request{timeline, focus, area, light_theme(), fonts()};
  request.lesson = lesson.axis;
  return request;
}

// Where the numbers of the stops stand.
std::map<std::string, Point> numbers_in(const Scene& scene) {
  std::map<std::string, Point> places;
  for (const Item& item : scene.items)
    if (const Text* text = std::get_if<Text>(&item.what); text != nullptr && text->face == Face::kBold)
      places[text->text] = {text->at.x, std::round(text->at.y / 3)};
  return places;
}

Point words_place(const Scene& scene, const std::string& words) {
  for (const Item& item : scene.items)
    if (const Text* text = std::get_if<Text>(&item.what); text != nullptr && text->text == words) return text->at;
  ADD_FAILURE() << words << " isn't said";
  return {};
}

// The circle of a stop.
Box circle_of(const Scene& scene, std::uint32_t number) {
  Box last;
  const Point at = words_place(scene, std::to_string(number));
  for (const Item& item : scene.items)
    if (const Box* box = std::get_if<Box>(&item.what);
        box != nullptr && box->radius * 2 == box->rect.width && box->rect.contains({at.x, at.y - 4}))
      last = *box;
  return last;
}

TEST(TheLessonsTimeline, ItsStopsStandEvenlySpacedAndKeepTheirPlacesFromTheFirstToTheLast) {
  const TimedLesson lesson;
  const auto first = numbers_in(draw_timeline(timed_request(timed(lesson, lesson.stops[0]), lesson, lesson.stops[0])));
  ASSERT_EQ(first.size(), 7u);
  for (int number = 2; number < 7; ++number)
    EXPECT_NEAR(first.at(std::to_string(number + 1)).x - first.at(std::to_string(number)).x,
                first.at("2").x - first.at("1").x, 0.1f);
  for (const std::uint64_t stop : lesson.stops) {
    const Timeline timeline = timed(lesson, stop);
    EXPECT_EQ(numbers_in(draw_timeline(timed_request(timeline, lesson, stop))), first) << stop;
  }
}

TEST(TheLessonsTimeline, NothingThatHasHappenedMovesWhenTheNextStopIsComeTo) {
  const TimedLesson lesson;
  std::map<std::uint64_t, float> before;
  for (const std::uint64_t stop : lesson.stops) {
    const Timeline timeline = timed(lesson, stop);
    const TimelineRequest request = timed_request(timeline, lesson, stop);
    for (const auto& [step, x] : before) EXPECT_EQ(x_in_lesson(request, step), x) << step;
    for (std::uint64_t step = 1; step <= stop; ++step) before[step] = x_in_lesson(request, step);
  }
}

TEST(TheLessonsTimeline, LanesKeepTheirPlacesFromTheFirstStopToTheLast) {
  const TimedLesson lesson;
  const auto y_of = [&](std::uint64_t stop, const char* name) {
    const Timeline timeline = timed(lesson, stop);
    return words_place(draw_timeline(timed_request(timeline, lesson, stop)), name).y;
  };
  EXPECT_EQ(y_of(lesson.stops.front(), "parent"), y_of(lesson.stops.back(), "parent"));
  EXPECT_EQ(y_of(lesson.stops[2], "child 1"), y_of(lesson.stops.back(), "child 1"));
  EXPECT_EQ(y_of(lesson.stops[1], "client 1"), y_of(lesson.stops.back(), "client 1"));
}

TEST(TheLessonsTimeline, WhatAStepDidStandsBetweenTheStopBeforeAndItsOwnInItsOrder) {
  const TimedLesson lesson;
  const Timeline timeline = timed(lesson, lesson.events.size());
  const TimelineRequest request = timed_request(timeline, lesson, lesson.events.size());
  const auto places = numbers_in(draw_timeline(request));
  for (std::size_t i = 1; i < lesson.stops.size(); ++i) {
    const float from = places.at(std::to_string(i)).x, to = places.at(std::to_string(i + 1)).x;
    float last = from;
    for (std::uint64_t step = lesson.stops[i - 1] + 1; step <= lesson.stops[i]; ++step) {
      EXPECT_GE(x_in_lesson(request, step), last) << step;
      last = x_in_lesson(request, step);
    }
    EXPECT_NEAR(last, to, 0.1f);
  }
}

TEST(TheLessonsTimeline, WhatTheLatestStepDidIsAlwaysSaidAndNoWordsTouch) {
  for (std::size_t of = 1; of <= 5; ++of) {
    const TimedLesson lesson(of);
    for (const Size area : {kAt1600, kAt1024, Size{1600, 190}})
      for (std::size_t i = 0; i < lesson.stops.size(); ++i) {
        SCOPED_TRACE(std::to_string(of) + " clients, " + std::to_string(area.width) + " wide, stop " +
                     std::to_string(i + 1));
        const Timeline timeline = timed(lesson, lesson.stops[i]);
        const Scene scene = draw_timeline(timed_request(timeline, lesson, lesson.stops[i], area));
        expect_sound(scene, 10);
        const std::uint64_t since = i == 0 ? 0 : lesson.stops[i - 1];
        for (const Lane& lane : timeline.lanes())
          for (const Lane::Mark& mark : lane.marks)
            if (mark.step > since) {
              EXPECT_TRUE(says(scene, mark.result)) << mark.result;
            }
        if (HasFailure()) return;
      }
  }
}

TEST(TheLessonsTimeline, SaysWhatCallsReturned) {
  const TimedLesson lesson(1);
  const Timeline timeline = timed(lesson, lesson.stops[2]);
  const Scene scene = draw_timeline(timed_request(timeline, lesson, lesson.stops[2]));
  EXPECT_TRUE(says(scene, "accept = 4 · fork = 4243 · close(4)")) << words_of(scene);
  EXPECT_TRUE(says(scene, "close(3)"));
  EXPECT_TRUE(says(scene, "read = 6"));
}

TEST(TheLessonsTimeline, WhatComesAfterTheStopThatIsLookedAtIsNotDrawn) {
  const TimedLesson lesson;
  const auto words_at = [&](std::uint64_t heard_of) {
    const Timeline timeline = timed(lesson, heard_of);
    return words_of(draw_timeline(timed_request(timeline, lesson, lesson.stops[2])));
  };
  EXPECT_EQ(words_at(lesson.events.size()), words_at(lesson.stops[2]));
}

TEST(TheLessonsTimeline, StopsAreFilledThatHaveBeenComeToAndTheOneThatIsLookedAtIsLarger) {
  const TimedLesson lesson;
  const Timeline timeline = timed(lesson, lesson.stops[3]);
  const Scene scene = draw_timeline(timed_request(timeline, lesson, lesson.stops[2]));
  const Theme& theme = light_theme();
  EXPECT_EQ(circle_of(scene, 1).fill, theme.accent);
  EXPECT_EQ(circle_of(scene, 3).fill, theme.accent);
  EXPECT_GT(circle_of(scene, 3).rect.width, circle_of(scene, 1).rect.width);
  EXPECT_EQ(circle_of(scene, 4).fill, theme.card) << "it has happened, and isn't looked at yet";
  EXPECT_EQ(circle_of(scene, 4).stroke, theme.accent);
  EXPECT_EQ(circle_of(scene, 5).fill, theme.card);
  EXPECT_NE(circle_of(scene, 5).stroke, theme.accent);
}

TEST(TheLessonsTimeline, AQuestionStandsWhereItsStepWillBeAnswered) {
  const TimedLesson lesson;
  const Timeline timeline = timed(lesson, lesson.questions[1]);
  TimelineRequest request = timed_request(timeline, lesson, lesson.questions[1]);
  const Point four = words_place(draw_timeline(request), "4");
  request.asked = 4;
  const Scene scene = draw_timeline(request);
  EXPECT_EQ(words_place(scene, "?").x, four.x);
  EXPECT_FALSE(numbers_in(scene).contains("4"));
}

TEST(TheLessonsTimeline, AClickOnAStopGoesToItAndOneThatHasNotHappenedIsNone) {
  const TimedLesson lesson;
  const Timeline timeline = timed(lesson, lesson.stops[4]);
  const TimelineRequest request = timed_request(timeline, lesson, lesson.stops[4]);
  const Scene scene = draw_timeline(request);
  for (std::uint32_t number = 1; number <= 5; ++number) {
    const Point at = words_place(scene, std::to_string(number));
    EXPECT_TRUE(scrubber_of(request).contains({at.x, at.y - 4}));
    EXPECT_EQ(step_at(request, at.x + 5, true), lesson.stops[number - 1]);
  }
  EXPECT_EQ(step_at(request, words_place(scene, "7").x, true), lesson.stops[4]);
}

TEST(TheLessonsTimeline, AClickAmongTheLanesGoesToWhatHappenedThere) {
  const TimedLesson lesson;
  const Timeline timeline = timed(lesson, lesson.events.size());
  const TimelineRequest request = timed_request(timeline, lesson, lesson.events.size());
  for (const Lane& lane : timeline.lanes())
    for (const Lane::Mark& mark : lane.marks)
      EXPECT_EQ(step_at(request, x_in_lesson(request, mark.step), false), mark.step) << mark.label;
}

TEST(TheLessonsTimeline, HasALegendInFourWords) {
  const TimedLesson lesson(1);
  const Timeline timeline = timed(lesson, lesson.stops[0]);
  const Scene scene = draw_timeline(timed_request(timeline, lesson, lesson.stops[0], kAt1024));
  for (const char* word : {"runs", "blocked", "held", "call"}) EXPECT_TRUE(says(scene, word)) << word;
}

TEST(TheLessonsTimeline, LanesThatHaveNoRoomAreCounted) {
  const TimedLesson lesson(5);
  const Timeline timeline = timed(lesson, lesson.events.size());
  const auto says_at = [&](float width, const char* words) {
    return says(draw_timeline(timed_request(timeline, lesson, lesson.events.size(), {width, 100})), words);
  };
  EXPECT_TRUE(says_at(1600, "and 6 more"));
  EXPECT_TRUE(says_at(1024, "+6"));
}

TEST(TheLessonsTimeline, HasRoomForALessonWithAHundredSteps) {
  TimedLesson lesson(1);
  lesson.axis.stops = 100;
  const Timeline timeline = timed(lesson, lesson.events.size());
  const Scene scene = draw_timeline(timed_request(timeline, lesson, lesson.events.size(), kAt1024));
  expect_sound(scene, 10);
  EXPECT_EQ(numbers_in(scene).size(), 1u) << "only that of the one that is looked at";
}

TEST(TheLessonsTimeline, AHundredThousandEventsAreNoMoreToDrawThanTheScreenIsWide) {
  TimedLesson lesson(1);
  while (lesson.events.size() < 100'000) lesson.leave(lesson.client());
  const Timeline timeline = timed(lesson, lesson.events.size());
  for (const std::uint64_t focus : {lesson.stops[1], std::uint64_t{lesson.events.size()}})
    EXPECT_LT(draw_timeline(timed_request(timeline, lesson, focus)).items.size(), 5000u);
}

}  // namespace
}  // namespace forktable::test
