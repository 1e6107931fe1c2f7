// What the kernel says of TCP sockets on 127.0.0.1: sock_diag(7). Each is asked for by its ports, which costs the same
// however many sockets there are; /proc/net/tcp is a list of all and takes the kernel milliseconds to write.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/event/event.hpp"
#include "core/system/result.hpp"

struct mnl_socket;

namespace forktable {

// One end of a connection; `peer_port` 0: the socket that listens on `port`.
struct SocketEnd {
  Port port = 0, peer_port = 0;
  friend auto operator<=>(SocketEnd, SocketEnd) = default;
};

struct SocketFacts {
  SocketEnd end;
  TcpState state = TcpState::kGone;
  std::uint32_t receive = 0, send = 0;  // see QueuesSeen
  std::uint32_t inode = 0;              // as in /proc/PID/fd; 0 when no descriptor refers to it
  friend bool operator==(const SocketFacts&, const SocketFacts&) = default;
};

class SockDiag {
 public:
  // Fails where the kernel doesn't answer: it is tried with a socket of our own.
  static Result<SockDiag> open();

  // In the order of `ends`; kGone where there is no such socket.
  Result<std::vector<SocketFacts>> ask(std::span<const SocketEnd> ends);

 private:
  struct Close {
    void operator()(mnl_socket* socket) const;
  };
  explicit SockDiag(std::unique_ptr<mnl_socket, Close> kernel) : kernel_(std::move(kernel)) {}

  std::unique_ptr<mnl_socket, Close> kernel_;
  std::uint32_t question_ = 0;
};

}  // namespace forktable
