#include <fmt/format.h>
#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "ui/window/exporting.hpp"
#include "ui/window/panels.hpp"
#include "ui/window/scene_painter.hpp"

namespace forktable {
namespace {

struct FormatText {
  const char *name, *use;
};
constexpr FormatText kFormatTexts[] = {
    {"PNG", "pictures of pixels, for any program"},        {"SVG", "pictures that stay sharp, for web pages"},
    {"PDF", "a deck of slides, for Beamer and printers"},  {"HTML", "a handout to leaf through, for students"},
    {"Trace", "for ui.perfetto.dev and chrome://tracing"}, {"GIF", "an animated picture, for chats (needs ffmpeg)"},
    {"MP4", "a film, for PowerPoint (needs ffmpeg)"},
};
static_assert(std::size(kFormatTexts) == count_of<Format>());

class ExportPanel {
 public:
  explicit ExportPanel(const PanelContext& context)
      : context_(context),
        model_(context.model),
        theme_(context.theme),
        style_(context.style),
        choice_(model_.settings.exported) {}

  void draw() {
    const Rect area{0, 0, context_.layout.top_bar.width, context_.layout.log.bottom()};
    if (begin_panel("shade of export", area, Color{0, 0, 0, 110}, 0) && ImGui::IsWindowHovered() &&
        ImGui::IsMouseClicked(0))
      context_.actions.push_back(ToggleExport{});
    end_panel();
    const float width = std::min(style_(760), area.width - style_(24));
    const float height = std::min(style_(574), area.height - style_(20));
    ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, style_(12));
    ImGui::SetNextWindowFocus();
    if (begin_panel("export", {(area.width - width) / 2, (area.height - height) / 2, width, height}, theme_.card,
                    style_(22))) {
      head();
      ImGui::BeginDisabled(model_.exporting.part.has_value());
      const float left = std::min(style_(420), width * 0.56f);
      const float rows = height - style_(200);  // what the head, the folder and the foot leave
      ImGui::BeginChild("formats", {left, rows});
      formats();
      ImGui::EndChild();
      ImGui::SameLine(0, style_(20));
      ImGui::PushStyleColor(ImGuiCol_FrameBg, as_vec4(theme_.line));
      ImGui::BeginChild("steps", {0, rows});
      steps();
      options();
      ImGui::EndChild();
      ImGui::PopStyleColor();
      folder();
      ImGui::EndDisabled();
      foot();
    }
    end_panel();
    ImGui::PopStyleVar();
    if (choice_ != model_.settings.exported) context_.actions.push_back(ChooseExport{choice_});
  }

 private:
  void head() {
    {
      const WithFont font(style_.headline);
      ImGui::TextUnformatted("Export");
    }
    ImGui::SameLine(ImGui::GetContentRegionMax().x - style_(64));
    if (ImGui::Button("close")) context_.actions.push_back(ToggleExport{});
    ImGui::Dummy({0, style_(2)});
  }

  void formats() {
    for (std::size_t i = 0; i < std::size(kFormatTexts); ++i) {
      const auto format = static_cast<Format>(i);
      const ImVec2 at = ImGui::GetCursorScreenPos();
      const float row = ImGui::GetContentRegionAvail().x, pitch = style_(41);
      if (ImGui::InvisibleButton(kFormatTexts[i].name, {row, pitch - style_(4)})) choice_.format = format;
      const bool chosen = choice_.format == format;
      ImDrawList& list = *ImGui::GetWindowDrawList();
      if (chosen || ImGui::IsItemHovered())
        list.AddRectFilled(at, {at.x + row, at.y + pitch - style_(4)}, packed(chosen ? theme_.said : theme_.row),
                           style_(8));
      if (chosen)
        list.AddRectFilled(at, {at.x + style_(5), at.y + pitch - style_(4)}, packed(theme_.panel_accent), style_(3));
      const float y = at.y + (pitch - style_(4) - ImGui::GetFontSize()) / 2;
      list.AddText(style_.strong, style_.strong->FontSize, {at.x + style_(16), y}, packed(theme_.ink),
                   kFormatTexts[i].name);
      list.AddText(
          {at.x + style_(74), y}, packed(theme_.muted),
          context_.pen.fonts.fitted(kFormatTexts[i].use, Face::kRegular, 14.5f * style_.scale, row - style_(82))
              .c_str());
      ImGui::SetCursorScreenPos({at.x, at.y + pitch});
    }
  }

