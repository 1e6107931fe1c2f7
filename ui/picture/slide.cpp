#include "ui/picture/slide.hpp"

#include <algorithm>
#include <utility>

#include "core/lesson/captions.hpp"
#include "ui/picture/canvas.hpp"
#include "ui/picture/kernel_verdict.hpp"
#include "ui/picture/listing_scene.hpp"
#include "ui/picture/marked_text.hpp"

namespace forktable {
namespace {

constexpr Size kSlide{1920, 1080};
constexpr float kPictureLeft = 44, kPictureTop = 26, kPictureWidth = 1832, kPictureGap = 22;  // above the rule
constexpr float kLeft = 70, kRight = 1850, kFoot = 1062;                                      // of the caption
constexpr float kHighestRule = 640;
constexpr float kCode = 22, kCodePitch = 1.24f, kCodeMargins = 16, kCodeGap = 40, kCodeTop = 8, kWidestCode = 940;
constexpr float kLargestStage = 1.8f;  // its type is large already
constexpr float kFootType = 22, kCaptionGap = 10, kMeaningGap = 6;
constexpr float kSmallestCaption = 12, kMeaningSize = 0.77f;  // the latter of what is said

float room_for_caption(const SlideLayout& layout) { return kFoot - kFootType - 2 * kCaptionGap - layout.rule; }

struct SetCaption {
  SetText said, meaning;
  float height() const { return said.height() + kMeaningGap + meaning.height(); }
};

SetCaption set_caption(const Narration& caption, bool marked, float size, const SlideLayout& layout,
                       const Fonts& fonts) {
  const float width = kRight - kLeft - (layout.code_width > 0 ? layout.code_width + kCodeGap : 0);
  return {set_text(caption.said, {Face::kBold, size, 1.2f, marked, true}, width, fonts),
          set_text(caption.meaning, {Face::kRegular, size * kMeaningSize, 1.25f, marked, true}, width, fonts)};
}

Rect place_of_picture(const SlideLayout& layout) {
  return {kPictureLeft, kPictureTop, kPictureWidth, layout.rule - kPictureGap - kPictureTop};
}

void add(Scene& scene, Scene part, float scale, Point at) {
  transform(part, scale, at);
  scene.items.insert(scene.items.end(), part.items.begin(), part.items.end());
}

}  // namespace

SlideLayout layout_of(const Lesson* lesson, const Listing* listing, const Fonts& fonts) {
  SlideLayout layout;
  if (lesson == nullptr || listing == nullptr || most_lines(*lesson) == 0) return layout;
  const CodeSize code = size_of_code(*listing, *lesson);
  const auto lines = static_cast<float>(code.lines);
  const float widest = fonts.width(Face::kMono, 1, std::string(code.columns, 'm'));
  constexpr float kRoom = kFoot - kFootType - kHighestRule - kCodeTop - kCodeMargins;
  layout.code_type = std::min({kCode, kRoom / lines / kCodePitch, (kWidestCode - kCodeMargins) / widest});
  layout.code_width = widest * layout.code_type + kCodeMargins + 36;
  layout.rule =
      std::min(layout.rule, kFoot - kFootType - kCodeTop - kCodeMargins - lines * layout.code_type * kCodePitch);
  // Of a lesson's captions, the longest has room.
  for (std::size_t step = 1; step <= lesson->steps.size(); ++step)
    for (const bool asks : {false, true})
      layout.caption =
          std::min(layout.caption, caption_size(caption_at(*lesson, {step, asks}).told, true, layout, fonts));
  return layout;
}

float caption_size(const Narration& caption, bool marked, const SlideLayout& layout, const Fonts& fonts) {
  const float room = room_for_caption(layout);
  float size = layout.caption;
  while (size > kSmallestCaption && set_caption(caption, marked, size, layout, fonts).height() > room) size *= 0.94f;
  return size;
}

Scene draw_slide_picture(const SlideRequest& request) {
  const Rect place = place_of_picture(request.layout);
  PictureRequest picture{
      request.world, request.now.value_or(request.world.now), {place.width, place.height}, request.theme,
      request.fonts, request.stage ? kLargestStage : 2.4f};
  picture.good_scale = 1.4f;
  picture.smallest_scale = 0.85f;
  picture.recent = 0;  // a slide is of one step: only what changed at this one
  picture.show_plumbing = request.show_plumbing;
  picture.elapsed = false;
  picture.kernel_mark = false;  // the foot says it
  picture.diagnoses = request.diagnoses;
  picture.lesson_step = request.lesson_step;
  picture.links = false;
  picture.stage = request.stage;
  picture.beside = request.beside;
  Scene scene = draw_picture(picture);
  transform(scene, 1, {place.x, place.y});
  scene.size = kSlide;
  if (request.listing == nullptr || request.code == nullptr || request.code->empty()) return scene;
  ListingRequest listing{*request.listing,
                         request.world,
                         "",
                         {request.layout.code_width, kFoot - kFootType - request.layout.rule - kCodeTop},
                         request.theme,
                         request.fonts};
  listing.only = request.code;
  listing.title = false;
  listing.largest_type = request.layout.code_type;
  listing.since = request.world.lesson_stopped_before;
  add(scene, draw_listing(listing), 1, {kRight - request.layout.code_width, request.layout.rule + kCodeTop});
  return scene;
}

Scene add_caption(Scene scene, const SlideRequest& request) {
  const float rule = request.layout.rule;
  Canvas canvas(scene, request.theme, request.fonts);
  canvas.begin("caption");
  canvas.line("rule", {{{kLeft, rule}, {kRight, rule}}, request.theme.line, 2});
  const float size = caption_size(request.caption, request.marked, request.layout, request.fonts);
  const SetCaption caption = set_caption(request.caption, request.marked, size, request.layout, request.fonts);
  const float below = draw_text(canvas, "said", {kLeft, rule + kCaptionGap}, caption.said,
                                request.question ? request.theme.accent : request.theme.ink);
  draw_text(canvas, "meaning", {kLeft, below + kMeaningGap}, caption.meaning, request.theme.muted);
  canvas.text("origin", {kLeft, kFoot}, request.origin, {Face::kRegular, kFootType, request.theme.faint},
              (kRight - kLeft) * 0.6f);
  // What nobody has asked is no matter for a slide.
  const KernelVerdict verdict = verdict_of(request.world);
  if (verdict.kind == KernelVerdict::kAgrees || verdict.kind == KernelVerdict::kDiffers)
    canvas.text("kernel", {kRight, kFoot}, verdict.words,
                {Face::kSemiBold, kFootType,
                 verdict.kind == KernelVerdict::kAgrees ? request.theme.good : request.theme.alarm, Align::kRight},
                (kRight - kLeft) * 0.4f);
  return scene;
}

Scene draw_slide(const SlideRequest& request) { return add_caption(draw_slide_picture(request), request); }

}  // namespace forktable
