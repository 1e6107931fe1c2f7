// Text in lines.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "ui/picture/fonts.hpp"

namespace forktable {

// Broken between words; the first line has `indent` less room. A word that is wider than a line has one of its own.
std::vector<std::string> wrap(const std::string& text, Face face, float size, float width, const Fonts& fonts,
                              float indent = 0);

struct Wrapped {
  std::vector<std::string> lines;
  float size = 0;  // of the type
};

// `text` in at most `most` lines no wider than `widest`, in the largest of some sizes in which that is possible. If it
// is in none, what is too much is left out, with an ellipsis. Lines are about equally wide.
Wrapped wrap_largest(const std::string& text, Face face, std::initializer_list<float> sizes, std::size_t most,
                     float widest, const Fonts& fonts);

}  // namespace forktable
