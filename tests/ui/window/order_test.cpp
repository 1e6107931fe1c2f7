// What happens in a step of a lesson, one after the other.
#include "ui/window/order.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/story.hpp"

namespace forktable::test {
namespace {

// A lesson's first step has a client that is served, and its second one another.
class OrderInALesson : public ::testing::Test {
 protected:
  OrderInALesson() {
    Lesson lesson;
    lesson.steps.resize(2);
    model.in_hand = LessonInHand{lesson, false, false, false, ""};
    story.happens(0, LessonAsked{1});
    begin = story.events.size();
    story.client();
    story.happens(0, LessonStepped{1});
    first_stop = story.events.size();
    hear();
  }
  void hear() { take(model, std::span(story.events).subspan(model.history.size())); }
  void take_second_step() {
    story.client();
    story.happens(0, LessonStepped{2});
    hear();
  }
  // The pictures after that of `shown`, up to the latest.
  std::vector<std::uint64_t> pictures(std::uint64_t shown) const {
    std::vector<std::uint64_t> all;
    while (shown < model.history.size()) all.push_back(shown = next_in_order(model, shown).step);
    return all;
  }

  Story story;
  Model model;
  std::uint64_t begin = 0, first_stop = 0;
};

TEST_F(OrderInALesson, IsThatInWhichThingsHappened) {
  const auto shown = pictures(begin);
  EXPECT_GT(shown.size(), 3u) << "connect, accept, fork, close: each has its picture";
  EXPECT_EQ(shown.back(), first_stop);
  for (std::size_t i = 1; i < shown.size(); ++i) EXPECT_GT(shown[i], shown[i - 1]);
  EXPECT_FALSE(next_in_order(model, begin).at_once);
}

TEST_F(OrderInALesson, SkipsToTheStopWhenTheNextStepIsTaken) {
  const auto before = next_in_order(model, begin).step;
  take_second_step();
  const InOrder next = next_in_order(model, before);
  EXPECT_TRUE(next.at_once);
  EXPECT_GT(next.step, first_stop);
  EXPECT_EQ(next.step, next_in_order(model, first_stop).step);
}

TEST_F(OrderInALesson, SkipsToAQuestionThatIsAsked) {
  const auto before = next_in_order(model, begin).step;
  story.happens(0, LessonAsked{2});
  hear();
  EXPECT_EQ(next_in_order(model, before).step, model.history.size());
  EXPECT_TRUE(next_in_order(model, before).at_once);
}

TEST_F(OrderInALesson, WaitsForNothingWithoutMotionOrBackInTime) {
  model.settings.reduced_motion = true;
  EXPECT_EQ(next_in_order(model, begin).step, first_stop);
  model.settings.reduced_motion = false;
  EXPECT_EQ(next_in_order(model, first_stop + 1).step, first_stop);
  go_to(model, first_stop - 1);
  EXPECT_TRUE(next_in_order(model, begin).at_once) << "an event that is looked at, and no stop";
}

TEST_F(OrderInALesson, IsNotKeptWhereSoMuchHappensThatNobodyWouldWait) {
  for (int i = 0; i < 10; ++i) story.client();
  story.happens(0, LessonStepped{2});
  hear();
  EXPECT_EQ(next_in_order(model, first_stop).step, model.history.size());
}

}  // namespace
}  // namespace forktable::test
