#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <vector>

#include "core/program/listing.hpp"
#include "core/world/describe.hpp"
#include "ui/window/panels.hpp"
#include "ui/window/replay.hpp"
#include "ui/window/scene_painter.hpp"

namespace forktable {
namespace {

constexpr const char* kBehaviourTexts[] = {"say hello and leave", "stay and talk", "go quiet"};
static_assert(std::size(kBehaviourTexts) == count_of<Behaviour>());

bool server_alive(const Model& model) {
  const Process* server = find_process(model.live(), model.live().server);
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
    const Color bar = theme_.dark ? theme_.panel : theme_.ink;
    if (begin_panel("top bar", context_.layout.top_bar, bar, 0, kBackground)) {
      ImGui::PushStyleColor(ImGuiCol_Button, as_vec4(kButton));
      ImGui::PushStyleColor(ImGuiCol_ButtonHovered, as_vec4(kButtonHovered));
      ImGui::PushStyleColor(ImGuiCol_ButtonActive, as_vec4(kButtonHovered));
      ImGui::PushStyleColor(ImGuiCol_Text, as_vec4(kText));
      parts();
      ImGui::PopStyleColor(4);
    }
    end_panel();
  }

 private:
  static constexpr Color kButton = Color::rgb(0x2C3846), kButtonHovered = Color::rgb(0x3B4A5B),
                         kText = Color::rgb(0xFFFFFF), kStep = Color::rgb(0x0072B2);

  // Something in the bar: how wide it is, and how soon it is left out when there is no room. 0: never.
  static constexpr float kMenu = 16;  // that a button is wider for its triangle

  struct Part {
    float width = 0;
    int dispensable = 0;
    std::function<void()> draw;
    bool shown = true;
  };

  float width_of(const std::string& label, float extra = 0) const {
    return ImGui::CalcTextSize(label.c_str()).x + style_(20 + extra);
  }

  void parts() {
    const float gap = style_(8), icon = style_(38);
    std::vector<Part> left, right;
    {
      const WithFont font(style_.headline);
      left.push_back({ImGui::CalcTextSize("Forktable").x + style_(14), 2, [this] { name(); }});
    }
    const std::string lesson = lesson_text();
    const float short_width = width_of("Lesson 11", kMenu + 4);
    const float lesson_width = std::clamp(width_of(lesson, kMenu), short_width, style_(330));
    const bool names_lesson = !model_.replayed || model_.in_hand;
    left.push_back({lesson_width, 3, [=, this] { lesson_button(lesson, lesson_width); }, names_lesson});
    left.push_back({icon, 6, [=, this] { icon_button("first", icon, FirstStep{}, "Home"); }});
    left.push_back({icon, 8, [=, this] { icon_button("back", icon, PreviousStep{}, "Page Up"); }});
    left.push_back({style_(84), 0, [=, this] { icon_button("Step", style_(84), NextStep{}, "Page Down, Space"); }});
    const char* run = is_running(model_) ? "Pause" : "Run";
    left.push_back({style_(88), 0, [=, this] { icon_button(run, style_(88), RunOrPause{}, "R"); }});
    const std::string where = step_text();
    left.push_back({ImGui::CalcTextSize(where.c_str()).x + style_(10), 5, [=, this] { muted(where); }});

    const bool live = !model_.replayed;  // nothing can be done to a recording
    if (live) add_what_is_live(right);
    const std::size_t behaviour_part = right.size() - 1;
    if (live) right.push_back(menu_part("Server", "server"));
    right.push_back(menu_part("Export", "export"));
    right.push_back(menu_part("View", "view"));
    right.push_back({width_of("?"), 9, [this] {
                       if (ImGui::Button("?", {width_of("?"), 0})) actions_.push_back(ToggleHelp{});
                     }});
    right.push_back(live ? server_status() : recording_status());

    const float room = context_.layout.top_bar.width - style_(36);
    const auto sum = [&] {
      float width = -gap;
      for (const auto* group : {&left, &right})
        for (const Part& part : *group) width += part.shown ? part.width + gap : 0;
      return width;
    };
    bool short_lesson = false;
    for (int round = 1; round <= 9 && sum() > room; ++round) {
      // A lesson's title is shortened before anything else but the status and our name goes.
      if (round == 3 && lesson_width > short_width) {
        left[1].width = std::max(short_width, lesson_width - (sum() - room));
        left[1].draw = [=, this, width = left[1].width] { lesson_button(lesson, width); };
        short_lesson = left[1].width == short_width;
        if (sum() <= room) break;
      }
      for (auto* group : {&left, &right})
        for (Part& part : *group)
          if (part.shown && part.dispensable == round && (round != 3 || short_lesson)) part.shown = round == 3;
    }
    if (sum() > room) left[1].shown = false;
    // What is free is the title's.
    if (const float free = room - sum(); left[1].shown && free > 0) {
      left[1].width = std::min(left[1].width + free, std::max(left[1].width, width_of(lesson, kMenu + 4)));
      left[1].draw = [=, this, width = left[1].width] { lesson_button(lesson, width); };
    }
    behaviour_is_here_ = !live || right[behaviour_part].shown;
    behaviour_asked_elsewhere_ = !behaviour_is_here_ && model_.open_menu == "behaviour";

    const float y = (context_.layout.top_bar.height - ImGui::GetFrameHeight()) / 2;
    float x = style_(18);
    const auto place = [&](std::vector<Part>& group) {
      for (Part& part : group) {
        if (!part.shown) continue;
        ImGui::SetCursorPos({x, y});
        part.draw();
        x += part.width + gap;
      }
    };
    place(left);
    float rest = -gap;
    for (const Part& part : right) rest += part.shown ? part.width + gap : 0;
    x = std::max(x, context_.layout.top_bar.width - style_(18) - rest);
    place(right);
    menus(behaviour_is_here_);
  }

