// The timeline of a lesson: one axis for all of it. Its stops are evenly spaced from the first to the last, so that
// nothing moves from one stop to the next. What a step of it did stands between the stop before and its own, in its
// order and evenly spaced, whatever time it took. What comes after the moment that is looked at isn't drawn.
#pragma once

#include "core/lesson/lesson.hpp"
#include "ui/picture/stage.hpp"
#include "ui/picture/timeline_scene.hpp"

namespace forktable {

// A lane whose words can still be read, and what is above and below all of them.
inline constexpr float kLowestLessonLane = 12, kLessonTimelineFrame = 29;

// What there is to keep room for, by what the lesson is going to do; of a recording, which has only its texts, by the
// stage that it had.
LessonAxis axis_of(const Lesson& lesson);
LessonAxis axis_of(const Lesson& lesson, const Stage& stage);

// How many lanes there are at its end.
std::size_t lanes_of(const Timeline& timeline, const LessonAxis& lesson);

Scene draw_lesson_timeline(const TimelineRequest& request);
float x_in_lesson(const TimelineRequest& request, std::uint64_t step);
// Of the strip of stops, to its right end.
Rect stops_of(const TimelineRequest& request);
// The step of the stop that is nearest and has been come to; 0: none has.
std::uint64_t stop_at(const TimelineRequest& request, float x);
// The told step that is nearest.
std::uint64_t step_in_lesson_at(const TimelineRequest& request, float x);

}  // namespace forktable
