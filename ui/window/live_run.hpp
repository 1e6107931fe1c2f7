// A run that goes on: a server on a session of its own, what is known of it, and who acts on it.
#pragma once

#include <memory>
#include <optional>

#include "core/live/live_session.hpp"
#include "ui/window/server_control.hpp"
#include "ui/window/stepper.hpp"

namespace forktable {

class LiveRun {
 public:
  // Its session is started. `wake` is called, on the session's thread, when take_news() has something to do.
  // `port`: none means 8080, or any free one if that is taken.
  Result<void> start(const ServerSetup& server, std::optional<Port> port, std::function<void()> wake);
  bool is_started() const { return session_ != nullptr; }

  struct News {
    bool any = false;
    bool began_anew = false;  // nothing is left of what was shown before
  };
  News take_news();

  ServerControl& control() { return *control_; }
  Stepper& stepper() { return *stepper_; }

  Model model;

 private:
  std::unique_ptr<LiveSession> session_;  // ends first but for what uses it: it wakes the window
  std::optional<ServerControl> control_;
  std::optional<Stepper> stepper_;
};

}  // namespace forktable
