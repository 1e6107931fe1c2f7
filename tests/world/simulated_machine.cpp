#include "tests/world/simulated_machine.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace forktable::test {
namespace {

// What a process is in is what it reported last of main(); its signal handler runs on top of that.
void enter_or_leave_call(SimulatedProcess& process, const What& what) {
  const auto* failed = std::get_if<CallFailed>(&what);
  if (const auto* accept = std::get_if<AcceptCalled>(&what))
    process.call = fmt::format("accept({})", accept->fd);
  else if (const auto* read = std::get_if<ReadCalled>(&what))
    process.call = fmt::format("read({})", read->fd);
  else if (const auto* write = std::get_if<WriteCalled>(&what))
    process.call = fmt::format("write({})", write->fd);
  else if (std::holds_alternative<ForkCalled>(what))
    process.call = "fork()";
  else if (std::holds_alternative<SignalDelivered>(what))
    process.in_handler = true;
  else if (std::holds_alternative<HandlerReturned>(what))
    process.in_handler = false;
  else if (!std::holds_alternative<Reaped>(what) && !std::holds_alternative<NothingToReap>(what) &&
           !std::holds_alternative<JobDeleted>(what) && (failed == nullptr || failed->call != Call::kWaitpid))
    process.call.clear();
}

// A process that isn't in a call now, and hasn't ended, may come to a gate.
bool goes_on(const What& what) {
  return !std::holds_alternative<AcceptCalled>(what) && !std::holds_alternative<ForkCalled>(what) &&
         !std::holds_alternative<ReadCalled>(what) && !std::holds_alternative<WriteCalled>(what) &&
         !std::holds_alternative<ExitCalled>(what);
}

}  // namespace

int SimulatedMachine::happen(std::vector<Event> events, const std::vector<int>& after) {
  for (Event& event : events) event.at = ++time;
  run.happenings.push_back({std::move(events), {}});
  for (const int before : after)
    if (before >= 0) run.happenings.back().after.push_back(before);
  return static_cast<int>(run.happenings.size()) - 1;
}

void SimulatedMachine::report(SimulatedProcess& process, const What& what, std::vector<int> after) {
  after.push_back(process.last);
  if (process.last < 0) after.push_back(process.fork_called);
  enter_or_leave_call(process, what);
  process.last = happen({{0, process.pid, static_cast<std::uint32_t>(what.index() + 1), what}}, after);
  if (process.first < 0) process.first = process.last;
  process.at_gate = plan.gates && goes_on(what) && one_in(random, 2);
  if (process.at_gate) process.last = happen({{0, process.pid, 99, GateReached{Call::kClose, 4}}}, {process.last});
}

void SimulatedMachine::tell(SimulatedClient& client, const What& what) {
  if (!plan.told_by_clients || client.kind == SimulatedClient::kOutsider) return;
  client.last = happen({{0, 0, 0, what}}, {client.last});
  if (client.connecting < 0) client.connecting = client.last;
}

int SimulatedMachine::see_from_outside(Pid pid, const What& what, std::vector<int> after) {
  after.push_back(last_seen);
  last_seen = happen({{0, pid, 0, what}}, after);
  return last_seen;
}

SimulatedClient SimulatedMachine::new_client(int i) {
  SimulatedClient client;
  client.id = {static_cast<std::uint32_t>(i + 1)};
  client.port = static_cast<Port>(40001 + i);
  if (!plan.trouble) return client;
  const auto kind = number_between(random, 0, 9);
  client.kind = kind < 5   ? SimulatedClient::kHello
                : kind < 7 ? SimulatedClient::kQuiet
                : kind < 9 ? SimulatedClient::kOutsider
                           : SimulatedClient::kRefused;
  if (!plan.told_by_clients && client.kind == SimulatedClient::kRefused) client.kind = SimulatedClient::kHello;
  return client;
}

Pid SimulatedMachine::free_pid() {
  Pid pid = kServerPid + 1;
  const auto taken = [&] {
    return std::any_of(children.begin(), children.end(),
                       [&](const auto& one) { return one.life != SimulatedProcess::kGone && one.pid == pid; });
  };
  while (taken() || (!plan.trouble && used_pids.contains(pid))) ++pid;
  used_pids.insert(pid);
  return pid;
}

std::uint32_t SimulatedMachine::references(int file) const {
  std::uint32_t count = 0;
  const auto add = [&](const SimulatedProcess& process) {
    for (const auto& [fd, held] : process.descriptors) count += held == file ? 1 : 0;
  };
  add(parent);
  for (const SimulatedProcess& child : children) add(child);
  return count;
}

void SimulatedMachine::end_process(SimulatedProcess& process, int wait_status) {
  process.life = SimulatedProcess::kZombie;
  process.wait_status = wait_status;
  process.descriptors.clear();
  process.call.clear();
  process.in_handler = process.at_gate = false;
  process.jobs.clear();
  if (&process != &parent) signal_pending = true;
}

void SimulatedMachine::tell_truth() {
  Truth& truth = run.truth;
  const auto add = [&](const SimulatedProcess& process) {
    if (process.life != SimulatedProcess::kGone)
      truth.processes[process.pid] = {process.life == SimulatedProcess::kZombie,
                                      process.descriptors,
                                      process.call,
                                      process.in_handler,
                                      process.at_gate,
                                      process.jobs};
  };
  add(parent);
  for (const SimulatedProcess& child : children) {
    add(child);
    truth.counts.exited += child.life != SimulatedProcess::kAlive ? 1 : 0;
    truth.counts.reaped += child.life == SimulatedProcess::kGone ? 1 : 0;
  }
  if (references(0) > 0) truth.references[0] = references(0);
  for (int connection = 1; connection <= connections; ++connection) {
    if (const auto count = references(connection); count > 0)
      truth.references[connection] = count;
    else
      ++truth.counts.closed;
  }
  truth.counts.accepted = static_cast<std::uint64_t>(connections);
}

}  // namespace forktable::test
