// What each server costs, as a file: the chart, or its figures.
#pragma once

#include <string>

#include "core/compare/costs.hpp"
#include "ui/export/job.hpp"

namespace forktable {

// Whether a chart can be one: a picture, or JSON.
constexpr bool is_for_charts(Format format) { return format <= Format::kPdf || format == Format::kTrace; }

// The whole file. A PNG has 3840 by 2160 pixels. The same table gives the same bytes.
Result<std::string> chart_file(const CostTable& table, Format format, bool dark, const Fonts& fonts);

}  // namespace forktable
