#include "ui/window/panels.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/world/describe.hpp"
#include "ui/window/keys.hpp"
#include "ui/window/log.hpp"
#include "ui/window/scene_painter.hpp"

namespace forktable {

bool begin_panel(const char* name, Rect rect, Color background, float padding, int flags) {
  ImGui::SetNextWindowPos({rect.x, rect.y});
  ImGui::SetNextWindowSize({rect.width, rect.height});
  ImGui::PushStyleColor(ImGuiCol_WindowBg, as_vec4(background));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {padding, padding});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowMinSize, {1, 1});
  const bool visible =
      ImGui::Begin(name, nullptr,
                   ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings | flags);
  ImGui::PopStyleVar(2);
  ImGui::PopStyleColor();
  return visible;
}

void end_panel() { ImGui::End(); }

bool colored_button(const char* label, Color color, float width) {
  ImGui::PushStyleColor(ImGuiCol_Button, as_vec4(color));
  ImGui::PushStyleColor(ImGuiCol_ButtonHovered, as_vec4(color.faded(0.85f)));
  ImGui::PushStyleColor(ImGuiCol_ButtonActive, as_vec4(color.faded(0.7f)));
  ImGui::PushStyleColor(ImGuiCol_Text, as_vec4(readable_on(color)));
  const bool pressed = ImGui::Button(label, {width, 0});
  ImGui::PopStyleColor(4);
  return pressed;
}

void draw_log(const PanelContext& context) {
  const auto& [model, theme, style, layout, actions, pen] = context;
  if (!model.settings.log_open) return;
  if (begin_panel("log", layout.log, theme.panel, style(12), kBackground)) {
    {
      const WithFont font(style.strong);
      const WithTextColor color(theme.panel_accent);
      ImGui::TextUnformatted("Log");
    }
    ImGui::SameLine();
    {
      const WithTextColor color(theme.panel_muted);
      ImGui::TextUnformatted(log_file().empty() ? "kept in no file" : log_file().c_str());
    }
    ImGui::SameLine(ImGui::GetContentRegionMax().x - style(70));
    if (colored_button("close", theme.chip)) actions.push_back(ToggleLog{});
    ImGui::BeginChild("lines");
    {
      const WithFont font(style.mono);
      const WithTextColor color(theme.panel_text);
      for (std::string line : latest_log_lines()) {
        while (!line.empty() && line.back() == '\n') line.pop_back();
        ImGui::TextUnformatted(line.c_str());
      }
    }
    if (ImGui::GetScrollY() >= ImGui::GetScrollMaxY()) ImGui::SetScrollHereY(1);
    ImGui::EndChild();
  }
  end_panel();
}

