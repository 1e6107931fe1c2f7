#include <fmt/format.h>

#include "ui/picture/listing_scene.hpp"
#include "ui/window/scene_view.hpp"

namespace forktable {
namespace {

// A recording that isn't read yet, or can't be: whose listing it has is not known.
bool is_empty(const Model& model) { return model.replayed && model.history.size() == 0; }

void draw_listing_window(const PanelContext& context, Rect rect, const char* name, bool over_the_picture) {
  const auto& [model, theme, style, layout, actions, pen] = context;
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, style(10));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, style(1.5f));
  if (begin_panel(name, rect, theme.card, 0, over_the_picture ? 0 : kBackground) && !is_empty(model)) {
    const Process* server = find_process(model.live(), model.live().server);
    const std::string now = server != nullptr && server->life == Life::kAlive ? "running now" : "not running";
    const std::string when =
        model.focus ? fmt::format("as it was at {} {}", model.in_hand ? "event" : "step", *model.focus) : now;
    ListingRequest request{model.listing(), model.world(), when, {rect.width / style.scale, rect.height / style.scale},
                           theme,           pen.fonts};
    request.step_buttons = !model.focus && !model.in_hand;
    request.selected = model.selected;
    if (model.in_hand) {
      request.since = model.world().lesson_stopped_before;
      // The whole of it is a key away: over the picture, or, in a wide window, in the same place.
      const bool whole = over_the_picture || (layout.has_column && model.listing_over);
      if (!whole) request.only = &code_at(model.in_hand->lesson, steps_taken(lesson_place(model)));
      request.title = rect.height > style(300) || over_the_picture;
      if (!whole && layout.usual_code) {
        ListingRequest usual = request;
        usual.area = *layout.usual_code;
        usual.title = usual.area.height > 300;
        request.largest_type = type_of_listing(usual);
      }
    }
    const Scene scene = draw_listing(request);
    const View view{{rect.x, rect.y}, style.scale};
    show(context, scene, view);
    const Subject subject = under_mouse(scene, view);
    if (subject && ImGui::IsMouseReleased(0)) click(context, subject);
  }
  end_panel();
  ImGui::PopStyleVar(2);
}

}  // namespace

void draw_listing_in(const PanelContext& context, Rect rect, const char* name) {
  draw_listing_window(context, rect, name, false);
}

void draw_listing_over_picture(const PanelContext& context, Rect rect) {
  draw_listing_window(context, rect, "listing over", true);
}

}  // namespace forktable
