// One end of a connection as simple as it gets: blocking calls, each with a deadline.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "core/event/address.hpp"
#include "core/system/unique_fd.hpp"

namespace forktable::test {

// A socket that listens on 127.0.0.1 at a free port.
struct Listener {
  explicit Listener(int backlog = 16);
  UniqueFd socket;
  Port port = 0;
};

class TcpClient {
 public:
  // Connects to 127.0.0.1. Not connected when that is refused.
  explicit TcpClient(Port port);
  // The same from that address of this machine; with port 0, from any free port of it.
  TcpClient(Address from, Port port);
  // In the clothes of IPv6, as many programs do it: to ::ffff:127.0.0.1. Not connected where there is no IPv6.
  static TcpClient over_ipv6(Port port);
  // The server's end of the next connection there.
  explicit TcpClient(const Listener& listener);

  bool connected() const { return static_cast<bool>(socket_); }
  Port port() const;  // its own
  Port peer_port() const;
  int fd() const { return socket_.get(); }

  bool send(std::string_view text);
  // Exactly so many bytes; fewer if the connection ends, or fails, or the deadline passes before.
  std::string receive(std::size_t bytes);
  // True if the next thing that comes is end of file.
  bool sees_end_of_file();
  // The error that the next read fails with; 0 if it doesn't.
  int fails_with();
  // Nothing has come so far.
  bool hears_nothing();
  // What it sends comes back.
  bool echoes(std::string_view text) { return send(text) && receive(text.size()) == text; }

  void half_close();
  void close() { socket_.close(); }
  void reset();

 private:
  explicit TcpClient(UniqueFd socket) : socket_(std::move(socket)) {}

  UniqueFd socket_;
};

// Whether a new server could listen there: bind(2) with SO_REUSEADDR, and listen(2).
bool can_listen_on(Port port);

}  // namespace forktable::test
