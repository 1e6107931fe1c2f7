#include "core/lesson/captions.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace forktable {

bool is_lesson_stop(const What& what) {
  return std::holds_alternative<LessonAsked>(what) || std::holds_alternative<LessonStepped>(what);
}

std::uint64_t latest_lesson_stop(const std::vector<Event>& events, std::uint64_t step) {
  while (step > 0 && !is_lesson_stop(events[step - 1].what)) --step;
  return step;
}

LessonPlace lesson_place(const std::vector<Event>& events, std::uint64_t steps) {
  const std::uint64_t stop = latest_lesson_stop(events, steps);
  if (stop == 0) return {};
  const What& what = events[stop - 1].what;
  if (const auto* asked = std::get_if<LessonAsked>(&what)) return {asked->step, true};
  return {std::get<LessonStepped>(what).step, false};
}

std::size_t steps_taken(LessonPlace place) { return place.asks && place.step > 0 ? place.step - 1 : place.step; }

std::size_t step_of_event(const std::vector<Event>& events, std::uint64_t event, std::size_t steps) {
  return std::min(steps_taken(lesson_place(events, event)) + 1, steps);
}

std::string name_of(const Lesson& lesson) {
  return lesson.number > 0 ? fmt::format("Lesson {}", lesson.number) : "Lesson";
}

std::string count_of(const Lesson& lesson, LessonPlace place) {
  return fmt::format("{} {} of {}", place.asks ? "question" : "step", place.step, lesson.steps.size());
}

std::string count_between(const Lesson& lesson, LessonPlace place) {
  const std::size_t taken = steps_taken(place), all = lesson.steps.size();
  return taken < all ? fmt::format("in step {} of {}", taken + 1, all) : fmt::format("after step {0} of {0}", all);
}

LessonCaption caption_at(const Lesson& lesson, LessonPlace place) {
  const std::string name = name_of(lesson);
  // A recording from a stranger may name a step that the lesson doesn't have.
  if (place.step == 0 || place.step > lesson.steps.size()) return {name, {lesson.title, lesson.about}, false};
  const LessonStep& step = lesson.steps[place.step - 1];
  return {fmt::format("{} · {}", name, count_of(lesson, place)),
          place.asks ? Narration{step.ask, ""} : Narration{step.say, step.means}, place.asks};
}

std::vector<Diagnosis> revealed(const Lesson* lesson, LessonPlace place, std::vector<Diagnosis> diagnoses) {
  if (lesson == nullptr) return diagnoses;
  const auto& steps = lesson->steps;
  const auto taken = static_cast<std::ptrdiff_t>(std::min(steps_taken(place), steps.size()));
  const auto is_hidden = [&](const Diagnosis& diagnosis) {
    const auto first = std::find_if(steps.begin(), steps.end(), [&](const LessonStep& step) {
      const auto& kinds = step.diagnoses;
      return step.reveals && (kinds.empty() || std::find(kinds.begin(), kinds.end(), diagnosis.kind) != kinds.end());
    });
    return first != steps.end() && first - steps.begin() >= taken;
  };
  std::erase_if(diagnoses, is_hidden);
  return diagnoses;
}

}  // namespace forktable
