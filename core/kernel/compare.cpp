#include "core/kernel/compare.hpp"

#include <fmt/format.h>
#include <sys/syscall.h>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <iterator>
#include <map>

#include "core/world/describe.hpp"
#include "core/world/limits.hpp"

namespace forktable {
namespace {

bool is_in(const CallFacts& facts, Call call) {
  const CallTraits& traits = traits_of(call);
  return facts.number >= 0 && (facts.number == traits.number || facts.number == traits.other);
}

std::string name_of_call(const CallFacts& facts) {
  if (facts.number < 0) return "no call";
  for (int i = 0; i < static_cast<int>(std::size(kCalls)); ++i)
    if (const Call call = static_cast<Call>(i); is_in(facts, call))
      return words_of(call, has_trait(call, CallTraits::kDescriptor) ? facts.fd : -1);
  if (facts.number == SYS_futex) return "futex()";
  return fmt::format("system call {}", facts.number);
}

class Comparer {
 public:
  Comparer(const World& world, const KernelFacts& facts, std::uint64_t quiet_since)
      : world_(world), facts_(facts), quiet_since_(quiet_since) {
    // What a descriptor refers to in the kernel is what the World calls by that name: for a socket by its ports, for
    // anything else by the first who holds it.
    for (const OpenFile& file : world.files)
      if (const SocketFacts* socket = socket_of(file); socket != nullptr && socket->inode != 0)
        names_[socket->inode] = file.id;
  }

  Comparison take() {
    for (const Process& process : world_.processes) compare(process);
    for (const ProcessFacts& process : facts_.processes) find_stranger(process);
    if (!denied(Aspect::kSockets)) {
      const auto references = count_references(world_);
      for (std::size_t i = 0; i < world_.files.size(); ++i)
        if (references[i] > 0) compare(world_.files[i]);
      for (const Client& client : world_.clients) compare(client);
    }
    if (found_.complete) compare_shared();
    if (found_.complete && !denied(Aspect::kSockets)) compare_closed();
    std::sort(found_.compared.begin(), found_.compared.end());
    return std::move(found_);
  }

 private:
  bool denied(Aspect aspect) const { return facts_.denied[static_cast<std::size_t>(aspect)] != 0; }

  void differ(Differs in, Pid pid, int number, const std::string& ours, const std::string& kernel) {
    found_.differences.push_back({in, pid, number, ShortText(ours), ShortText(kernel)});
  }

  const SocketFacts* socket_of(const OpenFile& file) const {
    return !is_socket(file.kind) ? nullptr : find_socket(facts_, end_of(file));
  }

  // It rests in the kernel, and has told everything that it has done.
  const ProcessFacts* facts_of(const Process& process) const {
    const ProcessFacts* facts = find_process(facts_, process.pid);
    if (facts == nullptr || !rested(*facts) || process.acted_step > quiet_since_ ||
        process.started_step > quiet_since_ || process.ended_step > quiet_since_)
      return nullptr;
    if (process.life != Life::kAlive || facts->state == '-' || facts->state == 'Z') return facts;
    // Between two calls it goes on at once, unless something holds it there: it may have done what it hasn't told.
    const bool between =
        !process.gate &&
        (process.activity.kind == Activity::kStarting || process.activity.kind == Activity::kRunning ||
         (process.activity.kind == Activity::kInCall && has_trait(process.activity.call, CallTraits::kAtOnce)));
    return between ? nullptr : facts;
  }

  void compare(const Process& process) {
    const ProcessFacts* facts = facts_of(process);
    if (facts == nullptr) {
      found_.complete = false;
      return;
    }
    found_.compared.push_back(process.pid);
    if (!compare_life(process, *facts) || process.life != Life::kAlive) return;
    compare_call(process, *facts);
    compare_mask(process, *facts);
    if (process.thread_of || !facts->descriptors) return;
    // All its threads use them, and change them.
    for (const Process* thread : threads_of(world_, process))
      if (facts_of(*thread) == nullptr) return;
    if (thread_went_meanwhile(process)) return;
    compare_descriptors(process, *facts->descriptors);
    compare_watched(process, *facts);
  }