void draw_help(const PanelContext& context) {
  const auto& [model, theme, style, layout, actions, pen] = context;
  if (!model.help_open) return;
  const Rect area{0, 0, layout.top_bar.width, layout.log.bottom()};
  if (begin_panel("shade", area, Color{0, 0, 0, 110}, 0) && ImGui::IsWindowHovered() && ImGui::IsMouseClicked(0))
    actions.push_back(ToggleHelp{});
  end_panel();
  std::size_t rows = 0;
  for (const KeyBinding& binding : key_bindings()) rows += binding.shown != nullptr ? 1 : 0;
  const float pitch = style(29);
  // Two columns, if there is room for them.
  const bool two = area.width >= style(940);
  const std::size_t lines = two ? (rows + 1) / 2 : rows;
  const float width = std::min(style(two ? 1000 : 540), area.width - style(40));
  const float height = std::min(style(136) + pitch * static_cast<float>(lines), area.height - style(20));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, style(12));
  ImGui::SetNextWindowFocus();
  if (begin_panel("help", {(area.width - width) / 2, (area.height - height) / 2, width, height}, theme.card,
                  style(24))) {
    {
      const WithFont font(style.headline);
      ImGui::TextUnformatted("Keys");
    }
    ImGui::SameLine(ImGui::GetContentRegionMax().x - style(64));
    if (ImGui::Button("close")) actions.push_back(ToggleHelp{});
    ImGui::BeginChild("keys", {0, -style(26)});
    ImGui::Dummy({0, style(2)});
    const ImVec2 top = ImGui::GetCursorScreenPos();
    const float column = ImGui::GetContentRegionAvail().x / 2;
    std::size_t shown = 0;
    for (const KeyBinding& binding : key_bindings()) {
      if (binding.shown == nullptr) continue;
      const std::size_t row = two ? shown % lines : shown, beside = two ? shown / lines : 0;
      const ImVec2 at{top.x + column * static_cast<float>(beside), top.y + pitch * static_cast<float>(row)};
      ++shown;
      const float chip = ImGui::CalcTextSize(binding.shown).x + style(16);
      ImGui::GetWindowDrawList()->AddRectFilled({at.x, at.y - style(2)}, {at.x + chip, at.y + style(22)},
                                                packed(theme.row), style(5));
      ImGui::GetWindowDrawList()->AddRect({at.x, at.y - style(2)}, {at.x + chip, at.y + style(22)}, packed(theme.line),
                                          style(5));
      ImGui::SetCursorScreenPos({at.x + style(8), at.y});
      ImGui::TextUnformatted(binding.shown);
      ImGui::SetCursorScreenPos({at.x + style(120), at.y});
      ImGui::TextUnformatted(binding.does);
      ImGui::SetCursorScreenPos({at.x, at.y + pitch});
    }
    ImGui::EndChild();
    ImGui::PushStyleColor(ImGuiCol_Text, as_vec4(theme.muted));
    ImGui::TextUnformatted("Wheel: zoom. Drag: move. Click a card: select it.");
    ImGui::PopStyleColor();
  }
  end_panel();
  ImGui::PopStyleVar();
}

void draw_server_title(const PanelContext& context, Rect rect, bool active) {
  const auto& [model, theme, style, layout, actions, pen] = context;
  const std::string name = fmt::format("title at {}", rect.x);
  if (begin_panel(name.c_str(), rect, active ? theme.accent : theme.row, style(8), kBackground)) {
    const std::string title = capital(std::string(title_of(model.server())));
    // Filled and marked, or neither: not told by the colour alone.
    const Color ink = active ? readable_on(theme.accent) : theme.muted;
    const float left = rect.x + style(16), middle = rect.y + rect.height / 2, half = style(6);
    if (active)
      ImGui::GetWindowDrawList()->AddTriangleFilled({left, middle - half}, {left, middle + half},
                                                    {left + 1.6f * half, middle},
                                                    ImGui::ColorConvertFloat4ToU32(as_vec4(ink)));
    ImGui::SetCursorPos({style(active ? 34.f : 16.f), (rect.height - ImGui::GetFontSize()) / 2});
    {
      const WithFont font(style.strong);
      const WithTextColor color(ink);
      ImGui::TextUnformatted(title.c_str());
    }
    if (ImGui::IsWindowHovered()) {
      if (!active) ImGui::SetTooltip("O, or a click: turn to this server");
      if (!active && ImGui::IsMouseReleased(0)) actions.push_back(Select{});
    }
  }
  end_panel();
}

void draw_messages(const PanelContext& context) {
  const auto& [model, theme, style, layout, actions, pen] = context;
  // Over the headings, which can spare the place.
  float top = layout.picture.y + style(4);
  for (auto message = model.messages.rbegin(); message != model.messages.rend(); ++message) {
    if (message->until < model.now) continue;
    const float widest = layout.picture.width - style(40);
    const ImVec2 text = ImGui::CalcTextSize(message->text.c_str(), nullptr, false, widest - style(44));
    const float width = text.x + style(44), height = text.y + style(18);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, style(8));
    const std::string name = fmt::format("message {}", static_cast<const void*>(&*message));
    const Rect rect{layout.picture.x + (layout.picture.width - width) / 2, top, width, height};
    if (begin_panel(name.c_str(), rect, theme.panel, style(9), ImGuiWindowFlags_NoInputs)) {
      if (message->trouble)
        ImGui::GetWindowDrawList()->AddRectFilled({rect.x, rect.y}, {rect.x + style(10), rect.y + rect.height},
                                                  ImGui::ColorConvertFloat4ToU32(as_vec4(theme.alarm)), style(8),
                                                  ImDrawFlags_RoundCornersLeft);
      ImGui::SetCursorPosX(style(22));
      ImGui::PushTextWrapPos(width - style(20));
      const WithTextColor color(theme.panel_text);
      ImGui::TextUnformatted(message->text.c_str());
      ImGui::PopTextWrapPos();
    }
    end_panel();
    ImGui::PopStyleVar();
    top += height + style(6);
  }
}

