// The user asks a command that runs a session to stop: Ctrl-C, kill, a terminal that closes.
#pragma once

#include "core/session/session.hpp"

namespace forktable {

// From here on SIGINT, SIGTERM and SIGHUP end the session's pump(), and came() says so. There is one at a time.
class Interruption {
 public:
  explicit Interruption(Session& session);
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  ~Interruption();

  bool came() const;
};

}  // namespace forktable
