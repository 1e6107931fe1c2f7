#include "core/lesson/lesson.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace forktable {

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

ServerSetup setup_beside(const Lesson& lesson, ServerSetup server) {
  const LessonServer& wanted = *lesson.beside;
  if (server.kind != wanted.kind) server = with_server(std::move(server), wanted.kind);
  server.port = 0;
  server.bugs = wanted.bugs;
  server.stepping = false;
  if (wanted.descriptors > 0) server.descriptor_limit = wanted.descriptors;
  if (wanted.children > 0) server.children_limit = wanted.children;
  return server;
}

}  // namespace forktable
