#include "ui/picture/slide.hpp"

#include <algorithm>

#include "ui/picture/canvas.hpp"
#include "ui/picture/kernel_verdict.hpp"
#include "ui/picture/wrap.hpp"

namespace forktable {
namespace {

constexpr Size kSlide{1920, 1080};
constexpr Rect kPicture{44, 26, 1832, 800};
constexpr float kLeft = 70, kRight = 1850, kRule = 848, kFoot = 1062;  // of the caption

}  // namespace

Scene draw_slide_picture(const SlideRequest& request) {
  PictureRequest picture{request.world,
                         request.now.value_or(request.world.now),
                         {kPicture.width, kPicture.height},
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
  return scene;
}

Scene add_caption(Scene scene, const SlideRequest& request) {
  Canvas canvas(scene, request.theme, request.fonts);
  canvas.begin("caption");
  canvas.line("rule", {{{kLeft, kRule}, {kRight, kRule}}, request.theme.line, 2});
  const Wrapped said =
      wrap_largest(request.caption.said, Face::kBold, {44, 40, 36, 32}, 2, kRight - kLeft, request.fonts);
  const bool short_one = said.lines.size() == 1;
  const Wrapped meaning = wrap_largest(request.caption.meaning, Face::kRegular, {34, 31, 28, 26}, short_one ? 2 : 1,
                                       kRight - kLeft, request.fonts);
  const Color color = request.question ? request.theme.alarm : request.theme.ink;
  float y = kRule + 14;
  for (std::size_t i = 0; i < said.lines.size(); ++i) {
    y += said.size * 1.2f;
    canvas.text("said", {kLeft, y}, said.lines[i], {Face::kBold, said.size, color}, 0, i);
  }
  y += 6;
  for (std::size_t i = 0; i < meaning.lines.size(); ++i) {
    y += meaning.size * 1.28f;
    canvas.text("meaning", {kLeft, y}, meaning.lines[i], {Face::kRegular, meaning.size, request.theme.muted}, 0, i);
  }
  canvas.text("origin", {kLeft, kFoot}, request.origin, {Face::kRegular, 22, request.theme.faint},
              (kRight - kLeft) * 0.6f);
  // What nobody has asked is no matter for a slide.
  const KernelVerdict verdict = verdict_of(request.world);
  if (verdict.kind == KernelVerdict::kAgrees || verdict.kind == KernelVerdict::kDiffers)
    canvas.text("kernel", {kRight, kFoot}, verdict.words,
                {Face::kSemiBold, 22, verdict.kind == KernelVerdict::kAgrees ? request.theme.good : request.theme.alarm,
                 Align::kRight},
                (kRight - kLeft) * 0.4f);
  return scene;
}

Scene draw_slide(const SlideRequest& request) { return add_caption(draw_slide_picture(request), request); }

}  // namespace forktable
