#include "ui/window/scene_painter.hpp"

#include <algorithm>
#include <cmath>

#include "ui/picture/strokes.hpp"

namespace forktable {
namespace {

class Painter {
 public:
  Painter(const View& view, ImDrawList& list, GlyphCache& glyphs, float pixels_per_unit)
      : view_(view), list_(list), glyphs_(glyphs), pixels_(pixels_per_unit) {}

  void operator()(const Box& box) {
    const ImVec2 min = place({box.rect.x, box.rect.y}), max = place({box.rect.right(), box.rect.bottom()});
    const float radius = std::min({box.radius, box.rect.width / 2, box.rect.height / 2}) * view_.zoom;
    if (box.fill.alpha > 0) list_.AddRectFilled(min, max, packed(box.fill), radius);
    if (box.stroke.alpha == 0 || box.stroke_width == 0) return;
    const float width = box.stroke_width * view_.zoom;
    if (box.dash == Dash::kSolid) return list_.AddRect(min, max, packed(box.stroke), radius, 0, width);
    list_.PathRect(min, max, radius);
    points_.assign(list_._Path.Data, list_._Path.Data + list_._Path.Size);
    points_.push_back(points_.front());
    list_.PathClear();
    stroke(box.stroke, width, box.dash);
  }

  void operator()(const Arrow& arrow) {
    const ArrowShape shape = shape_of(arrow);
    list_.PathLineTo(place(shape.from));
    list_.PathBezierCubicCurveTo(place(shape.control1), place(shape.control2), place(shape.to));
    points_.assign(list_._Path.Data, list_._Path.Data + list_._Path.Size);
    list_.PathClear();
    stroke(arrow.color, arrow.width * view_.zoom, arrow.dash);
    if (arrow.head)
      list_.AddTriangleFilled(place(shape.head[0]), place(shape.head[1]), place(shape.head[2]), packed(arrow.color));
  }

  void operator()(const Line& line) {
    points_.clear();
    for (const Point& point : line.points) points_.push_back(place(point));
    stroke(line.color, line.width * view_.zoom, line.dash);
  }

  // The only one that uses the glyphs' texture.
  void operator()(const Text& text) {
    const float size = text.size * view_.zoom * pixels_;  // in pixels, as is all that follows
    if (size < 1 || size > 400) return;
    const float width = glyphs_.fonts().width(text) * view_.zoom * pixels_;
    const ImVec2 at = place(text.at);
    float pen = at.x * pixels_ - (text.align == Align::kCenter ? width / 2 : text.align == Align::kRight ? width : 0);
    const float left = pen, baseline = std::round(at.y * pixels_);
    const ImU32 color = packed(text.color);
    const float side = static_cast<float>(glyphs_.side());
    std::string_view rest = text.text;
    while (!rest.empty()) {
      const char32_t character = next_character(rest);
      const Fonts::Glyph glyph = glyphs_.fonts().glyph(text.face, character);
      const float whole = std::floor(pen);
      const auto& sprite = glyphs_.sprite(character, glyph, size, static_cast<int>((pen - whole) * 4));
      if (sprite.width > 0) {
        const float x = whole + sprite.left, y = baseline + sprite.top;
        const float u = static_cast<float>(sprite.x), v = static_cast<float>(sprite.y);
        list_.PrimReserve(6, 4);
        list_.PrimRectUV({x / pixels_, y / pixels_}, {(x + sprite.width) / pixels_, (y + sprite.height) / pixels_},
                         {u / side, v / side}, {(u + sprite.width) / side, (v + sprite.height) / side}, color);
      }
      pen += glyph.advance * size + text.spacing * view_.zoom * pixels_;
    }
    if (text.struck)
      struck_.push_back(
          {left / pixels_, pen / pixels_, (baseline - size * 0.28f) / pixels_, size * 0.09f / pixels_, color});
  }

  // The lines through texts that are struck out, which are no text themselves.
  void strike() {
    for (const Strike& one : struck_) list_.AddLine({one.left, one.y}, {one.right, one.y}, one.color, one.width);
  }

 private:
  ImVec2 place(Point p) const { return {view_.origin.x + p.x * view_.zoom, view_.origin.y + p.y * view_.zoom}; }

  void stroke(Color color, float width, Dash dash) {
    const ImU32 packed_color = packed(color);
    const auto count = static_cast<int>(points_.size());
    if (dash == Dash::kSolid) return list_.AddPolyline(points_.data(), count, packed_color, 0, width);
    const DashLengths lengths = lengths_of(dash, width);
    bool on = true;
    float left_over = lengths.on;
    std::vector<ImVec2> piece{points_.front()};
    for (int i = 1; i < count; ++i) {
      ImVec2 from = points_[static_cast<std::size_t>(i - 1)];
      const ImVec2 to = points_[static_cast<std::size_t>(i)];
      float length = std::hypot(to.x - from.x, to.y - from.y);
      while (length > left_over) {
        const float part = left_over / length;
        from = {from.x + (to.x - from.x) * part, from.y + (to.y - from.y) * part};
        length -= left_over;
        if (on) {
          piece.push_back(from);
          list_.AddPolyline(piece.data(), static_cast<int>(piece.size()), packed_color, 0, width);
        }
        on = !on;
        left_over = on ? lengths.on : lengths.off;
        piece.assign(1, from);
      }
      left_over -= length;
      piece.push_back(to);
    }
    if (on && piece.size() > 1) list_.AddPolyline(piece.data(), static_cast<int>(piece.size()), packed_color, 0, width);
  }

  struct Strike {
    float left, right, y, width;
    ImU32 color;
  };

  const View& view_;
  ImDrawList& list_;
  GlyphCache& glyphs_;
  float pixels_;
  std::vector<ImVec2> points_;
  std::vector<Strike> struck_;
};

}  // namespace

ImU32 packed(Color color) { return IM_COL32(color.red, color.green, color.blue, color.alpha); }

void paint(const Scene& scene, const View& view, ImDrawList& list, GlyphCache& glyphs, ImTextureID texture,
           float pixels_per_unit) {
  Painter painter(view, list, glyphs, pixels_per_unit);
  for (const Item& item : scene.items)
    if (!std::holds_alternative<Text>(item.what)) std::visit(painter, item.what);
  list.PushTextureID(texture);
  for (const Item& item : scene.items)
    if (const Text* text = std::get_if<Text>(&item.what)) painter(*text);
  list.PopTextureID();
  painter.strike();
}

}  // namespace forktable
