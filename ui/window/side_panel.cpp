#include <fmt/format.h>
#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>
#include <csignal>

#include "core/world/describe.hpp"
#include "ui/picture/kernel_verdict.hpp"
#include "ui/picture/sockets.hpp"
#include "ui/window/panels.hpp"
#include "ui/window/scene_painter.hpp"

namespace forktable {
namespace {

class SidePanel {
 public:
  explicit SidePanel(const PanelContext& context)
      : context_(context),
        model_(context.model),
        world_(context.model.world()),
        theme_(context.theme),
        style_(context.style),
        actions_(context.actions) {}

  void draw() {
    const Subject selected = model_.selected;
    const Client* client = selected.kind == Subject::kClient ? find_client(world_, ClientId{selected.id}) : nullptr;
    const bool column = context_.layout.has_column;
    const bool whole_side = selected.kind == Subject::kClient || selected.kind == Subject::kKernel;
    if (column && !whole_side) {
      const Rect whole = context_.layout.side;
      const bool much = selected.kind == Subject::kFile;
      const float below = selected ? std::min(style_(much ? 270 : 200), whole.height * 0.6f) : 0;
      const float gap = selected ? style_(12) : 0;
      if (model_.settings.story_open)
        panel({whole.x, whole.y, whole.width, whole.height - below - gap}, "story", [this] { what_happened(); });
      else
        draw_listing_in(context_, {whole.x, whole.y, whole.width, whole.height - below - gap});
      if (selected) panel({whole.x, whole.bottom() - below, whole.width, below}, "side", [this] { details(); });
    } else if (selected) {  // a narrow window has room for this only
      panel(context_.layout.side, "side", [&] { client != nullptr ? details_of(*client) : details(); });
    }
    if (context_.layout.code.width > 0) draw_listing_in(context_, context_.layout.code);
    if (!column && model_.listing_over) {
      const Rect picture = context_.layout.picture;
      const float width = std::min(style_(470), picture.width * 0.6f), gap = style_(10);
      draw_listing_over_picture(context_,
                                {picture.right() - width - gap, picture.y + gap, width, picture.height - 2 * gap});
    }
  }
  bool awaits_field() const { return awaits_field_; }

 private:
  template <class Content>
  void panel(Rect rect, const char* name, Content content) {
    const bool column = context_.layout.has_column;
    ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, column ? style_(10) : 0);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, style_(1.5f));
    if (begin_panel(name, rect, theme_.card, style_(column ? 18 : 14), kBackground)) content();
    end_panel();
    ImGui::PopStyleVar(2);
  }

  void details() {
    const Subject selected = model_.selected;
    const bool process = selected.kind == Subject::kProcess || selected.kind == Subject::kDescriptor;
    if (const Process* one = process ? find_process(world_, ProcessId{selected.id}) : nullptr)
      details_of(*one);
    else if (const OpenFile* file = selected.kind == Subject::kFile ? find_file(world_, FileId{selected.id}) : nullptr)
      details_of(*file);
    else if (selected.kind == Subject::kKernel)
      kernels_word();
    else
      title("Not there", "It is no longer there, or not yet.");
  }

  void what_happened() {
    title("What happened", narrates_io(world_) ? "" : "without what the clients say: they are too many");
    ImGui::BeginChild("said");
    if (model_.history.size() == 0) muted("The server is starting.");
    const std::uint64_t focus = told_step(model_);
    for (const Said& said : told()) {
      const ImVec2 at = ImGui::GetCursorScreenPos();
      const float width = ImGui::GetContentRegionAvail().x;
      const float height =
          ImGui::CalcTextSize(said.narration.said.c_str(), nullptr, false, width - style_(20)).y + style_(4);
      if (ImGui::InvisibleButton(fmt::format("step {}", said.step).c_str(), {width, height}))
        actions_.push_back(GoToStep{said.step});
      const bool here = model_.focus && said.step == focus;
      if (here || ImGui::IsItemHovered())
        ImGui::GetWindowDrawList()->AddRectFilled({at.x - style_(4), at.y - style_(2)}, {at.x + width, at.y + height},
                                                  packed(here ? theme_.said : theme_.row), style_(5));
      ImGui::SetCursorScreenPos(at);
      const float radius = style_(4.5f);
      ImGui::GetWindowDrawList()->AddCircleFilled(
          {at.x + radius, at.y + ImGui::GetFontSize() * 0.55f}, radius,
          packed(said.connection != 0 ? theme_.connection(said.connection) : theme_.ink));
      ImGui::SetCursorScreenPos({at.x + style_(20), at.y});
      ImGui::PushTextWrapPos(0);
      ImGui::TextUnformatted(said.narration.said.c_str());
      ImGui::PopTextWrapPos();
    }
    if (model_.focus || ImGui::GetScrollY() >= ImGui::GetScrollMaxY()) ImGui::SetScrollHereY(1);
    ImGui::EndChild();
  }

