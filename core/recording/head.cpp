#include "core/recording/head.hpp"

#include <fmt/format.h>

#include "core/recording/flat_object.hpp"

namespace forktable {

std::string line_of(const RecordingHeader& header) {
  const std::string lesson = header.lesson.empty() ? "" : ",\"lesson\":" + json_string(header.lesson);
  return fmt::format("{{\"format\":\"{}\",\"version\":{},\"server\":{},\"started\":{}{}}}\n", kRecordingFormat,
                     header.version, json_string(header.server), json_string(header.started), lesson);
}

std::string lines_of(const RecordingHead& head) { return line_of(head.header) + lines_of(head.script); }

}  // namespace forktable
