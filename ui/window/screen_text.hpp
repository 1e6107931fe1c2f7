// What stands on the screen to be read: the words of a frame, found again in what ImGui is about to draw. Each letter
// is a rectangle that shows a place in a texture of letters, and the place tells which letter it is. So no panel has to
// know of it, and what is clipped away or painted over isn't read.
#pragma once

#include <imgui.h>

#include <string>
#include <vector>

#include "ui/picture/scene.hpp"
#include "ui/window/glyph_cache.hpp"

namespace forktable {

struct ScreenWord {
  std::string text;  // UTF-8
  Rect rect;         // what its letters cover, in ImGui's units
  int line = 0;      // words of one line were drawn one after the other, on one baseline, with a space between them
};

// In the order in which they were drawn. `glyphs` is shown by `texture`; all other text is ImGui's own. A letter is
// left out if its middle is outside of what it was clipped to, or if something without any transparency was drawn over
// it there.
std::vector<ScreenWord> read_screen(const ImDrawData& drawn, const GlyphCache& glyphs, ImTextureID texture);

}  // namespace forktable
