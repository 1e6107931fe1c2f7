#include "ui/export/vectors.hpp"

#include <cairo-pdf.h>
#include <cairo-svg.h>

#include "ui/picture/cairo_painter.hpp"

namespace forktable {
namespace {

constexpr double kPageWidth = 960;  // points

using Surface = std::unique_ptr<cairo_surface_t, decltype([](cairo_surface_t* one) { cairo_surface_destroy(one); })>;
using Context = std::unique_ptr<cairo_t, decltype([](cairo_t* one) { cairo_destroy(one); })>;

cairo_status_t append(void* to, const unsigned char* data, unsigned length) {
  static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

Result<void> finish(cairo_surface_t* surface) {
  cairo_surface_finish(surface);
  const cairo_status_t status = cairo_surface_status(surface);
  if (status == CAIRO_STATUS_SUCCESS) return {};
  return failure(std::string("can't paint: ") + cairo_status_to_string(status));
}

}  // namespace

struct PdfDeck::Drawing {
  Color paper;
  CairoFonts fonts;
  std::string bytes;
  Surface surface;
  int pages = 0;
};

PdfDeck::PdfDeck(const std::string& title, const std::string& date, Color paper, const Fonts& fonts)
    : drawing_(new Drawing{paper, CairoFonts(fonts), {}, nullptr}) {
  drawing_->surface.reset(cairo_pdf_surface_create_for_stream(append, &drawing_->bytes, kPageWidth, kPageWidth));
  cairo_surface_t* surface = drawing_->surface.get();
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, title.c_str());
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Forktable");
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, date.c_str());
}

PdfDeck::~PdfDeck() = default;

void PdfDeck::add(const Scene& scene, const std::string& heading) {
  cairo_surface_t* surface = drawing_->surface.get();
  const double scale = kPageWidth / scene.size.width;
  cairo_pdf_surface_set_size(surface, kPageWidth, scene.size.height * scale);
  const Context cairo(cairo_create(surface));
  cairo_scale(cairo.get(), scale, scale);
  paint(cairo.get(), scene, drawing_->paper, drawing_->fonts);
  cairo_show_page(cairo.get());
  const std::string place = "page=" + std::to_string(++drawing_->pages);
  cairo_pdf_surface_add_outline(surface, CAIRO_PDF_OUTLINE_ROOT, heading.c_str(), place.c_str(),
                                static_cast<cairo_pdf_outline_flags_t>(0));
}

Result<std::string> PdfDeck::finish() {
  if (auto finished = forktable::finish(drawing_->surface.get()); !finished)
    return tl::make_unexpected(finished.error());
  return std::move(drawing_->bytes);
}

Result<std::string> paint_outlined_svg(const Scene& scene, Color paper, const Fonts& fonts) {
  std::string bytes;
  CairoFonts cairo_fonts(fonts);
  const Surface surface(cairo_svg_surface_create_for_stream(append, &bytes, scene.size.width, scene.size.height));
  cairo_svg_surface_set_document_unit(surface.get(), CAIRO_SVG_UNIT_PX);
  {
    const Context cairo(cairo_create(surface.get()));
    paint(cairo.get(), scene, paper, cairo_fonts);
  }
  if (auto finished = finish(surface.get()); !finished) return tl::make_unexpected(finished.error());
  return bytes;
}

}  // namespace forktable
