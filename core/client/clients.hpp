// The simulated clients: real TCP connections to the server, driven without a thread of their own.
//
// Each client does what its behaviour says, and what it is told to:
//   hello   sends "hello", reads the echo, shuts down for writing, waits for end of file, closes
//   talk    sends "hello", then a line every few seconds, and stays
//   quiet   connects and says nothing
// Whatever happens to a client is told as an event. What the server can notice before the call has returned
// here is stamped with the time of the call, so that sorted by time, cause comes before effect.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/event/wire_decoder.hpp"
#include "core/system/poller.hpp"

namespace forktable {

class Clients {
 public:
  static constexpr Nanoseconds kTalkPause = 3 * kSecond;

  // Times of events count from `began` (CLOCK_MONOTONIC). Both references must outlive the clients.
  Clients(Poller& poller, const EventSink& sink, Nanoseconds began) : poller_(poller), sink_(sink), began_(began) {}
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;
  ~Clients();

  // Connects to 127.0.0.1 at `port`. A connection that fails is told like everything else.
  void connect(ClientId id, Behaviour behaviour, Port port);

  // Each does nothing when there is no such client (any more).
  void send_line(ClientId id, std::string_view line);  // without its newline
  void half_close(ClientId id);                        // shutdown(SHUT_WR)
  void close(ClientId id);
  void reset(ClientId id);  // RST instead of FIN: SO_LINGER with a linger time of 0
  void close_all();

  std::size_t count() const { return all_.size(); }
  // When something is to be done without the server's doing anything; CLOCK_MONOTONIC.
  std::optional<Nanoseconds> next_deadline() const { return next_deadline_; }
  void work_off_deadlines(Nanoseconds now);

 private:
  struct Connection {
    ClientId id;
    Behaviour behaviour;
    UniqueFd socket;
    bool connected = false;
    bool shut_down = false;         // for writing
    bool shut_down_wanted = false;  // once all is sent
    std::uint64_t sent = 0, received = 0;
    int lines = 0;
    std::string unsent;
    std::size_t flushed = 0;    // so many bytes of it have been sent after all
    Nanoseconds next_line = 0;  // talk; 0: not yet
  };

  Nanoseconds now() const;
  template <class T>
  void tell(const T& what, Nanoseconds at);
  template <class T>
  void tell(const T& what) {
    tell(what, now());
  }
  void ready(Connection& client, std::uint32_t events);
  void begin(Connection& client, Nanoseconds connected_at);
  void say(Connection& client, std::string_view line);
  bool flush(Connection& client);
  bool receive(Connection& client);
  void end(ClientId id, ClientEnd how, Call call = Call::kClose, int error = 0);
  Connection* find(ClientId id);

  Poller& poller_;
  const EventSink& sink_;
  Nanoseconds began_;
  std::map<ClientId, std::unique_ptr<Connection>> all_;
  std::optional<Nanoseconds> next_deadline_;  // may be too early, never too late
};

}  // namespace forktable
