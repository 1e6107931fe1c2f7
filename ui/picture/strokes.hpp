// The shapes of lines, for every painter: how an arrow bends, and what dashes look like.
#pragma once

#include <array>

#include "ui/picture/scene.hpp"

namespace forktable {

// A cubic Bézier curve; both ends are horizontal. The head is a triangle whose tip is at arrow.to.
struct ArrowShape {
  Point from, control1, control2, to;  // `to` is the middle of the head's base
  std::array<Point, 3> head;
};

inline ArrowShape shape_of(const Arrow& arrow) {
  const float length = arrow.head ? arrow.width * 4.2f : 0, half = arrow.width * 1.9f;
  ArrowShape shape;
  shape.from = arrow.from;
  shape.to = {arrow.to.x - length * 0.9f, arrow.to.y};
  const float bend = (shape.to.x - shape.from.x) * 0.5f;
  shape.control1 = {shape.from.x + bend, shape.from.y};
  shape.control2 = {shape.to.x - bend, shape.to.y};
  shape.head = {{arrow.to, {arrow.to.x - length, arrow.to.y - half}, {arrow.to.x - length, arrow.to.y + half}}};
  return shape;
}

// Lengths of dash and gap.
struct DashLengths {
  float on, off;
};
inline DashLengths lengths_of(Dash dash, float width) {
  return dash == Dash::kDashed ? DashLengths{width * 3.2f, width * 2.2f} : DashLengths{width * 1.1f, width * 1.3f};
}

}  // namespace forktable
