#include <fmt/format.h>

#include <algorithm>

#include "core/lesson/marks.hpp"
#include "ui/picture/marked_text.hpp"
#include "ui/window/panels.hpp"
#include "ui/window/scene_view.hpp"

namespace forktable {

void draw_lessons(const PanelContext& context) {
  const auto& [model, theme, style, layout, actions, pen] = context;
  if (!model.lessons_open) return;
  const Rect area{0, 0, layout.top_bar.width, layout.log.bottom()};
  if (begin_panel("shade of lessons", area, Color{0, 0, 0, 110}, 0) && ImGui::IsWindowHovered() &&
      ImGui::IsMouseClicked(0))
    actions.push_back(ToggleLessons{});
  end_panel();
  const float pitch = style(50), head = style(84), foot = style(44);
  const float width = std::min(style(860), area.width - style(40));
  const float wanted = head + foot + pitch * static_cast<float>(std::max<std::size_t>(model.lessons.size(), 1));
  const float height = std::min(wanted, area.height - style(20));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, style(12));
  ImGui::SetNextWindowFocus();
  if (begin_panel("lessons", {(area.width - width) / 2, (area.height - height) / 2, width, height}, theme.card,
                  style(22))) {
    {
      const WithFont font(style.headline);
      ImGui::TextUnformatted("Lessons");
    }
    ImGui::SameLine(ImGui::GetContentRegionMax().x - style(64));
    if (ImGui::Button("close")) actions.push_back(ToggleLessons{});
    ImGui::BeginChild("list", {0, -foot + style(14)});
    if (model.lessons.empty()) ImGui::TextUnformatted("There are no lessons in this installation.");
    for (std::size_t i = 0; i < model.lessons.size(); ++i) {
      const Lesson& lesson = model.lessons[i];
      const ImVec2 at = ImGui::GetCursorScreenPos();
      const float row = ImGui::GetContentRegionAvail().x;
      const bool chosen = i == model.chosen_lesson;
      if (ImGui::InvisibleButton(fmt::format("lesson {}", i).c_str(), {row, pitch - style(6)}))
        actions.push_back(StartLesson{i});
      const bool hovered = ImGui::IsItemHovered();
      ImDrawList& list = *ImGui::GetWindowDrawList();
      if (chosen || hovered)
        list.AddRectFilled(at, {at.x + row, at.y + pitch - style(6)}, packed(chosen ? theme.said : theme.row),
                           style(8));
      if (chosen)
        list.AddRectFilled(at, {at.x + style(5), at.y + pitch - style(6)}, packed(theme.panel_accent), style(3));
      const std::string number = lesson.number > 0 ? std::to_string(lesson.number) : "–";
      list.AddText(style.headline, style.headline->FontSize, {at.x + style(16), at.y + style(9)}, packed(theme.muted),
                   number.c_str());
      list.PushClipRect(at, {at.x + row - style(8), at.y + pitch}, true);
      list.AddText(style.strong, style.strong->FontSize, {at.x + style(58), at.y + style(4)}, packed(theme.ink),
                   lesson.title.c_str());
      list.AddText(
          {at.x + style(58), at.y + style(23)}, packed(theme.muted),
          pen.fonts.fitted(without_marks(lesson.about), Face::kRegular, 14.5f * style.scale, row - style(76)).c_str());
      list.PopClipRect();
      ImGui::SetCursorScreenPos({at.x, at.y + pitch});
      if (chosen && model.lessons_open) ImGui::SetScrollHereY(0.8f);
    }
    ImGui::EndChild();
    ImGui::PushStyleColor(ImGuiCol_Text, as_vec4(theme.muted));
    ImGui::TextUnformatted("Up and Down choose, Enter begins. A lesson starts a server of its own, paused.");
    ImGui::PopStyleColor();
  }
  end_panel();
  ImGui::PopStyleVar();
}

