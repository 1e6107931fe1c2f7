// Paints a Scene into a picture file.
#pragma once

#include <string>

#include "core/system/result.hpp"
#include "ui/picture/fonts.hpp"
#include "ui/picture/scene.hpp"

namespace forktable {

// PNG, `scale` pixels for one unit of the scene, on `paper`. The same scene gives the same bytes.
Result<std::string> paint_png(const Scene& scene, Color paper, const Fonts& fonts, float scale);

// PNG of pixels, rows from top to bottom, 4 bytes each: red, green, blue, and one that is ignored.
Result<std::string> encode_png(const std::string& rgbx, int width, int height);

}  // namespace forktable
