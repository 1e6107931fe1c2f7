#include "tests/world/facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>

#include "core/world/describe.hpp"

namespace forktable::test {
namespace {

using fmt::format;

std::string text_of(const Process& process) {
  std::string text = format("process {} pid {} parent {} fork {} life {} activity {}/{}/{} handler {} line {} ",
                            process.id.value, process.pid, process.parent.value, process.fork,
                            static_cast<int>(process.life), static_cast<int>(process.activity.kind),
                            name_of(process.activity.call), process.activity.fd, process.in_handler, process.line);
  text += format("status {} signal {} accepted {} serves {} connection {} holds", process.wait_status.value_or(-1),
                 process.pending_signal, process.accepted.value, process.serves.value, process.connection);
  for (const Descriptor& descriptor : process.descriptors)
    text += format(" {}:{}", descriptor.fd, descriptor.file.value);
  if (process.gate) text += " at gate " + words_of(*process.gate);
  if (process.held) text += " held";
  for (const Job& job : process.jobs)
    text += format(" job {} of {}{}", job.pid, job.child.value, job.late ? " late" : "");
  return text + "\n";
}

std::string text_of(const OpenFile& file) {
  return format("file {} kind {} number {} port {} peer {} backlog {} client {}\n", file.id.value,
                static_cast<int>(file.kind), file.number, file.port, to_string(file.peer), file.backlog,
                file.client.value);
}

std::string text_of(const Client& client) {
  return format(
      "client {} outsider {} behaviour {} state {} port {} connection {}/{} sent {} {:?} received {} {:?} "
      "pid {} {:?} call {} error {}\n",
      client.id.value, client.outsider, name_of(client.behaviour), static_cast<int>(client.state),
      to_string(client.address), client.connection.value, client.connection_number, client.sent,
      client.last_sent.view(), client.received, client.last_received.view(), client.pid, client.program.view(),
      name_of(client.failed_call), client.error);
}

// Those who have gone are kept in the order of their going, which is not the same in every order of events.
template <class T>
std::string sorted_texts(const std::vector<T>& all) {
  std::vector<std::string> texts;
  for (const T& one : all) texts.push_back(text_of(one));
  std::sort(texts.begin(), texts.end());
  return format("{}", fmt::join(texts, ""));
}

}  // namespace

std::string facts_of(const World& world) {
  std::string text;
  for (const Process& process : world.processes) text += text_of(process);
  text += "departed\n" + sorted_texts(world.departed);
  for (const OpenFile& file : world.files) text += text_of(file);
  for (const Client& client : world.clients) text += text_of(client);
  text += "gone\n" + sorted_texts(world.gone_clients);
  for (const ExpectedChild& expected : world.expected)
    text += format("expected of {}: ", expected.parent_pid) + text_of(expected.child);
  for (const Anomaly& anomaly : world.anomalies) text += anomaly.text + "\n";
  const Counts& counts = world.counts;
  text += format("accepted {} forked {} closed {} exited {} reaped {} anomalies {} ", counts.accepted, counts.forked,
                 counts.closed, counts.exited, counts.reaped, world.anomaly_count);
  text += format("server {} port {} stop asked {} processes {} files {} connections {} trouble {}\n",
                 world.server.value, world.port, world.stop_asked, world.process_count, world.file_count,
                 world.connection_count, world.trouble ? forktable::text_of(world.trouble->what) : "none");
  for (const auto& [pid, id] : world.by_pid) text += format("{}={} ", pid, id.value);
  return text;
}

std::string broken_promise(const World& world) {
  if (!world.anomalies.empty()) return "anomaly: " + world.anomalies.front().text;
  const Counts& counts = world.counts;
  if (counts.reaped > counts.exited || counts.exited > counts.forked) return "more have been reaped than forked";
  if (counts.closed > counts.accepted) return "more connections have been closed than accepted";
  if (world.by_pid.size() != world.processes.size()) return "not every process has its pid";
  if (world.expected.size() > 1) return "one parent can be in one fork only";
  for (const OpenFile& file : world.files)
    if (const Client* client = find_client(world, file.client); file.client && client == nullptr)
      return format("file {} has a client that never was", file.id.value);
  for (const Client& client : world.clients)
    if (client.connection) {
      const OpenFile* file = find_file(world, client.connection);
      if (file == nullptr || file->client != client.id)
        return format("client {} has a connection that isn't its own", client.id.value);
    }
  return {};
}

std::string difference(const World& world, const Truth& truth) {
  const auto number_of = [&](FileId id) {
    const OpenFile* file = find_file(world, id);
    if (file == nullptr) return -1;
    return file->kind == FileKind::kListening    ? 0
           : file->kind == FileKind::kConnection ? static_cast<int>(file->number)
                                                 : -2;
  };
  std::map<Pid, Truth::Process> processes;
  for (const Process& process : world.processes) {
    Truth::Process& one = processes[process.pid];
    one.zombie = process.life == Life::kDead;
    one.call = call_of(process);
    one.in_handler = process.in_handler == SIGCHLD;
    one.at_gate = process.gate.has_value();
    for (const Job& job : process.jobs) one.jobs.push_back(job.pid);
    for (const Descriptor& descriptor : process.descriptors)
      if (const int number = number_of(descriptor.file); number != -2) one.descriptors[descriptor.fd] = number;
  }
  for (const auto& [pid, process] : truth.processes) {
    if (!processes.contains(pid)) return format("{} lives, and isn't shown", pid);
    if (processes[pid].zombie != process.zombie) return format("{} is {}a zombie", pid, process.zombie ? "" : "not ");
    if (processes[pid].call != process.call || processes[pid].in_handler != process.in_handler)
      return format("{} is in {}, not in {}", pid, process.call, processes[pid].call);
    if (processes[pid].at_gate != process.at_gate)
      return format("{} is {}at a gate", pid, process.at_gate ? "" : "not ");
    // Of two with the same pid, it doesn't matter which was deleted.
    if (!std::is_permutation(processes[pid].jobs.begin(), processes[pid].jobs.end(), process.jobs.begin(),
                             process.jobs.end()))
      return format("{} has another list of its children", pid);
    if (processes[pid].descriptors != process.descriptors) return format("{} holds other descriptors", pid);
  }
  if (processes.size() != truth.processes.size()) return "a process is shown that has gone";

  std::map<int, std::uint32_t> references;
  const auto counted = count_references(world);
  for (std::size_t i = 0; i < world.files.size(); ++i)
    if (const int number = number_of(world.files[i].id); number >= 0 && counted[i] > 0) references[number] = counted[i];
  if (references != truth.references) return "the reference counts differ";
  const auto told = [](const Counts& counts) {
    return format("accepted {} forked {} closed {} exited {} reaped {}", counts.accepted, counts.forked, counts.closed,
                  counts.exited, counts.reaped);
  };
  if (!(world.counts == truth.counts)) return told(world.counts) + " instead of " + told(truth.counts);
  return {};
}

}  // namespace forktable::test
