// A client as simple as it gets: blocking calls, each with a deadline.
#pragma once

#include <string>
#include <string_view>

#include "core/event/ids.hpp"
#include "core/system/unique_fd.hpp"

namespace forktable::test {

class TcpClient {
 public:
  // Connects to 127.0.0.1. Not connected when that is refused.
  explicit TcpClient(Port port);

  bool connected() const { return static_cast<bool>(socket_); }
  Port port() const;  // its own
  int fd() const { return socket_.get(); }

  bool send(std::string_view text);
  // Exactly so many bytes; fewer if the connection ends, or fails, or the deadline passes before.
  std::string receive(std::size_t bytes);
  // True if the next thing that comes is end of file.
  bool sees_end_of_file();
  // What it sends comes back.
  bool echoes(std::string_view text) { return send(text) && receive(text.size()) == text; }

  void half_close();
  void close() { socket_.close(); }
  void reset();

 private:
  UniqueFd socket_;
};

// A socket that listens on 127.0.0.1 at a free port, and nobody accepts from it.
struct Listener {
  explicit Listener(int backlog = 16);
  UniqueFd socket;
  Port port = 0;
};

// Whether a new server could listen there: bind(2) with SO_REUSEADDR, and listen(2).
bool can_listen_on(Port port);

}  // namespace forktable::test
