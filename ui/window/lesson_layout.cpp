#include "ui/window/lesson_layout.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "ui/picture/listing_scene.hpp"
#include "ui/picture/picture.hpp"
#include "ui/window/caption_setting.hpp"

namespace forktable {
namespace {

constexpr float kScaleStep = 1.01f;     // between a scale for which there is room, and one for which there isn't
constexpr float kPictureInView = 0.5f;  // of the picture's height, at least
constexpr float kCaptionShrink = 0.94f;
constexpr float kLineHeight = 1.24f, kCodeMargins = 18;  // in the size of code; in units of the design

class LessonLayout {
 public:
  LessonLayout(const Model& model, LayoutRequest request, float usual, const Fonts& fonts)
      : model_(model),
        lesson_(model.in_hand->lesson),
        request_(request),
        usual_scale_(usual),
        fonts_(fonts),
        captions_(lesson_captions(model)) {
    const CodeSize code = size_of_code(model.listing(), lesson_);
    request_.code = code.lines;
    if (code.lines > 0) code_width_ = width_of_code(code, kSmallCaption, fonts_);
    LayoutRequest as_usual = request_;
    as_usual.scale = usual;
    as_usual.code_width = code_width_ * usual;
    as_usual.caption = request_.window.height;
    const CaptionRoom room = room_in(lay_out(as_usual), usual);
    said_ = caption_size(captions_, room, fonts_);
    as_usual.caption = caption_height(captions_, room, said_, fonts_);
    usual_ = lay_out(as_usual);
    usual_.said = said_;
  }

  WindowLayout at(float scale) {
    if (scale == usual_scale_) return usual_;
    LayoutRequest request = request_at(scale);
    const CaptionRoom room = room_in(lay_out(request), scale);
    float said = said_ * scale / usual_scale_;
    // What is selected may take a part of its place.
    while (said > said_ / 2 && caption_height(captions_, room, said, fonts_) > room.height) said *= kCaptionShrink;
    request.caption = caption_height(captions_, room, said, fonts_);
    WindowLayout layout = lay_out(request);
    layout.said = said;
    layout.usual_picture = {usual_.picture.width / usual_scale_, usual_.picture.height / usual_scale_};
    layout.usual_code = usual_code();
    return layout;
  }

  bool fits(float scale) {
    LayoutRequest request = request_at(scale);
    const CaptionRoom room = room_in(lay_out(request), scale);
    request.caption = caption_height(captions_, room, said_ * scale / usual_scale_, fonts_);
    if (request.caption > room.height) return false;
    const WindowLayout layout = lay_out(request);
    if (request.code_area &&
        (layout.code.width + 0.5f < request.code_area->width || layout.code.height + 0.5f < request.code_area->height))
      return false;
    const Rect &picture = layout.picture, &usually = usual_.picture;
    return picture.width >= narrowest_picture() * scale &&
           picture.height / scale >= kPictureInView * usually.height / usual_scale_;
  }

 private:
  // With as much room for the caption as there can be.
  LayoutRequest request_at(float scale) {
    LayoutRequest request = request_;
    request.scale = scale;
    request.code_width = code_width_ * scale;
    request.caption = request_.window.height;
    request.enlarged = scale > usual_scale_;
    request.below = request.enlarged || !usual_.has_column;
    if (request.code > 0) request.code_area = {code_area().width * scale, code_area().height * scale};
    return request;
  }

  static CaptionRoom room_in(const WindowLayout& layout, float scale) {
    return {layout.caption_place(), layout.narration.width, layout.narration.height, scale, true};
  }

  Size usual_code() const {
    const Rect& place = usual_.has_column ? usual_.side : usual_.code;
    return {place.width / usual_scale_, place.height / usual_scale_};
  }

  // In units of the design, what the lines of any step need in the size that they have as usual.
  Size code_area() {
    if (code_area_) return *code_area_;
    Size area;
    const auto take = [&](const Lines& lines) {
      if (lines.empty()) return;
      Lesson only;
      only.code = lines;
      const CodeSize size = size_of_code(model_.listing(), only);
      World world;
      world.bugs = lesson_.bugs;
      ListingRequest request{model_.listing(), world, "", usual_code(), light_theme(), fonts_};
      request.only = &lines;
      request.title = false;
      const float type = type_of_listing(request);
      area.width = std::max(area.width, std::min(width_of_code(size, type, fonts_), request.area.width));
      area.height = std::max(area.height, static_cast<float>(size.lines) * type * kLineHeight + kCodeMargins);
    };
    take(lesson_.code);
    for (const LessonStep& step : lesson_.steps) take(step.code);
    return *(code_area_ = area);
  }

  // In units of the design, in the scale that the picture has as usual.
  float narrowest_picture() {
    if (narrowest_) return *narrowest_;
    World world;
    world.program = ShortText(name_of(lesson_.server));
    world.shape = shape_of(lesson_.server);
    PictureRequest request{
        world, 0, {usual_.picture.width / usual_scale_, usual_.picture.height / usual_scale_}, light_theme(), fonts_};
    request.largest_scale = request_.blackboard ? kLargestOnBlackboard : request.largest_scale;
    request.stage = stage_of(lesson_, model_.history.events());
    return *(narrowest_ = request.stage ? narrowest_area(request) * lesson_scale(request) : 0);
  }

  const Model& model_;
  const Lesson& lesson_;
  LayoutRequest request_;
  float usual_scale_;
  const Fonts& fonts_;
  std::vector<Caption> captions_;
  float code_width_ = 0, said_ = 0;
  WindowLayout usual_;
  std::optional<Size> code_area_;
  std::optional<float> narrowest_;
};

}  // namespace

WindowLayout lay_out_lesson(const Model& model, LayoutRequest request, float usual, const Fonts& fonts) {
  return LessonLayout(model, request, usual, fonts).at(request.scale);
}

float largest_lesson_scale(const Model& model, LayoutRequest request, float usual, const Fonts& fonts) {
  request.something_selected = false;
  LessonLayout layout(model, request, usual, fonts);
  if (request.scale <= usual || layout.fits(request.scale)) return std::max(request.scale, usual);
  float fits = usual, too_large = request.scale;
  while (too_large > fits * kScaleStep) {
    const float middle = std::sqrt(fits * too_large);
    (layout.fits(middle) ? fits : too_large) = middle;
  }
  return fits;
}

}  // namespace forktable
