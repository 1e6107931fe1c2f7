#include "ui/picture/cairo_painter.hpp"

#include <cairo-ft.h>
#include <cairo.h>
#include <ft2build.h>
#include FT_FREETYPE_H

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <memory>
#include <numbers>
#include <vector>

#include "core/event/event.hpp"
#include "ui/picture/strokes.hpp"

namespace forktable {
namespace {

using Surface = std::unique_ptr<cairo_surface_t, decltype([](cairo_surface_t* one) { cairo_surface_destroy(one); })>;
using Context = std::unique_ptr<cairo_t, decltype([](cairo_t* one) { cairo_destroy(one); })>;

class Painter {
 public:
  Painter(cairo_t* cairo, CairoFonts& faces) : cairo_(cairo), faces_(faces), fonts_(faces.fonts) {
    cairo_font_options_t* options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_set_font_options(cairo, options);
    cairo_font_options_destroy(options);
  }

  void operator()(const Box& box) const {
    outline(box.rect, box.radius);
    if (box.fill.alpha > 0) {
      use(box.fill);
      cairo_fill_preserve(cairo_);
    }
    if (box.stroke.alpha > 0 && box.stroke_width > 0) stroke(box.stroke, box.stroke_width, box.dash);
    cairo_new_path(cairo_);
  }

  void operator()(const Text& text) const {
    const float width = fonts_.width(text);
    float x = text.at.x - (text.align == Align::kCenter ? width / 2 : text.align == Align::kRight ? width : 0);
    const float left = x;
    use(text.color);
    cairo_set_font_size(cairo_, text.size);
    // Runs of one face, which is nearly always the whole text.
    std::vector<cairo_glyph_t> glyphs;
    std::vector<cairo_text_cluster_t> clusters;
    FT_Face face = fonts_.face(text.face);
    std::string_view rest = text.text, run = rest;
    const auto show = [&] {
      if (glyphs.empty()) return;
      const std::string_view shown = run.substr(0, run.size() - rest.size());
      cairo_set_font_face(cairo_, faces_.of(face));
      cairo_show_text_glyphs(cairo_, shown.data(), static_cast<int>(shown.size()), glyphs.data(),
                             static_cast<int>(glyphs.size()), clusters.data(), static_cast<int>(clusters.size()),
                             static_cast<cairo_text_cluster_flags_t>(0));
      glyphs.clear();
      clusters.clear();
      run = rest;
    };
    while (!rest.empty()) {
      std::string_view after = rest;
      const Fonts::Glyph glyph = fonts_.glyph(text.face, next_character(after));
      if (glyph.from != face) show();
      face = glyph.from;
      glyphs.push_back({glyph.index, x, text.at.y});
      clusters.push_back({static_cast<int>(rest.size() - after.size()), 1});
      x += glyph.advance * text.size + text.spacing;
      rest = after;
    }
    show();
    if (!text.struck) return;
    cairo_move_to(cairo_, left, text.at.y - text.size * 0.28f);
    cairo_line_to(cairo_, left + width, text.at.y - text.size * 0.28f);
    stroke(text.color, text.size * 0.09f, Dash::kSolid);
    cairo_new_path(cairo_);
  }

  void operator()(const Arrow& arrow) const {
    const ArrowShape shape = shape_of(arrow);
    cairo_move_to(cairo_, shape.from.x, shape.from.y);
    cairo_curve_to(cairo_, shape.control1.x, shape.control1.y, shape.control2.x, shape.control2.y, shape.to.x,
                   shape.to.y);
    stroke(arrow.color, arrow.width, arrow.dash);
    cairo_new_path(cairo_);
    if (!arrow.head) return;
    for (const Point& corner : shape.head) cairo_line_to(cairo_, corner.x, corner.y);
    cairo_close_path(cairo_);
    use(arrow.color);
    cairo_fill(cairo_);
  }

  void operator()(const Line& line) const {
    for (const Point& point : line.points) cairo_line_to(cairo_, point.x, point.y);
    stroke(line.color, line.width, line.dash);
    cairo_new_path(cairo_);
  }

 private:
  void use(Color color) const {
    cairo_set_source_rgba(cairo_, color.red / 255.0, color.green / 255.0, color.blue / 255.0, color.alpha / 255.0);
  }