void draw_wild(const PanelContext& context) {
  const auto& [model, theme, style, layout, actions, pen] = context;
  if (!model.wild_open || !model.in_hand || model.in_hand->lesson.wild.empty()) return;
  ImFont* text = layout.blackboard ? style.board : style.text;
  ImFont* name = layout.blackboard ? style.board : style.strong;
  // A page of its own: the picture would only be in the way.
  const Rect rect = layout.picture;
  const float edge = std::max(style(30), (rect.width - style(layout.blackboard ? 1240.f : 820.f)) / 2);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 0);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 0);
  if (begin_panel("wild", rect, theme.paper, style(20))) {
    ImGui::Indent(edge);
    {
      const WithFont font(style.headline);
      ImGui::TextUnformatted("Seen in the wild");
    }
    ImGui::SameLine(ImGui::GetContentRegionMax().x - edge - style(84));
    if (ImGui::Button("close (W)")) actions.push_back(ToggleWild{});
    ImGui::BeginChild("cards", {rect.width - 2 * edge - style(20), 0});
    for (const WildCard& card : model.in_hand->lesson.wild) {
      {
        const WithFont font(name);
        const WithTextColor color(theme.dark ? theme.panel_accent : theme.connection(5));
        ImGui::TextUnformatted(fmt::format("{} #{}", card.project, card.issue).c_str());
      }
      const WithFont font(text);
      ImGui::PushTextWrapPos(0);
      ImGui::TextUnformatted(without_marks(card.what).c_str());
      ImGui::PopTextWrapPos();
      ImGui::Dummy({0, style(2)});
    }
    ImGui::EndChild();
  }
  end_panel();
  ImGui::PopStyleVar(2);
}

void draw_next_lesson(const PanelContext& context) {
  const auto& [model, theme, style, layout, actions, pen] = context;
  const Fonts& fonts = pen.fonts;
  const Lesson* next = next_lesson(model);
  if (!model.next_lesson_open || next == nullptr) return;
  const Rect& picture = layout.picture;
  const float width = picture.width * 0.8f, edge = width * 0.06f, inner = width - 2 * edge;
  const float type = std::min(picture.height * 0.075f, width * 0.05f);
  const auto set = [&](const std::string& text, Face face, float size) {
    return set_text(text, {face, size, 1.25f, true, true}, inner, fonts);
  };
  const SetText name =
      set(next->number > 0 ? fmt::format("Next: lesson {}", next->number) : "Next", Face::kSemiBold, type * 0.6f);
  const SetText title = set(next->title, Face::kBold, type);
  const SetText about = set(next->about, Face::kRegular, type * 0.7f);
  const float gap = type * 0.4f, height = name.height() + title.height() + about.height() + 2 * (edge + gap);
  const Rect rect{picture.x + (picture.width - width) / 2, picture.y + std::max(0.f, (picture.height - height) / 2),
                  width, std::min(height, picture.height)};
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, style(12));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, style(2));
  ImGui::PushStyleColor(ImGuiCol_Border, as_vec4(theme.panel_accent));
  if (begin_panel("next lesson", rect, theme.card, 0)) {
    Scene scene;
    Canvas canvas(scene, theme, pen.fonts);
    canvas.begin("next lesson");
    float y = draw_text(canvas, "name", {edge, edge}, name, theme.accent);
    y = draw_text(canvas, "title", {edge, y + gap}, title, theme.ink);
    draw_text(canvas, "about", {edge, y + gap}, about, theme.muted);
    show(context, scene, {{rect.x, rect.y}, 1});
    if (ImGui::IsWindowHovered() && ImGui::IsMouseClicked(0)) actions.push_back(StartNextLesson{});
  }
  end_panel();
  ImGui::PopStyleColor();
  ImGui::PopStyleVar(2);
}

void draw_black(const PanelContext& context) {
  if (!context.model.black) return;
  const ImVec2 size = ImGui::GetIO().DisplaySize;
  ImGui::SetNextWindowFocus();
  if (begin_panel("black", {0, 0, size.x, size.y}, Color{0, 0, 0, 255}, 0) && ImGui::IsMouseClicked(0))
    context.actions.push_back(ToggleBlack{});
  ImGui::SetMouseCursor(ImGuiMouseCursor_None);
  end_panel();
}

}  // namespace forktable
