#include "core/lesson/lesson.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>
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

std::size_t most_lines(const Lesson& lesson) {
  const auto count = [](const Lines& lines) {
    return std::accumulate(lines.begin(), lines.end(), std::size_t{0},
                           [](std::size_t sum, const LineRange& range) { return sum + range.last - range.first + 1; });
  };
  std::size_t most = count(lesson.code);
  for (const LessonStep& step : lesson.steps) most = std::max(most, count(step.code));
  return most;
}

const Lines& code_at(const Lesson& lesson, std::size_t steps) {
  for (std::size_t step = std::min(steps, lesson.steps.size()); step > 0; --step)
    if (!lesson.steps[step - 1].code.empty()) return lesson.steps[step - 1].code;
  return lesson.code;
}

ServerSetup setup_for(const Lesson& lesson, ServerSetup server) {
  if (server.kind != lesson.server) server = with_server(std::move(server), lesson.server);
  server.bugs.value |= lesson.bugs.value;
  server.stepping = true;
  if (lesson.descriptors > 0) server.descriptor_limit = lesson.descriptors;
  if (lesson.children > 0) server.children_limit = lesson.children;
  return server;
}

}  // namespace forktable