  // The sentences up to where the user looks.
  const std::vector<Said>& told() const {
    static std::vector<Said> all;
    static std::uint64_t until = 0, steps = 0;
    static std::uint32_t run = 0;
    const std::uint64_t focus = told_step(model_), now = model_.history.size();
    if (!model_.focus)
      all.assign(model_.said.begin(), model_.said.end());
    else if (until != focus || steps != now || run != model_.run)
      all = said_until(model_, focus, 60);
    until = model_.focus ? focus : 0;
    steps = now;
    run = model_.run;
    return all;
  }

  void details_of(const Client& client) {
    title(title_of(client), client.outsider ? origin_of(client) : fmt::format("port {}", client.address.port));
    muted(fmt::format("{}. Sent {}, received {}.", doing_now(client), plural(client.sent, "byte", "bytes"),
                      plural(client.received, "byte", "bytes")));
    end_of_connection("Its end", client.socket, present_state(client));
    if (const OpenFile* file = find_file(world_, client.connection))
      end_of_connection("The server's end", file->socket, present_state(world_, *file));
    else
      end_of_connection("The server's end, without any descriptor", Socket{client.left}, client.left);
    const bool ours = !client.outsider && !has_ended(client) && !model_.focus;  // the past is over
    // In a column what was said stands above what can be done; in a strip, to the left of it.
    const bool column = context_.layout.has_column;
    const float width = ImGui::GetContentRegionAvail().x;
    const float below = ours && column ? style_(90) : 0;
    const ImVec2 top = ImGui::GetCursorPos();
    ImGui::BeginChild("transcript", {ours && !column ? width * 0.42f : 0, -below});
    if (client.outsider) muted("Another program made this connection. It is up to that program what happens to it.");
    for (const Utterance& one : model_.transcript) {
      const WithFont font(style_.mono);
      const WithTextColor color(one.sent ? theme_.ink : theme_.good);
      ImGui::PushTextWrapPos(0);
      ImGui::TextUnformatted(((one.sent ? "→ " : "← ") + one.text).c_str());
      ImGui::PopTextWrapPos();
    }
    if (ImGui::GetScrollY() >= ImGui::GetScrollMaxY()) ImGui::SetScrollHereY(1);
    ImGui::EndChild();
    if (!ours) return;
    const float left = column ? 0 : top.x + width * 0.42f + style_(14);
    if (!column) ImGui::SetCursorPos({left, top.y});

    static std::string line;
    static ClientId line_for;
    static int field = 0;
    static bool wants_focus = false;
    const auto start_anew = [&] {
      // A new field, with an id of its own: ImGui keeps the cursor and what can be undone by the id, and would
      // apply them to a text that is no longer there.
      line.clear();
      ++field;
      wants_focus = true;
    };
    if (std::exchange(line_for, client.id) != client.id) start_anew();
    const bool can_talk = client.state >= Client::kConnected && client.state < Client::kHalfClosed;
    ImGui::BeginDisabled(!can_talk);
    ImGui::SetNextItemWidth(-style_(70));
    const bool menu_open = ImGui::IsPopupOpen(nullptr, ImGuiPopupFlags_AnyPopup);
    const bool may_have_it = can_talk && !menu_open;  // taking the focus would close a menu
    if (wants_focus && may_have_it) {
      ImGui::SetWindowFocus();  // ImGui 1.90 gives the focus to no item of another window than the focused one
      ImGui::SetKeyboardFocusHere();
    }
    ImGui::PushID(field);
    const bool entered =
        ImGui::InputTextWithHint("##line", "type a line, Enter", &line, ImGuiInputTextFlags_EnterReturnsTrue);
    // Asked for until it is there: ImGui doesn't give it while the mouse is at work.
    const bool active = ImGui::IsItemActive();
    if (active) wants_focus = false;
    ImGui::PopID();
    ImGui::SameLine();
    if (ImGui::Button("Send", {style_(62), 0}) || entered) {
      actions_.push_back(SendLine{client.id, line});
      start_anew();
    }
    if (active ? !ImGui::GetIO().WantTextInput : wants_focus && may_have_it) awaits_field_ = true;
    if (!column) ImGui::SetCursorPosX(left);
    if (ImGui::Button("Half-close")) actions_.push_back(HalfCloseClient{client.id});
    ImGui::EndDisabled();
    ImGui::SameLine();
    if (ImGui::Button("Close")) actions_.push_back(CloseClient{client.id});
    ImGui::SameLine();
    if (ImGui::Button("Reset")) actions_.push_back(ResetClient{client.id});
  }

