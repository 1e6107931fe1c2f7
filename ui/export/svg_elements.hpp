// A Scene as elements of SVG, for what writes them down: a file of its own, or a page of HTML.
#pragma once

#include <string>
#include <vector>

#include "ui/export/web_fonts.hpp"
#include "ui/picture/scene.hpp"

namespace forktable {

struct SvgAttribute {
  const char* name;
  std::string value;  // needs no escaping
};
struct SvgElement {
  const char* tag;
  std::vector<SvgAttribute> look;   // colours, type: the same for many
  std::vector<SvgAttribute> place;  // where it is: its own; numbers, but for "d"
  std::vector<FontUse::Run> text;   // what is in a font other than that of the look needs its class
  std::size_t font = 0;             // of the look
};

// In the order in which they are to be painted. The texts' characters are noted in `use`.
std::vector<SvgElement> svg_elements(const Scene& scene, const Fonts& fonts, FontUse& use);

// The rules that the elements need beside those of the fonts.
extern const char* const kSvgStyle;

// Up to two digits behind the point, and no more than it needs.
std::string svg_number(float value);
std::string svg_color(Color color);  // without alpha

}  // namespace forktable
