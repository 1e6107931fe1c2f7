// What comes next. At a gate that is known; elsewhere it is what the listing says, and what the switches leave of it.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <memory>

#include "core/event/traits.hpp"
#include "core/world/describe.hpp"
#include "core/world/narrate.hpp"

namespace forktable {
namespace {

class Foresight {
 public:
  Foresight(const World& world, const Event& event) : world_(world), process_(find_process(world, event.pid)) {}

  // Without "Next: " and the full stop.
  std::string operator()(const ServerLaunched&) const { return "it opens its listening socket"; }
  std::string operator()(const Listened&) const {
    switch (world_.kind) {
      case ServerKind::kSelect: return does("adds listenfd to those it waits for");
      case ServerKind::kEpoll: return does("opens an epoll instance");
      case ServerKind::kProcessFifo: return does("opens a FIFO");
      case ServerKind::kProcessShm: return does("attaches shared memory");
      case ServerKind::kPrefork: return does("forks");
      case ServerKind::kInetd: return does(has(Bug::kNoCloexec) ? "calls accept" : "makes listenfd close-on-exec");
      default: return does("calls accept");
    }
  }
  std::string operator()(const AcceptCalled&) const {
    const auto waits = std::find_if(world_.clients.begin(), world_.clients.end(), waits_for_accept);
    if (waits == world_.clients.end()) return "a client connects";
    return fmt::format("accept returns the connection of {}", mention_of(*waits));
  }
  std::string operator()(const Accepted& what) const {
    switch (world_.kind) {
      case ServerKind::kIterative:
      case ServerKind::kPrefork: return does("reads what its client sends");
      case ServerKind::kSelect:
      case ServerKind::kEpoll: return does(fmt::format("adds descriptor {} to those it waits for", what.connfd));
      case ServerKind::kThread: return does("creates a thread");
      case ServerKind::kProcessJobs: return does(has(Bug::kSigchldNotBlocked) ? "forks" : "blocks SIGCHLD");
      default: return does("forks");
    }
  }
  std::string operator()(const MaskChanged& what) const {
    if (process_ == nullptr) return {};
    if (process_->parent) return does("closes its listenfd");
    if (what.how == Masking::kBlock) return does("forks");
    if (sigchld_is_pending()) return fmt::format("SIGCHLD arrives in {}", mention_of(*process_));
    return does("closes its connfd");
  }
  std::string operator()(const JobAdded&) const { return does("unblocks SIGCHLD"); }
  std::string operator()(const JobDeleted&) const { return "the handler calls waitpid again"; }
  std::string operator()(const ThreadCreateCalled&) const { return "a thread starts, in the same address space"; }
  std::string operator()(const ThreadCreated&) const {
    return does(has(Bug::kThreadsJoined) ? "joins the threads that have ended" : "calls accept again");
  }
  std::string operator()(const ThreadStarted&) const {
    return does(has(Bug::kThreadsNotDetached) ? "reads which descriptor is its own" : "detaches itself");
  }
  std::string operator()(const ThreadDetached&) const { return does("reads which descriptor is its own"); }
  std::string operator()(const ArgumentRead&) const { return does("reads what its client sends"); }
  std::string operator()(const ThreadEnded&) const {
    if (process_ == nullptr || process_->life != Life::kDead || has(Bug::kThreadsJoined)) return {};
    return "nothing: nobody joins it";
  }
  std::string operator()(const ThreadJoined&) const { return does("calls accept"); }

  std::string operator()(const EpollOpened&) const { return does("adds listenfd to those it waits for"); }
  std::string operator()(const Watched&) const { return goes_on_with_ready(); }
  std::string operator()(const Unwatched&) const { return does("closes its connfd"); }
  std::string operator()(const PollCalled& what) const {
    return fmt::format("{} returns, when a descriptor is ready", name_of(what.call));
  }
  std::string operator()(const FoundReady&) const { return "the call returns"; }
  std::string operator()(const PollReturned&) const { return goes_on_with_ready(); }
  std::string operator()(const Worked&) const { return does("writes it back, when it is done"); }

