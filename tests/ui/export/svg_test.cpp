#include "ui/export/svg.hpp"

#include <gtest/gtest.h>

#include "tests/support/program.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/text.hpp"
#include "tests/ui/export/pixels.hpp"
#include "tests/ui/export/told_run.hpp"
#include "ui/picture/cairo_painter.hpp"

namespace forktable::test {
namespace {

Scene with(Text text) {
  Scene scene;
  scene.size = {400, 100};
  text.at = {200, 50};
  scene.items.push_back({1, 0, std::move(text)});
  return scene;
}

std::string svg_of(const Scene& scene, const SvgWords& words = {"a title", "a caption"}) {
  FontSubsets subsets(fonts());
  return paint_svg(scene, slide_theme().paper, subsets, words);
}

// What an XML parser takes the text of the first such element for; the whole file must be well-formed.
std::string parsed(const std::string& svg, const std::string& element) {
  const TemporaryFolder folder;
  put(folder.file("x.svg"), svg);
  const Outcome outcome = run({.words = {"/usr/bin/env", "xmllint", "--nonet", "--xpath",
                                         "string(//*[local-name()='" + element + "'])", folder.file("x.svg")}});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  return outcome.out;
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(Svg, OfEveryPageIsXmlWithTextThatCanBeSearchedAndWithoutAPixel) {
  for (const Page& page : ToldRun().pages()) {
    const std::string svg = svg_of(slide_of(page, slide_theme(), fonts()), {page.heading, page.caption.said});
    EXPECT_EQ(parsed(svg, "title"), page.heading + "\n");
    EXPECT_EQ(parsed(svg, "desc"), page.caption.said + "\n");
    EXPECT_TRUE(contains(svg, ">server (parent)</text>"));
    EXPECT_FALSE(contains(svg, "<image"));
    EXPECT_EQ(count(svg, "http"), 1u) << "the name of SVG, and nothing from elsewhere";
  }
}

TEST(Svg, LooksLikeThePng) {
  const TemporaryFolder folder;
  const Page page = page_at(ToldRun().deck(), 25);
  const Scene slide = slide_of(page, slide_theme(), fonts());
  put(folder.file("x.svg"), svg_of(slide));
  const Outcome outcome =
      run({.words = {"/usr/bin/env", "rsvg-convert", folder.file("x.svg"), "-o", folder.file("x.png")}});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const std::string png = *paint_png(slide, slide_theme().paper, fonts(), 1);
  EXPECT_LT(mean_difference(contents(folder.file("x.png")), png), 0.015);
}

TEST(Svg, WhateverAnybodySaysIsText) {
  const std::string evil = "</text><script>alert('&amp;')</script>]]>\"\x01\x1B\xFF\xED\xA0\x80\n\xEF\xBF\xBE";
  const std::string shown = "</text><script>alert('&amp;')</script>]]>\"";
  const std::string svg = svg_of(with({{}, evil, Face::kMono, 14, {}, Align::kLeft, 0, false}), {evil, evil});
  for (const char* place : {"text", "title", "desc"}) EXPECT_EQ(parsed(svg, place).substr(0, shown.size()), shown);
  EXPECT_EQ(parsed(svg, "script"), "\n");
  for (const char c : svg) EXPECT_TRUE(static_cast<unsigned char>(c) >= ' ' || c == '\n') << int(c);
}

TEST(Svg, OfTheSameSceneIsTheSameWhateverWasPaintedBefore) {
  const std::vector<Page> pages = ToldRun().pages();
  const Scene slide = slide_of(pages[9], slide_theme(), fonts());
  FontSubsets subsets(fonts());
  const std::string first = paint_svg(slide, std::nullopt, subsets, {});
  for (const Page& page : pages) paint_svg(slide_of(page, slide_theme(), fonts()), std::nullopt, subsets, {});
  EXPECT_EQ(paint_svg(slide, std::nullopt, subsets, {}), first);
  EXPECT_EQ(paint_svg(slide, std::nullopt, *std::make_unique<FontSubsets>(fonts()), {}), first);
}

TEST(Svg, HasItsFontsWithItAndOnlyTheCharactersThatItShows) {
  const std::string svg = svg_of(with({{}, "few", Face::kBold, 14, {}, Align::kLeft, 0, false}));
  EXPECT_EQ(count(svg, "@font-face"), 1u);
  EXPECT_LT(svg.size(), 6000u) << "the whole font has more than 250,000";
  const std::string two = svg_of(slide_of(ToldRun().pages()[9], slide_theme(), fonts()));
  EXPECT_EQ(count(two, "@font-face"), static_cast<std::size_t>(kFaces));
}

TEST(Svg, ACharacterOfAnotherFontIsInThatFont) {
  // Inter has it, JetBrains Mono doesn't.
  ASSERT_EQ(fonts().glyph(Face::kMono, U'Ⓐ').from, fonts().face(Face::kRegular));
  const std::string svg = svg_of(with({{}, "aⒶb", Face::kMono, 14, {}, Align::kLeft, 0, false}));
  EXPECT_TRUE(contains(svg, ">a<tspan class=\"f0\">Ⓐ</tspan>b</text>")) << svg;
  EXPECT_EQ(parsed(svg, "text"), "aⒶb\n");
}

TEST(Svg, TextIsAsWideAsItWasMeasuredWhereItsFontIsNotUsed) {
  const Text text{{}, "refcnt", Face::kSemiBold, 20, {}, Align::kRight, 1.5f, true};
  const std::string svg = svg_of(with(text)), width = svg.substr(svg.find("textLength=\"") + 12, 6);
  EXPECT_NEAR(std::stod(width), fonts().width(text), 0.01);
  for (const char* part :
       {"text-anchor=\"end\"", "letter-spacing=\"1.5\"", "lengthAdjust=\"spacingAndGlyphs\"", "<path d=\"M"})
    EXPECT_TRUE(contains(svg, part)) << part;
}

TEST(Svg, WithoutPaperHasNothingBehindIt) {
  FontSubsets subsets(fonts());
  EXPECT_FALSE(contains(paint_svg(with({}), std::nullopt, subsets, {}), "<rect"));
  EXPECT_TRUE(contains(paint_svg(with({}), slide_theme().paper, subsets, {}), "<rect"));
}

}  // namespace
}  // namespace forktable::test