bool has_server_trouble(const Model& model) {
  if (model.replayed || model.focus || model.wild_open) return false;
  if (model.in_hand && model.in_hand->trouble.empty()) return false;  // the lesson's captions say what it means
  const Process* server = find_process(model.live(), model.live().server);
  return server != nullptr && server->life != Life::kAlive;
}

void draw_server_trouble(const PanelContext& context) {
  const auto& [model, theme, style, layout, actions, pen] = context;
  if (!has_server_trouble(model)) return;
  const Process* server = find_process(model.live(), model.live().server);
  const auto* failed = model.live().trouble ? std::get_if<CallFailed>(&model.live().trouble->what) : nullptr;
  const bool listening_failed = failed != nullptr && (failed->call == Call::kBind || failed->call == Call::kListen ||
                                                      failed->call == Call::kSocket);
  const bool port_taken = listening_failed && failed->error == EADDRINUSE;
  const bool orphans = std::any_of(model.live().processes.begin(), model.live().processes.end(),
                                   [](const Process& process) { return process.life == Life::kAlive; });
  const Port port = model.live().port;
  const std::string title = port_taken         ? fmt::format("Port {} is in use", port)
                            : listening_failed ? fmt::format("Can't listen on port {}", port)
                            : model.live().stop_asked
                                ? "The server is stopped"
                                : fmt::format("The server has ended: {}", ending_of(server->wait_status.value_or(0)));
  const std::string text = port_taken         ? "Another program listens there, perhaps another Forktable."
                           : listening_failed ? fmt::format("The system says {}.", error_name(failed->error))
                           : orphans          ? "Its children go on as orphans, until their clients leave."
                                              : "Start it again to go on.";
  // A lecture goes on above it.
  const bool offer = !model.in_hand;
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, style(12));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, style(2));
  ImGui::PushStyleColor(ImGuiCol_Border, as_vec4(port_taken || listening_failed ? theme.alarm : theme.line));
  if (begin_panel("trouble", layout.trouble, theme.card, style(12))) {
    const float top = ImGui::GetCursorPosY(), right = ImGui::GetContentRegionMax().x;
    {
      const WithFont font(style.headline);
      ImGui::TextUnformatted(title.c_str());
    }
    {
      const WithTextColor color(theme.muted);
      ImGui::TextUnformatted(text.c_str());
    }
    const auto at_right = [&, &style = style](float button) { ImGui::SetCursorPos({right - button, top + style(8)}); };
    const float pad = 2 * ImGui::GetStyle().FramePadding.x;
    if (listening_failed) {
      const std::string again = fmt::format("Try {} again", port);
      const float first = ImGui::CalcTextSize("Use a free port").x + pad,
                  second = ImGui::CalcTextSize(again.c_str()).x + pad;
      at_right(first + second + style(8));
      if (colored_button("Use a free port", theme.good)) actions.push_back(StartServer{0});
      ImGui::SameLine();
      if (ImGui::Button(again.c_str())) actions.push_back(StartServer{port});
    } else if (offer) {
      const std::string start = fmt::format("Start on port {}", port);
      at_right(ImGui::CalcTextSize(start.c_str()).x + pad);
      if (colored_button(start.c_str(), theme.good)) actions.push_back(StartServer{port});
    }
  }
  end_panel();
  ImGui::PopStyleColor();
  ImGui::PopStyleVar(2);
}

}  // namespace forktable
