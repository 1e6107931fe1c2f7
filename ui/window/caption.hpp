// What stands below the picture: of a lesson, its caption or question; else what is said of the step.
#pragma once

#include <string>
#include <vector>

#include "ui/window/model.hpp"

namespace forktable {

struct Caption {
  std::string heading;  // "STEP 23", "LESSON 4 · STEP 2 OF 9"
  Narration told;
  std::string next;  // what comes after it, or which key goes on
  bool question = false;
  bool marked = false;  // code stands between backquotes in what is told
};

Caption caption_of(const Model& model);

// All that the lesson in hand has; none: no lesson. For what is to have room for each of them.
std::vector<Caption> lesson_captions(const Model& model);

}  // namespace forktable
