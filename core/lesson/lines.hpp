// Lines of the server's source, in ascending order: "6-11, 25".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace forktable {

struct LineRange {
  unsigned first = 0, last = 0;  // from 1, both are meant
  friend bool operator==(const LineRange&, const LineRange&) = default;
};
using Lines = std::vector<LineRange>;
inline constexpr unsigned kMostLine = 9999;
// Nothing: the text is none of that form.
std::optional<Lines> parse_lines(std::string_view text);
std::string text_of(const Lines& lines);
bool has_line(const Lines& lines, unsigned line);

}  // namespace forktable