  void steps() {
    label("Steps");
    if (choice_.format == Format::kTrace) {
      muted("A trace has them all.");
      return;
    }
    const std::uint64_t step = shown_step(model_), all = model_.history.size();
    radio(fmt::format("this one, {}", step), ExportChoice::kThis);
    radio("all that change the picture", ExportChoice::kAll);
    radio("from", ExportChoice::kRange);
    ImGui::SameLine();
    auto first = static_cast<int>(model_.exporting.first), last = static_cast<int>(model_.exporting.last);
    ImGui::SetNextItemWidth(style_(64));
    bool changed = ImGui::InputInt("##first", &first, 0);
    ImGui::SameLine();
    ImGui::TextUnformatted("to");
    ImGui::SameLine();
    ImGui::SetNextItemWidth(style_(64));
    changed = ImGui::InputInt("##last", &last, 0) || changed;
    if (model_.in_hand) radio("where the lesson stops", ExportChoice::kStops);
    if (!changed) return;
    const auto step_in = [&](int number) {
      return static_cast<std::uint64_t>(
          std::clamp<std::int64_t>(number, 1, static_cast<std::int64_t>(std::max<std::uint64_t>(all, 1))));
    };
    context_.actions.push_back(ChooseExportRange{step_in(first), step_in(last)});
    choice_.steps = ExportChoice::kRange;
  }

  void options() {
    const Format format = choice_.format;
    if (format == Format::kTrace) return;
    ImGui::Dummy({0, style_(4)});
    label("Looks");
    ImGui::Checkbox("dark", &choice_.dark);
    if (format == Format::kPng || format == Format::kSvg || format == Format::kPdf)
      ImGui::Checkbox("nothing behind the picture", &choice_.transparent);
    if (format == Format::kSvg) ImGui::Checkbox("letters as shapes, for PowerPoint", &choice_.outlines);
  }

  void folder() {
    label("Folder");
    ImGui::SameLine(style_(64) + ImGui::GetStyle().WindowPadding.x);
    ImGui::SetNextItemWidth(-1);
    std::string folder = export_folder(choice_);
    if (ImGui::InputText("##folder", &folder)) choice_.folder = folder.substr(0, kLongestFolder);
  }

  void foot() {
    ImGui::Dummy({0, style_(4)});
    if (!model_.exporting.part) {
      if (colored_button("Export", theme_.good, style_(120))) context_.actions.push_back(StartExport{});
      ImGui::SameLine();
      muted("Enter exports. Up and Down choose the format, Left and Right the steps.");
      return;
    }
    ImGui::PushStyleColor(ImGuiCol_PlotHistogram, as_vec4(theme_.good));
    ImGui::PushStyleColor(ImGuiCol_FrameBg, as_vec4(theme_.row));
    const auto part = static_cast<float>(*model_.exporting.part);
    ImGui::ProgressBar(part, {ImGui::GetContentRegionAvail().x - style_(100), ImGui::GetFrameHeight()},
                       fmt::format("{} %", static_cast<int>(part * 100)).c_str());
    ImGui::PopStyleColor(2);
    ImGui::SameLine();
    if (ImGui::Button("Cancel", {-1, 0})) context_.actions.push_back(CancelExport{});
  }

  void radio(const std::string& text, ExportChoice::Steps steps) {
    if (ImGui::RadioButton(text.c_str(), choice_.steps == steps)) choice_.steps = steps;
  }
  void label(const char* text) {
    const WithFont font(style_.strong);
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted(text);
  }
  void muted(const char* text) {
    const WithTextColor color(theme_.muted);
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted(text);
  }

  const PanelContext& context_;
  const Model& model_;
  const Theme& theme_;
  const Style& style_;
  ExportChoice choice_;
};

}  // namespace

void draw_export(const PanelContext& context) {
  if (context.model.exporting.open) ExportPanel(context).draw();
}

}  // namespace forktable
