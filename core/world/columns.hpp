// Text for a terminal of 80 columns: aligned, wrapped, and without anything that a terminal would obey.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace forktable {

inline constexpr std::size_t kTerminalColumns = 80;

enum class Ink { kPlain, kStrong, kWarning };

// The text in that ink, if `colour`; else as it is.
std::string inked(std::string_view text, Ink ink, bool colour);

struct Cell {
  std::string text;
  Ink ink = Ink::kPlain;
};

struct Row {
  std::vector<Cell> cells;
  std::vector<std::string> list = {};  // after the last cell, on further lines where it doesn't fit into one
};

// A line for each row, indented by two, its cells as wide as the widest of their column. No line ends with a space.
std::string in_columns(const std::vector<Row>& rows, bool colour);

// Lines of at most 80 columns where that can be, all but the first indented by so many. `text` may begin with spaces.
std::string wrapped(std::string_view text, std::size_t indent);

}  // namespace forktable