  std::string operator()(const FifoOpened&) const { return does("calls accept"); }
  std::string operator()(const SegmentAttached&) const { return does("makes a semaphore"); }
  std::string operator()(const SemaphoreMade&) const { return does("calls accept"); }
  std::string operator()(const Counted&) const {
    if (process_ == nullptr) return {};
    if (process_->in_handler != 0) return "the handler calls waitpid again";
    return does(world_.kind == ServerKind::kSelect ? "takes its descriptor out of the set" : "closes its connfd");
  }
  std::string operator()(const SemaphoreCalled&) const {
    const bool free = world_.semaphore && world_.semaphore->value > 0;
    return free ? "P returns, and the semaphore is one less" : "it waits, until another process calls V";
  }
  std::string operator()(const SemaphoreTaken&) const { return does("reads the shared counter"); }
  std::string operator()(const SemaphoreGiven&) const { return does("closes its connfd"); }
  std::string operator()(const Loaded& what) const { return does(fmt::format("writes {}", what.value + 1)); }
  std::string operator()(const Stored&) const { return does(has(Bug::kNoSemaphore) ? "closes its connfd" : "calls V"); }
  std::string operator()(const CloexecSet&) const {
    return process_ != nullptr && process_->accept_step == 0 && !process_->parent ? does("calls accept") : "";
  }
  std::string operator()(const Duplicated& what) const {
    return does(what.newfd == 0 ? "makes it its standard output, too" : "closes its connfd");
  }
  std::string operator()(const ExecCalled& what) const {
    return does(fmt::format("goes on with the program {}", printable(what.program.view())));
  }
  std::string operator()(const Executed&) const { return does("reads its standard input"); }
  std::string operator()(const ForkCalled&) const {
    return process_ != nullptr ? fmt::format("a child starts, as a copy of {}", mention_of(*process_)) : "";
  }
  std::string operator()(const Forked& what) const {
    const Process* child = find_process(world_, what.child);
    if (child != nullptr && child->life == Life::kAlive && child->activity.kind == Activity::kStarting)
      return fmt::format("{} starts, as a copy", mention_of(*child));
    if (prefork()) return does(is_complete() ? "calls waitpid" : "forks again");
    if (world_.kind == ServerKind::kProcessJobs) return does("adds the child to its list");
    return does(has(Bug::kParentKeepsConnfd) ? "calls accept again" : "closes its connfd");
  }
  std::string operator()(const ChildStarted&) const {
    if (prefork()) return does("calls accept");
    if (world_.kind == ServerKind::kInetd) return does("makes connfd its standard input");
    if (world_.kind == ServerKind::kProcessJobs) return does("unblocks SIGCHLD");
    return does(has(Bug::kChildKeepsListenfd) ? "reads what its client sends" : "closes its listenfd");
  }
  std::string operator()(const ReadCalled& what) const {
    const Client* client = client_at(what.fd);
    if (client == nullptr) return "its client sends something, or ends";
    if (client->state == Client::kAwaitingEcho) return fmt::format("read returns what {} sent", mention_of(*client));
    if (client->state >= Client::kHalfClosed) return "read returns 0: end of file";
    return fmt::format("{} sends something, or ends", mention_of(*client));
  }
  std::string operator()(const Read& what) const {
    if (is_fifo(what.fd)) return does("counts");
    return does(has(Bug::kSlowHandler) && !has_children(world_.kind) ? "works on it" : "writes it back");
  }
  std::string operator()(const EndOfFile&) const {
    switch (world_.kind) {
      case ServerKind::kProcessFifo: return does("closes its connfd");
      case ServerKind::kProcessShm: return does(has(Bug::kNoSemaphore) ? "reads the shared counter" : "calls P");
      case ServerKind::kInetd: return does("exits");
      default: return does("counts");
    }
  }
  std::string operator()(const WriteCalled&) const { return "write returns"; }
  std::string operator()(const Wrote& what) const {
    if (is_fifo(what.fd)) return does("exits");
    const Client* client = client_at(what.fd);
    return client != nullptr && client->state == Client::kAwaitingEcho
               ? fmt::format("{} receives the echo", mention_of(*client))
           : multiplexes() ? goes_on_with_ready()
                           : does("reads again");
  }
  std::string operator()(const Closed&) const {
    if (process_ == nullptr) return {};
    if (multiplexes()) return goes_on_with_ready();
    if (process_->thread_of) return does(has(Bug::kClosesTwice) && has_closed_its_own() ? "closes it again" : "ends");
    if (prefork() && has(Bug::kOneClientEach)) return does("exits");
    if (!forks(world_.kind)) return does("calls accept again");
    if (!process_->parent || process_->accept_step != 0) return does("calls accept again");
    if (world_.kind == ServerKind::kInetd) return does("calls execve");
    const bool serves = std::any_of(process_->descriptors.begin(), process_->descriptors.end(),
                                    [&](const Descriptor& one) { return one.file == process_->accepted; });
    if (serves) return does("reads what its client sends");
    if (world_.kind == ServerKind::kProcessFifo) return does("tells the parent through the FIFO");
    return does(has(Bug::kChildNeverExits) ? "goes on, to the parent's lines" : "exits");
  }
  std::string operator()(const ExitCalled&) const { return sigchld(); }
  std::string operator()(const SignalDelivered& what) const {
    return what.signal == SIGCHLD ? "the handler calls waitpid" : "";
  }
  std::string operator()(const HandlerReturned&) const {
    const bool in_accept =
        process_ != nullptr && process_->activity.kind == Activity::kInCall && process_->activity.call == Call::kAccept;
    if (!in_accept) return {};
    return has(Bug::kNoEintrCheck) ? "accept fails with EINTR" : "a client connects";
  }
  std::string operator()(const Reaped&) const {
    if (prefork()) return does(has(Bug::kNotReplaced) ? "calls waitpid again" : "forks another");
    if (world_.kind == ServerKind::kProcessJobs) return "the handler deletes the child from the list";
    return has(Bug::kOneWaitpid) ? "the handler returns" : "the handler calls waitpid again";
  }
  std::string operator()(const WaitpidCalled&) const { return "a child ends"; }
  std::string operator()(const NothingToReap&) const { return "the handler returns"; }
  std::string operator()(const CallFailed& what) const {
    if (prefork() && what.call == Call::kWaitpid) return does("waits a moment");
    if (prefork() && what.call == Call::kFork) return does("calls waitpid");
    if (what.call == Call::kWaitpid) return "the handler returns";
    if (what.call == Call::kAccept) return does("looks at errno");
    if (what.call == Call::kFork && world_.kind == ServerKind::kProcessJobs) return does("unblocks SIGCHLD");
    if (what.call == Call::kFork)
      return does(has(Bug::kParentKeepsConnfd) ? "calls accept again" : "closes its connfd");
    if (what.call == Call::kPthreadCreate) return does("closes its connfd");
    if (has_trait(what.call, CallTraits::kMany)) return does("calls it again");
    if (what.call == Call::kClose)
      return does(process_ != nullptr && process_->thread_of ? "ends" : "calls accept again");
    if (what.call == Call::kDup2) return does("closes its connfd");
    if (what.call == Call::kExec || (world_.kind == ServerKind::kInetd && what.error != EINTR)) return does("exits");
    const bool echoes = what.call == Call::kRead || what.call == Call::kWrite;
    return echoes ? does(what.error == EINTR ? "calls it again" : "closes its connfd") : "";
  }
  std::string operator()(const ErrnoSeen& what) const {
    if (!passes(what.error)) return does("exits");
    return does(what.error == ECONNABORTED ? "calls accept again" : "waits a moment");
  }
  std::string operator()(const BackedOff&) const {
    if (process_ != nullptr && waits_for_children(*process_))
      return does(has(Bug::kNotReplaced) ? "calls waitpid again" : "forks again");
    return does("calls accept again");
  }
  std::string operator()(const DeathSeen&) const {
    return process_ != nullptr && process_->life == Life::kDead ? sigchld() : "";
  }
  std::string operator()(const ClientConnecting& what) const {
    const Client* client = find_client(world_, what.client);
    if (client == nullptr || client->state != Client::kConnecting) return {};
    return listening() ? "the kernel shakes hands for the server" : "";
  }
  std::string operator()(const ClientConnected& what) const {
    const Client* client = find_client(world_, what.client);
    if (client == nullptr || !waits_for_accept(*client)) return {};
    for (const Process& process : world_.processes)
      if (is_blocked(process) && process.activity.call == Call::kAccept)
        return fmt::format("accept returns in {}", mention_of(process));
      else if (is_polling(process))
        return fmt::format("{} returns in {}: listenfd is ready", name_of(process.activity.call), mention_of(process));
    return accepts() ? "it waits until accept is called" : "it waits in the queue, and nobody accepts";
  }
  std::string operator()(const ClientSent& what) const {
    for (const Process& process : world_.processes)
      if (process.serves == what.client && is_blocked(process) && process.activity.call == Call::kRead)
        return fmt::format("read returns in {}", mention_of(process));
    return becomes_ready(what.client);
  }
  std::string operator()(const ClientHalfClosed& what) const {
    for (const Process& process : world_.processes)
      if (process.serves == what.client && is_blocked(process) && process.activity.call == Call::kRead)
        return fmt::format("read returns 0 in {}", mention_of(process));
    return becomes_ready(what.client);
  }
  std::string operator()(const ClientSawEndOfFile& what) const {
    return fmt::format("client {} closes its socket", what.client.value);
  }
  // What the user or a client does next, nobody knows.
  template <class Other>
  std::string operator()(const Other&) const {
    return {};
  }

