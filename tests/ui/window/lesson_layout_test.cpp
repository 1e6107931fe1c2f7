// Larger and smaller in a lesson: picture, code and captions together, and nothing cut off.
#include "ui/window/lesson_layout.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "core/lesson/library.hpp"
#include "core/program/listing.hpp"
#include "tests/ui/loaded_fonts.hpp"
#include "ui/picture/listing_scene.hpp"
#include "ui/picture/picture.hpp"
#include "ui/window/caption_setting.hpp"

namespace forktable::test {
namespace {

struct Hall {
  Size window;
  bool blackboard;
};
const Hall kHalls[] = {{{1600, 900}, false}, {{1024, 768}, false}, {{1920, 1080}, true}, {{1024, 768}, true}};

// A lesson that has just begun.
struct Begun {
  explicit Begun(const Lesson& lesson) : lesson(lesson) {
    model.in_hand = LessonInHand{lesson, false, false, false, ""};
    model.replayed.emplace();
    model.replayed->listing = listing_of(lesson.server);
  }
  static LayoutRequest request(const Hall& hall, float scale) {
    LayoutRequest request;
    request.window = hall.window;
    request.scale = scale;
    request.blackboard = hall.blackboard;
    return request;
  }
  WindowLayout at(const Hall& hall, float scale) const {
    return lay_out_lesson(model, request(hall, scale), 1, fonts());
  }
  float largest(const Hall& hall, float asked) const {
    return largest_lesson_scale(model, request(hall, asked), 1, fonts());
  }

  const Lesson& lesson;
  Model model;
};

// In pixels.
struct Sizes {
  float picture, code, caption;
};
World world_of(const Begun& begun) {
  World world;
  world.program = ShortText(name_of(begun.lesson.server));
  world.shape = shape_of(begun.lesson.server);
  world.bugs = begun.lesson.bugs;
  return world;
}
PictureRequest picture_in(const World& world, const Begun& begun, const WindowLayout& layout, float scale) {
  PictureRequest request{
      world, 0, {layout.picture.width / scale, layout.picture.height / scale}, light_theme(), fonts()};
  request.stage = stage_of(begun.lesson, {});
  request.scaled_for = layout.usual_picture;
  if (layout.blackboard) request.largest_scale = kLargestOnBlackboard;
  return request;
}
Sizes sizes_in(const Begun& begun, const WindowLayout& layout, float scale) {
  const World world = world_of(begun);
  const PictureRequest request = picture_in(world, begun, layout, scale);
  Sizes sizes{0, 0, layout.said};
  const Scene scene = draw_picture(request);
  for (const Item& item : scene.items)
    if (const Text* text = std::get_if<Text>(&item.what); text != nullptr && text->text == "OPEN FILE TABLE")
      sizes.picture = text->size * scale;
  const Rect place = layout.has_column ? layout.side : layout.code;
  ListingRequest listing{begun.model.listing(), world,  "", {place.width / scale, place.height / scale},
                         light_theme(),         fonts()};
  listing.only = &begun.lesson.code;
  listing.title = listing.area.height > 300;
  if (layout.usual_code) {
    ListingRequest usual = listing;
    usual.area = *layout.usual_code;
    usual.title = usual.area.height > 300;
    listing.largest_type = type_of_listing(usual);
  }
  sizes.code = type_of_listing(listing) * scale;
  return sizes;
}

class LargerInALesson : public testing::Test {
 protected:
  void SetUp() override {
    auto read = read_lessons(FORKTABLE_LESSONS);
    ASSERT_TRUE(read) << read.error().message();
    lessons = *std::move(read);
  }
  std::vector<Lesson> lessons;
};

// Of each lesson in one hall, as that takes long with a sanitizer.
TEST_F(LargerInALesson, PictureCodeAndCaptionGrowAndShrinkTogether) {
  for (const Lesson& lesson : lessons) {
    const Hall& hall = kHalls[static_cast<std::size_t>(lesson.number) % std::size(kHalls)];
    const Begun begun(lesson);
    const Sizes usual = sizes_in(begun, begun.at(hall, 1), 1);
    ASSERT_GT(usual.picture, 0);
    for (const float asked : {0.8f, 1.15f, 3.f}) {
      const float scale = begun.largest(hall, asked);
      SCOPED_TRACE(fmt::format("lesson {} in {} x {}{}: {:.2f}", lesson.number, hall.window.width, hall.window.height,
                               hall.blackboard ? ", blackboard" : "", scale));
      const Sizes sizes = sizes_in(begun, begun.at(hall, scale), scale);
      EXPECT_NEAR(sizes.picture / usual.picture, scale, 0.005f);
      EXPECT_NEAR(sizes.caption / usual.caption, scale, 0.005f);
      EXPECT_NEAR(sizes.code / usual.code, scale, 0.02f);
    }
  }
}

TEST_F(LargerInALesson, CaptionsHaveRoomAndThePictureIsInViewFromSideToSide) {
  for (const Lesson& lesson : lessons)
    for (const Hall& hall : kHalls) {
      const Begun begun(lesson);
      const float scale = begun.largest(hall, 3);
      SCOPED_TRACE(fmt::format("lesson {} in {}: {:.2f}", lesson.number, hall.window.width, scale));
      const WindowLayout layout = begun.at(hall, scale);
      const CaptionRoom room{layout.caption_place(), layout.narration.width, layout.narration.height, scale, true};
      EXPECT_LE(caption_height(lesson_captions(begun.model), room, layout.said, fonts()), room.height + 0.5f);
      EXPECT_LE(layout.narration.bottom(), hall.window.height + 0.5f);
      // Cards have room for their texts, and half of all that is there is in view.
      const World world = world_of(begun);
      const PictureRequest picture = picture_in(world, begun, layout, scale);
      EXPECT_GE(layout.picture.width + 1, narrowest_area(picture) * lesson_scale(picture) * scale);
      EXPECT_GE(layout.picture.height * 2 + 1, begun.at(hall, 1).picture.height * scale);
    }
}

// What can't be is no reason to let one of the three grow alone.
TEST_F(LargerInALesson, AWindowHasRoomForMoreThanUsual) {
  for (const Lesson& lesson : lessons) EXPECT_GE(Begun(lesson).largest(kHalls[0], 3), 1.21f) << lesson.number;
}

// A blackboard is full already, but where what is wrong stands beside the clients: that can go below.
TEST_F(LargerInALesson, ABlackboardHasRoomForMoreWhereACardGoesBelowTheOthers) {
  for (const Lesson& lesson : lessons)
    if (lesson.number == 11 || lesson.number == 22) {
      EXPECT_GE(Begun(lesson).largest(kHalls[2], 3), 1.2f) << lesson.number;
    }
}

}  // namespace
}  // namespace forktable::test
