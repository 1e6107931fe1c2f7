// Paints a Scene with Cairo: a picture file of pixels, or whatever else Cairo draws on.
#pragma once

#include <string>

#include "core/system/result.hpp"
#include "ui/picture/fonts.hpp"
#include "ui/picture/scene.hpp"

using cairo_t = struct _cairo;

namespace forktable {

// On `paper`, or on nothing if that is transparent. `fonts` must live for as long as what is drawn on.
void paint(cairo_t* cairo, const Scene& scene, Color paper, const Fonts& fonts);

// PNG, `scale` pixels for one unit of the scene, on `paper`; without, where that is transparent. The same scene gives
// the same bytes.
Result<std::string> paint_png(const Scene& scene, Color paper, const Fonts& fonts, float scale);

// PNG of pixels, rows from top to bottom, 4 bytes each: red, green, blue, and one that is ignored.
Result<std::string> encode_png(const std::string& rgbx, int width, int height);

}  // namespace forktable
