#include "ui/window/screen_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>

namespace forktable {
namespace {

// A gap of so much of a space parts two words, and one of so many such gaps two texts.
constexpr float kPartOfSpace = 0.7f, kMostGaps = 4;
constexpr float kSpaceOfEm = 0.28f;  // Inter's; that of a narrow one

// Which letter is where in a texture.
class LetterSheet {
 public:
  struct Letter {
    char32_t character = 0;
    float left = 0, top = 0;  // of its rectangle, from the pen on the baseline
    float width = 0;          // of its rectangle
    float advance = 0;        // to the next letter's pen
    float space = 0;          // a gap wider than this parts two words
  };                          // all in one unit, whichever that is
  struct Entry {
    Letter letter;
    float u0, v0, u1, v1;  // its place, in texture coordinates
  };

  LetterSheet(int width, int height)
      : width_(width),
        height_(height),
        columns_(width / kCell + 1),
        cells_(static_cast<std::size_t>(columns_) * static_cast<std::size_t>(height / kCell + 1)) {}

  void add(const Rect& place, const Letter& letter) {  // in pixels
    const auto wide = static_cast<float>(width_), high = static_cast<float>(height_);
    for (int y = static_cast<int>(place.y) / kCell; y <= static_cast<int>(place.bottom()) / kCell; ++y)
      for (int x = static_cast<int>(place.x) / kCell; x <= static_cast<int>(place.right()) / kCell; ++x)
        cells_[static_cast<std::size_t>(y * columns_ + x)].push_back(entries_.size());
    entries_.push_back({letter, place.x / wide, place.y / high, place.right() / wide, place.bottom() / high});
  }

  // Null if no letter is there.
  const Entry* at(float u, float v) const {
    if (u < 0 || v < 0 || u >= 1 || v >= 1) return nullptr;
    const int x = static_cast<int>(u * static_cast<float>(width_)) / kCell,
              y = static_cast<int>(v * static_cast<float>(height_)) / kCell;
    for (const std::size_t i : cells_[static_cast<std::size_t>(y * columns_ + x)]) {
      const Entry& one = entries_[i];
      if (u >= one.u0 && u < one.u1 && v >= one.v0 && v < one.v1) return &one;
    }
    return nullptr;
  }

 private:
  static constexpr int kCell = 16;  // pixels: a letter is in few of them, and in one are few letters

  int width_, height_, columns_;
  std::vector<Entry> entries_;
  std::vector<std::vector<std::size_t>> cells_;  // which of these are there, at least in part
};

// A letter on the screen.
struct Seen {
  char32_t character;
  Rect rect;
  float pen, baseline, end;  // where its pen stood, and where the next letter's would
  float space;
  bool hidden;
  ImVec2 middle() const { return {rect.x + rect.width / 2, rect.y + rect.height / 2}; }
};

// The letters by where they are, so that what is drawn over some of them finds these soon.
class Page {
 public:
  explicit Page(ImVec2 size)
      : columns_(std::max(1, static_cast<int>(size.x) / kCell + 1)),
        rows_(std::max(1, static_cast<int>(size.y) / kCell + 1)),
        cells_(static_cast<std::size_t>(columns_) * static_cast<std::size_t>(rows_)) {}

  void add(const Seen& letter) {
    const ImVec2 at = letter.middle();
    cells_[cell(column(at.x), row(at.y))].push_back(letters_.size());
    letters_.push_back(letter);
  }

  // Something opaque is drawn over a triangle.
  void cover(const std::array<ImVec2, 3>& corners, const ImVec4& clip) {
    const auto [left, right] = std::minmax({corners[0].x, corners[1].x, corners[2].x});
    const auto [top, bottom] = std::minmax({corners[0].y, corners[1].y, corners[2].y});
    for (int y = row(top); y <= row(bottom); ++y)
      for (int x = column(left); x <= column(right); ++x)
        std::erase_if(cells_[cell(x, y)], [&](std::size_t i) {
          const ImVec2 middle = letters_[i].middle();
          if (!is_in(clip, middle) || !is_in(corners, middle)) return false;
          return letters_[i].hidden = true;
        });
  }

