#include "core/world/inspect.hpp"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/world/columns.hpp"
#include "core/world/describe.hpp"
#include "core/world/diagnose.hpp"

namespace forktable {
namespace {

using Json = nlohmann::ordered_json;

const char* state_of(const World& world, const Process& process) {
  if (process.life == Life::kReaped) return process.thread_of ? "ended" : "reaped";
  if (process.life == Life::kDead) return process.thread_of ? "not joined" : "zombie";
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

Json as_json(TcpState state) { return state == TcpState::kUnknown ? Json(nullptr) : Json(name_of(state)); }

Json names_in(std::uint32_t signals) {
  Json names = Json::array();
  for (int signal = 1; signal <= 32; ++signal)
    if ((signals >> (signal - 1) & 1u) != 0) names.push_back(signal_name(signal));
  return names;
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
    const bool standard = process.shape.has(Shape::kExecs);
    descriptors.push_back({{"fd", descriptor.fd},
                           {"name", standard ? name_in(process, descriptor.fd, *file) : variable_for(file->kind)},
                           {"file", descriptor.file.value},
                           {"close_on_exec", descriptor.cloexec}});
  }
  Json jobs = Json::array();
  for (const Job& job : process.jobs)
    jobs.push_back({{"pid", job.pid}, {"process", id_or_null(job.child)}, {"late", job.late}});
  const std::string call = call_of(process);
  const bool known = process.life != Life::kAlive && process.wait_status.has_value();
  const int status = process.wait_status.value_or(0);
  return {{"id", process.id.value},
          {"pid", process.pid},
          {"parent", id_or_null(process.parent)},
          {"role", process.thread_of ? "thread"
                   : process.parent  ? "child"
                                     : "parent"},
          {"thread_of", id_or_null(process.thread_of)},
          {"program", process.program.length > 0 ? Json(printable(process.program.view())) : Json(nullptr)},
          {"detached", process.detached},
          {"counter", process.thread_of ? Json(nullptr) : Json(process.counter)},
          {"watched", process.watched},
          {"ready", process.ready},
          {"state", state_of(world, process)},
          {"blocked_in", is_blocked(process) ? Json(call) : Json(nullptr)},
          {"exit", known && WIFEXITED(status) ? Json(WEXITSTATUS(status)) : Json(nullptr)},
          {"signal", known && WIFSIGNALED(status) ? Json(WTERMSIG(status)) : Json(nullptr)},
          {"line", process.line != 0 ? Json(process.line) : Json(nullptr)},
          {"gate", process.gate ? Json(words_of(*process.gate)) : Json(nullptr)},
          {"keeps", id_or_null(process.keeps)},
          {"returned", process.returned.step != 0 ? Json(returned_of(process)) : Json(nullptr)},
          {"held", process.held},
          {"stopped", process.stopped},
          {"traced", process.traced},
          {"pending", names_in(process.signals.pending)},
          {"caught", names_in(process.signals.caught)},
          {"blocked_signals", names_in(process.blocked)},
          {"jobs", std::move(jobs)},
          {"descriptors", std::move(descriptors)}};
}

Json as_json(const OpenFile& file, std::uint32_t references) {
  const bool listening = file.kind == FileKind::kListening;
  if (!is_socket(file.kind)) {
    Json other{{"id", file.id.value}, {"kind", name_of(file.kind)}, {"local", nullptr},
               {"peer", nullptr},     {"refcount", references},     {"tcp_state", nullptr}};
    if (file.name.length > 0) other["path"] = printable(file.name.view());
    return other;
  }
  return {{"id", file.id.value},
          {"kind", listening ? "listening" : "connection"},
          {"local", to_string(Address(file.port))},
          {"peer", listening ? Json(nullptr) : Json(to_string(file.peer))},
          {"refcount", references},
          {"tcp_state", listening ? Json("LISTEN") : as_json(file.socket.state)},
          {"receive_queue", file.socket.receive},
          {"send_queue", file.socket.send},
          {"backlog", listening ? Json(file.backlog) : Json(nullptr)},
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
      {"unnamed", client.unnamed ? Json(name_of(*client.unnamed)) : Json(nullptr)},
      {"address", to_string(client.address)},
      {"port", client.address.port},
      {"tcp_state", as_json(client.socket.state)},
      {"receive_queue", client.socket.receive},
      {"send_queue", client.socket.send},
      {"server_end", as_json(client.left)},
      {"connection", find_file(world, client.connection) != nullptr ? Json(client.connection.value) : Json(nullptr)}};
}

Json as_json(const Diagnosis& diagnosis) {
  return {{"kind", diagnosis.kind},   {"text", diagnosis.text}, {"title", diagnosis.title},
          {"cause", diagnosis.cause}, {"fix", diagnosis.fix},   {"since", diagnosis.since}};
}

Json as_json(const Difference& difference) {
  return {{"in", name_of(difference.in)},       {"pid", difference.pid != 0 ? Json(difference.pid) : Json(nullptr)},
          {"number", difference.number},        {"reported", difference.ours.view()},
          {"kernel", difference.kernel.view()}, {"since", difference.step}};
}

// What the kernel said when it was asked last.
Json kernel_as_json(const World& world) {
  Json differences = Json::array(), unchecked = Json::array();
  for (const Difference& one : world.differences) differences.push_back(as_json(one));
  for (std::size_t i = 0; i < std::size(kAspectNames); ++i)
    if ((world.denied >> i & 1u) != 0) unchecked.push_back(kAspectNames[i]);
  const KernelChecked check = world.check.value_or(KernelChecked{});
  return {{"checked", world.check ? Json(world.check_step) : Json(nullptr)},
          {"current", is_checked(world)},
          {"references", check.references},
          {"references_agreeing", check.references_agreeing},
          {"sockets", check.sockets},
          {"sockets_agreeing", check.sockets_agreeing},
          {"differences", differences},
          {"differences_ever", world.difference_count},
          {"unchecked", unchecked}};
}

Json counts_as_json(const World& world) {
  const Counts& counts = world.counts;
  Json all{{"accepted", counts.accepted},
           {"forked", counts.forked},
           {"closed", counts.closed},
           {"exited", counts.exited},
           {"reaped", counts.reaped}};
  if (world.shape.has(Shape::kThreads)) {
    all["threads"] = counts.threads;
    all["ended_threads"] = counts.ended_threads;
  }
  return all;
}

Json segment_as_json(const World& world) {
  if (!world.segment) return nullptr;
  const Segment& segment = *world.segment;
  return {{"id", segment.id},
          {"bytes", segment.bytes},
          {"value", segment.value},
          {"stores", segment.stores},
          {"attached", count_attached(world)},
          {"attached_in_kernel", segment.attached ? Json(*segment.attached) : Json(nullptr)}};
}

Json semaphore_as_json(const World& world) {
  if (!world.semaphore) return nullptr;
  const Semaphore& semaphore = *world.semaphore;
  return {{"id", semaphore.id},
          {"value", semaphore.value},
          {"value_in_kernel", semaphore.seen ? Json(semaphore.seen->value) : Json(nullptr)},
          {"waiting_in_kernel", semaphore.seen ? Json(semaphore.seen->waiting) : Json(nullptr)}};
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
  all.reserve(past.size() + present.size());
  for (const T& one : past) all.push_back(&one);
  for (const T& one : present) all.push_back(&one);
  std::sort(all.begin(), all.end(), [](const T* a, const T* b) { return a->id < b->id; });
  return all;
}

}  // namespace

nlohmann::ordered_json world_as_json(const World& world, std::uint64_t steps, const Forgotten& forgotten) {
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
  return {{"step", world.step},
          {"steps", steps},
          {"processes", std::move(processes)},
          {"files", std::move(files)},
          {"clients", std::move(clients)},
          {"anomalies", std::move(anomalies)},
          {"late", world.late},
          {"diagnoses", std::move(diagnoses)},
          {"kernel", kernel_as_json(world)},
          {"stepping", world.stepping},
          {"bugs", names_of(world.bugs)},
          {"lesson_step", world.lesson_step},
          {"server", world.program.view()},
          {"segment", segment_as_json(world)},
          {"semaphore", semaphore_as_json(world)},
          {"forgotten", {{"processes", forgotten.processes}, {"clients", forgotten.clients}}},
          {"counts", counts_as_json(world)}};
}

namespace {

std::string forgotten_in_words(std::uint64_t count) {
  return count == 0 ? "" : fmt::format("  and {} earlier, which {} forgotten\n", count, count == 1 ? "is" : "are");
}

std::string_view name_or_nothing(TcpState state) { return state == TcpState::kUnknown ? "" : name_of(state); }

std::string state_of(const OpenFile& file) {
  const Socket& socket = file.socket;
  if (file.kind == FileKind::kListening)
    return fmt::format("LISTEN, {} of {} in the queue", socket.receive, file.backlog);
  std::string state(name_or_nothing(socket.state));
  if (socket.receive > 0) state += fmt::format(", {} to be read", size_in_words(socket.receive));
  return state;
}

std::string kernel_in_words(const World& world) {
  std::string out;
  for (const Difference& one : world.differences)
    out += wrapped(fmt::format("  {} {} {}: reported {}, in the kernel {}",
                               one.pid != 0 ? fmt::format("process {}", one.pid) : "socket", name_of(one.in),
                               one.number, one.ours.view(), one.kernel.view()),
                   4);
  for (std::size_t i = 0; i < std::size(kAspectNames); ++i)
    if ((world.denied >> i & 1u) != 0)
      out += wrapped(fmt::format("  not asked, as this machine forbids it: {}", meaning_of(static_cast<Aspect>(i))), 4);
  if (!world.check) return out.empty() ? out : "\nTHE KERNEL\n" + out;
  return fmt::format("\nTHE KERNEL\n  agrees on {} of {} references, {} of {} sockets{}\n{}",
                     world.check->references_agreeing, world.check->references, world.check->sockets_agreeing,
                     world.check->sockets, is_checked(world) ? "" : ", at an earlier step", out);
}

std::string processes_in_words(const World& world, bool colour) {
  const auto processes = by_id(world.processes, world.departed);
  std::size_t digits = 0;
  for (const Process* process : processes) digits = std::max(digits, fmt::formatted_size("{}", process->pid));
  std::vector<Row> rows;
  for (const Process* process : processes) {
    const Ink ink = process->life == Life::kDead ? Ink::kWarning : Ink::kPlain;
    Row row{{{fmt::format("{:>{}}", process->pid, digits)}, {title_of(*process)}, {doing(world, *process), ink}}};
    for (const Descriptor& descriptor : process->descriptors) {
      const OpenFile* file = find_file(world, descriptor.file);
      if (file == nullptr || is_plumbing(world, descriptor)) continue;
      row.list.push_back(fmt::format("{}→{}", descriptor.fd, title_of(*file)));
    }
    rows.push_back(std::move(row));
  }
  return in_columns(rows, colour);
}

std::string files_in_words(const World& world, bool colour) {
  std::vector<Row> rows;
  const auto references = count_references(world);
  for (std::size_t i = 0; i < world.files.size(); ++i) {
    const OpenFile& file = world.files[i];
    if (file.kind == FileKind::kPlumbing || references[i] == 0) continue;
    const std::string address = file.kind == FileKind::kListening
                                    ? fmt::format("127.0.0.1:{}", file.port)
                                    : fmt::format("{} ↔ {}", file.port, words_of(file.peer));
    rows.push_back(
        {{{title_of(file)}, {address}, {fmt::format("refcnt {}", references[i]), Ink::kStrong}, {state_of(file)}}});
  }
  return in_columns(rows, colour);
}

std::string clients_in_words(const World& world) {
  std::vector<Row> rows;
  for (const Client* client : by_id(world.clients, world.gone_clients))
    rows.push_back({{{title_of(*client)},
                     {doing(*client)},
                     {fmt::format("sent {}", client->sent)},
                     {fmt::format("received {}", client->received)},
                     {std::string(name_or_nothing(client->socket.state))}}});
  return rows.empty() ? "  none yet\n" : in_columns(rows, false);
}

}  // namespace

std::string world_as_table(const World& world, std::uint64_t steps, const std::string& caption, bool colour,
                           const Forgotten& forgotten) {
  const std::string step = fmt::format("step {} of {}", world.step, steps);
  std::string out = wrapped(caption.empty() ? step : step + ": " + caption, 2);
  out += "\nPROCESSES\n" + processes_in_words(world, colour) + forgotten_in_words(forgotten.processes);
  out += "\nOPEN FILES\n" + files_in_words(world, colour);
  out += "\nCLIENTS\n" + clients_in_words(world) + forgotten_in_words(forgotten.clients);
  out += kernel_in_words(world);
  const std::vector<Diagnosis> diagnoses = diagnose(world, world.now);
  if (!diagnoses.empty()) out += "\nDIAGNOSES\n";
  for (const Diagnosis& diagnosis : diagnoses) {
    std::string told =
        wrapped(fmt::format("  {} (since step {}): {}", diagnosis.title, diagnosis.since, diagnosis.text), 4);
    told.replace(2, diagnosis.title.size(), inked(diagnosis.title, Ink::kWarning, colour));
    out += told + wrapped("    " + diagnosis.cause, 4) + wrapped("    Fix: " + diagnosis.fix, 9);
  }
  for (const Anomaly& anomaly : world.anomalies)
    out += fmt::format("\nANOMALY at step {}: {}\n", anomaly.step, printable(anomaly.text));
  if (world.anomaly_count > world.anomalies.size())
    out += fmt::format("\n... and {} more\n", world.anomaly_count - world.anomalies.size());
  if (world.late > 0)
    out += fmt::format("\n{} told after later ones: the order of what is around {} isn't sure\n",
                       plural(world.late, "event was", "events were"), world.late == 1 ? "it" : "them");
  if (world.segment)
    out += fmt::format("\nSHARED MEMORY\n  segment {}: the counter is {}, attached by {}\n", world.segment->id,
                       world.segment->value, count_attached(world));
  if (world.semaphore) out += fmt::format("  semaphore {}: {}\n", world.semaphore->id, world.semaphore->value);
  const Counts& counts = world.counts;
  out += fmt::format("\naccepted {}   forked {}   closed {}   exited {}   reaped {}\n", counts.accepted, counts.forked,
                     counts.closed, counts.exited, counts.reaped);
  return out;
}

}  // namespace forktable
