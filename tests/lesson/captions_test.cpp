// What of all that is wrong may be shown at a lesson's stop.
#include "core/lesson/captions.hpp"

#include <gtest/gtest.h>

namespace forktable::test {
namespace {

LessonStep revealing(std::vector<std::string> kinds) {
  LessonStep step;
  step.reveals = true;
  step.diagnoses = std::move(kinds);
  return step;
}

std::string shown(const Lesson& lesson, LessonPlace place) {
  std::vector<Diagnosis> all(3);
  all[0].kind = "leaked-connfd";
  all[1].kind = "out-of-descriptors";
  all[2].kind = "zombies";
  std::string kinds;
  for (const Diagnosis& one : revealed(&lesson, place, all)) kinds += std::string(one.kind) + " ";
  return kinds;
}

TEST(ALesson, HidesWhatAStepRevealsUntilThatHasBeenTakenAndNothingElse) {
  Lesson lesson;
  lesson.steps = {LessonStep{}, revealing({"out-of-descriptors"}), revealing({"leaked-connfd", "out-of-descriptors"})};
  EXPECT_EQ(shown(lesson, {1, false}), "zombies ");
  EXPECT_EQ(shown(lesson, {2, true}), "zombies ") << "beside its question";
  EXPECT_EQ(shown(lesson, {2, false}), "out-of-descriptors zombies ") << "the first that reveals it";
  EXPECT_EQ(shown(lesson, {3, true}), "out-of-descriptors zombies ") << "what was shown stays, beside a question too";
  EXPECT_EQ(shown(lesson, {3, false}), "leaked-connfd out-of-descriptors zombies ");
}

TEST(ALesson, HidesAllUntilAStepThatRevealsAll) {
  Lesson lesson;
  lesson.steps = {LessonStep{}, revealing({}), LessonStep{}};
  EXPECT_EQ(shown(lesson, {0, false}), "");
  EXPECT_EQ(shown(lesson, {2, true}), "");
  EXPECT_EQ(shown(lesson, {2, false}), "leaked-connfd out-of-descriptors zombies ");
  EXPECT_EQ(shown(lesson, {99, false}), "leaked-connfd out-of-descriptors zombies ") << "a stranger's recording";
}

TEST(ALesson, ThatRevealsNothingHidesNothing) {
  Lesson lesson;
  lesson.steps.resize(2);
  EXPECT_EQ(shown(lesson, {2, true}), "leaked-connfd out-of-descriptors zombies ");
}

TEST(ALesson, KnowsInWhichOfItsStepsAnEventHappened) {
  const auto at = [](const What& what) { return Event{0, 0, 0, what}; };
  const std::vector<Event> events{
      at(ServerLaunched{8080}),  at(LessonStepped{1}), at(AcceptCalled{3}), at(LessonAsked{2}),
      at(Accepted{3, 4, 40001}), at(LessonStepped{2}), at(Closed{4})};
  EXPECT_EQ(step_of_event(events, 1, 3), 1u);
  EXPECT_EQ(step_of_event(events, 3, 3), 2u);
  EXPECT_EQ(step_of_event(events, 5, 3), 2u) << "after its question";
  EXPECT_EQ(step_of_event(events, 7, 3), 3u);
  EXPECT_EQ(step_of_event(events, 7, 2), 2u) << "it has no more";
}

}  // namespace
}  // namespace forktable::test
