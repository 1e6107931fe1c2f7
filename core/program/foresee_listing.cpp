// What Forktable's own programs do next, by their listings and by what the switches leave of those. tests/live holds it
// against the gates that they reach.
#include "core/program/foresee_listing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <variant>
#include <vector>

#include "core/event/bug.hpp"
#include "core/event/words.hpp"
#include "core/world/foresight.hpp"
#include "core/world/narrate.hpp"

namespace forktable {
namespace {

class ForesightOfListing : public Foresight {
 public:
  ForesightOfListing(const World& world, const Event& event) : Foresight(world, event) {}

  // Without "Next: " and the full stop.
  std::string operator()(const ServerLaunched&) const { return "it opens its listening socket"; }
  std::string operator()(const Listened&) const {
    if (is(Shape::kSelects)) return does("adds listenfd to those it waits for");
    if (is(Shape::kEpolls)) return does("opens an epoll instance");
    if (is(Shape::kTellsParent)) return does("opens a FIFO");
    if (is(Shape::kSharesMemory)) return does("attaches shared memory");
    if (is(Shape::kPool)) return does("forks");
    return does(is(Shape::kExecs) && !has(Bug::kNoCloexec) ? "makes listenfd close-on-exec" : "calls accept");
  }
  std::string operator()(const Accepted& what) const {
    if (world_.shape.is_iterative() || is(Shape::kPool)) return does("reads what its client sends");
    if (multiplexes()) return does(fmt::format("adds descriptor {} to those it waits for", what.connfd));
    if (is(Shape::kThreads)) return does("creates a thread");
    return does(is(Shape::kListsJobs) && !has(Bug::kSigchldNotBlocked) ? "blocks SIGCHLD" : "forks");
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
  std::string operator()(const PollReturned&) const { return goes_on_with_ready(); }
  std::string operator()(const Worked&) const { return does("writes it back, when it is done"); }

  std::string operator()(const FifoOpened&) const { return does("calls accept"); }
  std::string operator()(const SegmentAttached&) const { return does("makes a semaphore"); }
  std::string operator()(const SemaphoreMade&) const { return does("calls accept"); }
  std::string operator()(const Counted&) const {
    if (process_ == nullptr) return {};
    if (process_->in_handler != 0) return "the handler calls waitpid again";
    return does(is(Shape::kSelects) ? "takes its descriptor out of the set" : "closes its connfd");
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
  std::string operator()(const Executed&) const { return does("reads its standard input"); }
  std::string operator()(const Forked& what) const {
    const Process* child = find_process(world_, what.child);
    if (child != nullptr && child->life == Life::kAlive && child->activity.kind == Activity::kStarting)
      return fmt::format("{} starts, as a copy", mention_of(*child));
    if (prefork()) return does(is_complete() ? "calls waitpid" : "forks again");
    if (is(Shape::kListsJobs)) return does("adds the child to its list");
    return does(has(Bug::kParentKeepsConnfd) ? "calls accept again" : "closes its connfd");
  }
  std::string operator()(const ChildStarted&) const {
    if (prefork()) return does("calls accept");
    if (is(Shape::kExecs)) return does("makes connfd its standard input");
    if (is(Shape::kListsJobs)) return does("unblocks SIGCHLD");
    return does(has(Bug::kChildKeepsListenfd) ? "reads what its client sends" : "closes its listenfd");
  }
  std::string operator()(const Read& what) const {
    if (is_fifo(what.fd)) return does("counts");
    return does(has(Bug::kSlowHandler) && !world_.shape.has_children() ? "works on it" : "writes it back");
  }
  std::string operator()(const EndOfFile&) const {
    if (is(Shape::kTellsParent)) return does("closes its connfd");
    if (is(Shape::kSharesMemory)) return does(has(Bug::kNoSemaphore) ? "reads the shared counter" : "calls P");
    return does(is(Shape::kExecs) ? "exits" : "counts");
  }
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
    if (!is(Shape::kForks)) return does("calls accept again");
    if (!process_->parent || process_->accept_step != 0) return does("calls accept again");
    if (is(Shape::kExecs)) return does("calls execve");
    const bool serves = std::any_of(process_->descriptors.begin(), process_->descriptors.end(),
                                    [&](const Descriptor& one) { return one.file == process_->accepted; });
    if (serves) return does("reads what its client sends");
    if (is(Shape::kTellsParent)) return does("tells the parent through the FIFO");
    return does(has(Bug::kChildNeverExits) ? "goes on, to the parent's lines" : "exits");
  }
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
    if (is(Shape::kListsJobs)) return "the handler deletes the child from the list";
    return has(Bug::kOneWaitpid) ? "the handler returns" : "the handler calls waitpid again";
  }
  std::string operator()(const NothingToReap&) const { return "the handler returns"; }
  std::string operator()(const CallFailed& what) const {
    if (prefork() && what.call == Call::kWaitpid) return does("waits a moment");
    if (prefork() && what.call == Call::kFork) return does("calls waitpid");
    if (what.call == Call::kWaitpid) return "the handler returns";
    if (what.call == Call::kAccept) return does("looks at errno");
    if (what.call == Call::kFork && is(Shape::kListsJobs)) return does("unblocks SIGCHLD");
    if (what.call == Call::kFork)
      return does(has(Bug::kParentKeepsConnfd) ? "calls accept again" : "closes its connfd");
    if (what.call == Call::kPthreadCreate) return does("closes its connfd");
    if (has_trait(what.call, CallTraits::kMany)) return does("calls it again");
    if (what.call == Call::kClose)
      return does(process_ != nullptr && process_->thread_of ? "ends" : "calls accept again");
    if (what.call == Call::kDup2) return does("closes its connfd");
    if (what.call == Call::kExec || (is(Shape::kExecs) && what.error != EINTR)) return does("exits");
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
  // What comes of all else isn't the program's to say.
  template <class Other>
  std::string operator()(const Other&) const {
    return {};
  }

 private:
  bool is(Shape::Trait trait) const { return world_.shape.has(trait); }
  bool prefork() const { return is(Shape::kPool); }
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

  bool is_fifo(int fd) const {
    const OpenFile* file = file_at(fd);
    return file != nullptr && file->kind == FileKind::kFifo;
  }

  // The next of what select or epoll_wait has found, or another call of it.
  std::string goes_on_with_ready() const {
    if (process_ == nullptr) return {};
    const Process& process = process_of(world_, *process_);
    if (process.ready.empty()) return does(is(Shape::kSelects) ? "calls select" : "calls epoll_wait");
    const OpenFile* file = file_at(process.ready.front());
    const bool listening = file != nullptr && file->kind == FileKind::kListening;
    return does(listening ? "calls accept" : fmt::format("reads from {}, which is ready", process.ready.front()));
  }
};

}  // namespace

std::string foresee_listing(const World& after, const Event& event) {
  std::string next = foresee(after, event);
  if (!next.empty() || !find_server(after.program.view())) return next;
  next = std::visit(ForesightOfListing(after, event), event.what);
  return next.empty() ? next : "Next: " + next + ".";
}

}  // namespace forktable
