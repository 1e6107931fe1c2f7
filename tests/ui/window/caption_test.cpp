// What stands below the picture: all captions of a lesson in one size, and none cut off.
#include <gtest/gtest.h>

#include "core/lesson/library.hpp"
#include "tests/ui/loaded_fonts.hpp"
#include "ui/window/caption_setting.hpp"

namespace forktable::test {
namespace {

std::vector<std::vector<Caption>> installed_captions() {
  std::vector<std::vector<Caption>> all;
  const auto lessons = read_lessons(FORKTABLE_LESSONS);
  EXPECT_TRUE(lessons) << lessons.error().message();
  for (const Lesson& lesson : lessons.value_or(std::vector<Lesson>{})) {
    Model model;
    model.in_hand = LessonInHand{lesson, false, false, false, ""};
    all.push_back(lesson_captions(model));
  }
  return all;
}

TEST(Captions, OfALessonHaveRoomOnTheBlackboardWhichIsAFifthOfTheHeight) {
  for (const Size window : {Size{1024, 768}, Size{1600, 900}, Size{1920, 1080}}) {
    const Rect place = lay_out({.window = window, .blackboard = true}).narration;
    EXPECT_LE(place.height, window.height / 5 + 0.01f);
    const CaptionRoom room{CaptionPlace::kBoard, place.width, place.height, 1};
    for (const auto& captions : installed_captions()) {
      const float size = caption_size(captions, room, fonts());
      EXPECT_GE(size, window.height * 0.028f) << captions.front().heading << " at " << window.width;
      EXPECT_LE(caption_height(captions, room, size, fonts()), place.height) << captions.front().heading;
    }
  }
}

TEST(Captions, OfALessonAreAsLargeAsUsualBesideThePictureAndBelowIt) {
  for (const Size window : {Size{1024, 768}, Size{1600, 900}, Size{1920, 1080}}) {
    const WindowLayout layout = lay_out({.window = window, .caption = window.height});
    const CaptionRoom room{layout.caption_place(), layout.narration.width, layout.narration.height, 1};
    const Caption short_one{"", {"Short.", ""}, "", false, false};
    const float usual = caption_size({short_one}, room, fonts());
    for (const auto& captions : installed_captions())
      EXPECT_EQ(caption_size(captions, room, fonts()), usual) << captions.front().heading << window.width;
  }
}

TEST(Captions, ThatAreLongerThanThereIsRoomForAreSetSmaller) {
  const CaptionRoom room{CaptionPlace::kColumn, 400, 200, 1};
  std::string text;
  for (int i = 0; i < 60; ++i) text += "letters ";
  const Caption long_one{"", {text, text}, "", false, true}, short_one{"", {"Short.", ""}, "", false, true};
  const float size = caption_size({short_one, long_one}, room, fonts());
  EXPECT_LT(size, caption_size({short_one}, room, fonts()));
  EXPECT_LE(caption_height({long_one}, room, size, fonts()), room.height);
}

}  // namespace
}  // namespace forktable::test
