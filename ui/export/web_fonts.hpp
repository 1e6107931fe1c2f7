// The fonts of a file that a browser shows: the characters that it uses, embedded in it, so that it looks the same
// where Inter and JetBrains Mono are not installed. Both, and what else is embedded, may be: their licence or the font
// file says so.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ui/picture/fonts.hpp"

struct hb_face_t;

namespace forktable {

// The text as XML and HTML can hold it: valid UTF-8. A tab or a newline becomes a space, and what is forbidden U+FFFD.
std::string web_text(std::string_view text);
std::string base64(std::string_view bytes);

// What one file shows. The number of a font is its place in it: the faces first, then other fonts of the system, as
// they are come to.
class FontUse {
 public:
  explicit FontUse(const Fonts& fonts);

  // A part of a text that is in one font.
  struct Run {
    std::size_t font;
    std::string text;  // as web_text()
  };
  // Notes what is used.
  std::vector<Run> runs_of(Face face, std::string_view utf8);
  void add(Face face, std::string_view utf8) { runs_of(face, utf8); }

  struct Used {
    FT_FaceRec_* from;
    std::set<char32_t> characters;
  };
  const std::vector<Used>& used() const { return used_; }

 private:
  const Fonts& fonts_;
  std::vector<Used> used_;
};

// For one thread at a time, and for many files: what was made for one is kept for the next.
class FontSubsets {
 public:
  explicit FontSubsets(const Fonts& fonts);
  ~FontSubsets();
  FontSubsets(const FontSubsets&) = delete;
  FontSubsets& operator=(const FontSubsets&) = delete;

  const Fonts& fonts() const { return fonts_; }
  // CSS: @font-face with the characters, and a class "f0", "f1", ... for the font of each number that is used. Without
  // its font, a viewer takes its own.
  std::string style_of(const FontUse& use);

 private:
  const std::string& subset(const FontUse::Used& used);  // base64; empty: it can't be embedded

  const Fonts& fonts_;
  std::map<FT_FaceRec_*, std::unique_ptr<hb_face_t, void (*)(hb_face_t*)>> faces_;
  std::map<std::pair<FT_FaceRec_*, std::set<char32_t>>, std::string> made_;
};

}  // namespace forktable
