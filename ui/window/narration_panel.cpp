#include "ui/window/caption_setting.hpp"
#include "ui/window/scene_view.hpp"

namespace forktable {

void draw_narration(const PanelContext& context) {
  const auto& [model, theme, style, layout, actions, pen] = context;
  const Rect rect = layout.narration;
  const Caption caption = caption_of(model);
  const CaptionRoom room{layout.caption_place(), rect.width, rect.height, style.scale, layout.said > 0};
  // One that is longer than all that the lesson has: why it can't go on.
  const bool fits = layout.said > 0 && caption_height({caption}, room, layout.said, pen.fonts) <= room.height;
  const float size = fits ? layout.said : caption_size({caption}, room, pen.fonts);
  const bool rounded = layout.has_column && !layout.blackboard;
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, rounded ? style(10) : 0);
  if (begin_panel("narration", rect, layout.blackboard ? theme.paper : theme.panel, 0, kBackground)) {
    Scene scene;
    scene.size = {rect.width, rect.height};
    CaptionSetting(caption, room, size, pen.fonts).draw(scene, theme);
    show(context, scene, {{rect.x, rect.y}, 1});
  }
  end_panel();
  ImGui::PopStyleVar();
}

}  // namespace forktable
