#include "ui/window/server_control.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include "core/program/listing.hpp"
#include "core/world/describe.hpp"

namespace forktable {
namespace {

constexpr Port kUsualPort = 8080;

}  // namespace

ServerControl::ServerControl(Model& model, LiveSession& session, const ServerSetup& setup, std::optional<Port> port)
    : model_(model), session_(session), setup_(setup), port_(port), may_choose_port_(!port), bugs_(setup.bugs) {}

void ServerControl::begin(const std::optional<Lesson>& lesson) {
  if (lesson) return start_lesson(*lesson);
  start_server(port_.value_or(kUsualPort));
}

// ---- the server ----

void ServerControl::start_server(Port port) {
  ServerSetup setup = setup_;
  setup.port = port;
  setup.bugs = bugs_;
  session_.start_server(setup);
}

// The port that the present server has, or the one that was asked for.
Port ServerControl::usual_port() const {
  const Port now = model_.live().port;
  return now != 0 ? now : port_.value_or(kUsualPort);
}

// Nobody asked for 8080 by name: if it is taken, another one does as well.
void ServerControl::choose_port(const std::vector<Event>& events) {
  for (const Event& event : events) {
    if (std::holds_alternative<Listened>(event.what)) may_choose_port_ = false;
    const auto* failed = std::get_if<CallFailed>(&event.what);
    if (failed == nullptr || failed->call != Call::kBind || failed->error != EADDRINUSE) continue;
    may_choose_port_ = false;
    tell(model_, fmt::format("Port {} is in use by another program. The server takes a free one.", kUsualPort));
    if (model_.in_hand)
      start_lesson(model_.in_hand->lesson, Port{0});
    else
      start_server(0);
    return;
  }
}

void ServerControl::carry_out(const StartServer& what) {
  go_to_end(model_);
  may_choose_port_ = false;
  if (model_.in_hand) return start_lesson(model_.in_hand->lesson, what.port);
  start_server(what.port);
}

void ServerControl::carry_out(const StopServer&) {
  go_to_end(model_);
  session_.post([](Session& session) { session.stop_server(); });
}

void ServerControl::carry_out(const ToggleBug& what) {
  go_to_end(model_);
  bugs_ = model_.live().bugs;
  bugs_.set(what.bug, !bugs_.has(what.bug));
  session_.post([bugs = bugs_](Session& session) { session.switch_bugs(bugs); });
  tell(model_, fmt::format("{}: {}.", title_of(what.bug), bugs_.has(what.bug) ? "switched on" : "mended"));
}

void ServerControl::carry_out(const ToggleSwitch& what) {
  const std::vector<Bug> switches = switches_of(model_.listing());
  if (what.index < switches.size()) return carry_out(ToggleBug{switches[what.index]});
  tell(model_, switches.empty() ? "This server has no line that can be switched off."
                                : fmt::format("This server has {}.", plural(switches.size(), "switch", "switches")));
}

// Another server is another run: its first client is client 1, and what is switched off in one listing isn't in
// another.
void ServerControl::carry_out(const ChooseServer& what) {
  const Port port = usual_port();
  setup_ = with_server(setup_, what.server);
  setup_.bugs = bugs_ = {};
  begins_anew_ = true;
  model_.playing = false;
  select(model_, {});
  go_to_end(model_);
  session_.post([](Session& session) { session.dismiss_clients(); });
  start_server(port);
}

void ServerControl::look_at_news(const std::vector<Event>& events) {
  if (may_choose_port_) choose_port(events);
  for (const Event& event : events) {
    if (std::holds_alternative<ServerLaunched>(event.what)) listening_ = false;
    if (std::holds_alternative<Listened>(event.what)) listening_ = true;
  }
  if (listening_ && !waiting_clients_.empty()) launch(std::exchange(waiting_clients_, {}));
}

// ---- clients and processes ----

void ServerControl::carry_out(const LaunchClients& what) {
  launch(std::vector(static_cast<std::size_t>(what.count), model_.settings.behaviour));
}

void ServerControl::carry_out(const LaunchScenario&) {
  launch({Behaviour::kQuiet, Behaviour::kHello, Behaviour::kHello});
}

void ServerControl::launch(const std::vector<Behaviour>& clients) {
  go_to_end(model_);
  const Process* server = find_process(model_.live(), model_.live().server);
  if (server != nullptr && server->life != Life::kAlive)
    return tell(model_, "There is no server to connect to. Start it first: Server, Start.", true);
  if (!listening_) {  // it is starting: they come when it listens
    waiting_clients_.insert(waiting_clients_.end(), clients.begin(), clients.end());
    return;
  }
  session_.post([clients](Session& session) {
    for (const Behaviour behaviour : clients) session.launch_client(behaviour);
  });
}

void ServerControl::carry_out(const SendLine& what) {
  go_to_end(model_);
  session_.post([what](Session& session) { session.clients().send_line(what.client, what.line); });
}

void ServerControl::carry_out(const HalfCloseClient& what) {
  go_to_end(model_);
  session_.post([what](Session& session) { session.clients().half_close(what.client); });
}

void ServerControl::carry_out(const CloseClient& what) {
  go_to_end(model_);
  session_.post([what](Session& session) { session.clients().close(what.client); });
}

void ServerControl::carry_out(const ResetClient& what) {
  go_to_end(model_);
  session_.post([what](Session& session) { session.clients().reset(what.client); });
}

void ServerControl::carry_out(const SignalProcess& what) {
  go_to_end(model_);
  if (const Process* process = find_process(model_.live(), what.pid); process != nullptr && process->thread_of)
    tell(model_, fmt::format("A signal is for the whole process: {} gets it, with all its threads.",
                             introduce(process_of(model_.live(), *process))));
  session_.post([what](Session& session) { session.send_signal(what.pid, what.signal); });
}

void ServerControl::carry_out(const DoToSelected& what) {
  const Subject selected = model_.selected;
  const ClientId client = selected.kind == Subject::kClient ? ClientId{selected.id} : ClientId{};
  const Process* process =
      selected.kind == Subject::kProcess ? find_process(model_.live(), ProcessId{selected.id}) : nullptr;
  const bool to_process = what.what == DoToSelected::kKill || what.what == DoToSelected::kTerminate;
  if (to_process && process == nullptr) return tell(model_, "Select a process first: Up, Down, or a click.");
  if (!to_process && !client) return tell(model_, "Select a client first: Tab, or a click.");
  switch (what.what) {
    case DoToSelected::kHalfClose: return carry_out(HalfCloseClient{client});
    case DoToSelected::kClose: return carry_out(CloseClient{client});
    case DoToSelected::kReset: return carry_out(ResetClient{client});
    case DoToSelected::kKill: return carry_out(SignalProcess{process->pid, SIGKILL});
    case DoToSelected::kTerminate: return carry_out(SignalProcess{process->pid, SIGTERM});
  }
}

// ---- lessons ----

// From its server's launch on, nothing is known of what was before.
void ServerControl::start_lesson(const Lesson& lesson, std::optional<Port> port) {
  ServerSetup setup = setup_;
  setup.port = port.value_or(usual_port());
  model_.in_hand = LessonInHand{lesson, true, false, false, ""};
  take_place_in_lecture(model_, lesson);
  model_.lessons_open = model_.wild_open = model_.next_lesson_open = false;
  model_.playing = false;
  begins_anew_ = true;
  leaves_until_ = 0;
  model_.messages.clear();
  model_.beside = {};
  select(model_, {});
  go_to_end(model_);
  session_.start_lesson(lesson, setup);
}

bool ServerControl::begin_anew(std::vector<Event>& events) {
  if (!begins_anew_) return false;
  const auto launched = std::find_if(events.begin(), events.end(), [](const Event& event) {
    return std::holds_alternative<ServerLaunched>(event.what);
  });
  if (launched == events.end()) return false;
  events.erase(events.begin(), launched);
  begins_anew_ = false;
  model_.history = {};
  model_.timeline = {};
  model_.timeline_first = 0;
  model_.timeline_zoom = 0;
  model_.said.clear();
  model_.focus.reset();
  return true;
}

void ServerControl::carry_out(const StartLesson& what) {
  if (what.index >= model_.lessons.size()) return;
  model_.chosen_lesson = what.index;
  start_lesson(model_.lessons[what.index]);
}

void ServerControl::carry_out(const StartChosenLesson&) { carry_out(StartLesson{model_.chosen_lesson}); }

void ServerControl::carry_out(const RestartLesson&) {
  if (model_.in_hand) start_lesson(model_.in_hand->lesson);
}

void ServerControl::carry_out(const StartNextLesson&) {
  const Lesson* next = next_lesson(model_);
  if (next == nullptr) return;
  ++*model_.lecture_place;
  start_lesson(*next);
}

void ServerControl::carry_out(const LeaveLesson&) {
  if (!model_.in_hand) return;
  model_.in_hand.reset();
  model_.messages.clear();
  model_.wild_open = model_.next_lesson_open = false;
  begins_anew_ = true;
  go_to_end(model_);
  session_.leave_lesson();
  bugs_ = setup_.bugs;
  start_server(usual_port());
}

void ServerControl::ask_to_leave_lesson() {
  if (!model_.in_hand) return;
  if (!model_.in_hand->goes_on() || model_.now < leaves_until_) return carry_out(LeaveLesson{});
  leaves_until_ = model_.now + 6 * kSecond;
  tell(model_, "Esc again leaves the lesson.");
}

}  // namespace forktable
