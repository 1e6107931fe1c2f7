#include "ui/picture/picture.hpp"

#include <algorithm>
#include <utility>

#include "ui/picture/crowd.hpp"
#include "ui/picture/rows.hpp"

namespace forktable {
namespace {

constexpr float kNarrowest = 940;  // the three columns with their texts, at scale 1
constexpr std::size_t kMostRows = 7;
constexpr float kLessonType = 0.74f;                  // usual type in parts of a lesson's
constexpr float kStep = 0.94f, kLessonStep = 0.985f;  // between the scales that are tried
constexpr float kSmallestStage = 0.4f;  // scale of a lesson's rows; where they still have no room, it has no stage

Size fitted_area(const PictureRequest& request) { return request.scaled_for.value_or(request.area); }

// The largest down to `smallest` in which all have room; 0: none. Diagnoses are put where there is room for them.
float scale_for(Rows& rows, const PictureRequest& request, std::size_t full, float smallest) {
  if (rows.size() > kMostRows) return 0;
  const float narrowest = request.stage ? rows.narrowest() : kNarrowest;
  const Size area = fitted_area(request);
  for (const bool left : {false, true}) {
    if (left && full == 0) break;
    rows.put_diagnoses_left(left);
    const float step = request.stage ? kLessonStep : kStep;
    const float least_wide = request.smallest_scale * (request.stage ? kLessonType : 1);
    for (float s = request.largest_scale; s >= smallest; s *= step) {
      const bool wide_enough = narrowest * s <= area.width || s * step < least_wide;
      if (wide_enough && rows.height(area.width / s, full) * s <= area.height) return s;
    }
  }
  return 0;
}

// Where cards are larger for it; the same at all stops of a lesson.
void put_warnings(Rows& rows, const PictureRequest& request) {
  if (request.stage.beside) return;  // that place is taken
  const float below = scale_for(rows, request, 0, kSmallestStage);
  rows.put_warnings_beside(true);
  rows.put_warnings_beside(scale_for(rows, request, 0, kSmallestStage) > below);
}

// Of a lesson's rows, whoever is there.
template <class Ask>
float of_lesson(const PictureRequest& request, Ask ask) {
  Scene scene;
  Canvas canvas(scene, request.theme, request.fonts);
  canvas.enlarge_type();
  const Cast nobody;
  Rows rows(canvas, request, nobody, {});
  if (request.warns && request.stage.warnings > 0) put_warnings(rows, request);
  return ask(rows);
}

// False: there is no room for a row for each.
bool draw_rows(const PictureRequest& request, Cast cast, bool may_dismiss, Canvas& canvas, Scene& scene,
               Absent absent = {}) {
  const bool lesson = static_cast<bool>(request.stage);
  const std::size_t most_full = std::min(request.diagnoses.size(), lesson ? 1 : kMostFullDiagnoses);
  const float width_allows = request.area.width / kNarrowest * kStep;
  const float least = lesson ? kSmallestStage : request.smallest_scale;
  const float good = lesson ? least : std::max(least, std::min(request.good_scale, width_allows));
  // Who has ended goes first, for type of a good size; then type gets smaller; then diagnoses get shorter.
  while (may_dismiss && cast.parties.size() <= 2 * kMostRows) {
    Rows rows(canvas, request, cast, absent);
    if (scale_for(rows, request, most_full, good) > 0 ||
        !dismiss_oldest(cast, request.now - request.recent, request.diagnoses, absent))
      break;
  }
  Rows rows(canvas, request, cast, absent);
  if (lesson && request.warns && request.stage.warnings > 0) put_warnings(rows, request);
  for (std::size_t full = most_full;; --full) {
    for (const float smallest : {good, least})
      if (const float s = scale_for(rows, request, full, smallest); s > 0) {
        const float width = request.area.width / s;
        // Larger than usual, it is higher than its place anyway: what is wrong goes below where it isn't as wide.
        if (request.scaled_for && width < rows.narrowest()) rows.put_warnings_beside(false);
        if (request.scaled_for) scene.size.height = std::max(scene.size.height, rows.height(width, full) * s);
        rows.draw(width, scene.size.height / s, full);
        transform(scene, s, {});
        return true;
      }
    if (full == 0) return false;
  }
}

// All that is remembered of those who have gone, but for those for which there is no room even in small type: of them,
// the latest stay.
bool draw_with_ended(PictureRequest request, Canvas& canvas, Scene& scene) {
  Cast cast = gather(request.world, request.now, request.now + kSecond);
  Absent absent;
  while (cast.parties.size() > kMostRows)
    if (!dismiss_oldest(cast, request.now, request.diagnoses, absent)) return false;
  request.good_scale = request.smallest_scale;
  return draw_rows(request, std::move(cast), true, canvas, scene, absent);
}

}  // namespace

float lesson_scale(const PictureRequest& request) {
  return of_lesson(request, [&](Rows& rows) { return scale_for(rows, request, 0, kSmallestStage); });
}

float narrowest_area(const PictureRequest& request) {
  return of_lesson(request, [](Rows& rows) {
    rows.put_warnings_beside(false);
    return rows.narrowest();
  });
}

Scene draw_picture(const PictureRequest& request) {
  Scene scene;
  scene.size = request.area;
  Canvas canvas(scene, request.theme, request.fonts);
  const World& world = request.world;
  if (request.stage) {
    canvas.enlarge_type();
    if (draw_rows(request, gather(world, request.now, request.now - world.lesson_stopped_before), false, canvas, scene))
      return scene;
    PictureRequest without = request;
    without.stage = {};
    without.scaled_for = {};
    return draw_picture(without);
  }
  if (request.keeps_ended && draw_with_ended(request, canvas, scene)) return scene;
  const Cast cast = gather(world, request.now);
  if (!draw_rows(request, cast, true, canvas, scene)) draw_crowd(canvas, request, cast, scene);
  return scene;
}

}  // namespace forktable
