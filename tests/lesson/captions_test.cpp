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

}  // namespace
}  // namespace forktable::test
