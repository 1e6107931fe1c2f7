// Pictures without pixels, by Cairo: PDF, and SVG whose letters are outlines.
#pragma once

#include <memory>
#include <string>

#include "ui/picture/fonts.hpp"
#include "ui/picture/scene.hpp"

namespace forktable {

// A PDF, a page for each scene. Its text can be searched and copied.
class PdfDeck {
 public:
  // `date` as ISO 8601: it goes into the file, so that the same run gives the same bytes. `paper` may be transparent.
  // The fonts must outlive it.
  PdfDeck(const std::string& title, const std::string& date, Color paper, const Fonts& fonts);
  ~PdfDeck();

  // `heading` names the page in the viewer's list of contents. All pages are as wide on paper, 13⅓ inches.
  void add(const Scene& scene, const std::string& heading);
  // The whole file. To be called once, after the last page.
  Result<std::string> finish();

 private:
  struct Drawing;
  std::unique_ptr<Drawing> drawing_;
};

// For programs that don't have the fonts, such as those that show slides.
Result<std::string> paint_outlined_svg(const Scene& scene, Color paper, const Fonts& fonts);

}  // namespace forktable
