// A Scene is a picture as a list: boxes, texts and lines in logical units. Painters paint all that is no text
// first, in its order, and the texts over it. Screen and slide are painted from the same Scene, so they are the
// same picture.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/event/enumerators.hpp"

namespace forktable {

struct Point {
  float x = 0, y = 0;
  friend bool operator==(const Point&, const Point&) = default;
};
struct Size {
  float width = 0, height = 0;
  friend bool operator==(const Size&, const Size&) = default;
};
struct Rect {
  float x = 0, y = 0, width = 0, height = 0;
  float right() const { return x + width; }
  float bottom() const { return y + height; }
  friend bool operator==(const Rect&, const Rect&) = default;
  bool contains(Point p) const { return p.x >= x && p.x < right() && p.y >= y && p.y < bottom(); }
};

struct Color {
  std::uint8_t red = 0, green = 0, blue = 0, alpha = 255;
  static constexpr Color rgb(std::uint32_t hex) {
    return {static_cast<std::uint8_t>(hex >> 16), static_cast<std::uint8_t>(hex >> 8), static_cast<std::uint8_t>(hex)};
  }
  constexpr Color faded(float by) const {
    return {red, green, blue, static_cast<std::uint8_t>(static_cast<float>(alpha) * by)};
  }
  friend bool operator==(Color, Color) = default;
};
inline constexpr Color kTransparent{0, 0, 0, 0};

enum class Face : std::uint8_t { kRegular, kSemiBold, kBold, kMono, kMonoBold };
inline constexpr int kFaces = static_cast<int>(count_of<Face>());
enum class Align : std::uint8_t { kLeft, kCenter, kRight };
enum class Dash : std::uint8_t { kSolid, kDashed, kDotted };

struct Box {
  Rect rect;
  float radius = 0;
  Color fill = kTransparent;
  Color stroke = kTransparent;
  float stroke_width = 0;
  Dash dash = Dash::kSolid;
  friend bool operator==(const Box&, const Box&) = default;
};
struct Text {
  Point at;  // of the baseline: its left end, middle or right end
  std::string text;
  Face face = Face::kRegular;
  float size = 14;  // of the em
  Color color;
  Align align = Align::kLeft;
  float spacing = 0;    // between letters, beyond the font's own
  bool struck = false;  // with a line through it
  friend bool operator==(const Text&, const Text&) = default;
};
// From left to right, as an S; with an arrow head at `to` if wanted.
struct Arrow {
  Point from, to;
  Color color;
  float width = 2;
  Dash dash = Dash::kSolid;
  bool head = true;
  friend bool operator==(const Arrow&, const Arrow&) = default;
};
struct Line {
  std::vector<Point> points;
  Color color;
  float width = 2;
  Dash dash = Dash::kSolid;
  friend bool operator==(const Line&, const Line&) = default;
};

// What an item or an area stands for, for the mouse and the keyboard.
struct Subject {
  enum Kind : std::uint8_t {
    kNone,
    kProcess,
    kFile,
    kClient,
    kLaunch,
    kDescriptor,   // id: the process that holds it
    kStep,         // id: an event of the session, from 1
    kStepProcess,  // id: the process; let it take a step
    kKernel,       // whether the kernel agrees
  } kind = kNone;
  std::uint32_t id = 0;
  std::uint32_t part = 0;  // kDescriptor: its number
  explicit operator bool() const { return kind != kNone; }
  friend bool operator==(const Subject&, const Subject&) = default;
};

// The same thing has the same key in the next Scene, which is how motion knows what moved.
using Key = std::uint64_t;

struct Item {
  Key key = 0;
  Key group = 0;  // the card it belongs to; 0: none
  std::variant<Box, Text, Arrow, Line> what;
  friend bool operator==(const Item&, const Item&) = default;
};

// A card: something to click on, and something that moves as one.
struct Group {
  Key key = 0;
  Rect rect;
  Subject subject;
  Key born_from = 0;  // where it comes out of when it is new
};

struct Scene {
  Size size;
  std::vector<Item> items;
  std::vector<Group> groups;

  // What is at this place; the latest painted wins.
  Subject at(Point place) const;
  const Group* find(const Subject& subject) const;
};

// Scales everything by `scale`, type too, then moves it by `offset`.
void transform(Scene& scene, float scale, Point offset);

}  // namespace forktable
