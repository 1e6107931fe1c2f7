// What the kernel says of TCP sockets: sock_diag(7). Each is asked for by its ends, which costs the same however many
// sockets there are; /proc/net/tcp is a list of all and takes the kernel milliseconds to write.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/event/address.hpp"
#include "core/event/words.hpp"
#include "core/system/result.hpp"

struct mnl_socket;

namespace forktable {

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

  // The clients whose connections to `server` wait for accept(2), whoever they belong to. The kernel goes through all
  // sockets for that: milliseconds.
  Result<std::vector<Address>> list_waiting(Address server);

 private:
  struct Close {
    void operator()(mnl_socket* socket) const;
  };
  explicit SockDiag(std::unique_ptr<mnl_socket, Close> kernel) : kernel_(std::move(kernel)) {}

  std::unique_ptr<mnl_socket, Close> kernel_;
  std::uint32_t question_ = 0;
};

}  // namespace forktable