  // What its gate says; empty if it isn't at one.
  std::string at_gate() const {
    if (process_ == nullptr || process_->life != Life::kAlive || !process_->gate) return {};
    // What has a handler is blocked at a gate, and delivered as soon as it opens.
    if (sigchld_is_pending() && !prefork() && !has_signal(process_->blocked, SIGCHLD))
      return fmt::format("SIGCHLD arrives in {}", mention_of(*process_));
    if (process_->gate->call == Call::kErrno) return does("looks at errno");
    if (process_->gate->call == Call::kLoad) return does("reads a variable");
    if (process_->gate->call == Call::kStore) return does("writes a variable");
    if (process_->gate->call == Call::kAddJob) return does("adds the child to its list");
    if (process_->gate->call == Call::kDeleteJob) return does("deletes the child from the list");
    return does("calls " + words_of(*process_->gate));
  }

 private:
  bool has(Bug bug) const { return world_.bugs.has(bug); }
  bool prefork() const { return world_.kind == ServerKind::kPrefork; }
  // The latest that was closed is the connection that it serves.
  bool has_closed_its_own() const {
    const std::vector<ClosedDescriptor>& closed = process_of(world_, *process_).closed;
    return !closed.empty() && closed.back().file == process_->accepted;
  }
  // There are as many children as there should be.
  bool is_complete() const {
    return std::count_if(world_.processes.begin(), world_.processes.end(),
                         [&](const Process& one) { return one.place != 0; }) >= kPoolSize;
  }
  // A child has ended since the handler ran last.
  bool sigchld_is_pending() const {
    return process_->in_handler == 0 && !has(Bug::kNoSigchldHandler) &&
           std::any_of(world_.processes.begin(), world_.processes.end(), [&](const Process& one) {
             return one.parent == process_->id && one.life == Life::kDead && one.ended_at > process_->handled_at;
           });
  }
  bool multiplexes() const { return world_.kind == ServerKind::kSelect || world_.kind == ServerKind::kEpoll; }
  static bool is_polling(const Process& process) {
    return is_blocked(process) && has_trait(process.activity.call, CallTraits::kMany);
  }

