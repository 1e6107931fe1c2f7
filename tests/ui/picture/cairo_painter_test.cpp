#include "ui/picture/cairo_painter.hpp"

#include <gtest/gtest.h>

#include "tests/support/story.hpp"
#include "ui/picture/slide.hpp"

namespace forktable::test {
namespace {

Scene slide_of(const Story& story, const Fonts& fonts) {
  return draw_slide({story.world, {"Said.", "Meant."}, "step 1", slide_theme(), fonts});
}

std::uint32_t number_at(const std::string& png, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = (value << 8) | static_cast<unsigned char>(png[at + i]);
  return value;
}

TEST(Png, HasSixteenToNineAndTheScaleAskedFor) {
  const auto fonts = Fonts::load();
  ASSERT_TRUE(fonts.has_value());
  Story story;
  story.client();
  const auto png = paint_png(slide_of(story, **fonts), slide_theme().paper, **fonts, 2);
  ASSERT_TRUE(png.has_value());
  EXPECT_EQ(png->substr(0, 8), "\x89PNG\r\n\x1a\n");
  EXPECT_EQ(number_at(*png, 16), 3840u);
  EXPECT_EQ(number_at(*png, 20), 2160u);
}

TEST(Png, TheSameSceneGivesTheSameBytes) {
  const auto fonts = Fonts::load();
  ASSERT_TRUE(fonts.has_value());
  Story story;
  story.client();
  EXPECT_EQ(*paint_png(slide_of(story, **fonts), slide_theme().paper, **fonts, 1),
            *paint_png(slide_of(story, **fonts), slide_theme().paper, **fonts, 1));
}

TEST(Png, ASizeThatCannotBePaintedIsAnError) {
  const auto fonts = Fonts::load();
  ASSERT_TRUE(fonts.has_value());
  Scene scene;
  scene.size = {1e6f, 1e6f};
  EXPECT_FALSE(paint_png(scene, {}, **fonts, 1).has_value());
}

}  // namespace
}  // namespace forktable::test