  void details_of(const Process& process) {
    title(title_of(process), fmt::format("pid {}", process.pid));
    std::string text = doing(world_, process) + ".";
    if (const Process* parent = find_process(world_, process.parent))
      text += fmt::format(" Forked by {}.", introduce(*parent));
    if (process.line != 0) text += fmt::format(" At line {}.", process.line);
    muted(text);
    if (process.life == Life::kAlive && world_.check) {
      const SignalsSeen signals = process.signals;
      muted(fmt::format("Signals: {} pending; it catches {}{}.",
                        signals.pending != 0 ? names_of_signals(signals.pending) : "none",
                        signals.caught != 0 ? names_of_signals(signals.caught) : "none",
                        process.blocked != 0 ? "; it blocks " + names_of_signals(process.blocked) : ""));
    }
    for (const Difference& one : world_.differences)
      if (one.pid == process.pid && process.life != Life::kReaped)
        alarming((one.in == Differs::kDescriptor ? fmt::format("Descriptor {}: ", one.number) : "") + words_of(one));
    if (process.life != Life::kAlive || model_.focus) return;
    ImGui::BeginDisabled(!process.gate);
    if (colored_button("Step", theme_.good)) actions_.push_back(StepProcess{process.id});
    ImGui::EndDisabled();
    ImGui::SameLine();
    if (ImGui::Button(process.held ? "Let it run (H)" : "Hold (H)")) actions_.push_back(HoldProcess{process.id});
    ImGui::SameLine();
    // A thread has no signals of its own that end it: they are its process's.
    if (colored_button(fmt::format("kill -9 {}", process_of(world_, process).pid).c_str(), theme_.alarm))
      actions_.push_back(SignalProcess{process.pid, SIGKILL});
    ImGui::SameLine();
    if (ImGui::Button("-TERM")) actions_.push_back(SignalProcess{process.pid, SIGTERM});
  }

  void details_of(const OpenFile& file) {
    title(title_of(file), fmt::format("refcnt {}", count_references(world_, file.id)));
    std::string holders;
    for (const Process& process : world_.processes)
      for (const Descriptor& descriptor : process.descriptors)
        if (descriptor.file == file.id)
          holders += fmt::format("{}{} of {}", holders.empty() ? "" : ", ", descriptor.fd, mention_of(process));
    ImGui::BeginChild("file");
    muted("Descriptors that refer to it: " + holders + ".");
    end_of_connection(file.kind == FileKind::kListening ? "Its state" : "This end", file.socket,
                      present_state(world_, file));
    if (file.kind == FileKind::kListening && is_known(file.socket.state))
      muted(fmt::format("{} called and {} for accept; there may be {}.",
                        plural(file.socket.receive, "connection", "connections"),
                        file.socket.receive == 1 ? "waits" : "wait", file.socket.send));
    if (const Client* client = file.client ? find_client(world_, file.client) : nullptr)
      end_of_connection("The client's end", client->socket, present_state(*client));
    ImGui::EndChild();
  }

  void end_of_connection(const char* which, const Socket& socket, TcpState state) {
    if (!is_known(state)) return;
    std::string text = fmt::format("{}: {}. {}", which, name_of(state), meaning_of(state));
    for (const std::string& waiting : {unread_words(socket), unacknowledged_words(socket, "the other end")})
      if (state != TcpState::kListen && !waiting.empty()) text += " " + capital(waiting) + ".";
    muted(text);
  }

  void kernels_word() {
    title("The kernel's word", "");
    ImGui::BeginChild("word");
    bool first = true;
    for (const std::string& paragraph : explain_verdict(world_, model_.focus.has_value())) {
      if (std::exchange(first, false)) {
        const WithFont font(style_.strong);
        ImGui::PushTextWrapPos(0);
        ImGui::TextUnformatted(paragraph.c_str());
        ImGui::PopTextWrapPos();
      } else {
        muted(paragraph);
      }
    }
    ImGui::EndChild();
  }

  void title(const std::string& text, const std::string& at_the_right) {
    {
      const WithFont font(style_.headline);
      ImGui::TextUnformatted(text.c_str());
    }
    if (!context_.layout.has_column && !at_the_right.empty()) {
      ImGui::SameLine();
      const WithTextColor color(theme_.muted);
      ImGui::TextUnformatted(at_the_right.c_str());
    }
    if (model_.selected) {
      ImGui::SameLine(ImGui::GetContentRegionMax().x - style_(34));
      if (ImGui::Button("×", {style_(34), 0})) actions_.push_back(Select{{}});
    }
    if (context_.layout.has_column && !at_the_right.empty()) {
      const WithFont font(style_.mono);
      muted(at_the_right);
    }
  }

  void muted(const std::string& text) {
    const WithTextColor color(theme_.muted);
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(text.c_str());
    ImGui::PopTextWrapPos();
  }

  void alarming(const std::string& text) {
    const WithTextColor color(theme_.alarm);
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(text.c_str());
    ImGui::PopTextWrapPos();
  }

  const PanelContext& context_;
  const Model& model_;
  const World& world_;  // where the user looks
  const Theme& theme_;
  const Style& style_;
  Actions& actions_;
  bool awaits_field_ = false;
};

}  // namespace

bool draw_side(const PanelContext& context) {
  SidePanel panel(context);
  panel.draw();
  return panel.awaits_field();
}

}  // namespace forktable