  static bool is_in(const ImVec4& clip, ImVec2 point) {
    return point.x >= clip.x && point.x < clip.z && point.y >= clip.y && point.y < clip.w;
  }

  const std::vector<Seen>& letters() const { return letters_; }

 private:
  static constexpr int kCell = 32;  // the side of one, in ImGui's units

  static bool is_in(const std::array<ImVec2, 3>& corners, ImVec2 point) {
    const auto side = [&](std::size_t from, std::size_t to) {
      const ImVec2 a = corners[from], b = corners[to];
      return (b.x - a.x) * (point.y - a.y) - (b.y - a.y) * (point.x - a.x);
    };
    const auto [least, most] = std::minmax({side(0, 1), side(1, 2), side(2, 0)});
    return (least >= 0) != (most <= 0);  // on the same side of all three, and they are no line
  }

  int column(float x) const { return std::clamp(static_cast<int>(x) / kCell, 0, columns_ - 1); }
  int row(float y) const { return std::clamp(static_cast<int>(y) / kCell, 0, rows_ - 1); }
  std::size_t cell(int x, int y) const { return static_cast<std::size_t>(y * columns_ + x); }

  int columns_, rows_;
  std::vector<std::vector<std::size_t>> cells_;
  std::vector<Seen> letters_;
};

// Goes through what is drawn, in its order.
class Reading {
 public:
  Reading(const ImDrawData& drawn, const LetterSheet& own, const LetterSheet& cached, ImTextureID cached_texture)
      : page_(drawn.DisplaySize), own_(own), cached_(cached), cached_texture_(cached_texture) {
    for (int i = 0; i < drawn.CmdListsCount; ++i) {
      const ImDrawList& list = *drawn.CmdLists[i];
      for (const ImDrawCmd& command : list.CmdBuffer)
        if (command.UserCallback == nullptr) take(list, command, drawn.DisplaySize);
    }
  }

  const std::vector<Seen>& letters() const { return page_.letters(); }

 private:
  void take(const ImDrawList& list, const ImDrawCmd& command, ImVec2 size) {
    const ImVec4 clip{std::max(command.ClipRect.x, 0.f), std::max(command.ClipRect.y, 0.f),
                      std::min(command.ClipRect.z, size.x), std::min(command.ClipRect.w, size.y)};
    const bool is_own = command.TextureId != cached_texture_;
    const auto corner = [&](unsigned at) -> const ImDrawVert& {
      return list
          .VtxBuffer[static_cast<int>(command.VtxOffset + list.IdxBuffer[static_cast<int>(command.IdxOffset + at)])];
    };
    for (unsigned at = 0; at + 3 <= command.ElemCount; at += 3) {
      const ImDrawVert &first = corner(at), &second = corner(at + 1), &third = corner(at + 2);
      if (is_own && is_blank(first) && is_blank(second) && is_blank(third)) {
        if (is_opaque(first) && is_opaque(second) && is_opaque(third))
          page_.cover({first.pos, second.pos, third.pos}, clip);
      } else if (const auto letter = read(first, third, is_own ? own_ : cached_)) {
        // A rectangle is two triangles, and both have its first and its third corner.
        at += 3;
        if (Page::is_in(clip, letter->middle())) page_.add(*letter);
      }
    }
  }

  static bool is_opaque(const ImDrawVert& corner) { return corner.col >> IM_COL32_A_SHIFT == 0xFF; }
  static bool is_blank(const ImDrawVert& corner) {
    const ImVec2 white = ImGui::GetIO().Fonts->TexUvWhitePixel;
    return corner.uv.x == white.x && corner.uv.y == white.y;
  }

