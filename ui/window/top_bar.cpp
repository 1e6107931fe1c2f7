#include <fmt/format.h>

#include <algorithm>

#include "core/world/describe.hpp"
#include "ui/window/panels.hpp"
#include "ui/window/scene_painter.hpp"

namespace forktable {
namespace {

constexpr const char* kBehaviourTexts[] = {"say hello and leave", "stay and talk", "go quiet"};

bool server_alive(const Model& model) {
  const Process* server = find_process(model.world, model.world.server);
  return server != nullptr && server->life == Life::kAlive;
}

class TopBar {
 public:
  explicit TopBar(const PanelContext& context)
      : context_(context),
        model_(context.model),
        theme_(context.theme),
        style_(context.style),
        actions_(context.actions) {}

  void draw() {
    const float height = context_.layout.top_bar.height;
    const Color bar = theme_.dark ? theme_.panel : theme_.ink;
    if (begin_panel("top bar", context_.layout.top_bar, bar, 0, kBackground)) {
      ImGui::PushStyleColor(ImGuiCol_Button, as_vec4(kButton));
      ImGui::PushStyleColor(ImGuiCol_ButtonHovered, as_vec4(kButtonHovered));
      ImGui::PushStyleColor(ImGuiCol_ButtonActive, as_vec4(kButtonHovered));
      ImGui::PushStyleColor(ImGuiCol_Text, as_vec4(kText));
      const float button_height = ImGui::GetFrameHeight();
      const float y = (height - button_height) / 2;
      ImGui::SetCursorPos({style_(22), (height - style_.headline->FontSize) / 2});
      {
        const WithFont font(style_.headline);
        ImGui::TextUnformatted("Forktable");
      }
      const float name_end = ImGui::GetItemRectMax().x;
      buttons(y, name_end);
      ImGui::PopStyleColor(4);
    }
    end_panel();
  }

 private:
  static constexpr Color kButton = Color::rgb(0x2C3846), kButtonHovered = Color::rgb(0x3B4A5B),
                         kText = Color::rgb(0xFFFFFF);

  float width_of(const char* label, float extra = 0) const { return ImGui::CalcTextSize(label).x + style_(20 + extra); }

  // From the right to the left, so that what matters most is there in a narrow window too.
  void buttons(float y, float name_end) {
    const char* behaviour = kBehaviourTexts[static_cast<int>(model_.settings.behaviour)];
    const float gap = style_(8), menu = 16;
    const float client = width_of("+ Client"), ten = width_of("+ 10"), server = width_of("Server", menu),
                save = width_of("Export", menu), view = width_of("View", menu), help = width_of("?");
    float behave = style_(20 + menu);
    for (const char* text : kBehaviourTexts) behave = std::max(behave, ImGui::CalcTextSize(text).x + style_(20 + menu));
    const float all = client + ten + behave + server + save + view + help + 6 * gap;
    const float right = context_.layout.top_bar.width - style_(16);
    // In a very narrow window the choice of behaviour is left to a menu.
    const bool choose_here = right - all > name_end + style_(16);
    float x = right - all + (choose_here ? 0 : behave + gap);
    status(name_end + style_(22), x - style_(16), y);

    const auto next = [&](float width) {
      ImGui::SetCursorPos({x, y});
      x += width + gap;
    };
    const bool can_launch = server_alive(model_);
    ImGui::BeginDisabled(!can_launch);
    next(client);
    if (colored_button("+ Client", Color::rgb(0x00875F), client)) actions_.push_back(LaunchClients{1});
    next(ten);
    if (ImGui::Button("+ 10", {ten, 0})) actions_.push_back(LaunchClients{10});
    ImGui::EndDisabled();
    if (choose_here) {
      next(behave);
      menu_button(behaviour, "behaviour", behave);
    }
    next(server);
    menu_button("Server", "server", server);
    next(save);
    menu_button("Export", "export", save);
    next(view);
    menu_button("View", "view", view);
    next(help);
    if (ImGui::Button("?", {help, 0})) actions_.push_back(ToggleHelp{});
    menus(choose_here);
  }

  // What runs where, and how much has happened; as much of it as there is room for.
  void status(float from, float to, float y) {
    const bool alive = server_alive(model_);
    const std::string where = alive ? fmt::format("live :{}", model_.world.port) : "no server";
    const std::string steps = fmt::format("{}", plural(model_.world.step, "step", "steps"));
    const float baseline = y + ImGui::GetStyle().FramePadding.y, dot = style_(5);
    float x = from + style_(14);
    if (x + ImGui::CalcTextSize(where.c_str()).x > to) return;
    const Color color = alive ? Color::rgb(0x8FE0C0) : Color::rgb(0xFFB48A);
    const ImVec2 window = ImGui::GetWindowPos();
    ImGui::GetWindowDrawList()->AddCircleFilled({window.x + from + dot, window.y + baseline + ImGui::GetFontSize() / 2},
                                                dot, packed(color));
    ImGui::SetCursorPos({x, baseline});
    {
      const WithFont font(style_.strong);
      const WithTextColor text(color);
      ImGui::TextUnformatted(where.c_str());
    }
    x = ImGui::GetItemRectMax().x - window.x + style_(18);
    if (x + ImGui::CalcTextSize(steps.c_str()).x > to) return;
    ImGui::SetCursorPos({x, baseline});
    const WithTextColor text(Color::rgb(0x9FB0C0));
    ImGui::TextUnformatted(steps.c_str());
  }