  const OpenFile* file_at(int fd) const {
    const Descriptor* descriptor = process_ != nullptr ? find_descriptor(process_of(world_, *process_), fd) : nullptr;
    return descriptor != nullptr ? find_file(world_, descriptor->file) : nullptr;
  }
  bool is_fifo(int fd) const {
    const OpenFile* file = file_at(fd);
    return file != nullptr && file->kind == FileKind::kFifo;
  }

  // The next of what select or epoll_wait has found, or another call of it.
  std::string goes_on_with_ready() const {
    if (process_ == nullptr) return {};
    const Process& process = process_of(world_, *process_);
    if (process.ready.empty()) return does(world_.kind == ServerKind::kSelect ? "calls select" : "calls epoll_wait");
    const OpenFile* file = file_at(process.ready.front());
    const bool listening = file != nullptr && file->kind == FileKind::kListening;
    return does(listening ? "calls accept" : fmt::format("reads from {}, which is ready", process.ready.front()));
  }

  // After a client has sent something to a server that waits for all of them at once.
  std::string becomes_ready(ClientId client) const {
    for (const Process& process : world_.processes)
      if (is_polling(process))
        for (const int fd : process.watched)
          if (const Descriptor* descriptor = find_descriptor(process, fd))
            if (const OpenFile* file = find_file(world_, descriptor->file); file != nullptr && file->client == client)
              return fmt::format("{} returns in {}: {} is ready", name_of(process.activity.call), mention_of(process),
                                 fd);
    return {};
  }

