#include "core/lesson/lines.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace forktable {

std::optional<Lines> parse_lines(std::string_view text) {
  Lines lines;
  const char *at = text.data(), *const end = at + text.size();
  const auto skip_spaces = [&] {
    while (at != end && *at == ' ') ++at;
  };
  const auto number = [&](unsigned& value) {
    skip_spaces();
    const auto [next, error] = std::from_chars(at, end, value);
    at = next;
    skip_spaces();
    return error == std::errc{} && value >= 1 && value <= kMostLine;
  };
  while (true) {
    LineRange range;
    if (!number(range.first)) return std::nullopt;
    range.last = range.first;
    if (at != end && *at == '-' && (++at, !number(range.last))) return std::nullopt;
    if (range.last < range.first || (!lines.empty() && range.first <= lines.back().last)) return std::nullopt;
    lines.push_back(range);
    if (at == end) return lines;
    if (*at++ != ',') return std::nullopt;
  }
}

std::string text_of(const Lines& lines) {
  std::string text;
  for (const LineRange& range : lines) {
    text += (text.empty() ? "" : ", ") + std::to_string(range.first);
    if (range.last != range.first) text += "-" + std::to_string(range.last);
  }
  return text;
}

bool has_line(const Lines& lines, unsigned line) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const LineRange& range) { return line >= range.first && line <= range.last; });
}

}  // namespace forktable
