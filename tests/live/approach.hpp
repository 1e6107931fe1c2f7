// A live session with one of the servers, and ways to let its processes and threads take their steps.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <set>

#include "tests/live/live_session.hpp"

namespace forktable::test {

class Approach : public LiveSession {
 public:
  explicit Approach(ServerKind kind, std::initializer_list<Bug> bugs = {}, bool stepping = false,
                    int descriptor_limit = 0) {
    ServerSetup setup{.program = FORKTABLE_SERVER, .descriptor_limit = descriptor_limit, .stepping = stepping};
    for (const Bug bug : bugs) setup.bugs.set(bug, true);
    EXPECT_TRUE(start(with_server(setup, kind)));
  }

  ClientId hello() { return session->launch_client(Behaviour::kHello); }
  ClientId quiet() { return session->launch_client(Behaviour::kQuiet); }
  const Process* process(Pid pid) const { return find_process(world, pid); }
  // The server's process, which may have ended.
  const Process& server_process() const { return *find_process(world, world.server); }

  // So many wait for something of their client, and the server for more clients; or, where children accept, those that
  // have none do, and the server waits for their ends.
  bool until_waiting(std::size_t others = 0) {
    return until([=, this] {
      const auto waits_in = [](const Process& one, Call call) { return is_blocked(one) && one.activity.call == call; };
      const auto served = static_cast<std::size_t>(
          std::count_if(world.processes.begin(), world.processes.end(),
                        [&](const Process& one) { return one.id != world.server && waits_in(one, Call::kRead); }));
      return world.processes.size() == without_clients() + (has_pool() ? 0 : others) && world.expected.empty() &&
             served == others && std::all_of(world.processes.begin(), world.processes.end(), [&](const Process& one) {
               if (one.id != world.server) return waits_in(one, Call::kRead) || waits_in(one, Call::kAccept);
               return has_pool() ? waits_in(one, Call::kWaitpid)
                                 : is_blocked(one) && waits_for_clients(one.activity.call);
             });
    });
  }
  bool has_pool() const { return world.shape.has(Shape::kPool); }
  // How many processes there are then.
  std::size_t without_clients() const { return has_pool() ? 1 + std::size_t{kPoolSize} : 1; }
  bool until_gone() {
    return until([this] { return world.clients.empty(); });
  }
  testing::AssertionResult kernel_agrees() {
    session->await_kernel();
    if (is_checked(world) && world.difference_count == 0 && world.anomaly_count == 0)
      return testing::AssertionSuccess();
    auto failure = testing::AssertionFailure() << (is_checked(world) ? "checked" : "not checked");
    for (const DifferenceSeen& one : only<DifferenceSeen>(events)) failure << "; " << text_of(one);
    for (const Anomaly& one : world.anomalies) failure << "; " << one.text;
    return failure;
  }

  // One step: returns when it has done what it waited before, or is no more.
  void step(Pid pid) {
    const std::uint64_t before = process(pid)->acted_step;
    stepped.insert(process(pid)->gate->call);
    session->step(pid);
    EXPECT_TRUE(until([=, this] { return process(pid) == nullptr || process(pid)->acted_step != before; }));
  }
  bool is_before(Pid pid, Call call) const {
    const Process* one = process(pid);
    return one != nullptr && one->gate && one->gate->call == call;
  }
  // Lets it take steps until it waits before that call. In a call it waits for whatever ends that.
  bool step_to(Pid pid, Call call) {
    return until([=, this] {
      if (is_before(pid, call)) return true;
      if (process(pid) != nullptr && process(pid)->gate) step(pid);
      return is_before(pid, call);
    });
  }
  // It does that, and goes on to its next gate.
  bool step_over(Pid pid, Call call) {
    if (!step_to(pid, call)) return false;
    step(pid);
    return true;
  }
  // Everybody takes steps in turn, one at a time, until that is so.
  template <class Condition>
  bool step_all_until(Condition condition) {
    return until([&] {
      if (condition()) return true;
      std::vector<Pid> waiting;
      for (const Process& one : world.processes)
        if (one.gate) waiting.push_back(one.pid);
      for (const Pid pid : waiting)
        if (process(pid) != nullptr && process(pid)->gate) step(pid);
      return condition();
    });
  }
  // The latest of its processes or threads.
  Pid latest() const { return world.processes.back().pid; }

  std::set<Call> stepped;  // what was waited before
};

}  // namespace forktable::test
