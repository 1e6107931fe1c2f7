// What stands below the picture while a lesson is held: which of its steps has been come to, and what is said there.
#pragma once

#include <string>
#include <vector>

#include "core/lesson/lesson.hpp"
#include "core/world/diagnose.hpp"
#include "core/world/narrate.hpp"

namespace forktable {

// The lesson stops there: it asks something, or has taken a step.
bool is_lesson_stop(const What& what);

// The latest thing of the lesson that has happened.
struct LessonPlace {
  std::size_t step = 0;  // from 1; 0: none
  bool asks = false;     // it is the question before it
};
// How many of the lesson's steps have been taken there: a question comes before its step.
std::size_t steps_taken(LessonPlace place);
// Of the first `steps` events.
LessonPlace lesson_place(const std::vector<Event>& events, std::uint64_t steps);
// The step, from 1, in which an event happened; of a lesson with so many steps, after whose end its last one goes on.
std::size_t step_of_event(const std::vector<Event>& events, std::uint64_t event, std::size_t steps);
// The number of the latest event up to `step` at which the lesson stopped; 0: none.
std::uint64_t latest_lesson_stop(const std::vector<Event>& events, std::uint64_t step);

// "Lesson 4", "Lesson" if it has no number.
std::string name_of(const Lesson& lesson);

// "step 2 of 9", "question 2 of 9": where the lesson has stopped.
std::string count_of(const Lesson& lesson, LessonPlace place);
// "in step 2 of 9", "after step 9 of 9": what it has come to between two stops.
std::string count_between(const Lesson& lesson, LessonPlace place);

struct LessonCaption {
  std::string heading;  // "Lesson 4 · step 2 of 9", "Lesson 4 · question 2 of 9", "Lesson 4"
  Narration told;       // its title and what it is about before it begins
  bool question = false;
};
LessonCaption caption_at(const Lesson& lesson, LessonPlace place);

// Of what is wrong, what may be shown: not what a step reveals that is yet to be taken, as a question would be answered
// before it is asked. Without a lesson, all.
std::vector<Diagnosis> revealed(const Lesson* lesson, LessonPlace place, std::vector<Diagnosis> diagnoses);

}  // namespace forktable
