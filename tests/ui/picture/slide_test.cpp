// The captions of slides: all in one size.
#include "ui/picture/slide.hpp"

#include <gtest/gtest.h>

#include "core/lesson/captions.hpp"
#include "core/lesson/library.hpp"
#include "tests/ui/loaded_fonts.hpp"

namespace forktable::test {
namespace {

TEST(ASlide, SetsEveryCaptionOfALessonInOneSizeAndItsCodeLargeEnoughToBeRead) {
  const auto lessons = read_lessons(FORKTABLE_LESSONS);
  ASSERT_TRUE(lessons) << lessons.error().message();
  for (const Lesson& lesson : *lessons) {
    const SlideLayout layout = layout_of(&lesson, &listing_of(lesson.server), fonts());
    EXPECT_GE(layout.caption, 30) << lesson.name;
    EXPECT_GE(layout.code_type, 16) << lesson.name;
    for (std::size_t step = 1; step <= lesson.steps.size(); ++step)
      for (const bool asks : {false, true}) {
        const LessonCaption caption = caption_at(lesson, {step, asks});
        EXPECT_EQ(caption_size(caption.told, true, layout, fonts()), layout.caption)
            << caption.heading << ": " << caption.told.said << " / " << caption.told.meaning;
      }
  }
}

TEST(ASlide, SetsWhatIsTooLongSmaller) {
  const std::string words(400, 'w');
  std::string text;
  for (std::size_t i = 0; i < words.size(); i += 8) text += words.substr(i, 7) + " ";
  EXPECT_LT(caption_size({text, text}, true, {}, fonts()), SlideLayout().caption);
}

TEST(ASlide, AsksInTheColourOfLinksAndNotOfAlarm) {
  const World world;
  SlideRequest request{world, {"Predict: what?", ""}, "", slide_theme(), fonts()};
  request.question = true;
  for (const Item& item : add_caption({}, request).items)
    if (const auto* text = std::get_if<Text>(&item.what)) {
      EXPECT_EQ(text->color, slide_theme().accent) << text->text;
    }
}

}  // namespace
}  // namespace forktable::test