  // False: there is no more to compare.
  bool compare_life(const Process& process, const ProcessFacts& facts) {
    if (denied(Aspect::kProcesses) && facts.state == '-') return false;
    if (process.thread_of) return compare_life_of_thread(process, facts);
    const char* kernel = facts.state == '-' ? "gone" : facts.state == 'Z' ? "zombie" : "alive";
    const char* ours = process.life == Life::kAlive ? "alive" : "zombie";
    // Its parent may have reaped it and not told that yet.
    const Process* parent = process.parent ? forktable::find_process(world_, process.parent) : nullptr;
    if (parent != nullptr && parent->life == Life::kAlive) {
      if (facts.state == '-' && facts_of(*parent) == nullptr) return false;
      if (facts.state != '-' && facts.parent != parent->pid) kernel = "another process";
    }
    if (std::string_view(ours) != kernel) differ(Differs::kProcess, process.pid, 0, ours, kernel);
    return std::string_view(kernel) == "alive";
  }

  // In the kernel there is nothing left of a thread that has ended, whether or not anybody joins it.
  bool compare_life_of_thread(const Process& thread, const ProcessFacts& facts) {
    const bool here = thread.life == Life::kAlive, there = facts.state != '-';
    const char* kernel = !there                                              ? "gone"
                         : facts.thread_of == process_of(world_, thread).pid ? "alive"
                                                                             : "another thread";
    if (here != there || (here && std::string_view(kernel) != "alive"))
      differ(Differs::kProcess, thread.pid, 0, here ? "alive" : "ended", kernel);
    return here && std::string_view(kernel) == "alive";
  }

  void compare_call(const Process& process, const ProcessFacts& facts) {
    if (!is_blocked(process) || !facts.call || facts.state != 'S') return;
    const Call call = process.activity.call;
    if (traits_of(call).number < 0 || facts.call->number == SYS_restart_syscall) return;
    const bool same_fd = process.activity.fd < 0 || process.activity.fd == facts.call->fd;
    if (!is_in(*facts.call, call) || !same_fd)
      differ(Differs::kCall, process.pid, 0, call_of(process), name_of_call(*facts.call));
  }

  // At a gate, and in a call that hasn't come to its wait yet, more is blocked than the program has asked for.
  void compare_mask(const Process& process, const ProcessFacts& facts) {
    if (!process.shape.has(Shape::kListsJobs) || !is_asleep(process) || facts.state != 'S') return;
    const bool ours = has_signal(process.blocked, SIGCHLD), theirs = has_signal(facts.blocked, SIGCHLD);
    if (ours != theirs)
      differ(Differs::kMask, process.pid, 0, ours ? "SIGCHLD blocked" : "SIGCHLD not blocked",
             theirs ? "blocked" : "not blocked");
  }

  // One of its threads has ended since the kernel was asked, and is nowhere else any more.
  bool thread_went_meanwhile(const Process& process) {
    for (auto past = world_.departed.rbegin(); past != world_.departed.rend(); ++past) {
      if (past->ended_step <= quiet_since_) return false;
      if (past->thread_of == process.id) return found_.complete = false, true;
    }
    return false;
  }

  void compare_descriptors(const Process& process, const std::vector<DescriptorFacts>& kernel) {
    auto theirs = kernel.begin();
    for (const Descriptor& ours : process.descriptors) {
      for (; theirs != kernel.end() && theirs->fd < ours.fd; ++theirs) compare_unknown(process, *theirs);
      const OpenFile* file = find_file(world_, ours.file);
      if (file == nullptr) continue;
      const bool there = theirs != kernel.end() && theirs->fd == ours.fd;
      const bool agrees = there && refers_to(*theirs, *file);
      if (!agrees)
        differ(Differs::kDescriptor, process.pid, ours.fd, title_of(*file), there ? title_of(*theirs) : "closed");
      if (file->kind != FileKind::kPlumbing) {
        ++found_.figures.references;
        found_.figures.references_agreeing += agrees ? 1 : 0;
      }
      theirs += there ? 1 : 0;
    }
    for (; theirs != kernel.end(); ++theirs) compare_unknown(process, *theirs);
    for (const DescriptorFacts& one : kernel) compare_standard(process, one);
  }

