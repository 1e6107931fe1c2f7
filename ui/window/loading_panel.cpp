#include <fmt/format.h>

#include <algorithm>

#include "ui/window/panels.hpp"
#include "ui/window/replay.hpp"

namespace forktable {
namespace {

// "1,234,567": a number that grows is read by its groups.
std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

void draw_progress(const PanelContext& context, const Progress& progress) {
  const auto& [model, theme, style, layout, actions, pen] = context;
  {
    const WithFont font(style.headline);
    const float widest = ImGui::GetContentRegionAvail().x;
    const std::string title = "Opening " + file_name_of(progress.path);
    ImGui::TextUnformatted(pen.fonts.fitted(title, Face::kBold, 20 * style.scale, widest).c_str());
  }
  ImGui::Dummy({0, style(2)});
  ImGui::PushStyleColor(ImGuiCol_PlotHistogram, as_vec4(theme.good));
  ImGui::PushStyleColor(ImGuiCol_FrameBg, as_vec4(theme.row));
  ImGui::ProgressBar(static_cast<float>(progress.part), {-1, style(14)}, "");
  ImGui::PopStyleColor(2);
  const WithTextColor color(theme.muted);
  ImGui::TextUnformatted(fmt::format("{} events. Esc cancels.", grouped(progress.events)).c_str());
}

void draw_trouble(const PanelContext& context, const std::string& trouble) {
  const auto& [model, theme, style, layout, actions, pen] = context;
  {
    const WithFont font(style.headline);
    ImGui::TextUnformatted("No recording is shown");
  }
  ImGui::PushTextWrapPos(0);
  {
    const WithTextColor color(theme.alarm);
    ImGui::TextUnformatted(trouble.c_str());
  }
  const WithTextColor color(theme.muted);
  ImGui::TextUnformatted("Drop another recording on this window, or leave with Ctrl+Q.");
  ImGui::PopTextWrapPos();
}

}  // namespace

void draw_loading(const PanelContext& context) {
  const auto& [model, theme, style, layout, actions, pen] = context;
  const std::string trouble = model.replayed ? model.replayed->trouble : "";
  if (!model.loading && trouble.empty()) return;
  const float width = std::min(style(620), layout.picture.width - style(24)), inner = width - style(44);
  const float wrapped = ImGui::CalcTextSize(trouble.c_str(), nullptr, false, inner).y;
  const float height = model.loading ? style(128) : style(112) + wrapped;
  const Rect rect{layout.picture.x + (layout.picture.width - width) / 2,
                  layout.picture.y + (layout.picture.height - height) / 2, width, height};
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, style(12));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, style(2));
  ImGui::PushStyleColor(ImGuiCol_Border, as_vec4(model.loading ? theme.line : theme.alarm));
  if (begin_panel("loading", rect, theme.card, style(22))) {
    if (model.loading)
      draw_progress(context, *model.loading);
    else
      draw_trouble(context, trouble);
  }
  end_panel();
  ImGui::PopStyleColor();
  ImGui::PopStyleVar(2);
}

}  // namespace forktable
