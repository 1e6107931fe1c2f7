// A session with a real server, and the World as its events make it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "core/session/session.hpp"
#include "core/world/reduce.hpp"
#include "tests/support/deadline.hpp"
#include "tests/support/events.hpp"

namespace forktable::test {

class LiveSession {
 public:
  LiveSession() {
    auto created = Session::create([this](const Event& event) {
      events.push_back(event);
      reduce(world, event);
    });
    EXPECT_TRUE(created) << created.error().message();
    if (created) session = std::move(*created);
  }

  // Starts a server and waits until it listens.
  bool start(const ServerSetup& setup = {.program = FORKTABLE_SERVER}) {
    const auto started = session->start_server(setup);
    EXPECT_TRUE(started) << started.error().message();
    return until([this] { return session->port() != 0; });
  }

  // Lets the session do its work until that is so. False if it never comes true.
  template <class Condition>
  bool until(Condition condition) {
    const Deadline deadline;
    while (!condition()) {
      if (deadline.passed()) return false;
      session->pump(std::chrono::milliseconds(20));
    }
    return true;
  }

  // So many children, each waiting for its client in read(2), and the parent for the next one in accept(2).
  bool until_children_wait(std::size_t children) {
    return until([=, this] {
      if (world.processes.size() != children + 1) return false;
      for (const Process& process : world.processes)
        if (!is_blocked(process) || process.activity.call != (process.parent ? Call::kRead : Call::kAccept))
          return false;
      return true;
    });
  }
  // All clients have gone, all children are reaped, and the parent waits for the next client.
  bool until_all_served() {
    return until([this] { return world.clients.empty() && world.expected.empty() && is_idle(); });
  }

  Pid server() const { return find_process(world, world.server)->pid; }
  std::vector<Pid> children() const {
    std::vector<Pid> pids;
    for (const Process& process : world.processes)
      if (process.parent) pids.push_back(process.pid);
    return pids;
  }
  // One that has never been heard of yet is as good as a new one.
  const Client& client(ClientId id) const {
    static const Client unknown{};
    const Client* found = find_client(world, id);
    return found != nullptr ? *found : unknown;
  }
  // The child that serves that client.
  Pid child_of(ClientId client) const {
    for (const Process& process : world.processes)
      if (process.parent && process.serves == client) return process.pid;
    return 0;
  }
  // Where among the events that is; past the end if it isn't.
  template <class T>
  std::size_t position(Pid pid = 0) const {
    for (std::size_t i = 0; i < events.size(); ++i)
      if (std::holds_alternative<T>(events[i].what) && (pid == 0 || events[i].pid == pid)) return i;
    return events.size();
  }
  template <class T>
  std::size_t count() const {
    return only<T>(events).size();
  }

  World world;
  std::vector<Event> events;
  std::unique_ptr<Session> session;  // last: its end is told to the others

 private:
  bool is_idle() const {
    return world.processes.size() == 1 && is_blocked(world.processes[0]) &&
           world.processes[0].activity.call == Call::kAccept;
  }
};

}  // namespace forktable::test
