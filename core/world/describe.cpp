#include "core/world/describe.hpp"

#include <fmt/format.h>
#include <string.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

namespace forktable {

std::string signal_name(int signal) {
  const char* name = sigabbrev_np(signal);
  return name != nullptr ? fmt::format("SIG{}", name) : fmt::format("signal {}", signal);
}

std::string error_name(int error) {
  const char* name = strerrorname_np(error);
  return name != nullptr ? name : fmt::format("error {}", error);
}

namespace {

// Bytes of the character that controls something and shows nothing, at the beginning of the text; 0: it is another.
std::size_t length_of_control(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  if (byte(0) < 0x20 || byte(0) == 0x7F) return 1;
  // U+0080 to U+009F are control characters too.
  if (byte(0) == 0xC2 && byte(1) >= 0x80 && byte(1) < 0xA0) return 2;
  // What turns the direction of all that follows: U+061C, U+200E and U+200F, U+202A to U+202E, U+2066 to U+2069.
  if (byte(0) == 0xD8 && byte(1) == 0x9C) return 2;
  if (byte(0) != 0xE2) return 0;
  const bool mark = byte(1) == 0x80 && (byte(2) == 0x8E || byte(2) == 0x8F),
             embedding = byte(1) == 0x80 && byte(2) >= 0xAA && byte(2) <= 0xAE,
             isolate = byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9;
  return mark || embedding || isolate ? 3 : 0;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string shown;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t control = length_of_control(text.substr(i));
    shown += control > 0 ? '.' : text[i];
    i += std::max<std::size_t>(control, 1);
  }
  return shown;
}

std::string first_line(std::string_view text) { return printable(text.substr(0, text.find_first_of("\r\n"))); }

std::string strace_line(std::string_view text) {
  const std::string_view rest = text.substr(std::min(text.find_first_of("\r\n"), text.size()));
  const char* const end = rest.empty() ? "" : rest.starts_with("\r\n") ? "\\r\\n" : rest[0] == '\n' ? "\\n" : "\\r";
  return first_line(text) + end;
}

std::string quote(const ShortText& text, std::uint32_t bytes) {
  const std::string_view all = text.view();
  const std::string_view line = all.substr(0, all.find_first_of("\r\n"));
  const std::size_t ending = all.size() - std::min(all.find_last_not_of("\r\n") + 1, all.size());
  return fmt::format("“{}{}”", printable(line), bytes > line.size() + ending ? "…" : "");
}

std::string program_of(const World& world) {
  const auto ours = find_server(world.program.view());
  return ours ? std::string(title_of(*ours)) : printable(world.program.view());
}

std::string title_of(const Process& process) {
  if (!process.parent) return process.shape.has_children() ? "server (parent)" : "server";
  return mention_of(process);
}

std::string service_of(const World& world, const Process& process) {
  // A thread has looked whom it is to serve, or hasn't yet, whomever it was made for.
  if (!process.parent || (process.thread_of && process.argument < 0)) return {};
  const Client* client = find_client(world, process.serves);
  if (client == nullptr) return {};
  const auto& held = process_of(world, process).descriptors;
  // One that accepts for itself is done with it when it has closed it, whatever its client does.
  const bool over = is_idle(process) ||
                    (has_ended(*client) && std::none_of(held.begin(), held.end(), [&](const Descriptor& descriptor) {
                       const OpenFile* file = find_file(world, descriptor.file);
                       return file != nullptr && file->client == client->id;
                     }));
  if (!over && process.life == Life::kAlive) return "serves " + title_of(*client);
  // Of a child that serves one after another, what its counter says is how many it has served.
  return (process.place != 0 ? "had " : "served ") + title_of(*client);
}

namespace {

std::string purpose_of(FileKind kind) {
  switch (kind) {
    case FileKind::kTerminal: return "terminal";
    case FileKind::kRegular: return "file";
    case FileKind::kSocket: return "socket";
    case FileKind::kUnix: return "Unix socket";
    case FileKind::kEvent: return "events";
    default: return "another file";
  }
}

}  // namespace

std::string title_of(const OpenFile& file) {
  switch (file.kind) {
    case FileKind::kListening: return "listening socket";
    case FileKind::kConnection: return fmt::format("connection {}", file.number);
    case FileKind::kPlumbing: return "Forktable's pipe";
    case FileKind::kFifo: return "FIFO";
    case FileKind::kEpoll: return "epoll instance";
    case FileKind::kPipe: return file.writes ? "pipe, for writing" : "pipe, for reading";
    default: return file.name.length > 0 ? printable(file.name.view()) : purpose_of(file.kind);
  }
  return {};
}

std::string title_of(const Client& client) {
  if (client.outsider && client.program.length > 0) return printable(client.program.view());
  return fmt::format("{} {}", client.outsider ? "outsider" : "client", client.id.value);
}

std::string mention_of(const Process& process) {
  if (process.thread_of) return fmt::format("thread {}", process.fork);
  if (process.parent) return fmt::format("child {}", process.child);
  return process.shape.has_children() ? "the parent" : "the server";
}

std::string introduce(const Process& process) { return fmt::format("{} ({})", mention_of(process), process.pid); }

std::string capital(std::string sentence) {
  if (!sentence.empty() && sentence[0] >= 'a' && sentence[0] <= 'z') sentence[0] = static_cast<char>(sentence[0] - 32);
  return sentence;
}

std::string mention_of(const Client& client) {
  if (!client.outsider) return fmt::format("client {}", client.id.value);
  return fmt::format("client {} ({})", client.id.value,
                     client.program.length > 0 ? printable(client.program.view()) : "from outside");
}

std::string origin_of(const Client& client) {
  std::string origin = "from outside";
  if (client.address.ip != kLoopback) origin += ", " + to_string(client.address.ip);
  if (client.pid != 0) return fmt::format("{}, pid {}", origin, client.pid);
  if (!client.unnamed) return origin;
  return origin + (*client.unnamed == Unnamed::kGone ? ", gone before it could be asked" : ", another user's");
}

std::string mention_of(const World& world, ClientId id) {
  const Client* client = find_client(world, id);
  return client != nullptr ? mention_of(*client) : "its client";
}

std::string variable_for(FileKind kind) {
  switch (kind) {
    case FileKind::kListening: return "listenfd";
    case FileKind::kConnection: return "connfd";
    case FileKind::kPlumbing: return "(Forktable)";
    case FileKind::kFifo: return "fifo";
    case FileKind::kEpoll: return "epfd";
    default: return std::string(name_of(kind));
  }
  return {};
}

namespace {

// A server for many has an array of connfds, and each thread a variable of its own.
bool has_one_connfd(const Process& process) { return process.shape.has_children() || process.shape.is_iterative(); }

std::string name_in(const Process& process, int fd, FileKind kind, FileId file, std::uint32_t number) {
  if (process.shape.has(Shape::kExecs) && (fd == 0 || fd == 1)) return fd == 0 ? "stdin" : "stdout";
  const bool connfd = process.accepted == file && has_one_connfd(process);
  return kind == FileKind::kConnection && !connfd ? fmt::format("connection {}", number) : variable_for(kind);
}

}  // namespace

std::string name_in(const Process& process, int fd, const OpenFile& file) {
  // The program that execve has begun has no variable with it.
  if (process.executed_step != 0 && fd > 1) return file.kind == FileKind::kListening ? "listening" : title_of(file);
  return name_in(process, fd, file.kind, file.id, file.number);
}

std::string name_in(const Process& process, const ClosedDescriptor& closed) {
  return name_in(process, closed.fd, closed.kind, closed.file, closed.number);
}

std::string call_of(const Process& process) {
  if (process.life != Life::kAlive || process.activity.kind != Activity::kInCall) return {};
  return words_of(process.activity.call, process.activity.fd);
}

std::string returned_of(const Process& process) { return words_of(process, process.returned); }

std::string words_of(const Process& process, const Returned& last) {
  if (last.step == 0) return {};
  if (last.call == Call::kLoad) return (process.thread_of ? "*argument → " : "n ← ") + std::to_string(last.result);
  if (last.call == Call::kStore) return fmt::format("served ← {}", last.result);
  if (last.call == Call::kExec && last.error == 0) return "execve()";  // it doesn't return
  if (last.call == Call::kDup2 && last.error == 0)
    return fmt::format("dup2({}, {}) = {}", last.fd, last.result, last.result);
  if (last.call == Call::kAddJob) return fmt::format("jobs: {} added", last.result);
  if (last.call == Call::kDeleteJob)
    return fmt::format("jobs: {} {}", last.result, last.fd != 0 ? "deleted" : "not found");
  const std::string call = words_of(last.call, last.fd);
  return last.error != 0 ? fmt::format("{} = -1 {}", call, error_name(last.error))
                         : fmt::format("{} = {}", call, last.result);
}

namespace {

constexpr std::size_t kMostReady = 6;  // that are named

// semop(2) is P or V; the one who holds the semaphore can only give it back.
bool gives_back(const Process& process) { return process.undo > 0; }

// An inetd's child makes its connection descriptor 0, and then 1.
std::string dup2_of(const Process& process) {
  const int from = process.gate->fd;
  const Descriptor* input = find_descriptor(process, 0);
  const Descriptor* connection = find_descriptor(process, from);
  if (!process.shape.has(Shape::kExecs) || connection == nullptr) return words_of(*process.gate);
  return fmt::format("dup2({}, {})", from, input != nullptr && input->file == connection->file ? 1 : 0);
}

}  // namespace

std::string next_of(const Process& process) {
  switch (process.gate->call) {
    case Call::kSemop: return gives_back(process) ? "V, semop()" : "P, semop()";
    case Call::kLoad: return process.thread_of ? "read its argument" : "load served";
    case Call::kStore: return "store n + 1";
    case Call::kSigprocmask: return has_signal(process.blocked, SIGCHLD) ? "unblock SIGCHLD" : words_of(*process.gate);
    case Call::kAddJob: return "add a job";
    case Call::kDeleteJob: return "delete a job";
    case Call::kErrno: return "look at errno";
    case Call::kDup2: return dup2_of(process);
    default: return words_of(*process.gate);
  }
}

std::string readiness_of(const Process& process) {
  const bool epoll = process.shape.has(Shape::kEpolls);
  if (process.life != Life::kAlive || (!epoll && !process.shape.has(Shape::kSelects))) return {};
  const char* call = epoll ? "epoll_wait" : "select";
  if (!process.ready.empty()) {
    std::string list;
    for (std::size_t i = 0; i < std::min(process.ready.size(), kMostReady); ++i)
      list += fmt::format("{}{}", i == 0 ? "" : ", ", process.ready[i]);
    if (process.ready.size() > kMostReady) list += fmt::format(" and {} more", process.ready.size() - kMostReady);
    return fmt::format("{} {} ready: {}", call, is_polling(process) ? "finds" : "found", list);
  }
  const std::string all =
      process.watched.empty() ? "no descriptor" : plural(process.watched.size(), "descriptor", "descriptors");
  if (is_polling(process)) return fmt::format("{} waits for {}", call, all);
  return fmt::format("not in {}, {} has {}", call, epoll ? "epfd" : "read_set", all);
}

std::string words_of(const Gate& gate) {
  if (gate.call == Call::kErrno) return "looking at errno";
  if (gate.call == Call::kLoad) return "reading a variable";
  if (gate.call == Call::kStore) return "writing a variable";
  if (gate.call == Call::kAddJob) return "adding a job";
  if (gate.call == Call::kDeleteJob) return "deleting a job";
  return words_of(gate.call, gate.fd);
}

std::string words_of(Call call, int fd) {
  return fd < 0 ? fmt::format("{}()", name_of(call)) : fmt::format("{}({})", name_of(call), fd);
}

std::string names_of_signals(std::uint32_t set) {
  std::string names;
  for (int signal = 1; signal <= 32; ++signal)
    if ((set >> (signal - 1) & 1u) != 0) names += (names.empty() ? "" : ", ") + signal_name(signal);
  return names;
}

std::string meaning_of(TcpState state) {
  switch (state) {
    case TcpState::kUnknown:
    case TcpState::kGone: return {};
    case TcpState::kEstablished: return "Both ends may send.";
    case TcpState::kSynSent: return "It has called, and waits for an answer.";
    case TcpState::kSynReceived: return "It was called and has answered; the handshake isn't complete.";
    case TcpState::kFinWait1:
      return "This end has said that it sends no more (FIN), and waits for that to be confirmed.";
    case TcpState::kFinWait2:
      return "This end sends no more, and the other one knows. It waits for the other end to close, too.";
    case TcpState::kTimeWait:
      return "Both ends have closed, this one first. The kernel remembers the connection for a minute, so that a late "
             "segment of it isn't taken for one of the next.";
    case TcpState::kClose: return "The connection is broken, and the descriptor is all that is left of it.";
    case TcpState::kCloseWait:
      return "The other end sends no more. This one hasn't closed: it can't until its last reference is gone.";
    case TcpState::kLastAck: return "Both ends have closed, and the last confirmation is on its way.";
    case TcpState::kListen: return "The kernel takes calls for it, and queues them for accept.";
    case TcpState::kClosing: return "Both ends have closed at the same time.";
  }
  return {};
}

std::string brief_meaning_of(TcpState state) {
  switch (state) {
    case TcpState::kUnknown:
    case TcpState::kGone:
    case TcpState::kEstablished:
    case TcpState::kListen: return {};
    case TcpState::kSynSent: return "waits for an answer";
    case TcpState::kSynReceived: return "handshake under way";
    case TcpState::kFinWait1: return "FIN sent, no ACK yet";
    case TcpState::kFinWait2: return "waits for a FIN";
    case TcpState::kTimeWait: return "this end closed first";
    case TcpState::kClose: return "the connection is gone";
    case TcpState::kCloseWait: return "FIN came, not closed";
    case TcpState::kLastAck: return "waits for the last ACK";
    case TcpState::kClosing: return "both closed at once";
  }
  return {};
}

std::string meaning_of(Aspect aspect) {
  switch (aspect) {
    case Aspect::kProcesses: return "which processes there are";
    case Aspect::kDescriptors: return "what descriptors refer to";
    case Aspect::kSharing: return "which descriptors share an open file";
    case Aspect::kCalls: return "the call in which a process waits";
    case Aspect::kSockets: return "the states of sockets";
  }
  return {};
}

bool passes(int error) {
  return error == ECONNABORTED || error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

bool waits_for_children(const Process& process) { return process.shape.has(Shape::kPool) && !process.parent; }

std::string ending_of(int status) {
  if (WIFSIGNALED(status)) return "killed by " + signal_name(WTERMSIG(status));
  return fmt::format("exited {}", WEXITSTATUS(status));
}

std::string doing(const World& world, const Process& process) {
  std::string ending = process.wait_status ? ending_of(*process.wait_status) : "dead";
  switch (process.life) {
    case Life::kDead:
      if (process.thread_of) return "ended, nobody has joined it";
      if (!process.parent) return ending;
      return fmt::format("zombie: {}, not yet reaped", ending);
    case Life::kReaped:
      if (process.thread_of) return "ended";
      return process.parent ? fmt::format("reaped: {}", ending) : ending;
    case Life::kAlive: break;
  }
  const std::string orphan = is_orphan(world, process) ? "orphan, " : "";
  if (process.stopped) {
    const std::string call = call_of(process);
    return fmt::format("{}{}{}", orphan, process.traced ? "held by a debugger" : "stopped",
                       process.gate   ? ", next: " + next_of(process)
                       : call.empty() ? ""
                                      : " in " + call);
  }
  if (process.gate) return fmt::format("{}next: {}", orphan, next_of(process));
  if (process.in_handler != 0) return fmt::format("{}in the {} handler", orphan, signal_name(process.in_handler));
  switch (process.activity.kind) {
    case Activity::kStarting: return orphan + "starting";
    case Activity::kRunning: return orphan + "running";
    case Activity::kBackingOff:
      return orphan + (waits_for_children(process) ? "waiting, without children" : "waiting before the next accept");
    case Activity::kWorking: {
      const Descriptor* descriptor = find_descriptor(process_of(world, process), process.activity.fd);
      const OpenFile* file = descriptor != nullptr ? find_file(world, descriptor->file) : nullptr;
      const Client* client = file != nullptr ? find_client(world, file->client) : nullptr;
      return orphan + (client != nullptr ? "busy with a request of " + title_of(*client) : "busy with a request");
    }
    case Activity::kInCall: break;
  }
  if (!is_asleep(process)) return fmt::format("{}in {}", orphan, call_of(process));
  if (process.activity.call == Call::kSemop)
    return fmt::format("{}{} P, semop()", orphan, world.semaphore && world.semaphore->value > 0 ? "in" : "blocked in");
  const OpenFile* kept = process.keeps ? find_file(world, process.keeps) : nullptr;
  return fmt::format("{}blocked in {}{}", orphan, call_of(process),
                     kept != nullptr ? ", keeps " + title_of(*kept) : "");
}

std::string doing(const Client& client) {
  switch (client.state) {
    case Client::kConnecting: return "connecting";
    case Client::kConnected:
      if (!client.connection && client.connection_number == 0) return "in the accept queue";
      return client.outsider ? "connected, from outside" : "connected, silent";
    case Client::kAwaitingEcho: return "waiting for the echo";
    case Client::kEchoed: return "echo received";
    case Client::kHalfClosed: return client.outsider ? "sends no more" : "waiting for end of file";
    case Client::kSawEndOfFile: return "saw end of file";
    case Client::kClosed: {
      // Of a stranger it is only known that the server's end is: its own may stay open as long as it likes.
      const TcpState own = client.socket.state;
      const bool may_be_open = client.outsider && (own == TcpState::kUnknown || own == TcpState::kEstablished ||
                                                   own == TcpState::kCloseWait);
      return may_be_open ? "the server's end is closed" : "closed";
    }
    case Client::kReset: return "reset";
    case Client::kFailed:
      if (client.failed_call == Call::kConnect && client.error == ECONNREFUSED) return "connection refused";
      return fmt::format("{} failed: {}", name_of(client.failed_call), error_name(client.error));
  }
  return {};
}

std::string doing_now(const Client& client) {
  const bool queued = client.state == Client::kAwaitingEcho && client.connection_number == 0;
  return queued ? "queued, no echo yet" : doing(client);
}

std::string words_of(const Difference& difference) {
  const bool unknown = difference.in == Differs::kProcess && difference.ours.view() == "unknown";
  return fmt::format("{}, in the kernel {}", unknown ? "not reported" : "reported " + printable(difference.ours.view()),
                     printable(difference.kernel.view()));
}

std::string size_in_words(std::uint64_t bytes) {
  static constexpr const char* kUnits[] = {"kB", "MB", "GB", "TB"};
  if (bytes < 1000) return plural(bytes, "byte", "bytes");
  double size = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  for (; size >= 999.5 && unit + 1 < std::size(kUnits); ++unit) size /= 1000;
  return fmt::format("{:.{}f} {}", size, size < 9.95 ? 1 : 0, kUnits[unit]);
}

std::string plural(std::uint64_t count, const char* one, const char* many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

}  // namespace forktable