  void add_what_is_live(std::vector<Part>& right) {
    const bool can_launch = server_alive(model_) && !(model_.in_hand && model_.in_hand->goes_on());
    right.push_back({width_of("+ Client"), 0, [=, this] {
                       ImGui::BeginDisabled(!can_launch);
                       if (colored_button("+ Client", Color::rgb(0x00875F), width_of("+ Client")))
                         actions_.push_back(LaunchClients{1});
                       ImGui::EndDisabled();
                     }});
    right.push_back({width_of("+ 10"), 7, [=, this] {
                       ImGui::BeginDisabled(!can_launch);
                       if (ImGui::Button("+ 10", {width_of("+ 10"), 0})) actions_.push_back(LaunchClients{10});
                       ImGui::EndDisabled();
                     }});
    float behave = 0;
    for (const char* text : kBehaviourTexts) behave = std::max(behave, width_of(text, kMenu));
    const char* behaviour = kBehaviourTexts[static_cast<int>(model_.settings.behaviour)];
    right.push_back({behave, 4, [=, this] { menu_button(behaviour, "behaviour", behave); }});
  }

  Part menu_part(const char* text, const char* id) {
    return {width_of(text, kMenu), 0, [=, this] { menu_button(text, id, width_of(text, kMenu)); }};
  }

  // What runs where.
  Part server_status() {
    const bool alive = server_alive(model_);
    const std::string text = alive ? fmt::format("live :{}", model_.live().port) : "no server";
    const Color color = alive ? Color::rgb(0x8FE0C0) : Color::rgb(0xFFB48A);
    return {ImGui::CalcTextSize(text.c_str()).x + style_(24), 1, [=, this] { status(text, color); }};
  }

  // Which recording is shown.
  Part recording_status() {
    const std::string name = file_name_of(model_.replayed->path), path = printable(model_.replayed->path);
    const std::string text =
        "recording " + context_.pen.fonts.fitted(name, Face::kSemiBold, 14.5f * style_.scale, style_(240));
    return {ImGui::CalcTextSize(text.c_str()).x + style_(30), 1, [=, this] {
              status(text, Color::rgb(0xFFD58A));
              if (ImGui::IsItemHovered()) ImGui::SetTooltip("%s", path.c_str());
            }};
  }

  void name() {
    const WithFont font(style_.headline);
    const float y = (context_.layout.top_bar.height - style_.headline->FontSize) / 2;
    ImGui::SetCursorPosY(y);
    ImGui::TextUnformatted("Forktable");
  }

