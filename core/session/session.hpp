// A session: one real server, the clients that talk to it, and every event of both in one stream.
//
// One thread owns a session and calls pump() over and over; nothing happens in between. A session that is
// destroyed, or whose process dies in whatever way, takes the server and all its children with it.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "core/client/clients.hpp"
#include "core/event/wire_decoder.hpp"
#include "core/session/event_queue.hpp"
#include "core/session/kernel_watch.hpp"
#include "core/session/outsiders.hpp"
#include "core/session/server_process.hpp"
#include "core/session/watched_processes.hpp"
#include "core/system/poller.hpp"

namespace forktable {

class Session {
 public:
  // Every event goes to `sink`, from inside the calls below, a few milliseconds after it happened: what the
  // server's processes and the clients tell in that time is sorted, so that cause comes before effect.
  static Result<std::unique_ptr<Session>> create(EventSink sink);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Starts a server; one that runs is stopped first, unless the new one's port is taken. That it listens, or that it
  // can't, comes as an event.
  Result<void> start_server(const ServerSetup& setup);
  // SIGTERM for every process of the server, SIGKILL for what is left after 300 ms. Returns when all are gone.
  void stop_server();
  bool server_alive() const { return server_alive_; }
  Nanoseconds began() const { return began_; }  // CLOCK_MONOTONIC; the times of events count from there
  Port port() const { return port_; }           // where it listens, 0 until it does

  ClientId launch_client(Behaviour behaviour);
  Clients& clients() { return clients_; }
  // Closes all clients, and numbers those to come from 1 again: for a server that has nothing to do with the last one.
  void dismiss_clients();

  // Sends a signal to one process of the server; a thread's number stands for its process, as a signal is for all of
  // it. Does nothing if `pid` is neither.
  void send_signal(Pid pid, int signal);

  // While stepping, each process of the server waits at a gate before each of its steps. So does one that is held,
  // stepping or not. Both are told as events; stepping lasts beyond a restart of the server.
  void set_stepping(bool on);
  bool stepping() const { return stepping_; }
  void hold_process(Pid pid, bool held);
  // Lets one process of the server take one step: now, if it waits at a gate, else when it comes to its next one.
  void step(Pid pid);
  // Switches lines of the server off, now.
  void switch_bugs(Bugs bugs);
  // Puts a lesson's word into the stream, behind all that has been told so far.
  void tell_lesson(const What& what) { tell(0, what); }

  // The kernel is asked whether it agrees, at every quiet moment from within pump(); this asks at once.
  void ask_kernel();
  // Pumps until it has been asked about all that has been told, and each FIN is acknowledged, for two seconds at most:
  // to be called when all is quiet.
  void await_kernel();
  // From now on it isn't asked: how a benchmark knows what asking costs.
  void leave_kernel_alone() { asks_kernel_ = false; }
  const KernelWatch& kernel_watch() const { return kernel_; }

  // Waits at most so long for something to happen, and deals with it.
  void pump(std::chrono::milliseconds longest);
  // Ends a pump() that waits, from any thread or signal handler.
  void wake();

 private:
  Session(EventSink sink, Poller poller, UniqueFd wakeup);

  void buffer(const Event& event);
  void emit(const Event& event);
  template <class T>
  void tell(Pid pid, const T& what) {
    buffer({now(), pid, 0, what});
  }
  Nanoseconds now() const;
  Result<void> watch_reports();
  void unwatch_reports();
  bool read_reports();
  void watch_keeper();
  void collect_dead();
  void settle();

  EventSink sink_;
  EventQueue queue_;       // what it tells goes to emit()
  EventSink buffer_sink_;  // buffer(), for those who want a sink
  Nanoseconds began_;
  Poller poller_;
  UniqueFd wakeup_;
  WireDecoder decoder_;
  Clients clients_;
  WatchedProcesses watched_;
  Outsiders outsiders_;
  KernelWatch kernel_;
  bool asks_kernel_ = true;
  std::optional<ServerProcess> server_;
  UniqueFd keeper_;  // the pidfd of server_'s
  bool server_alive_ = false;
  bool stepping_ = false;
  Bugs bugs_;
  bool watching_ = false;  // the poller waits for reports
  Port port_ = 0;
  std::uint32_t client_count_ = 0;
  std::optional<Nanoseconds> next_read_;  // reports are flowing, or events are buffered: to be read by then
  std::optional<Nanoseconds> settle_at_;  // something has happened: settle() is due
};

}  // namespace forktable
