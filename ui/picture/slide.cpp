#include "ui/picture/slide.hpp"

#include "ui/picture/kernel_verdict.hpp"
#include "ui/picture/listing_scene.hpp"
#include "ui/picture/marked_text.hpp"

namespace forktable {
namespace {

constexpr Size kSlide{1920, 1080};
constexpr Rect kPicture{44, 26, 1832, 800};
constexpr float kLeft = 70, kRight = 1850, kRule = 848, kFoot = 1062;  // of the caption
constexpr float kCodeWidth = 600, kCodeGap = 30, kCodeTop = 18;        // beside the picture
constexpr float kFootType = 22, kCaptionGap = 10, kMeaningGap = 6;
constexpr float kSmallestCaption = 12, kMeaningSize = 0.77f;  // the latter of what is said

struct SetCaption {
  SetText said, meaning;
  float height() const { return said.height() + kMeaningGap + meaning.height(); }
};

SetCaption set_caption(const Narration& caption, bool marked, float size, const Fonts& fonts) {
  const float width = kRight - kLeft;
  return {set_text(caption.said, {Face::kBold, size, 1.2f, marked, true}, width, fonts),
          set_text(caption.meaning, {Face::kRegular, size * kMeaningSize, 1.25f, marked, true}, width, fonts)};
}

}  // namespace

float caption_size(const Narration& caption, bool marked, const Fonts& fonts) {
  constexpr float kRoom = kFoot - kFootType - (kRule + kCaptionGap);
  float size = kSlideCaption;
  while (size > kSmallestCaption && set_caption(caption, marked, size, fonts).height() > kRoom) size *= 0.94f;
  return size;
}

Scene draw_slide_picture(const SlideRequest& request) {
  const bool code = request.listing != nullptr && request.code != nullptr && !request.code->empty();
  PictureRequest picture{request.world,
                         request.now.value_or(request.world.now),
                         {kPicture.width - (code ? kCodeWidth + kCodeGap : 0), kPicture.height},
                         request.theme,
                         request.fonts,
                         2.4f};
  picture.good_scale = 1.4f;
  picture.smallest_scale = 0.85f;
  picture.recent = 0;  // a slide is of one step: only what changed at this one
  picture.show_plumbing = request.show_plumbing;
  picture.elapsed = false;
  picture.kernel_mark = false;  // the foot says it
  picture.diagnoses = request.diagnoses;
  picture.step_word = request.step_word;
  picture.links = false;
  picture.stage = request.stage;
  Scene scene = draw_picture(picture);
  transform(scene, 1, {kPicture.x, kPicture.y});
  scene.size = kSlide;
  if (code) {
    ListingRequest listing{*request.listing, request.world, "", {kCodeWidth, kPicture.height - kCodeTop},
                           request.theme,    request.fonts};
    listing.only = request.code;
    listing.since = request.world.lesson_stopped_before;
    Scene lines = draw_listing(listing);
    transform(lines, 1, {kPicture.right() - kCodeWidth, kPicture.y + kCodeTop});
    scene.items.insert(scene.items.end(), lines.items.begin(), lines.items.end());
  }
  return scene;
}

Scene add_caption(Scene scene, const SlideRequest& request) {
  Canvas canvas(scene, request.theme, request.fonts);
  canvas.begin("caption");
  canvas.line("rule", {{{kLeft, kRule}, {kRight, kRule}}, request.theme.line, 2});
  const SetCaption caption = set_caption(request.caption, request.marked,
                                         caption_size(request.caption, request.marked, request.fonts), request.fonts);
  const float below = draw_text(canvas, "said", {kLeft, kRule + kCaptionGap}, caption.said,
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
