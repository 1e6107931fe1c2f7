#include "core/recording/installed_script.hpp"

#include "core/lesson/library.hpp"

namespace forktable {

Script script_of(const Recording& recording) {
  if (recording.header.version >= kVersionWithScript) return recording.script;
  Script script{listing_of(recording.header.server), {}};
  const std::string& lesson = recording.header.lesson;
  // Its name only: a recording from a stranger opens no other file.
  if (lesson.empty() || lesson.find_first_of("./") != std::string::npos) return script;
  if (auto found = find_lesson(lesson)) script.lesson = std::move(*found);
  return script;
}

}  // namespace forktable
