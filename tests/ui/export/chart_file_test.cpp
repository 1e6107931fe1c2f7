// The chart of costs as a file.
#include "ui/export/chart_file.hpp"

#include <gtest/gtest.h>

#include "tests/compare/costs.hpp"
#include "tests/support/text.hpp"
#include "tests/ui/picture/sound.hpp"

namespace forktable::test {
namespace {

TEST(ChartFile, HasTheSameBytesForTheSameFigures) {
  const CostTable table = some_costs();
  const std::pair<Format, const char*> formats[] = {
      {Format::kPng, "\x89PNG"}, {Format::kSvg, "<?xml"}, {Format::kPdf, "%PDF"}, {Format::kTrace, "{"}};
  for (const auto& [format, beginning] : formats) {
    const auto once = chart_file(table, format, false, fonts()), again = chart_file(table, format, false, fonts());
    ASSERT_TRUE(once && again) << ending_of(format);
    EXPECT_TRUE(once->starts_with(beginning)) << ending_of(format);
    EXPECT_EQ(*once, *again) << ending_of(format);
  }
}

TEST(ChartFile, AsSvgHasTheFiguresInWordsForWhoCannotSeeIt) {
  const auto svg = chart_file(some_costs(), Format::kSvg, true, fonts());
  ASSERT_TRUE(svg);
  EXPECT_TRUE(contains(*svg, "iterative, -: the others wait"));
}

}  // namespace
}  // namespace forktable::test
