#include "ui/picture/motion.hpp"

#include <gtest/gtest.h>

#include "tests/support/story.hpp"
#include "ui/picture/listing_scene.hpp"
#include "ui/picture/picture.hpp"

namespace forktable::test {
namespace {

Scene scene_with(std::vector<Item> items, std::vector<Group> groups = {}) {
  Scene scene;
  scene.size = {100, 100};
  scene.items = std::move(items);
  scene.groups = std::move(groups);
  return scene;
}

Item box_at(Key key, float x, Key group = 0) { return {key, group, Box{{x, 0, 10, 10}, 0, Color{200, 0, 0, 255}}}; }
const Box& box_of(const Scene& scene, std::size_t i) { return std::get<Box>(scene.items.at(i).what); }

TEST(Motion, WhatIsInBothPicturesIsOnItsWayBetweenItsPlaces) {
  const Scene half = blend(scene_with({box_at(1, 0)}), scene_with({box_at(1, 50)}), 0.5f);
  ASSERT_EQ(half.items.size(), 1u);
  EXPECT_FLOAT_EQ(box_of(half, 0).rect.x, 25);
  EXPECT_EQ(box_of(half, 0).fill.alpha, 255);
}

TEST(Motion, WhatIsNewFadesInAndWhatIsGoneFadesOut) {
  const Scene early = blend(scene_with({box_at(1, 0)}), scene_with({box_at(2, 0)}), 0.25f);
  ASSERT_EQ(early.items.size(), 2u);
  EXPECT_NEAR(box_of(early, 0).fill.alpha, 191, 1);  // the old one, beneath
  EXPECT_NEAR(box_of(early, 1).fill.alpha, 63, 1);
}

TEST(Motion, AChildSplitsOffItsParent) {
  const Group parent{7, {0, 0, 10, 10}, {}, 0}, child{8, {60, 40, 10, 10}, {}, 7};
  const Scene from = scene_with({box_at(1, 0, 7)}, {parent});
  const Scene to = scene_with({box_at(1, 0, 7), box_at(2, 60, 8)}, {parent, child});
  EXPECT_NEAR(box_of(blend(from, to, 0.01f), 1).rect.x, 0, 1);
  EXPECT_NEAR(box_of(blend(from, to, 0.5f), 1).rect.x, 30, 1);
}

TEST(Motion, AtItsEndThePictureIsTheNewOne) {
  const Scene end = blend(scene_with({box_at(1, 0), box_at(2, 5)}), scene_with({box_at(1, 50)}), 1);
  ASSERT_EQ(end.items.size(), 1u);
  EXPECT_FLOAT_EQ(box_of(end, 0).rect.x, 50);
}

TEST(Motion, IsSoftAtBothEndsAndNeverGoesBack) {
  EXPECT_FLOAT_EQ(eased(0), 0);
  EXPECT_FLOAT_EQ(eased(1), 1);
  EXPECT_LT(eased(0.1f), 0.1f);
  for (float t = 0; t < 1; t += 0.01f) EXPECT_LE(eased(t), eased(t + 0.01f));
}

TEST(Motion, GoesBetweenAnyTwoPicturesOfARunWithoutLosingAnItem) {
  const auto fonts = Fonts::load();
  ASSERT_TRUE(fonts.has_value());
  Story story;
  Scene before;
  for (int i = 0; i < 30; ++i) {
    const Pid child = story.client();
    if (i % 3 == 0) story.happens(child, ExitCalled{0});
    const Scene after = draw_picture({story.world, story.time, {1130, 820}, light_theme(), **fonts});
    const Scene between = blend(before, after, 0.4f);
    EXPECT_GE(between.items.size(), after.items.size());
    EXPECT_EQ(between.groups.size(), after.groups.size());
    before = after;
  }
}

TEST(Motion, AProcessGoesFromLineToLineInTheListing) {
  const auto fonts = Fonts::load();
  ASSERT_TRUE(fonts.has_value());
  Story story;
  const auto listing = [&](unsigned line) {
    story.happens(Story::kServer, GateReached{Call::kAccept, 3}, line);
    return draw_listing({listing_of("process"), story.world, "", {500, 700}, light_theme(), **fonts, true});
  };
  const Subject button{Subject::kStepProcess, story.world.server.value};
  const Scene from = listing(24), to = listing(30), between = blend(from, to, 0.5f);
  const auto chip_y = [&](const Scene& scene) {
    for (const Item& item : scene.items)
      if (const Text* text = std::get_if<Text>(&item.what); text != nullptr && text->text == "▶ parent")
        return text->at.y;
    return 0.f;
  };
  EXPECT_GT(chip_y(to), chip_y(from) + 20);
  EXPECT_NEAR(chip_y(between), (chip_y(from) + chip_y(to)) / 2, 0.1f);
  EXPECT_NE(between.find(button), nullptr);
}

}  // namespace
}  // namespace forktable::test
