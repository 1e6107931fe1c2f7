// Reads a lesson's YAML. A file from a stranger is never trusted: its size, depth, number of steps and length of
// texts are limited, aliases are refused, and whatever is not known is a mistake.
#pragma once

#include <string>
#include <string_view>

#include "core/lesson/lesson.hpp"
#include "core/system/result.hpp"

namespace forktable {

inline constexpr std::size_t kMostLessonBytes = 1 << 20;

// `path` names the file in errors, and its stem the lesson. An error has the line of the mistake and what was expected:
// "lecture.yaml:12: unknown bug "parent-keeps-confd"; expected one of: parent-keeps-connfd, ...".
Result<Lesson> parse_lesson(std::string_view text, const std::string& path);
Result<Lesson> read_lesson(const std::string& path);

}  // namespace forktable
