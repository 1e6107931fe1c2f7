// What stands below the picture: of a lesson, its caption or question; else what is said of the step.
#pragma once

#include <string>

#include "ui/window/model.hpp"

namespace forktable {

struct Caption {
  std::string heading;  // "STEP 23", "LESSON 4 · STEP 2 OF 9"
  Narration told;
  std::string next;  // what comes after it, or which key goes on
  bool question = false;
};

Caption caption_of(const Model& model);

}  // namespace forktable