  // What select waits for is nothing that the kernel remembers.
  void compare_watched(const Process& process, const ProcessFacts& facts) {
    const auto watches = [](const DescriptorFacts& one) { return one.kind == DescriptorFacts::kEpoll; };
    if (std::none_of(facts.descriptors->begin(), facts.descriptors->end(), watches)) return;
    std::vector<int> differing;
    std::set_symmetric_difference(process.watched.begin(), process.watched.end(), facts.watched.begin(),
                                  facts.watched.end(), std::back_inserter(differing));
    for (const int fd : differing) {
      const bool here = std::binary_search(process.watched.begin(), process.watched.end(), fd);
      differ(Differs::kWatched, process.pid, fd, here ? "watched" : "not watched", here ? "not watched" : "watched");
    }
  }

  // 0, 1 and 2 are open in every process, and nobody tells of them.
  void compare_unknown(const Process& process, const DescriptorFacts& kernel) {
    if (kernel.fd > 2) differ(Differs::kDescriptor, process.pid, kernel.fd, "closed", title_of(kernel));
  }

  // But none of them is a reference to what the World knows, unless that was told.
  void compare_standard(const Process& process, const DescriptorFacts& kernel) {
    if (kernel.fd > 2 || find_descriptor(process, kernel.fd) != nullptr) return;
    FileId file;
    if (const auto known = names_.find(kernel.inode); kernel.kind == DescriptorFacts::kSocket && known != names_.end())
      file = known->second;
    for (const auto& [id, number] : others_)
      if (number == kernel.file) file = id;
    if (const OpenFile* found = find_file(world_, file))
      differ(Differs::kDescriptor, process.pid, kernel.fd, "something else", title_of(*found));
  }

  bool refers_to(const DescriptorFacts& kernel, const OpenFile& file) {
    if (!is_socket(file.kind)) {
      // Of Forktable's own, the memory of the gates is no pipe.
      const bool memory = file.kind == FileKind::kPlumbing && kernel.kind == DescriptorFacts::kOther;
      if (!memory && kernel.kind != kind_of(file.kind)) return false;
      if (kernel.file == 0) return true;  // it can't be told
      return others_.try_emplace(file.id, kernel.file).first->second == kernel.file;
    }
    if (kernel.kind != DescriptorFacts::kSocket) return false;
    // A connection that was reset has no ports any more: it is known by who holds it.
    const SocketFacts* socket = socket_of(file);
    if (socket != nullptr && socket->inode != 0) return socket->inode == kernel.inode;
    const auto known = names_.try_emplace(kernel.inode, file.id).first;
    return known->second == file.id;
  }

  static DescriptorFacts::Kind kind_of(FileKind kind) {
    switch (kind) {
      case FileKind::kListening:
      case FileKind::kConnection:
      case FileKind::kSocket:
      case FileKind::kUnix: return DescriptorFacts::kSocket;
      case FileKind::kPlumbing:
      case FileKind::kFifo:
      case FileKind::kPipe: return DescriptorFacts::kPipe;
      case FileKind::kEpoll: return DescriptorFacts::kEpoll;
      default: return DescriptorFacts::kOther;
    }
  }
  std::string title_of(const OpenFile& file) const {
    return file.kind == FileKind::kPlumbing ? "a pipe of Forktable" : forktable::title_of(file);
  }
  std::string title_of(const DescriptorFacts& kernel) const {
    if (kernel.kind == DescriptorFacts::kPipe) return "a pipe";
    if (kernel.kind == DescriptorFacts::kEpoll) return "an epoll instance";
    if (kernel.kind != DescriptorFacts::kSocket) return "another file";
    const auto known = names_.find(kernel.inode);
    const OpenFile* file = known != names_.end() ? find_file(world_, known->second) : nullptr;
    return file != nullptr ? forktable::title_of(*file) : "another socket";
  }

