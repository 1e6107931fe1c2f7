// What stands in a recording before its events.
#pragma once

#include <string>
#include <string_view>

#include "core/event/words.hpp"
#include "core/recording/script.hpp"

namespace forktable {

inline constexpr std::string_view kRecordingFormat = "forktable-recording";
inline constexpr int kRecordingVersion = 9, kVersionWithScript = 4;

struct RecordingHeader {
  int version = kRecordingVersion;
  std::string server = "process";  // which of the servers ran
  std::string started{};           // UTC, ISO 8601
  std::string lesson{};            // its name; empty if it was none
};

struct RecordingHead {
  RecordingHeader header;
  Script script;
};

// Of a run of that server that is recorded now, and of the lesson that it is for; nullptr: none.
RecordingHead head_of(ServerKind server, const Lesson* lesson);

// With their newlines.
std::string line_of(const RecordingHeader& header);
std::string lines_of(const RecordingHead& head);

}  // namespace forktable