  std::string lesson_text() const {
    if (!model_.in_hand) return "Lessons";
    const Lesson& lesson = model_.in_hand->lesson;
    return lesson.number > 0 ? fmt::format("Lesson {} · {}", lesson.number, lesson.title) : lesson.title;
  }

  void lesson_button(const std::string& text, float width) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    if (!model_.replayed && ImGui::Button("##lessons", {width, 0})) actions_.push_back(ToggleLessons{});
    const ImVec2 padding = ImGui::GetStyle().FramePadding;
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const float end = at.x + width - style_(24);
    std::string shown = text;
    const float widest = end - at.x - padding.x;
    if (ImGui::CalcTextSize(text.c_str()).x > widest && widest < style_(120) && model_.in_hand)
      shown = fmt::format("Lesson {}", model_.in_hand->lesson.number);
    else if (ImGui::CalcTextSize(text.c_str()).x > widest)
      shown = context_.pen.fonts.fitted(text, Face::kRegular, 14.5f * style_.scale, widest);
    list.AddText({at.x + padding.x, at.y + padding.y}, packed(kText), shown.c_str());
    if (!model_.replayed) down_triangle(at, width);
  }

  // A button with a picture of what it does, and a word where there is room for one.
  void icon_button(const char* id, float width, const Action& action, const char* key) {
    const std::string text = id;
    const bool worded = text == "Step" || text == "Run" || text == "Pause";
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const std::string label = "##" + text;
    if (text == "Step" ? colored_button(label.c_str(), kStep, width) : ImGui::Button(label.c_str(), {width, 0}))
      actions_.push_back(action);
    if (ImGui::IsItemHovered()) ImGui::SetTooltip("%s", key);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImU32 color = packed(kText);
    const float middle = at.y + ImGui::GetFrameHeight() / 2, h = style_(6);
    const float x = worded ? at.x + style_(14) : at.x + width / 2 - h;
    if (text == "Pause") {
      list.AddRectFilled({x, middle - h}, {x + style_(4), middle + h}, color);
      list.AddRectFilled({x + style_(7), middle - h}, {x + style_(11), middle + h}, color);
    } else if (worded) {
      list.AddTriangleFilled({x, middle - h}, {x + style_(11), middle}, {x, middle + h}, color);
    } else {
      const float from = text == "first" ? x + style_(3) : x;
      if (text == "first") list.AddRectFilled({x - style_(1), middle - h}, {x + style_(2), middle + h}, color);
      list.AddTriangleFilled({from, middle}, {from + style_(11), middle + h}, {from + style_(11), middle - h}, color);
    }
    if (worded) list.AddText({at.x + style_(33), at.y + ImGui::GetStyle().FramePadding.y}, color, text.c_str());
  }

  std::string step_text() const {
    const std::uint64_t all = model_.history.size();
    const bool lesson = model_.in_hand.has_value();  // which has steps of its own
    if (model_.focus) return fmt::format("{} {} of {}", lesson ? "event" : "step", *model_.focus, all);
    return lesson ? plural(all, "event", "events") : plural(all, "step", "steps");
  }

  void muted(const std::string& text) {
    ImGui::SetCursorPosY(ImGui::GetCursorPosY() + ImGui::GetStyle().FramePadding.y);
    const WithTextColor color(Color::rgb(0xC9D3DD));
    ImGui::TextUnformatted(text.c_str());
  }

  void status(const std::string& text, Color color) {
    const float dot = style_(5);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::GetWindowDrawList()->AddCircleFilled({at.x + style_(12), at.y + ImGui::GetFrameHeight() / 2}, dot,
                                                packed(color));
    const WithFont font(style_.strong);
    const WithTextColor with(color);
    ImGui::SetCursorScreenPos({at.x + style_(22), at.y + ImGui::GetStyle().FramePadding.y});
    ImGui::TextUnformatted(text.c_str());
  }

