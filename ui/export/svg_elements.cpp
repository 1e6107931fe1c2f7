#include "ui/export/svg_elements.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ui/picture/strokes.hpp"

namespace forktable {
namespace {

using Attributes = std::vector<SvgAttribute>;

std::string pair(Point point) {
  std::string y = svg_number(point.y);
  return svg_number(point.x) + (y.front() == '-' ? "" : " ") + y;
}

void add_color(Attributes& look, const char* name, const char* opacity, Color color) {
  look.push_back({name, color.alpha == 0 ? "none" : svg_color(color)});
  if (color.alpha > 0 && color.alpha < 255) look.push_back({opacity, svg_number(float(color.alpha) / 255)});
}

void add_stroke(Attributes& look, Color color, float width, Dash dash) {
  add_color(look, "stroke", "stroke-opacity", color);
  look.push_back({"stroke-width", svg_number(width)});
  if (dash == Dash::kSolid) return;
  const DashLengths lengths = lengths_of(dash, width);
  look.push_back({"stroke-dasharray", svg_number(lengths.on) + " " + svg_number(lengths.off)});
}

class Elements {
 public:
  Elements(std::vector<SvgElement>& elements, const Fonts& fonts, FontUse& use)
      : elements_(elements), fonts_(fonts), use_(use) {}

  void operator()(const Box& box) {
    const bool stroked = box.stroke.alpha > 0 && box.stroke_width > 0;
    if (!stroked && box.fill.alpha == 0) return;
    SvgElement element{"rect", {}, {}, {}};
    add_color(element.look, "fill", "fill-opacity", box.fill);
    if (stroked) add_stroke(element.look, box.stroke, box.stroke_width, box.dash);
    element.place = {{"x", svg_number(box.rect.x)},
                     {"y", svg_number(box.rect.y)},
                     {"width", svg_number(std::max(0.f, box.rect.width))},
                     {"height", svg_number(std::max(0.f, box.rect.height))}};
    const float radius = std::min({box.radius, box.rect.width / 2, box.rect.height / 2});
    if (radius > 0) element.place.push_back({"rx", svg_number(radius)});
    elements_.push_back(std::move(element));
  }

  void operator()(const Text& text) {
    if (text.text.empty()) return;
    SvgElement element{"text", {}, {}, use_.runs_of(text.face, text.text), static_cast<std::size_t>(text.face)};
    element.look = {{"class", fmt::format("f{}", element.font)}, {"font-size", svg_number(text.size)}};
    add_color(element.look, "fill", "fill-opacity", text.color);
    if (text.align != Align::kLeft)
      element.look.push_back({"text-anchor", text.align == Align::kCenter ? "middle" : "end"});
    if (text.spacing != 0) element.look.push_back({"letter-spacing", svg_number(text.spacing)});
    const float width = fonts_.width(text);
    element.look.push_back({"lengthAdjust", "spacingAndGlyphs"});
    element.place = {{"x", svg_number(text.at.x)}, {"y", svg_number(text.at.y)}, {"textLength", svg_number(width)}};
    elements_.push_back(std::move(element));
    if (!text.struck) return;
    const float left = text.at.x - (text.align == Align::kCenter ? width / 2 : text.align == Align::kRight ? width : 0);
    const float y = text.at.y - text.size * 0.28f;
    (*this)(Line{{{left, y}, {left + width, y}}, text.color, text.size * 0.09f, Dash::kSolid});
  }

  void operator()(const Arrow& arrow) {
    const ArrowShape shape = shape_of(arrow);
    path("M" + pair(shape.from) + "C" + pair(shape.control1) + " " + pair(shape.control2) + " " + pair(shape.to),
         arrow.color, arrow.width, arrow.dash);
    if (!arrow.head) return;
    SvgElement head{"path", {}, {}, {}};
    add_color(head.look, "fill", "fill-opacity", arrow.color);
    head.place = {{"d", "M" + pair(shape.head[0]) + "L" + pair(shape.head[1]) + " " + pair(shape.head[2]) + "z"}};
    elements_.push_back(std::move(head));
  }

  void operator()(const Line& line) {
    if (line.points.size() < 2) return;
    std::string d = "M" + pair(line.points[0]);
    for (std::size_t i = 1; i < line.points.size(); ++i) d += (i == 1 ? "L" : " ") + pair(line.points[i]);
    path(std::move(d), line.color, line.width, line.dash);
  }

 private:
  void path(std::string d, Color color, float width, Dash dash) {
    SvgElement element{"path", {{"fill", "none"}}, {{"d", std::move(d)}}, {}};
    add_stroke(element.look, color, width, dash);
    elements_.push_back(std::move(element));
  }

  std::vector<SvgElement>& elements_;
  const Fonts& fonts_;
  FontUse& use_;
};

}  // namespace

const char* const kSvgStyle =
    "text{white-space:pre;font-kerning:none;font-variant-ligatures:none;text-rendering:geometricPrecision}\n"
    "path{stroke-miterlimit:10}\n";

std::string svg_number(float value) {
  std::string text = fmt::format("{:.2f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string svg_color(Color color) {
  const std::string hex = fmt::format("{:02x}{:02x}{:02x}", color.red, color.green, color.blue);
  const bool is_short = hex[0] == hex[1] && hex[2] == hex[3] && hex[4] == hex[5];
  return is_short ? fmt::format("#{}{}{}", hex[0], hex[2], hex[4]) : "#" + hex;
}

std::vector<SvgElement> svg_elements(const Scene& scene, const Fonts& fonts, FontUse& use) {
  std::vector<SvgElement> elements;
  Elements add(elements, fonts, use);
  for (const bool texts : {false, true})
    for (const Item& item : scene.items)
      if (std::holds_alternative<Text>(item.what) == texts) std::visit(add, item.what);
  return elements;
}

}  // namespace forktable
