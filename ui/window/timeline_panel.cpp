#include <algorithm>
#include <cmath>

#include "ui/picture/lesson_timeline.hpp"
#include "ui/picture/timeline_scene.hpp"
#include "ui/window/scene_view.hpp"

namespace forktable {
namespace {

constexpr float kWidestPlace = 160;  // units for a place

// What the timeline looked like when it was laid out last; it is laid out again when that has changed.
struct Kept {
  std::uint32_t run = 0;
  std::uint64_t steps = 0, focus = 0, first = 0;
  float width = 0, height = 0, zoom = 0;
  Subject selected;
  bool dark = false;
  LessonAxis lesson;
  std::size_t asked = 0;
  friend bool operator==(const Kept&, const Kept&) = default;
};

}  // namespace

void draw_timeline_panel(const PanelContext& context) {
  const auto& [model, theme, style, layout, actions, pen] = context;
  static std::uint64_t focus_before = 0;
  static float zoom_before = 0;
  static bool on_scrubber = false, dragged = false;
  static Kept kept;
  static Scene scene;

  const Rect rect = layout.timeline;
  if (!begin_panel("timeline", rect, theme.card, 0, kBackground)) return end_panel();
  const float scale = style.scale;
  const std::uint64_t focus = model.focus.value_or(model.history.size());
  TimelineRequest request{model.timeline,
                          focus,
                          {rect.width / scale, rect.height / scale},
                          theme,
                          pen.fonts,
                          model.timeline_first,
                          model.timeline_zoom,
                          model.selected,
                          model.replayed.has_value()};
  if (model.in_hand) {
    const LessonPlace place = lesson_place(model);
    request.lesson = axis_of(model.in_hand->lesson);
    request.asked = place.asks ? place.step : 0;
    request.first = 0;
    request.zoom = 0;
  } else if (focus != focus_before || request.zoom != zoom_before) {
    request.first = first_to_show_focus(request);
  }
  focus_before = focus;

  const ImGuiIO& io = ImGui::GetIO();
  const Point mouse{(io.MousePos.x - rect.x) / scale, (io.MousePos.y - rect.y) / scale};
  const bool hovered = ImGui::IsWindowHovered();
  const float wheel = hovered ? io.MouseWheel : 0;
  if (const float by = wheel + static_cast<float>(model.timeline_wish); by != 0 && !model.in_hand) {
    // What is under the pointer stays there, as nearly as whole steps allow; by the keyboard, what is looked at.
    const std::uint64_t under = wheel != 0 ? step_at(request, mouse.x, false) : focus;
    const float at = wheel != 0 ? mouse.x : request.area.width / 2;
    TimelineRequest whole = request;
    whole.zoom = 0;
    const float zoom = std::min(zoom_of(request) * std::pow(1.25f, by), kWidestPlace);
    const std::uint64_t place = model.timeline.place_of(under);
    const bool all = zoom <= zoom_of(whole);
    request.zoom = all ? 0 : zoom;
    request.first = all ? 0 : model.timeline.step_of(place - std::min(place, static_cast<std::uint64_t>(at / zoom)));
  }
  const bool over_scrubber = scrubber_of(request).contains(mouse);
  if (hovered && ImGui::IsMouseClicked(0)) {
    on_scrubber = over_scrubber;
    dragged = false;
  }
  if (hovered && (over_scrubber || on_scrubber)) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
  if (on_scrubber && ImGui::IsMouseDown(0)) {
    if (const std::uint64_t step = step_at(request, mouse.x, true); step != focus) actions.push_back(GoToStep{step});
  } else if (hovered && ImGui::IsMouseDragging(0, 4) && request.zoom > 0) {
    dragged = true;
    const std::uint64_t place = model.timeline.place_of(request.first);
    static float rest = 0;
    rest -= io.MouseDelta.x / scale / zoom_of(request);
    const float whole = std::trunc(rest);
    rest -= whole;
    const auto moved = static_cast<std::int64_t>(place) + static_cast<std::int64_t>(whole);
    request.first = model.timeline.step_of(static_cast<std::uint64_t>(std::max<std::int64_t>(0, moved)));
  }

  zoom_before = request.zoom;
  if (request.first != model.timeline_first || request.zoom != model.timeline_zoom || model.timeline_wish != 0)
    actions.push_back(ViewTimeline{request.first, request.zoom});
  const Kept now{model.run,    model.timeline.steps(), focus,      request.first,  rect.width,   rect.height,
                 request.zoom, model.selected,         theme.dark, request.lesson, request.asked};
  if (!(now == kept)) {
    kept = now;
    scene = draw_timeline(request);
  }
  const View view{{rect.x, rect.y}, scale};
  show(context, scene, view);
  const Subject subject = on_scrubber ? Subject{} : under_mouse(scene, view);
  if (hovered && ImGui::IsMouseReleased(0) && !on_scrubber && !dragged) {
    if (subject)
      click(context, subject);
    else if (const std::uint64_t step = step_at(request, mouse.x, false); step > 0)
      actions.push_back(GoToStep{step});
  }
  if (ImGui::IsMouseReleased(0)) on_scrubber = false;
  end_panel();
}

}  // namespace forktable
