// A lesson's picture that is higher than its place: what is new is in view.
#include "ui/picture/scroll.hpp"

#include <gtest/gtest.h>

#include "tests/ui/picture/told.hpp"

namespace forktable::test {
namespace {

constexpr Size kUsual{1130, 700};
constexpr float kHeight = 400;

// A lesson with five clients, whose picture has the scale of a place that is larger than the one it has.
struct Enlarged : Story {
  std::uint32_t stops = 0;
  void stop() { happens(0, LessonStepped{++stops}); }
  Scene picture() const {
    PictureRequest request{world, time, {950, kHeight}, light_theme(), fonts()};
    request.stage.slots = 5;
    request.scaled_for = kUsual;
    return draw_picture(request);
  }
  bool has_in_view(std::uint32_t client) const {
    const Scene scene = picture();
    const float above = scroll_to_news(scene, world, kHeight);
    const Group* card = scene.find({Subject::kClient, client});
    return card != nullptr && card->rect.y >= above && card->rect.bottom() <= above + kHeight;
  }
};

float scale_of(const Scene& scene) {
  for (const Item& item : scene.items)
    if (const Text* text = std::get_if<Text>(&item.what); text != nullptr && text->text == "OPEN FILE TABLE")
      return text->size;
  return 0;
}

TEST(ALessonsLargerPicture, HasTheScaleOfThePlaceThatItIsFor) {
  Enlarged given;
  given.client();
  given.stop();
  PictureRequest usual{given.world, given.time, kUsual, light_theme(), fonts()};
  usual.stage.slots = 5;
  const Scene larger = given.picture();
  EXPECT_FLOAT_EQ(scale_of(draw_picture(usual)), scale_of(larger));
  EXPECT_GT(larger.size.height, kHeight);
  expect_sound(larger, 5);
}

TEST(ALessonsLargerPicture, ShowsTheClientThatSomethingHappensTo) {
  Enlarged given;
  given.stop();
  for (std::uint32_t client = 1; client <= 5; ++client) {
    given.client();
    given.stop();
    EXPECT_TRUE(given.has_in_view(client)) << client;
  }
  EXPECT_FALSE(given.has_in_view(1));
  given.happens(0, ClientSent{{1}, 6, ShortText("hello\n")});
  given.happens(0, ClientHalfClosed{{1}});
  given.stop();
  EXPECT_TRUE(given.has_in_view(1));
}

TEST(ALessonsLargerPicture, StandsStillWhileTimePassesAndAtAQuestion) {
  Enlarged given;
  for (int client = 0; client < 5; ++client) given.client();
  given.stop();
  const float before = scroll_to_news(given.picture(), given.world, kHeight);
  given.time += 60 * kSecond;
  given.happens(0, LessonAsked{given.stops + 1});
  EXPECT_EQ(scroll_to_news(given.picture(), given.world, kHeight), before);
}

TEST(ALessonsLargerPicture, IsNotScrolledWhereItHasRoom) {
  Enlarged given;
  given.client();
  given.stop();
  EXPECT_EQ(scroll_to_news(given.picture(), given.world, 4000), 0);
}

}  // namespace
}  // namespace forktable::test
