// What a recording carries beside its events, so that it can be shown where neither this server nor this lesson is
// installed: the server's listing, the lesson's texts, and what each server costs, if the lesson has that measured. In
// the file, they are lines between the header and the first event.
#pragma once

#include <optional>
#include <string>

#include "core/compare/costs.hpp"
#include "core/lesson/lesson.hpp"
#include "core/program/listing.hpp"

namespace forktable {

struct Script {
  Listing listing;               // without a line: none
  std::optional<Lesson> lesson;  // its texts; from a recording, its steps have no actions
  // What each server costs, as it was measured for the lesson's last step. From a recording, only that of one.
  std::optional<CostTable> costs = {};
};

// Each a line of JSON with its newline.
std::string lines_of(const Script& script);

}  // namespace forktable