  // A button with a small triangle that opens the menu `id` below it.
  void menu_button(const char* text, const char* id, float width) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    if (ImGui::Button(fmt::format("##{}", id).c_str(), {width, 0})) {
      ImGui::OpenPopup(id);
      menu_at_ = {at.x, at.y + ImGui::GetFrameHeight() + style_(4)};
    }
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImVec2 padding = ImGui::GetStyle().FramePadding;
    list.AddText({at.x + padding.x, at.y + padding.y}, packed(kText), text);
    const float x = at.x + width - style_(18), middle = at.y + ImGui::GetFrameHeight() / 2;
    list.AddTriangleFilled({x, middle - style_(2.5f)}, {x + style_(9), middle - style_(2.5f)},
                           {x + style_(4.5f), middle + style_(3)}, packed(Color::rgb(0xB9C4CF)));
  }

  static bool begin_menu(const char* id) {
    ImGui::SetNextWindowPos(menu_at_, ImGuiCond_Appearing);
    return ImGui::BeginPopup(id);
  }

  void menus(bool behaviour_is_here) {
    // Menus have the colours of the page, not those of the bar.
    ImGui::PushStyleColor(ImGuiCol_Text, as_vec4(theme_.ink));
    ImGui::PushStyleColor(ImGuiCol_Button, as_vec4(theme_.row));
    ImGui::PushStyleColor(ImGuiCol_ButtonHovered, as_vec4(theme_.line));
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {style_(12), style_(12)});
    if (begin_menu("behaviour")) {
      behaviours();
      ImGui::EndPopup();
    }
    if (begin_menu("server")) {
      server_menu();
      ImGui::EndPopup();
    }
    if (begin_menu("export")) {
      item("Picture of the diagram, for a slide", "S", SavePicture{});
      item("Picture of the whole window", "Shift+S", SaveWindow{});
      item("Recording of all that has happened", "Ctrl+S", SaveRecording{});
      ImGui::EndPopup();
    }
    if (begin_menu("view")) {
      if (!behaviour_is_here) {
        behaviours();
        ImGui::Separator();
      }
      item(theme_.dark ? "Light theme" : "Dark theme", "T", ToggleTheme{});
      item("Larger", "+", ChangeScale{1});
      item("Smaller", "-", ChangeScale{-1});
      item("Normal size", "0", ChangeScale{0});
      item("Full screen", "F11", ToggleFullScreen{});
      ImGui::Separator();
      item("Forktable's own descriptors", nullptr, TogglePlumbing{}, model_.settings.show_plumbing);
      item("No motion", nullptr, ToggleMotion{}, model_.settings.reduced_motion);
      item("Log", "F12", ToggleLog{}, model_.settings.log_open);
      ImGui::EndPopup();
    }
    ImGui::PopStyleVar();
    ImGui::PopStyleColor(3);
  }

  void behaviours() {
    {
      const WithTextColor muted(theme_.muted);
      ImGui::TextUnformatted("The next clients:");
    }
    for (int i = 0; i < 3; ++i)
      item(kBehaviourTexts[i], nullptr, ChooseBehaviour{static_cast<Behaviour>(i)},
           static_cast<int>(model_.settings.behaviour) == i);
  }

  void item(const char* label, const char* key, const Action& action, bool checked = false) {
    if (ImGui::MenuItem(label, key, checked)) actions_.push_back(action);
  }

  void server_menu() {
    static int port = 0;
    if (ImGui::IsWindowAppearing()) port = model_.world.port != 0 ? model_.world.port : 8080;
    const bool alive = server_alive(model_);
    {
      const WithTextColor muted(theme_.muted);
      ImGui::TextUnformatted(alive ? fmt::format("Process {} listens on 127.0.0.1:{}", pid(), model_.world.port).c_str()
                                   : "No server is running");
    }
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted("Port");
    ImGui::SameLine();
    ImGui::SetNextItemWidth(style_(110));
    ImGui::InputInt("##port", &port, 0);
    const bool is_port = port >= 0 && port <= 65535;
    ImGui::SameLine();
    const WithTextColor muted(theme_.muted);
    ImGui::TextUnformatted(is_port ? "0: any free one" : "0 to 65535");
    const WithTextColor ink(theme_.ink);
    ImGui::BeginDisabled(!is_port);
    const bool wanted = colored_button(alive ? "Restart" : "Start", theme_.good);
    ImGui::EndDisabled();
    if (wanted) {
      actions_.push_back(StartServer{static_cast<Port>(port)});
      ImGui::CloseCurrentPopup();
    }
    ImGui::SameLine();
    ImGui::BeginDisabled(!alive);
    if (ImGui::Button("Stop")) {
      actions_.push_back(StopServer{});
      ImGui::CloseCurrentPopup();
    }
    ImGui::EndDisabled();
  }

  Pid pid() const {
    const Process* server = find_process(model_.world, model_.world.server);
    return server != nullptr ? server->pid : 0;
  }

  const PanelContext& context_;
  const Model& model_;
  const Theme& theme_;
  const Style& style_;
  Actions& actions_;
  static inline ImVec2 menu_at_;  // where the menu that was opened last belongs
};

}  // namespace

void draw_top_bar(const PanelContext& context) { TopBar(context).draw(); }

}  // namespace forktable
