// Letters as pixels for the screen: each glyph is drawn by FreeType once for a size, at a quarter of a pixel,
// and kept in one picture that becomes a texture. Text is sharp at every zoom, and as wide as on a slide.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "ui/picture/fonts.hpp"

namespace forktable {

class GlyphCache {
 public:
  explicit GlyphCache(const Fonts& fonts) : fonts_(fonts) { clear(512); }

  struct Sprite {
    // Where it goes, in pixels from the pen, which stands on whole ones.
    float left = 0, top = 0, width = 0, height = 0;
    // Where it is in the picture, in pixels.
    int x = 0, y = 0;
    // What it says, for who reads it again; size, advance, and how far behind its pixel the pen stood, in pixels.
    char32_t character = 0;
    float size = 0, advance = 0, fraction = 0;
  };

  // `size` of the em in pixels; `phase` of the pen in quarters of a pixel, 0 to 3.
  const Sprite& sprite(char32_t character, const Fonts::Glyph& glyph, float size, int phase);
  // All of them, by a key that is the cache's own.
  const std::unordered_map<std::uint64_t, Sprite>& sprites() const { return sprites_; }

  // The picture: side() by side() bytes of coverage. It is new whenever version() has changed.
  int side() const { return side_; }
  const std::uint8_t* pixels() const { return pixels_.data(); }
  std::uint32_t version() const { return version_; }
  // When the picture was full, it was started again, larger; what was handed out before is void.
  std::uint32_t generation() const { return generation_; }

  const Fonts& fonts() const { return fonts_; }

 private:
  void clear(int side);
  bool place(int width, int height, int& x, int& y);

  const Fonts& fonts_;
  int side_ = 0;
  std::vector<std::uint8_t> pixels_;
  int shelf_x_ = 0, shelf_y_ = 0, shelf_height_ = 0;  // glyphs stand on shelves, from left to right
  std::uint32_t version_ = 0, generation_ = 0;
  std::unordered_map<std::uint64_t, Sprite> sprites_;
};

}  // namespace forktable
