#include <fmt/format.h>

#include <algorithm>

#include "ui/picture/canvas.hpp"
#include "ui/picture/wrap.hpp"
#include "ui/window/caption.hpp"
#include "ui/window/scene_view.hpp"

namespace forktable {
namespace {

// For the last row of a lecture hall: in the largest type in which the strip holds it.
Scene huge(const Caption& caption, Size area, const PanelContext& context) {
  Scene scene;
  scene.size = area;
  Canvas canvas(scene, context.theme, context.pen.fonts);
  canvas.begin("caption");
  const float left = area.width * 0.035f, widest = area.width - 2 * left;
  canvas.line("rule", {{{left, 2}, {area.width - left, 2}}, context.theme.line, 2});
  const std::string& below = caption.told.meaning.empty() ? caption.next : caption.told.meaning;
  constexpr float kSaidPitch = 1.2f, kPitch = 1.28f, kSmallest = 0.055f;  // of the type; of the strip's height
  Wrapped said, meaning;
  for (float type = 0.19f; type >= kSmallest; type *= 0.94f) {
    const float size = type * area.height;
    said = {wrap(caption.told.said, Face::kBold, size, widest, context.pen.fonts), size};
    meaning = {wrap(below, Face::kRegular, size * 0.8f, widest, context.pen.fonts), size * 0.8f};
    const float height = size * kSaidPitch * static_cast<float>(said.lines.size()) +
                         meaning.size * kPitch * static_cast<float>(meaning.lines.size());
    if (height <= area.height * 0.84f) break;
  }
  float y = area.height * 0.07f;
  const Color ink = caption.question ? context.theme.alarm : context.theme.ink;
  for (std::size_t i = 0; i < said.lines.size(); ++i)
    canvas.text("said", {left, y += said.size * kSaidPitch}, said.lines[i], {Face::kBold, said.size, ink}, 0, i);
  y += area.height * 0.02f;
  for (std::size_t i = 0; i < meaning.lines.size(); ++i)
    canvas.text("meaning", {left, y += meaning.size * kPitch}, meaning.lines[i],
                {Face::kRegular, meaning.size, context.theme.muted}, 0, i);
  return scene;
}

}  // namespace

void draw_narration(const PanelContext& context) {
  const auto& [model, theme, style, layout, actions, pen] = context;
  const Rect rect = layout.narration;
  const Caption caption = caption_of(model);
  if (layout.blackboard) {
    if (begin_panel("narration", rect, theme.paper, 0, kBackground))
      show(context, huge(caption, {rect.width, rect.height}, context), {{rect.x, rect.y}, 1});
    end_panel();
    return;
  }
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, layout.has_column ? style(10) : 0);
  if (begin_panel("narration", rect, theme.panel, style(layout.has_column ? 20 : 14), kBackground)) {
    const bool heading = layout.has_column || model.in_hand;
    if (heading) {
      const WithFont font(style.strong);
      const WithTextColor color(theme.panel_accent);
      ImGui::TextUnformatted(caption.heading.c_str());
      if (!caption.next.empty() && !layout.has_column) {
        ImGui::SameLine(0, style(14));
        const WithFont plain(style.text);
        const WithTextColor muted(theme.panel_muted);
        ImGui::TextUnformatted(caption.next.c_str());
      }
    }
    ImGui::PushTextWrapPos(0);
    {
      // A long sentence in a small panel is set smaller.
      const float width = ImGui::GetContentRegionAvail().x;
      const auto height = [&, &style = style](ImFont* font, const std::string& text) {
        const WithFont with(font);
        return text.empty() ? 0 : ImGui::CalcTextSize(text.c_str(), nullptr, false, width).y + style(8);
      };
      const std::string below = layout.has_column ? caption.next : "";
      const float rest = height(style.text, caption.told.meaning) + height(style.text, below);
      const bool large = height(style.said, caption.told.said) + rest <= ImGui::GetContentRegionAvail().y + style(8);
      const WithFont font(large ? style.said : style.strong);
      const WithTextColor color(theme.panel_text);
      ImGui::TextUnformatted(caption.told.said.c_str());
    }
    {
      const WithTextColor color(theme.panel_muted);
      if (!caption.told.meaning.empty()) ImGui::TextUnformatted(caption.told.meaning.c_str());
      if (!caption.next.empty() && layout.has_column) {
        const WithFont font(style.strong);
        ImGui::TextUnformatted(caption.next.c_str());
      }
    }
    ImGui::PopTextWrapPos();
  }
  end_panel();
  ImGui::PopStyleVar();
}

}  // namespace forktable
