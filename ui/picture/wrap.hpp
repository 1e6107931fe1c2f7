// Text in lines.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "ui/picture/fonts.hpp"

namespace forktable {

// Broken between words, but not within a name such as "client 3"; the first line has `indent` less room. A word that is
// wider than a line has one of its own.
std::vector<std::string> wrap(const std::string& text, Face face, float size, float width, const Fonts& fonts,
                              float indent = 0);

// The end of the word at `at`, with the number that belongs to it: "client 3" is one.
std::size_t end_of_word(std::string_view text, std::size_t at);

// A line of code, broken before its comment; each line of that is a comment by itself.
std::vector<std::string> wrap_code(const std::string& code, Face face, float size, float width, const Fonts& fonts);

struct Wrapped {
  std::vector<std::string> lines;
  float size = 0;  // of the type
};

// `text` in at most `most` lines no wider than `widest`, in the largest of some sizes in which that is possible. If it
// is in none, what is too much is left out, with an ellipsis. Lines are about equally wide.
Wrapped wrap_largest(const std::string& text, Face face, std::initializer_list<float> sizes, std::size_t most,
                     float widest, const Fonts& fonts);

}  // namespace forktable
