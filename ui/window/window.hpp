// The window: on a live server or on a recording, until the user closes it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/lesson/lesson.hpp"
#include "core/program/server_setup.hpp"
#include "core/system/result.hpp"

namespace forktable {

struct WindowOptions {
  ServerSetup server;                // its port is set by `port`
  std::optional<ServerKind> beside;  // another one beside it
  std::optional<Lesson> lesson;      // to begin with
  std::vector<Lesson> lecture;       // these, one after the other; none: all that are installed, from that one on
  std::string recording;             // shown in place of a server, if there is one
  std::optional<Port> port;          // none: 8080, or any free one if that is taken
  Nanoseconds started_at = 0;        // when the program was, CLOCK_MONOTONIC, for the log
};

Result<void> run_window(const WindowOptions& options);

}  // namespace forktable