  void stroke(Color color, float width, Dash dash) const {
    use(color);
    cairo_set_line_width(cairo_, width);
    const DashLengths lengths = lengths_of(dash, width);
    const std::array<double, 2> pattern{lengths.on, lengths.off};
    cairo_set_dash(cairo_, pattern.data(), dash == Dash::kSolid ? 0 : 2, 0);
    cairo_stroke_preserve(cairo_);
  }

  void outline(Rect rect, float radius) const {
    const double pi = std::numbers::pi;
    const double r = std::min({radius, rect.width / 2, rect.height / 2});
    const double left = rect.x, top = rect.y, right = rect.right(), bottom = rect.bottom();
    cairo_new_sub_path(cairo_);
    cairo_arc(cairo_, right - r, top + r, r, -pi / 2, 0);
    cairo_arc(cairo_, right - r, bottom - r, r, 0, pi / 2);
    cairo_arc(cairo_, left + r, bottom - r, r, pi / 2, pi);
    cairo_arc(cairo_, left + r, top + r, r, pi, 3 * pi / 2);
    cairo_close_path(cairo_);
  }

  cairo_t* cairo_;
  CairoFonts& faces_;
  const Fonts& fonts_;
};

Result<std::string> png_of(cairo_surface_t* surface) {
  std::string bytes;
  const auto append = [](void* to, const unsigned char* data, unsigned length) {
    static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(data), length);
    return CAIRO_STATUS_SUCCESS;
  };
  const cairo_status_t status = cairo_surface_write_to_png_stream(surface, append, &bytes);
  if (status != CAIRO_STATUS_SUCCESS) return failure(std::string("can't paint: ") + cairo_status_to_string(status));
  return bytes;
}

}  // namespace

CairoFonts::~CairoFonts() {
  for (const auto& [face, made] : made_) cairo_font_face_destroy(made);
}

cairo_font_face_t* CairoFonts::of(FT_Face face) {
  cairo_font_face_t*& made = made_[face];
  if (made == nullptr) made = cairo_ft_font_face_create_for_ft_face(face, FT_LOAD_NO_HINTING);
  return made;
}

void paint(cairo_t* cairo, const Scene& scene, Color paper, CairoFonts& fonts) {
  if (paper.alpha > 0) {
    cairo_set_source_rgb(cairo, paper.red / 255.0, paper.green / 255.0, paper.blue / 255.0);
    cairo_paint(cairo);
  }
  const Painter painter(cairo, fonts);
  for (const bool texts : {false, true})
    for (const Item& item : scene.items)
      if (std::holds_alternative<Text>(item.what) == texts) std::visit(painter, item.what);
}

Result<std::string> paint_png(const Scene& scene, Color paper, const Fonts& fonts, float scale) {
  CairoFonts cairo_fonts(fonts);
  const Surface surface(cairo_image_surface_create(paper.alpha > 0 ? CAIRO_FORMAT_RGB24 : CAIRO_FORMAT_ARGB32,
                                                   static_cast<int>(std::lround(scene.size.width * scale)),
                                                   static_cast<int>(std::lround(scene.size.height * scale))));
  const Context cairo(cairo_create(surface.get()));
  if (const cairo_status_t status = cairo_status(cairo.get()); status != CAIRO_STATUS_SUCCESS)
    return failure(std::string("can't paint: ") + cairo_status_to_string(status));
  cairo_scale(cairo.get(), scale, scale);
  paint(cairo.get(), scene, paper, cairo_fonts);
  cairo_surface_flush(surface.get());
  return png_of(surface.get());
}

Result<std::string> encode_png(const std::string& rgbx, int width, int height) {
  const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height));
  unsigned char* pixels = cairo_image_surface_get_data(surface.get());
  if (pixels == nullptr) return failure("can't make a picture of that size");
  const int stride = cairo_image_surface_get_stride(surface.get());
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const auto* from = reinterpret_cast<const unsigned char*>(rgbx.data()) + 4 * (y * width + x);
      const std::uint32_t pixel = (std::uint32_t{from[0]} << 16) | (std::uint32_t{from[1]} << 8) | from[2];
      std::memcpy(pixels + y * stride + 4 * x, &pixel, sizeof pixel);
    }
  cairo_surface_mark_dirty(surface.get());
  return png_of(surface.get());
}

}  // namespace forktable
