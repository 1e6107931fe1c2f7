// Whose connection is that? Answered by /proc, for clients that Forktable didn't start.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "core/event/address.hpp"
#include "core/event/words.hpp"
#include "core/system/sock_diag.hpp"

namespace forktable {

// A process that has a socket open.
struct Outsider {
  Pid pid = 0;
  std::string program;      // as in /proc/PID/comm, at most 15 bytes
  int fd = -1;              // of the socket
  std::uint64_t inode = 0;  // the socket's
};

// The process that has that client's end of a connection, for each of `clients`, in their order; or why there is none.
// If there are several, the one that was started last. Reads /proc once, beginning with the latest process, until all
// are found: less than a millisecond for a client that has just been started, several for an old one, or for another
// user's. Fails where the kernel doesn't tell of sockets.
using Whose = tl::expected<Outsider, Unnamed>;
Result<std::vector<Whose>> find_outsiders(SockDiag& kernel, std::span<const SocketEnd> clients);
// The same for one, with a question of its own to the kernel. Nothing when there is none, whatever the reason.
std::optional<Outsider> find_outsider(SocketEnd client);

// The name that the process has now, after execve(2) maybe; nothing when it hasn't the socket any more.
std::optional<std::string> program_with_socket(const Outsider& known);

}  // namespace forktable
