// Paints a Scene into an ImGui draw list.
#pragma once

#include <imgui.h>

#include "ui/picture/scene.hpp"
#include "ui/window/glyph_cache.hpp"

namespace forktable {

// Where the scene's origin comes to lie, and how large its unit is there.
struct View {
  Point origin;
  float zoom = 1;
};

// `texture` shows the cache's picture; `pixels_per_unit` is the framebuffer's scale.
void paint(const Scene& scene, const View& view, ImDrawList& list, GlyphCache& glyphs, ImTextureID texture,
           float pixels_per_unit);

ImU32 packed(Color color);

}  // namespace forktable
