// Whose connection is that? Answered by /proc, for clients that Forktable didn't start.
#pragma once

#include <optional>
#include <string>

#include "core/event/ids.hpp"

namespace forktable {

struct Outsider {
  Pid pid = 0;
  std::string program;  // as in /proc/PID/comm, at most 15 bytes
};

// The process that holds the client's end of the TCP connection from `client_port` to `server_port`.
// Nothing when there is none any more, or when it belongs to another user. Reads all of /proc: milliseconds.
std::optional<Outsider> find_outsider(Port client_port, Port server_port);

}  // namespace forktable
