#include "ui/export/chart_file.hpp"

#include "ui/export/svg.hpp"
#include "ui/export/vectors.hpp"
#include "ui/picture/cairo_painter.hpp"
#include "ui/picture/chart.hpp"

namespace forktable {
namespace {

constexpr const char* kTitle = "What each server costs";

}  // namespace

Result<std::string> chart_file(const CostTable& table, Format format, bool dark, const Fonts& fonts) {
  if (format == Format::kTrace) return json_of(table);
  const Theme& theme = dark ? dark_theme() : slide_theme();
  const Scene scene = draw_chart({table, theme, fonts});
  if (format == Format::kPng) return paint_png(scene, theme.paper, fonts, 2);
  if (format == Format::kSvg) {
    FontSubsets subsets(fonts);
    return paint_svg(scene, theme.paper, subsets, {kTitle, text_of(table, false)});
  }
  PdfDeck deck(kTitle, table.measured_at, theme.paper, fonts);
  deck.add(scene, kTitle);
  return deck.finish();
}

}  // namespace forktable
