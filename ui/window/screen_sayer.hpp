// Says what stands on the screen, so that a test needn't look at it: a file with all words of the latest frame, each
// with its place.
#pragma once

#include <imgui.h>

#include <cstdint>
#include <optional>
#include <string>

#include "ui/window/glyph_cache.hpp"

namespace forktable {

class ScreenSayer {
 public:
  // One that writes the file that the environment names in FORKTABLE_SAY_SCREEN, if it names one.
  static std::optional<ScreenSayer> if_asked();

  // After a frame has been shown. `glyphs` is what `texture` shows; `answered` is how many keys, clicks and turns of
  // the wheel came before what is shown. The file is always that of one frame, whole. Its first line has the frame's
  // number and `answered`, each other line a word: "line x y width height word", see ScreenWord. What can't be written
  // is told once.
  void say(const ImDrawData& drawn, const GlyphCache& glyphs, ImTextureID texture, std::uint64_t answered);

 private:
  explicit ScreenSayer(std::string path) : path_(std::move(path)) {}

  std::string path_;
  std::uint64_t frame_ = 0;
};

}  // namespace forktable
