#include "core/world/inspect.hpp"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/world/describe.hpp"
#include "core/world/diagnose.hpp"

namespace forktable {
namespace {

using Json = nlohmann::ordered_json;

const char* state_of(const World& world, const Process& process) {
  if (process.life == Life::kReaped) return "reaped";
  if (process.life == Life::kDead) return "zombie";
  if (is_orphan(world, process)) return "orphan";
  return is_blocked(process) ? "blocked" : "running";
}

const char* state_of(const Client& client) {
  switch (client.state) {
    case Client::kConnecting: return "connecting";
    case Client::kConnected: return client.connection_number == 0 ? "queued" : "connected";
    case Client::kAwaitingEcho: return "awaiting echo";
    case Client::kEchoed: return "echoed";
    case Client::kHalfClosed: return "half closed";
    case Client::kSawEndOfFile: return "saw end of file";
    case Client::kClosed: return "closed";
    case Client::kReset: return "reset";
    case Client::kFailed: return "failed";
  }
  return "";
}

template <class T>
Json id_or_null(Id<T> id) {
  return id ? Json(id.value) : Json(nullptr);
}

bool is_plumbing(const World& world, const Descriptor& descriptor) {
  const OpenFile* file = find_file(world, descriptor.file);
  return file != nullptr && file->kind == FileKind::kPlumbing;
}

Json as_json(const World& world, const Process& process) {
  Json descriptors = Json::array();
  for (const Descriptor& descriptor : process.descriptors) {
    const OpenFile* file = find_file(world, descriptor.file);
    if (file == nullptr || is_plumbing(world, descriptor)) continue;
    descriptors.push_back({{"fd", descriptor.fd}, {"name", variable_for(file->kind)}, {"file", descriptor.file.value}});
  }
  const std::string call = call_of(process);
  const bool known = process.life != Life::kAlive && process.wait_status.has_value();
  const int status = process.wait_status.value_or(0);
  return {{"id", process.id.value},
          {"pid", process.pid},
          {"parent", id_or_null(process.parent)},
          {"role", process.parent ? "child" : "parent"},
          {"state", state_of(world, process)},
          {"blocked_in", is_blocked(process) ? Json(call) : Json(nullptr)},
          {"exit", known && WIFEXITED(status) ? Json(WEXITSTATUS(status)) : Json(nullptr)},
          {"signal", known && WIFSIGNALED(status) ? Json(WTERMSIG(status)) : Json(nullptr)},
          {"line", process.line != 0 ? Json(process.line) : Json(nullptr)},
          {"gate", process.gate ? Json(words_of(*process.gate)) : Json(nullptr)},
          {"held", process.held},
          {"descriptors", descriptors}};
}

Json as_json(const OpenFile& file, std::uint32_t references) {
  const bool listening = file.kind == FileKind::kListening;
  return {{"id", file.id.value},
          {"kind", listening ? "listening" : "connection"},
          {"local", fmt::format("127.0.0.1:{}", file.port)},
          {"peer", listening ? Json(nullptr) : Json(fmt::format("127.0.0.1:{}", file.peer_port))},
          {"refcount", references},
          {"tcp_state", listening ? Json("LISTEN") : Json(nullptr)},
          {"client", id_or_null(file.client)}};
}

Json as_json(const World& world, const Client& client) {
  return {
      {"id", client.id.value},
      {"state", state_of(client)},
      {"sent", client.sent},
      {"received", client.received},
      {"outsider", client.outsider},
      {"program", client.program.length > 0 ? Json(client.program.view()) : Json(nullptr)},
      {"port", client.port},
      {"connection", find_file(world, client.connection) != nullptr ? Json(client.connection.value) : Json(nullptr)}};
}

Json as_json(const Diagnosis& diagnosis) {
  return {{"kind", diagnosis.kind},   {"text", diagnosis.text}, {"title", diagnosis.title},
          {"cause", diagnosis.cause}, {"fix", diagnosis.fix},   {"since", diagnosis.since}};
}

Json names_of(Bugs bugs) {
  Json names = Json::array();
  for (int i = 0; i < kBugCount; ++i)
    if (bugs.has(static_cast<Bug>(i))) names.push_back(name_of(static_cast<Bug>(i)));
  return names;
}

// Both in the process table and out of it, by id.
template <class T>
std::vector<const T*> by_id(const std::vector<T>& present, const std::vector<T>& past) {
  std::vector<const T*> all;
  for (const T& one : past) all.push_back(&one);
  for (const T& one : present) all.push_back(&one);
  std::sort(all.begin(), all.end(), [](const T* a, const T* b) { return a->id < b->id; });
  return all;
}

}  // namespace

nlohmann::ordered_json world_as_json(const World& world, std::uint64_t steps) {
  Json processes = Json::array(), files = Json::array(), clients = Json::array(), anomalies = Json::array(),
       diagnoses = Json::array();
  for (const Process* process : by_id(world.processes, world.departed)) processes.push_back(as_json(world, *process));
  const auto references = count_references(world);
  for (std::size_t i = 0; i < world.files.size(); ++i)
    if (world.files[i].kind != FileKind::kPlumbing && references[i] > 0)
      files.push_back(as_json(world.files[i], references[i]));
  for (const Client* client : by_id(world.clients, world.gone_clients)) clients.push_back(as_json(world, *client));
  for (const Anomaly& anomaly : world.anomalies) anomalies.push_back({{"step", anomaly.step}, {"text", anomaly.text}});
  for (const Diagnosis& diagnosis : diagnose(world, world.now)) diagnoses.push_back(as_json(diagnosis));
  const Counts& counts = world.counts;
  return {{"step", world.step},
          {"steps", steps},
          {"processes", processes},
          {"files", files},
          {"clients", clients},
          {"anomalies", anomalies},
          {"diagnoses", diagnoses},
          {"stepping", world.stepping},
          {"bugs", names_of(world.bugs)},
          {"lesson_step", world.lesson_step},
          {"counts",
           {{"accepted", counts.accepted},
            {"forked", counts.forked},
            {"closed", counts.closed},
            {"exited", counts.exited},
            {"reaped", counts.reaped}}}};
}

std::string world_as_table(const World& world, std::uint64_t steps) {
  std::string out = fmt::format("step {} of {}\n\nPROCESSES\n", world.step, steps);
  for (const Process* process : by_id(world.processes, world.departed)) {
    std::string table;
    for (const Descriptor& descriptor : process->descriptors) {
      const OpenFile* file = find_file(world, descriptor.file);
      if (file == nullptr || is_plumbing(world, descriptor)) continue;
      table += fmt::format("  {}→{}", descriptor.fd, title_of(*file));
    }
    out += fmt::format("  {:>7}  {:<20} {:<36}{}\n", process->pid, title_of(world, *process), doing(world, *process),
                       table);
  }
  out += "\nOPEN FILES\n";
  const auto references = count_references(world);
  for (std::size_t i = 0; i < world.files.size(); ++i) {
    const OpenFile& file = world.files[i];
    if (file.kind == FileKind::kPlumbing || references[i] == 0) continue;
    const std::string address = file.kind == FileKind::kListening ? fmt::format("127.0.0.1:{}", file.port)
                                                                  : fmt::format("{} ↔ {}", file.port, file.peer_port);
    out += fmt::format("  {:<20} {:<20} refcnt {}\n", title_of(file), address, references[i]);
  }
  out += "\nCLIENTS\n";
  for (const Client* client : by_id(world.clients, world.gone_clients))
    out += fmt::format("  {:<20} {:<24} sent {:<8} received {}\n", title_of(*client), doing(*client), client->sent,
                       client->received);
  if (world.clients.empty() && world.gone_clients.empty()) out += "  none yet\n";
  const std::vector<Diagnosis> diagnoses = diagnose(world, world.now);
  if (!diagnoses.empty()) out += "\nDIAGNOSES\n";
  for (const Diagnosis& diagnosis : diagnoses)
    out += fmt::format("  {} (since step {}): {}\n    {}\n    Fix: {}\n", diagnosis.title, diagnosis.since,
                       diagnosis.text, diagnosis.cause, diagnosis.fix);
  for (const Anomaly& anomaly : world.anomalies)
    out += fmt::format("\nANOMALY at step {}: {}", anomaly.step, anomaly.text);
  if (world.anomaly_count > world.anomalies.size())
    out += fmt::format("\n... and {} more", world.anomaly_count - world.anomalies.size());
  const Counts& counts = world.counts;
  out += fmt::format("\naccepted {}   forked {}   closed {}   exited {}   reaped {}\n", counts.accepted, counts.forked,
                     counts.closed, counts.exited, counts.reaped);
  return out;
}

}  // namespace forktable