  std::string does(const std::string& what) const {
    return process_ != nullptr && process_->life == Life::kAlive ? mention_of(*process_) + " " + what : "";
  }

  const Client* client_at(int fd) const {
    const OpenFile* file = file_at(fd);
    return file != nullptr ? find_client(world_, file->client) : nullptr;
  }

  // After a death.
  std::string sigchld() const {
    const Process* parent = process_ != nullptr ? find_process(world_, process_->parent) : nullptr;
    if (parent == nullptr || parent->life != Life::kAlive) return {};
    if (waits_for_children(*parent))
      return is_blocked(*parent) && parent->activity.call == Call::kWaitpid
                 ? fmt::format("waitpid returns in {}", introduce(*parent))
                 : fmt::format("{} reaps it, when it calls waitpid", mention_of(*parent));
    return fmt::format("the kernel sends SIGCHLD to {}{}", introduce(*parent),
                       has(Bug::kNoSigchldHandler) ? ", which has no handler for it" : "");
  }

  bool listening() const {
    return std::any_of(world_.files.begin(), world_.files.end(),
                       [](const OpenFile& file) { return file.kind == FileKind::kListening; });
  }
  bool accepts() const {
    const Process* server = find_process(world_, world_.server);
    return server != nullptr && server->life == Life::kAlive;
  }

  const World& world_;
  const Process* process_;
};

}  // namespace

std::string foresee(const World& after, const Event& event) {
  const Foresight foresight(after, event);
  std::string next = foresight.at_gate();
  if (next.empty()) next = std::visit(foresight, event.what);
  return next.empty() ? next : "Next: " + next + ".";
}

std::uint64_t settled_step(const std::vector<Event>& events, std::uint64_t step) {
  const auto goes_on = [](const Event& event) {
    return !is_narrated(event) && !std::holds_alternative<LessonAsked>(event.what) &&
           !std::holds_alternative<LessonStepped>(event.what);
  };
  while (step > 0 && step < events.size() && goes_on(events[step])) ++step;
  return step;
}

}  // namespace forktable
