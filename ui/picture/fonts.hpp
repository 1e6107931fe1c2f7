// The fonts: Inter and JetBrains Mono, from one file each for screen, slide and measure, so that text has the
// same width everywhere.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/system/result.hpp"
#include "ui/picture/scene.hpp"

struct FT_FaceRec_;
struct FT_LibraryRec_;
struct _FcConfig;  // NOLINT(bugprone-reserved-identifier): as fontconfig calls it

namespace forktable {

// For one thread at a time.
class Fonts {
 public:
  // Where the system keeps them, as fontconfig says. What isn't installed is replaced by what is, and named
  // by missing(). Fails only when there is no usable font at all.
  static Result<std::unique_ptr<Fonts>> load();
  ~Fonts();
  Fonts(const Fonts&) = delete;
  Fonts& operator=(const Fonts&) = delete;

  // In the unit of `size`, the em; unhinted, so that it scales.
  float width(Face face, float size, std::string_view utf8) const;
  float width(const Text& text) const;
  // `text`, shortened with an ellipsis if it is wider than `widest`.
  std::string fitted(std::string text, Face face, float size, float widest) const;

  // The glyph of a character: in `face`, or in whatever font of the system has it.
  struct Glyph {
    FT_FaceRec_* from;
    unsigned index;  // 0: no font has it
    float advance;   // in em
  };
  Glyph glyph(Face face, char32_t character) const;

  FT_FaceRec_* face(Face face) const { return faces_[static_cast<std::size_t>(face)]; }
  const std::string& file(Face face) const { return files_[static_cast<std::size_t>(face)]; }
  const std::string& missing() const { return missing_; }  // empty: all as designed

 private:
  Fonts() = default;
  FT_FaceRec_* find_substitute(char32_t character) const;

  FT_LibraryRec_* library_ = nullptr;
  _FcConfig* config_ = nullptr;
  std::array<FT_FaceRec_*, kFaces> faces_{};
  std::array<std::string, kFaces> files_;
  mutable std::map<std::string, FT_FaceRec_*> substitutes_;                 // by file
  mutable std::array<std::unordered_map<char32_t, Glyph>, kFaces> glyphs_;  // those that were asked for
  std::string missing_;
};

// The next character of `utf8`, which is shortened by it; U+FFFD for a byte that belongs to none.
char32_t next_character(std::string_view& utf8);
void append_character(std::string& utf8, char32_t character);

}  // namespace forktable
