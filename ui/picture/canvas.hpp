// Where the layouts draw: adds items to a Scene, each with a key that stays the same from one picture to the
// next.
#pragma once

#include <initializer_list>
#include <string_view>

#include "ui/picture/fonts.hpp"
#include "ui/picture/theme.hpp"

namespace forktable {

// The key of a card, or of a part of one.
Key key_of(Subject subject);
// Of what belongs to no card.
Key key_of(std::string_view name);
Key key_of(Key whole, std::string_view part, std::uint64_t index = 0);

struct TextStyle {
  Face face = Face::kRegular;
  float size = 14;
  Color color;
  Align align = Align::kLeft;
  float spacing = 0;
  bool struck = false;
};

class Canvas {
 public:
  Canvas(Scene& scene, const Theme& theme, const Fonts& fonts) : scene_(scene), theme_(theme), fonts_(fonts) {}

  // From now on, type is larger than asked for, around the same middle: it fills the lines that it has. What is large
  // already stays so.
  void enlarge_type() { enlarged_ = true; }
  bool has_large_type() const { return enlarged_; }
  // A canvas on the same scene with type as it is asked for.
  Canvas with_plain_type() const { return {scene_, theme_, fonts_}; }

  const Theme& theme() const { return theme_; }
  const Fonts& fonts() const { return fonts_; }
  // Of a text as it is drawn when it is asked for in this size.
  float width(Face face, float size, std::string_view text) const { return fonts_.width(face, drawn(size), text); }
  float width(Text text) const {
    text.size = drawn(text.size);
    return fonts_.width(text);
  }

  // What follows belongs to this card, until the next call. A card comes out of `born_from` when it is new.
  void begin(Subject subject, Rect rect, Key born_from = 0) { begin(key_of(subject), subject, rect, born_from); }
  void begin(Key whole, Subject subject, Rect rect, Key born_from);
  // A place to click within the card that was begun; what is drawn there belongs to the card.
  void area(Subject subject, Rect rect);
  // What follows belongs to no card; `name` keeps its keys apart.
  void begin(std::string_view name);

  void box(std::string_view part, Box box, std::uint64_t index = 0);
  // Shortened to `widest`, if it is given.
  void text(std::string_view part, Point at, std::string text, const TextStyle& style, float widest = 0,
            std::uint64_t index = 0);
  // In smaller type where it would else be wider than `widest`; where that would be too small, shortened.
  void tight_text(std::string_view part, Point at, std::string text, TextStyle style, float widest,
                  std::uint64_t index = 0);
  // The same of wordings from long to short: the first that fits in smaller type; the last, if none does.
  void tight_text(std::string_view part, Point at, std::initializer_list<std::string> wordings, const TextStyle& style,
                  float widest, std::uint64_t index = 0);
  // Of wordings from long to short, the first that fits; the last, if none does.
  std::string wording(std::initializer_list<std::string> wordings, const TextStyle& style, float widest) const;
  void arrow(std::string_view part, Arrow arrow, std::uint64_t index = 0);
  void line(std::string_view part, Line line, std::uint64_t index = 0);
  // A rounded label with text in it, its left end at `at`, which is the middle of its height. Returns its width.
  float chip(std::string_view part, Point at, const std::string& text, Color fill, float size = 12,
             std::uint64_t index = 0);
  // The same, with its right end at `at`.
  float chip_before(std::string_view part, Point at, const std::string& text, Color fill, float size = 12,
                    std::uint64_t index = 0);
  float chip_width(std::string_view text, float size) const;

 private:
  Item& add(std::string_view part, std::uint64_t index);
  float drawn(float size) const;     // of type that is asked for in this size
  float tightest(float size) const;  // how far that may shrink
  void put(std::string_view part, Point at, std::string text, const TextStyle& style, float widest,
           std::uint64_t index);  // in the style's own size

  Scene& scene_;
  const Theme& theme_;
  const Fonts& fonts_;
  Key whole_ = 0;
  bool in_group_ = false;
  bool enlarged_ = false;
};

}  // namespace forktable
