#include "ui/window/screen.hpp"

#include "ui/picture/lesson_timeline.hpp"
#include "ui/window/lesson_layout.hpp"

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

LayoutRequest Screen::request_of(const Model& model, const Frame& frame, bool two_servers) {
  LayoutRequest request{frame.size,
                        frame.scale,
                        model.settings.log_open,
                        static_cast<bool>(model.selected),
                        model.settings.listing_open,
                        model.blackboard,
                        two_servers,
                        has_server_trouble(model)};
  if (model.in_hand) {
    const auto lanes = static_cast<float>(lanes_of(model.timeline, axis_of(model.in_hand->lesson)));
    request.timeline = kLessonTimelineFrame + kLowestLessonLane * lanes;
  }
  return request;
}

float Screen::fitting_scale(const Model& model, const Frame& frame) {
  if (!model.in_hand || frame.scale <= frame.usual_scale) return frame.scale;
  LayoutRequest request = request_of(model, frame, false);
  request.something_selected = false;
  if (!largest_ || !largest_->is_of(model, request, frame.usual_scale))
    largest_ = {request, frame.usual_scale, model.run, model.in_hand->lesson.name,
                largest_lesson_scale(model, request, frame.usual_scale, fonts_)};
  return largest_->value;
}

WindowLayout Screen::layout_of(const Model& model, const Frame& frame, bool two_servers) {
  const LayoutRequest request = request_of(model, frame, two_servers);
  if (!model.in_hand) return lay_out(request);
  if (!laid_out_ || !laid_out_->is_of(model, request, frame.usual_scale))
    laid_out_ = {request, frame.usual_scale, model.run, model.in_hand->lesson.name,
                 lay_out_lesson(model, request, frame.usual_scale, fonts_)};
  return laid_out_->value;
}

Actions Screen::draw(const Model& model, const Frame& frame) {
  Actions actions;
  const Theme& theme = model.settings.dark ? dark_theme() : light_theme();
  const WindowLayout layout = layout_of(model, frame, false);
  const PanelContext context{model,  theme,   style_,
                             layout, actions, {fonts_, glyphs_, frame.texture, frame.pixels_per_unit}};
  ImGui::PushFont(style_.text);
  picture_.draw(context, frame.clock);
  draw_panels(context);
  ImGui::PopFont();
  return actions;
}

Actions Screen::draw_two(const Model& first, const Model& second, bool second_is_active, const Frame& frame) {
  Actions actions;
  const Model& active = second_is_active ? second : first;
  const Theme& theme = active.settings.dark ? dark_theme() : light_theme();
  const WindowLayout layout = layout_of(active, frame, true);
  const Pen pen{fonts_, glyphs_, frame.texture, frame.pixels_per_unit};
  ImGui::PushFont(style_.text);
  // What is clicked on in the other picture makes that one the active one.
  const auto picture_of = [&](const Model& model, PicturePanel& panel, Rect title, Rect place, Rect listing,
                              const char* name) {
    WindowLayout half = layout;
    half.picture = place;
    Actions wanted;
    draw_server_title({model, theme, style_, layout, wanted, pen}, title, &model == &active);
    panel.draw({model, theme, style_, half, wanted, pen}, frame.clock);
    if (listing.width > 0) draw_listing_in({model, theme, style_, half, wanted, pen}, listing, name);
    if (!wanted.empty() && &model != &active) actions.push_back(TurnToOther{});
    actions.insert(actions.end(), wanted.begin(), wanted.end());
  };
  picture_of(first, picture_, layout.title, layout.picture, layout.listing, "listing");
  picture_of(second, beside_, layout.title_of_beside, layout.beside, layout.listing_of_beside, "listing of the other");
  draw_panels({active, theme, style_, layout, actions, pen});
  ImGui::PopFont();
  return actions;
}

void Screen::draw_panels(const PanelContext& context) {
  awaits_field_ = false;
  draw_narration(context);
  if (!context.layout.blackboard) {
    draw_server_trouble(context);
    draw_timeline_panel(context);
    awaits_field_ = draw_side(context);
    draw_log(context);
    draw_top_bar(context);
  } else if (context.layout.code.width > 0) {
    draw_listing_in(context, context.layout.code);
  }
  draw_loading(context);
  draw_wild(context);
  draw_next_lesson(context);
  draw_lessons(context);
  draw_export(context);
  draw_compare(context);
  draw_messages(context);  // of what a panel couldn't do, too
  draw_help(context);
  draw_black(context);
}

}  // namespace forktable
