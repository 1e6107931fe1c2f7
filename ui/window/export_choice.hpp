// What is exported from the window, and as what: chosen in a panel, kept from one run of Forktable to the next.
#pragma once

#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "core/event/enumerators.hpp"
#include "ui/export/job.hpp"

namespace forktable {

struct ExportChoice {
  Format format = Format::kPdf;
  enum Steps : std::uint8_t { kThis, kAll, kRange, kStops } steps = kAll;
  bool dark = false, transparent = false, outlines = false;
  std::string folder{};  // empty: Forktable's in the user's pictures
  friend bool operator==(const ExportChoice&, const ExportChoice&) = default;
};
inline constexpr std::string_view kExportedStepsNames[] = {"this", "all", "range", "stops"};
static_assert(std::size(kExportedStepsNames) == count_of<ExportChoice::Steps>());
inline constexpr std::size_t kLongestFolder = 4096;  // bytes

}  // namespace forktable
