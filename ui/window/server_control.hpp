// What is done to the server and its clients: it is started and stopped, for a lesson or without one, clients come and
// go, processes are sent signals. All of it happens now, wherever the user looked before.
#pragma once

#include <optional>
#include <vector>

#include "core/live/live_session.hpp"
#include "ui/window/action.hpp"
#include "ui/window/model.hpp"

namespace forktable {

class ServerControl {
 public:
  // Model and session must outlive it. The port of `setup` doesn't count, but `port`; none: 8080, or any free one if
  // that is taken.
  ServerControl(Model& model, LiveSession& session, const ServerSetup& setup, std::optional<Port> port);

  // The first server, for a lesson or without one.
  void begin(const std::optional<Lesson>& lesson);

  void carry_out(const StartServer& what);
  void carry_out(const StopServer& what);
  void carry_out(const ToggleBug& what);
  void carry_out(const ToggleSwitch& what);
  void carry_out(const ChooseServer& what);
  void carry_out(const LaunchClients& what);
  void carry_out(const LaunchScenario& what);
  void carry_out(const SendLine& what);
  void carry_out(const HalfCloseClient& what);
  void carry_out(const CloseClient& what);
  void carry_out(const ResetClient& what);
  void carry_out(const SignalProcess& what);
  void carry_out(const DoToSelected& what);
  void carry_out(const StartLesson& what);
  void carry_out(const StartChosenLesson& what);
  void carry_out(const RestartLesson& what);
  void carry_out(const StartNextLesson& what);
  void carry_out(const LeaveLesson& what);
  // Leaves it at the second time of asking, or at once if it is over.
  void ask_to_leave_lesson();

  // A lesson has the stage for itself: its first client is client 1. What was before its server's launch is taken out
  // of the events and of the model; true, if that was now. To be called before take().
  bool begin_anew(std::vector<Event>& events);
  // To be called after take().
  void look_at_news(const std::vector<Event>& events);

 private:
  void start_server(Port port);
  void launch(const std::vector<Behaviour>& clients);
  void start_lesson(const Lesson& lesson, std::optional<Port> port = std::nullopt);
  Port usual_port() const;
  void choose_port(const std::vector<Event>& events);

  Model& model_;
  LiveSession& session_;
  ServerSetup setup_;
  const std::optional<Port> port_;
  bool may_choose_port_;
  Bugs bugs_;  // of the next server
  bool listening_ = false;
  std::vector<Behaviour> waiting_clients_;  // wanted before the server listened
  bool begins_anew_ = false;                // with the next server that is launched
  Nanoseconds leaves_until_ = 0;            // until then, asking again leaves the lesson
};

}  // namespace forktable