  // A button with a small triangle that opens the menu `id` below it.
  void menu_button(const char* text, const char* id, float width) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const bool asked = model_.open_menu == id || (behaviour_asked_elsewhere_ && std::string_view(id) == "view");
    if (ImGui::Button(fmt::format("##{}", id).c_str(), {width, 0}) || asked) {
      ImGui::OpenPopup(id);
      menu_at_ = {at.x, at.y + ImGui::GetFrameHeight() + style_(4)};
    }
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImVec2 padding = ImGui::GetStyle().FramePadding;
    list.AddText({at.x + padding.x, at.y + padding.y}, packed(kText), text);
    down_triangle(at, width);
  }

  void down_triangle(ImVec2 button, float width) const {
    const float x = button.x + width - style_(18), middle = button.y + ImGui::GetFrameHeight() / 2;
    ImGui::GetWindowDrawList()->AddTriangleFilled({x, middle - style_(2.5f)}, {x + style_(9), middle - style_(2.5f)},
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
      item("Slides, handout, film, trace…", "X", ToggleExport{});
      item("Copy the diagram", "Ctrl+C", CopyPicture{});
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
      item("Blackboard: picture and caption, huge", "F", ToggleBlackboard{});
      item("Present: blackboard on the full screen", "F5", Present{});
      ImGui::Separator();
      if (!model_.replayed) item("Lessons…", "L", ToggleLessons{}, model_.lessons_open);
      item("What each server costs…", "V", ToggleCompare{}, model_.comparing.open);
      item("What happened, in place of the listing", "E", ToggleStory{}, model_.settings.story_open);
      item("Listing", "Shift+L", ToggleListing{},
           context_.layout.has_column || context_.layout.title_of_beside.width > 0 ? model_.settings.listing_open
                                                                                   : model_.listing_over);
      ImGui::Separator();
      for (int i = 0; i <= kFastest; ++i)
        item(i == 0 ? "Run: as fast as it goes" : fmt::format("Run: {} steps a second", kSpeeds[i]).c_str(), nullptr,
             SetSpeed{i}, model_.settings.speed == i);
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
    ImGui::Separator();
    item("Three clients, one of them quiet", "Q", LaunchScenario{});
  }

  void item(const char* label, const char* key, const Action& action, bool checked = false) {
    if (ImGui::MenuItem(label, key, checked)) actions_.push_back(action);
  }

  void server_menu() {
    static int port = 0;
    if (ImGui::IsWindowAppearing()) port = model_.live().port != 0 ? model_.live().port : 8080;
    const bool alive = server_alive(model_);
    {
      const WithTextColor muted(theme_.muted);
      ImGui::TextUnformatted(alive
                                 ? fmt::format("Process {} listens on 127.0.0.1:{}", pid(), model_.live().port).c_str()
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
    ImGui::Separator();
    {
      const WithTextColor faint(theme_.muted);
      ImGui::TextUnformatted("Which server");
    }
    for (int i = 0; i < kServerCount; ++i) {
      const auto server = static_cast<ServerKind>(i);
      item(capital(std::string(title_of(server))).c_str(), nullptr, ChooseServer{server}, model_.server() == server);
    }
    if (ImGui::BeginMenu("Beside it")) {
      item("Nothing", nullptr, PutAlone{});
      for (int i = 0; i < kServerCount; ++i) {
        const auto server = static_cast<ServerKind>(i);
        item(capital(std::string(title_of(server))).c_str(), nullptr, PutBeside{server});
      }
      ImGui::EndMenu();
    }
    const std::vector<Bug> switches = switches_of(model_.listing());
    if (switches.empty()) return;
    ImGui::Separator();
    {
      const WithTextColor faint(theme_.muted);
      ImGui::TextUnformatted("Bugs: lines left out, or put in");
    }
    for (std::size_t i = 0; i < switches.size(); ++i)
      item(std::string(title_of(switches[i])).c_str(), std::to_string(i + 1).c_str(), ToggleBug{switches[i]},
           model_.live().bugs.has(switches[i]));
  }

  Pid pid() const {
    const Process* server = find_process(model_.live(), model_.live().server);
    return server != nullptr ? server->pid : 0;
  }

  const PanelContext& context_;
  const Model& model_;
  const Theme& theme_;
  const Style& style_;
  Actions& actions_;
  bool behaviour_is_here_ = true, behaviour_asked_elsewhere_ = false;
  static inline ImVec2 menu_at_;  // where the menu that was opened last belongs
};

}  // namespace

void draw_top_bar(const PanelContext& context) { TopBar(context).draw(); }

}  // namespace forktable
