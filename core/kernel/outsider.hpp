// Whose connection is that? Answered by /proc, for clients that Forktable didn't start.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/event/ids.hpp"

namespace forktable {

struct Outsider {
  Pid pid = 0;
  std::string program;  // as in /proc/PID/comm, at most 15 bytes
};

// The process that holds the client's end of the TCP connection from each of `client_ports` to `server_port`, in
// their order. Nothing when there is none any more, or when it belongs to another user. Reads all of /proc, once:
// milliseconds.
std::vector<std::optional<Outsider>> find_outsiders(std::span<const Port> client_ports, Port server_port);
std::optional<Outsider> find_outsider(Port client_port, Port server_port);

}  // namespace forktable