  // A process or thread that nobody has told of, of one that has told everything.
  void find_stranger(const ProcessFacts& process) {
    if (forktable::find_process(world_, process.pid) != nullptr || process.state == '-' || !rested(process)) return;
    const bool is_thread = process.thread_of != 0;
    const Process* parent = forktable::find_process(world_, is_thread ? process.thread_of : process.parent);
    if (parent == nullptr || facts_of(*parent) == nullptr) return;
    // Which number a new thread has, only it can tell.
    const auto is_expected = [&](const ExpectedChild& one) { return one.child.thread_of == parent->id; };
    if (is_thread &&
        (std::any_of(world_.expected.begin(), world_.expected.end(), is_expected) || thread_went_meanwhile(*parent)))
      return;
    found_.compared.push_back(process.pid);
    differ(Differs::kProcess, process.pid, 0, "unknown", process.state == 'Z' ? "zombie" : "alive");
  }

  void compare(const OpenFile& file) {
    if (!is_socket(file.kind)) return;
    ++found_.figures.sockets;
    const SocketFacts* socket = socket_of(file);
    const bool listens = socket != nullptr && socket->state == TcpState::kListen;
    // A connection may be gone while a descriptor refers to it: its client has reset it.
    if (file.kind == FileKind::kConnection || listens)
      ++found_.figures.sockets_agreeing;
    else
      differ(Differs::kSocket, 0, file.port, "LISTEN",
             std::string(name_of(socket != nullptr ? socket->state : TcpState::kGone)));
  }

  // Its end of the connection. One that has seen end of file is about to close.
  void compare(const Client& client) {
    if (client.outsider || client.address.port == 0 || client.state >= Client::kSawEndOfFile ||
        client.state == Client::kConnecting)
      return;
    const SocketFacts* socket = find_socket(facts_, end_of(world_, client));
    if (socket == nullptr) return;
    ++found_.figures.sockets;
    if (socket->state != TcpState::kGone)
      ++found_.figures.sockets_agreeing;
    else
      differ(Differs::kSocket, 0, client.address.port, "open", "gone");
  }

  // The server's end of a connection to which no descriptor of its processes refers any more. While some descriptor
  // does, it has an inode: another process has taken it, as with pidfd_getfd(2).
  void compare_closed() {
    const auto look_at = [&](const Client& client) {
      if (client.connection || client.connection_number == 0 || client.address.port == 0) return;
      const SocketFacts* socket = find_socket(facts_, {world_.port, client.address});
      if (socket != nullptr && socket->inode != 0)
        differ(Differs::kSocket, 0, client.address.port, "closed by the server", "held by another process");
    };
    std::for_each(world_.clients.begin(), world_.clients.end(), look_at);
    const auto followed = static_cast<std::ptrdiff_t>(std::min(kMostFollowed, world_.gone_clients.size()));
    std::for_each(world_.gone_clients.end() - followed, world_.gone_clients.end(), look_at);
  }

  // Anybody may change it: so only when everybody rests.
  void compare_shared() {
    if (world_.segment && facts_.segment && facts_.segment->segment == world_.segment->id &&
        facts_.segment->attached != count_attached(world_))
      differ(Differs::kSegment, 0, world_.segment->id, fmt::format("attached by {}", count_attached(world_)),
             fmt::format("attached by {}", facts_.segment->attached));
    if (world_.semaphore && facts_.semaphore && facts_.semaphore->semaphore == world_.semaphore->id &&
        facts_.semaphore->value != world_.semaphore->value)
      differ(Differs::kSemaphore, 0, world_.semaphore->id, std::to_string(world_.semaphore->value),
             std::to_string(facts_.semaphore->value));
  }

  const World& world_;
  const KernelFacts& facts_;
  const std::uint64_t quiet_since_;
  Comparison found_;
  std::map<std::uint64_t, FileId> names_;   // of sockets, by inode
  std::map<FileId, std::uint32_t> others_;  // that are no sockets: their number in the facts
};

}  // namespace

Comparison compare(const World& world, const KernelFacts& facts, std::uint64_t quiet_since) {
  return Comparer(world, facts, quiet_since).take();
}

}  // namespace forktable
