// Captions with code in them, in lines.
#include "ui/picture/marked_text.hpp"

#include <gtest/gtest.h>

#include "tests/ui/loaded_fonts.hpp"

namespace forktable::test {
namespace {

std::string shown(const SetText& text) {
  std::string all;
  for (const TextLine& line : text.lines) {
    if (!all.empty()) all += "|";
    for (const TextRun& run : line) all += run.code ? "<" + run.text + ">" : run.text;
  }
  return all;
}

std::string set(const std::string& text, float width, bool marked = true) {
  return shown(set_text(text, {Face::kRegular, 20, 1.2f, marked}, width, fonts()));
}

TEST(ACaptionWithCode, SetsItBesideThePunctuationThatFollows) {
  EXPECT_EQ(set("So `accept`, not `read`, waits.", 1000), "So <accept>, not <read>, waits.");
  EXPECT_EQ(set("So `accept` waits.", 1000, false), "So `accept` waits.") << "not a lesson's text";
}

TEST(ACaptionWithCode, IsBrokenBetweenWordsAndNotInItsCode) {
  EXPECT_EQ(set("With `while (waitpid(-1) > 0)` it ends.", 270), "With|<while (waitpid(-1) > 0)>|it ends.");
}

TEST(ACaptionWithCode, IsBrokenInCodeThatIsWiderThanALine) {
  const std::string lines = set("With `while (waitpid(-1) > 0)` it ends.", 150);
  EXPECT_NE(lines.find("|<"), lines.npos) << lines;
  std::string joined = lines;
  for (std::size_t at; (at = joined.find(">|<")) != joined.npos;) joined.replace(at, 3, " ");
  EXPECT_NE(joined.find("<while (waitpid(-1) > 0)>"), joined.npos) << lines;
}

TEST(ACaptionWithCode, IsDrawnInTheFaceForCodeOnOneBaseline) {
  Scene scene;
  Canvas canvas(scene, light_theme(), fonts());
  canvas.begin("caption");
  const SetText text = set_text("Now `accept` waits.", {Face::kBold, 20, 1.2f, true}, 1000, fonts());
  EXPECT_FLOAT_EQ(draw_text(canvas, "said", {10, 30}, text, light_theme().ink), 30 + text.height());
  ASSERT_EQ(scene.items.size(), 3u);
  const auto at = [&](std::size_t i) { return std::get<Text>(scene.items[i].what); };
  EXPECT_EQ(at(1).face, Face::kMonoBold);
  EXPECT_EQ(at(2).face, Face::kBold);
  EXPECT_FLOAT_EQ(at(0).at.y, at(1).at.y);
  EXPECT_GT(at(2).at.x, at(1).at.x + fonts().width(at(1)) * 0.99f);
}

}  // namespace
}  // namespace forktable::test
