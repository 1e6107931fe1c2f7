#include "ui/picture/canvas.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace forktable {
namespace {

constexpr float kTightest = 11.5f, kTightestEnlarged = 13.5f;  // type, as it is asked for
constexpr float kEnlargedBy = 4.7f, kLarge = 20;               // the latter stays as it is
constexpr float kChip = 1.65f, kLowChip = 1.4f;                // heights, of the type's size
constexpr float kMiddle = 0.36f;                               // of a line above its baseline, of the type's size

// FNV-1a: https://datatracker.ietf.org/doc/html/draft-eastlake-fnv
constexpr Key kFirst = 0xCBF29CE484222325ULL;
Key mix(Key key, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) key = (key ^ ((value >> (8 * i)) & 0xFF)) * 0x100000001B3ULL;
  return key;
}

}  // namespace

Key key_of(Subject subject) { return mix(mix(mix(kFirst, subject.kind), subject.id), subject.part); }

Key key_of(std::string_view name) { return key_of(kFirst, name, 0); }

Key key_of(Key whole, std::string_view part, std::uint64_t index) {
  Key key = whole;
  for (const char c : part) key = (key ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return mix(key, index);
}

void Canvas::begin(Key whole, Subject subject, Rect rect, Key born_from) {
  whole_ = whole;
  in_group_ = true;
  scene_.groups.push_back({whole_, rect, subject, born_from});
}

void Canvas::area(Subject subject, Rect rect) {
  scene_.groups.push_back({key_of(whole_, "area", key_of(subject)), rect, subject, 0});
}

void Canvas::begin(std::string_view name) {
  whole_ = key_of(name);
  in_group_ = false;
}

Item& Canvas::add(std::string_view part, std::uint64_t index) {
  Item& item = scene_.items.emplace_back();
  item.key = key_of(whole_, part, index);
  item.group = in_group_ ? whole_ : 0;
  return item;
}

void Canvas::box(std::string_view part, Box box, std::uint64_t index) { add(part, index).what = box; }

float Canvas::drawn(float size) const { return enlarged_ && size < kLarge ? size + kEnlargedBy : size; }

float Canvas::tightest(float size) const {
  return std::min(drawn(size), drawn(enlarged_ ? kTightestEnlarged : kTightest));
}

void Canvas::text(std::string_view part, Point at, std::string text, const TextStyle& style, float widest,
                  std::uint64_t index) {
  TextStyle as_drawn = style;
  as_drawn.size = drawn(style.size);
  put(part, {at.x, at.y + (as_drawn.size - style.size) * kMiddle}, std::move(text), as_drawn, widest, index);
}

void Canvas::put(std::string_view part, Point at, std::string text, const TextStyle& style, float widest,
                 std::uint64_t index) {
  if (text.empty()) return;
  if (widest > 0) text = fonts_.fitted(std::move(text), style.face, style.size, widest);
  add(part, index).what =
      Text{at, std::move(text), style.face, style.size, style.color, style.align, style.spacing, style.struck};
}

void Canvas::tight_text(std::string_view part, Point at, std::string text, TextStyle style, float widest,
                        std::uint64_t index) {
  const float full = drawn(style.size), wanted = fonts_.width(style.face, full, text);
  at.y += (full - style.size) * kMiddle;
  const float least = tightest(style.size);
  style.size = wanted > widest ? std::max(least, full * widest / wanted * 0.995f) : full;
  put(part, at, std::move(text), style, widest, index);
}

void Canvas::tight_text(std::string_view part, Point at, std::initializer_list<std::string> wordings,
                        const TextStyle& style, float widest, std::uint64_t index) {
  const float smallest = tightest(style.size);
  const auto fits = [&](const std::string& words) { return fonts_.width(style.face, smallest, words) <= widest; };
  const auto found = std::find_if(wordings.begin(), wordings.end(), fits);
  tight_text(part, at, found != wordings.end() ? *found : *(wordings.end() - 1), style, widest, index);
}

std::string Canvas::wording(std::initializer_list<std::string> wordings, const TextStyle& style, float widest) const {
  const auto fits = [&](const std::string& words) { return width(style.face, style.size, words) <= widest; };
  const auto found = std::find_if(wordings.begin(), wordings.end(), fits);
  return found != wordings.end() ? *found : *(wordings.end() - 1);
}

void Canvas::arrow(std::string_view part, Arrow arrow, std::uint64_t index) { add(part, index).what = arrow; }

void Canvas::line(std::string_view part, Line line, std::uint64_t index) { add(part, index).what = std::move(line); }

float Canvas::chip(std::string_view part, Point at, const std::string& text, Color fill, float size,
                   std::uint64_t index) {
  const float width = chip_width(text, size);
  size = drawn(size);
  const float height = size * (enlarged_ ? kLowChip : kChip);
  box(part, {{at.x, at.y - height / 2, width, height}, height / 2, fill, kTransparent, 0, Dash::kSolid}, 2 * index);
  put(part, {at.x + width / 2, at.y + size * kMiddle}, text,
      {Face::kSemiBold, size, readable_on(fill), Align::kCenter, 0, false}, 0, 2 * index + 1);
  return width;
}

float Canvas::chip_before(std::string_view part, Point at, const std::string& text, Color fill, float size,
                          std::uint64_t index) {
  return chip(part, {at.x - chip_width(text, size), at.y}, text, fill, size, index);
}

float Canvas::chip_width(std::string_view text, float size) const {
  return width(Face::kSemiBold, size, text) + drawn(size) * 1.3f;
}

}  // namespace forktable
