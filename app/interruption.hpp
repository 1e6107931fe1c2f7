// The user asks a command to stop: Ctrl-C, kill, a terminal that closes.
#pragma once

#include "core/session/session.hpp"

namespace forktable {

// From here on SIGINT, SIGTERM and SIGHUP end the session's pump(), if the command runs one, and came() says so. There
// is one at a time.
class Interruption {
 public:
  explicit Interruption(Session* session = nullptr);
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  ~Interruption();

  bool came() const;
};

}  // namespace forktable
