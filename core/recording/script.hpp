// What a recording carries beside its events, so that it can be shown where neither this server nor this lesson is
// installed: the server's listing, and the lesson's texts. In the file, they are lines between the header and the first
// event.
#pragma once

#include <optional>
#include <string>

#include "core/lesson/lesson.hpp"
#include "core/program/listing.hpp"

namespace forktable {

struct Script {
  Listing listing;               // without a line: none
  std::optional<Lesson> lesson;  // its texts; from a recording, its steps have no actions
};

// Each a line of JSON with its newline.
std::string lines_of(const Script& script);

}  // namespace forktable
