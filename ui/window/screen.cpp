#include "ui/window/screen.hpp"

namespace forktable {

bool Screen::prepare(const Model& model, const Frame& frame) {
  const bool new_fonts = styled_scale_ != frame.scale;
  if (!new_fonts && styled_dark_ == model.settings.dark) return false;
  if (new_fonts) style_ = make_style(fonts_, frame.scale);
  styled_scale_ = frame.scale;
  styled_dark_ = model.settings.dark;
  apply_colors(model.settings.dark ? dark_theme() : light_theme(), style_);
  picture_.start_over();
  return new_fonts;
}

Actions Screen::draw(const Model& model, const Frame& frame) {
  Actions actions;
  awaits_field_ = false;
  const Theme& theme = model.settings.dark ? dark_theme() : light_theme();
  const WindowLayout layout =
      lay_out({frame.size, frame.scale, model.settings.log_open, static_cast<bool>(model.selected),
               model.settings.listing_open, model.blackboard});
  const PanelContext context{model,  theme,   style_,
                             layout, actions, {fonts_, glyphs_, frame.texture, frame.pixels_per_unit}};
  ImGui::PushFont(style_.text);
  picture_.draw(context, frame.clock);
  draw_narration(context);
  if (!layout.blackboard) {
    draw_server_trouble(context);
    draw_timeline_panel(context);
    awaits_field_ = draw_side(context);
    draw_log(context);
    draw_top_bar(context);
  }
  draw_loading(context);
  draw_wild(context);
  draw_lessons(context);
  draw_export(context);
  draw_messages(context);  // of what a panel couldn't do, too
  draw_help(context);
  draw_black(context);
  ImGui::PopFont();
  return actions;
}

}  // namespace forktable
