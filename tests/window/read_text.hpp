// What a reader makes of a picture of text: tesseract, who knows nothing of what was meant to be shown.
#pragma once

#include <string>
#include <vector>

#include "tests/window/screenshot.hpp"

namespace forktable::test {

struct ReadWord {
  std::string text;
  float certainty;  // 0 to 100, as tesseract has it
};

// `folder` is for what goes between here and there.
std::vector<ReadWord> read_text(const Image& image, const std::string& folder);

}  // namespace forktable::test
