// Text in lines.
#pragma once

#include <string>
#include <vector>

#include "ui/picture/fonts.hpp"

namespace forktable {

// Broken between words; the first line has `indent` less room. A word that is wider than a line has one of its own.
std::vector<std::string> wrap(const std::string& text, Face face, float size, float width, const Fonts& fonts,
                              float indent = 0);

}  // namespace forktable
