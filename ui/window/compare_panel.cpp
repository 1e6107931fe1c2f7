#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>

#include "ui/picture/chart.hpp"
#include "ui/window/panels.hpp"
#include "ui/window/scene_view.hpp"

namespace forktable {
namespace {

class ComparePanel {
 public:
  explicit ComparePanel(const PanelContext& context)
      : context_(context), state_(context.model.comparing), theme_(context.theme), style_(context.style) {}

  void draw() {
    const Rect area{0, 0, context_.layout.top_bar.width, context_.layout.log.bottom()};
    if (begin_panel("shade of costs", area, Color{0, 0, 0, 110}, 0) && ImGui::IsWindowHovered() &&
        ImGui::IsMouseClicked(0))
      context_.actions.push_back(ToggleCompare{});
    end_panel();
    // As large as the window, in the shape that the chart and the head need.
    float width = std::min(area.width - style_(16), (area.height - style_(76)) * 16 / 9);
    float height = width * 9 / 16 + style_(60);
    if (!state_.table) {
      width = std::min(width, style_(760));
      height = style_(300);
    }
    ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, style_(12));
    if (context_.model.messages.empty()) ImGui::SetNextWindowFocus();  // a new one comes to lie over it
    if (begin_panel("costs", {(area.width - width) / 2, (area.height - height) / 2, width, height}, theme_.card,
                    style_(14))) {
      head();
      if (state_.table)
        chart({(area.width - width) / 2, (area.height - height) / 2 + style_(60), width, width * 9 / 16});
      else
        about();
    }
    end_panel();
    ImGui::PopStyleVar();
  }

 private:
  void head() {
    if (state_.part) {
      progress();
    } else if (colored_button(state_.table ? "Measure again" : "Measure", theme_.good, style_(130))) {
      context_.actions.push_back(StartCompare{});
    }
    ImGui::SameLine();
    if (state_.table && !state_.part) {
      save("PNG", Format::kPng);
      save("SVG", Format::kSvg);
      save("PDF", Format::kPdf);
      const WithTextColor muted(theme_.muted);
      ImGui::AlignTextToFramePadding();
      ImGui::TextUnformatted("Enter measures, S saves.");
      ImGui::SameLine();
    }
    ImGui::SetCursorPosX(ImGui::GetContentRegionMax().x - style_(64));
    if (ImGui::Button("close")) context_.actions.push_back(ToggleCompare{});
  }

  void progress() {
    ImGui::PushStyleColor(ImGuiCol_PlotHistogram, as_vec4(theme_.good));
    ImGui::PushStyleColor(ImGuiCol_FrameBg, as_vec4(theme_.row));
    ImGui::ProgressBar(static_cast<float>(*state_.part),
                       {std::min(style_(460), ImGui::GetContentRegionAvail().x - style_(180)), ImGui::GetFrameHeight()},
                       fmt::format("{} %, {}", static_cast<int>(*state_.part * 100), state_.doing).c_str());
    ImGui::PopStyleColor(2);
    ImGui::SameLine();
    if (ImGui::Button("Cancel")) context_.actions.push_back(CancelCompare{});
  }

  void save(const char* name, Format format) {
    if (ImGui::Button(name)) context_.actions.push_back(SaveChart{format});
    ImGui::SameLine();
  }

  void chart(Rect rect) {
    const Scene scene = draw_chart({*state_.table, theme_, context_.pen.fonts});
    show(context_, scene, {{rect.x, rect.y}, rect.width / scene.size.width});
  }

  void about() {
    ImGui::Dummy({0, style_(20)});
    {
      const WithFont font(style_.headline);
      ImGui::TextUnformatted("What each costs");
    }
    ImGui::Dummy({0, style_(6)});
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(
        "Five servers run on this machine, one after the other and each by itself: one client after the other, a "
        "process for each client, select, epoll, a thread for each client. Each has 1, 10 and 100 clients at once.");
    ImGui::Dummy({0, style_(4)});
    ImGui::TextUnformatted(
        "What is measured: memory per client, the time from connect to the first echoed byte, connections per second, "
        "context switches per connection; and the kernel is asked what is shared. It takes some seconds.");
    ImGui::PopTextWrapPos();
    ImGui::Dummy({0, style_(4)});
    const WithTextColor muted(theme_.muted);
    ImGui::TextUnformatted(state_.part ? "Esc gives up. Esc again closes." : "Enter measures. Esc closes.");
  }

  const PanelContext& context_;
  const CompareState& state_;
  const Theme& theme_;
  const Style& style_;
};

}  // namespace

void draw_compare(const PanelContext& context) {
  if (context.model.comparing.open) ComparePanel(context).draw();
}

}  // namespace forktable
