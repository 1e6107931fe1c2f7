#include "ui/picture/fonts.hpp"

#include <gtest/gtest.h>

#include "core/program/narrate_listing.hpp"
#include "tests/support/story.hpp"
#include "tests/ui/loaded_fonts.hpp"

namespace forktable::test {
namespace {

TEST(Fonts, InterAndJetBrainsMonoAreFoundWhereTheyAreInstalled) {
  ASSERT_TRUE(Fonts::load().has_value());
  EXPECT_EQ(fonts().missing(), "");
  EXPECT_NE(fonts().file(Face::kRegular).find("Inter"), std::string::npos);
  EXPECT_NE(fonts().file(Face::kMono).find("JetBrainsMono"), std::string::npos);
  EXPECT_NE(fonts().file(Face::kRegular), fonts().file(Face::kBold));
}

TEST(Fonts, WidthGrowsWithTheTextAndInProportionToTheSize) {
  EXPECT_EQ(fonts().width(Face::kRegular, 14, ""), 0);
  EXPECT_GT(fonts().width(Face::kRegular, 14, "ab"), fonts().width(Face::kRegular, 14, "a"));
  EXPECT_NEAR(fonts().width(Face::kRegular, 28, "refcnt"), 2 * fonts().width(Face::kRegular, 14, "refcnt"), 0.01);
  EXPECT_NEAR(fonts().width(Face::kMono, 10, "iiii"), fonts().width(Face::kMono, 10, "MMMM"), 0.01);
}

TEST(Fonts, ATextThatIsTooWideEndsInAnEllipsisAndFits) {
  const std::string fitted = fonts().fitted("a rather long text", Face::kRegular, 14, 60);
  EXPECT_LE(fonts().width(Face::kRegular, 14, fitted), 60);
  EXPECT_EQ(fitted.substr(fitted.size() - 3), "…");
  EXPECT_EQ(fonts().fitted("short", Face::kRegular, 14, 60), "short");
}

TEST(Fonts, EverythingThatTheNarrationSaysCanBeShown) {
  Story story;
  World before;
  story.client();
  for (const Event& event : story.events) {
    const Narration told = narrate_listing(before, event);
    for (std::string_view text : {std::string_view(told.said), std::string_view(told.meaning)})
      while (!text.empty()) EXPECT_NE(fonts().glyph(Face::kBold, next_character(text)).index, 0u) << told.said;
    reduce(before, event);
  }
}

TEST(Fonts, BytesThatAreNoTextAreTakenOneByOne) {
  std::string_view bytes("\xFF\xC3\x28\xE2\x82", 5);
  int count = 0;
  while (!bytes.empty()) {
    next_character(bytes);
    ++count;
  }
  EXPECT_EQ(count, 5);
}

}  // namespace
}  // namespace forktable::test