  static std::optional<Seen> read(const ImDrawVert& first, const ImDrawVert& third, const LetterSheet& sheet) {
    if (first.col >> IM_COL32_A_SHIFT == 0 || third.uv.x <= first.uv.x || third.uv.y <= first.uv.y) return {};
    const LetterSheet::Entry* entry = sheet.at((first.uv.x + third.uv.x) / 2, (first.uv.y + third.uv.y) / 2);
    if (entry == nullptr) return {};
    // ImGui cuts off itself what is outside of a field: the letter's own place is known by its texture's.
    const float across = (third.pos.x - first.pos.x) / (third.uv.x - first.uv.x),
                down = (third.pos.y - first.pos.y) / (third.uv.y - first.uv.y);
    const Rect whole{first.pos.x - (first.uv.x - entry->u0) * across, first.pos.y - (first.uv.y - entry->v0) * down,
                     (entry->u1 - entry->u0) * across, (entry->v1 - entry->v0) * down};
    const LetterSheet::Letter& letter = entry->letter;
    const float scale = whole.width / letter.width, pen = whole.x - letter.left * scale;
    return Seen{letter.character,     whole, pen, whole.y - letter.top * scale, pen + letter.advance * scale,
                letter.space * scale, false};
  }

  Page page_;
  const LetterSheet &own_, &cached_;
  ImTextureID cached_texture_;
};

void widen(Rect& rect, const Rect& by) {
  const float right = std::max(rect.right(), by.right()), bottom = std::max(rect.bottom(), by.bottom());
  rect.x = std::min(rect.x, by.x);
  rect.y = std::min(rect.y, by.y);
  rect.width = right - rect.x;
  rect.height = bottom - rect.y;
}

std::vector<ScreenWord> words_of(const std::vector<Seen>& letters) {
  std::vector<ScreenWord> words;
  const Seen* last = nullptr;
  int line = 0;
  for (const Seen& letter : letters) {
    if (letter.hidden) continue;
    const float gap = last != nullptr ? letter.pen - last->end : 0;
    const bool same_line = last != nullptr && std::abs(letter.baseline - last->baseline) < 1 && gap > -last->space &&
                           gap < kMostGaps * std::max(last->space, letter.space);
    if (!same_line) ++line;
    if (!same_line || gap > std::max(last->space, letter.space)) words.push_back({{}, letter.rect, line});
    append_character(words.back().text, letter.character);
    widen(words.back().rect, letter.rect);
    last = &letter;
  }
  return words;
}

LetterSheet own_letters() {
  const ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  const auto wide = static_cast<float>(atlas.TexWidth), high = static_cast<float>(atlas.TexHeight);
  LetterSheet sheet(atlas.TexWidth, atlas.TexHeight);
  for (const ImFont* font : atlas.Fonts)
    for (const ImFontGlyph& glyph : font->Glyphs)
      if (glyph.Visible != 0)
        sheet.add({std::round(glyph.U0 * wide), std::round(glyph.V0 * high), std::round((glyph.U1 - glyph.U0) * wide),
                   std::round((glyph.V1 - glyph.V0) * high)},
                  {glyph.Codepoint, glyph.X0, glyph.Y0 - font->Ascent, glyph.X1 - glyph.X0, glyph.AdvanceX,
                   font->FindGlyph(' ')->AdvanceX * kPartOfSpace});
  return sheet;
}

LetterSheet letters_in(const GlyphCache& glyphs) {
  LetterSheet sheet(glyphs.side(), glyphs.side());
  for (const auto& [key, sprite] : glyphs.sprites())
    if (sprite.width > 0)
      sheet.add({static_cast<float>(sprite.x), static_cast<float>(sprite.y), sprite.width, sprite.height},
                {sprite.character, sprite.left - sprite.fraction, sprite.top, sprite.width, sprite.advance,
                 sprite.size * kSpaceOfEm * kPartOfSpace});
  return sheet;
}

}  // namespace

std::vector<ScreenWord> read_screen(const ImDrawData& drawn, const GlyphCache& glyphs, ImTextureID texture) {
  const LetterSheet own = own_letters(), cached = letters_in(glyphs);
  return words_of(Reading(drawn, own, cached, texture).letters());
}

}  // namespace forktable
