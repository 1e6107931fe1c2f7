// Paints a Scene with Cairo: a picture file of pixels, or whatever else Cairo draws on.
#pragma once

#include <map>
#include <string>

#include "core/system/result.hpp"
#include "ui/picture/fonts.hpp"
#include "ui/picture/scene.hpp"

// Cairo's own names.
// NOLINTBEGIN(bugprone-reserved-identifier)
using cairo_t = struct _cairo;
struct _cairo_font_face;
// NOLINTEND(bugprone-reserved-identifier)

namespace forktable {

// The fonts as Cairo has them. What has many pages needs the same ones on each: it would else embed them once a page.
// They and `fonts` must live for as long as what is drawn on.
class CairoFonts {
 public:
  explicit CairoFonts(const Fonts& all) : fonts(all) {}
  ~CairoFonts();
  CairoFonts(const CairoFonts&) = delete;
  CairoFonts& operator=(const CairoFonts&) = delete;

  _cairo_font_face* of(FT_FaceRec_* face);

  const Fonts& fonts;

 private:
  std::map<FT_FaceRec_*, _cairo_font_face*> made_;
};

// On `paper`, or on nothing if that is transparent.
void paint(cairo_t* cairo, const Scene& scene, Color paper, CairoFonts& fonts);

// PNG, `scale` pixels for one unit of the scene, on `paper`; without, where that is transparent. The same scene gives
// the same bytes.
Result<std::string> paint_png(const Scene& scene, Color paper, const Fonts& fonts, float scale);

// PNG of pixels, rows from top to bottom, 4 bytes each: red, green, blue, and one that is ignored.
Result<std::string> encode_png(const std::string& rgbx, int width, int height);

}  // namespace forktable
