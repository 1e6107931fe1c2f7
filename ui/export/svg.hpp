// Paints a Scene as an SVG 1.1 file, in which text is text: it can be searched and copied. Its characters are embedded.
#pragma once

#include <optional>
#include <string>

#include "ui/export/web_fonts.hpp"
#include "ui/picture/scene.hpp"

namespace forktable {

// For who can't see the picture; any text.
struct SvgWords {
  std::string title, description;
};

// `paper`: what is behind it; none: nothing. The same scene gives the same bytes.
std::string paint_svg(const Scene& scene, std::optional<Color> paper, FontSubsets& fonts, const SvgWords& words);

// Any text, so that it stands for itself in XML and in HTML, in an attribute too.
std::string escaped(std::string_view text);

}  // namespace forktable
