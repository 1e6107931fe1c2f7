#include "ui/window/glyph_cache.hpp"

#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_OUTLINE_H

#include <algorithm>
#include <cmath>
#include <cstring>

namespace forktable {
namespace {

constexpr int kLargestSide = 4096;

std::uint64_t key_of(char32_t character, const Fonts::Glyph& glyph, int size, int phase) {
  std::uint64_t key = reinterpret_cast<std::uintptr_t>(glyph.from);
  for (const std::uint64_t part : {std::uint64_t{glyph.index}, std::uint64_t{character},
                                   static_cast<std::uint64_t>(size), static_cast<std::uint64_t>(phase)})
    key = (key ^ part) * 0x9E3779B97F4A7C15ULL;
  return key;
}

}  // namespace

void GlyphCache::clear(int side) {
  side_ = std::min(side, kLargestSide);
  pixels_.assign(static_cast<std::size_t>(side_) * static_cast<std::size_t>(side_), 0);
  sprites_.clear();
  shelf_x_ = shelf_y_ = shelf_height_ = 0;
  ++generation_;
  ++version_;
}

bool GlyphCache::place(int width, int height, int& x, int& y) {
  constexpr int kGap = 1;  // or one glyph's edge would bleed into the next
  if (shelf_x_ + width + kGap > side_) {
    shelf_y_ += shelf_height_;
    shelf_x_ = shelf_height_ = 0;
  }
  if (shelf_y_ + height + kGap > side_ || width + kGap > side_) return false;
  x = shelf_x_;
  y = shelf_y_;
  shelf_x_ += width + kGap;
  shelf_height_ = std::max(shelf_height_, height + kGap);
  return true;
}

const GlyphCache::Sprite& GlyphCache::sprite(char32_t character, const Fonts::Glyph& glyph, float size, int phase) {
  const int size26 = static_cast<int>(std::lround(size * 64));
  const std::uint64_t key = key_of(character, glyph, size26, phase);
  if (const auto known = sprites_.find(key); known != sprites_.end()) return known->second;

  Sprite sprite{
      .character = character, .size = size, .advance = glyph.advance * size, .fraction = static_cast<float>(phase) / 4};
  FT_Face face = glyph.from;
  if (FT_Set_Char_Size(face, 0, size26, 72, 72) == 0 &&
      FT_Load_Glyph(face, glyph.index, FT_LOAD_NO_BITMAP | FT_LOAD_TARGET_LIGHT) == 0) {
    FT_Outline_Translate(&face->glyph->outline, phase * 16, 0);
    if (FT_Render_Glyph(face->glyph, FT_RENDER_MODE_NORMAL) == 0) {
      const FT_Bitmap& bitmap = face->glyph->bitmap;
      const int width = static_cast<int>(bitmap.width), height = static_cast<int>(bitmap.rows);
      if (!place(width, height, sprite.x, sprite.y)) {
        clear(side_ * 2);
        if (!place(width, height, sprite.x, sprite.y)) return sprites_[key] = {};
      }
      for (int row = 0; row < height; ++row)
        std::memcpy(&pixels_[static_cast<std::size_t>((sprite.y + row) * side_ + sprite.x)],
                    bitmap.buffer + row * bitmap.pitch, static_cast<std::size_t>(width));
      sprite.left = static_cast<float>(face->glyph->bitmap_left);
      sprite.top = static_cast<float>(-face->glyph->bitmap_top);
      sprite.width = static_cast<float>(width);
      sprite.height = static_cast<float>(height);
      ++version_;
    }
  }
  return sprites_[key] = sprite;
}

}  // namespace forktable
