#include "core/world/narrate.hpp"

#include <fmt/format.h>
#include <string.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <map>

#include "core/world/circumstances.hpp"
#include "core/world/describe.hpp"
#include "core/world/failed_call.hpp"
#include "core/world/narrate_approaches.hpp"
#include "core/world/narrate_clients.hpp"
#include "core/world/narrate_files.hpp"
#include "core/world/narrate_kernels_word.hpp"

namespace forktable {
namespace {

class Narrator : Circumstances {
 public:
  Narrator(const World& world, const Event& event) : Circumstances(world, event) {}

  Narration operator()(const PlumbingOpened& what) const {
    return {fmt::format("Descriptor {} of the server is Forktable's own.", what.fd),
            "It is hidden in the picture, being no part of the lesson."};
  }
  Narration operator()(const Listened& what) const {
    return {fmt::format("{} listens on 127.0.0.1:{}: listenfd is descriptor {}.", who(), what.port, what.fd),
            fmt::format("From now on the kernel completes connections for it. Up to {} may wait for accept.",
                        what.backlog)};
  }
  Narration operator()(const AcceptCalled& what) const {
    Narration told{fmt::format("{} calls accept({}) and blocks until a client connects.", who(), what.fd),
                   others_in_accept()};
    if (const Client* client = waiting_client())
      told = {fmt::format("{} calls accept({}): {} is waiting already.", who(), what.fd, mention_of(*client)),
              "It returns at once: the kernel has shaken hands, and keeps the connection in the accept queue."};
    if (const std::string kept = kept_connection(); !kept.empty()) told.meaning = kept;
    return told;
  }
  Narration operator()(const Accepted& what) const {
    const std::uint32_t number = world_.connection_count + 1;
    std::string client = "a client";
    for (const Client& one : world_.clients)
      if (one.address == what.peer) client = mention_of(one);
    if (process_ != nullptr && process_->place != 0)
      return {fmt::format("accept returns connfd {} in {}: connection {}, from {}.", what.connfd, mention(), number,
                          client),
              fmt::format("refcnt(connection {}) = 1: it was forked before, and no other process has this descriptor.",
                          number)};
    return {fmt::format("accept returns connfd {}: connection {}, from {}.", what.connfd, number, client),
            fmt::format("refcnt(connection {}) = 1. listenfd {} goes on listening for others.", number, what.listenfd)};
  }
  Narration operator()(const ForkCalled&) const {
    return {fmt::format("{} is about to fork.", who()),
            "The child gets a copy of its descriptor table, and every open file in it one more reference."};
  }
  Narration operator()(const Forked& what) const {
    return {fmt::format("fork returns {} in {}: the pid of its child.", what.child, mention()),
            process_ != nullptr ? both_hold(process_->accepted, expected_by(process_->id) == nullptr) : ""};
  }
  Narration operator()(const ChildStarted& what) const {
    const Process* parent = find_process(world_, what.parent);
    const Process* child = process_ != nullptr || parent == nullptr ? process_ : expected_by(parent->id);
    return {fmt::format("{} starts, where fork returns 0, with a copy of the descriptor table of {}.",
                        child != nullptr ? capital(mention_of(*child)) : fmt::format("Child {}", event_.pid),
                        parent != nullptr ? mention_of(*parent) : "its parent"),
            both_hold(child != nullptr ? child->accepted : FileId{}, process_ != nullptr)};
  }
  Narration operator()(const ReadCalled& what) const {
    const OpenFile* file = file_at(what.fd);
    const Client* other = file != nullptr ? find_client(world_, file->client) : nullptr;
    if (other != nullptr && other->state == Client::kHalfClosed)
      return {fmt::format("{} calls read({}). {} has said that it sends no more.", who(), what.fd,
                          capital(client(what.fd))),
              "read doesn't block: it returns what is left, and then end of file."};
    if (file != nullptr && file->socket.receive > 0)
      return {fmt::format("{} calls read({}): {} has sent something already.", who(), what.fd, client(what.fd)),
              "It returns at once: the kernel has kept the bytes for whoever reads them."};
    return {fmt::format("{} calls read({}) and blocks until {} sends something.", who(), what.fd, client(what.fd)),
            others_meanwhile()};
  }
  Narration operator()(const Read& what) const {
    return {fmt::format("{} reads {} from {}: {}.", who(), plural(what.bytes, "byte", "bytes"), client(what.fd),
                        quote(what.text, what.bytes)),
            world_.shape.has_children()
                ? "The other children know nothing of it: each has its own copy of every variable."
                : end_of_kept()};
  }
  Narration operator()(const EndOfFile& what) const {
    const std::string kept = end_of_kept();
    return {fmt::format("{} reads end of file: {} sends nothing more.", who(), client(what.fd)),
            kept.empty() ? "read returns 0." : kept};
  }
  Narration operator()(const WriteCalled& what) const {
    return {fmt::format("{} calls write({}), to {}.", who(), what.fd, client(what.fd)),
            "write returns when the kernel has taken the bytes, not when they have arrived."};
  }
  Narration operator()(const Wrote& what) const {
    return {fmt::format("{} has written {} to {}.", who(), plural(what.bytes, "byte", "bytes"), client(what.fd)), {}};
  }
  Narration operator()(const Closed& what) const {
    const OpenFile* file = file_at(what.fd);
    if (file == nullptr) return {fmt::format("{} closes descriptor {}.", who(), what.fd), {}};
    const std::uint32_t references = count_references(world_, file->id);
    const std::vector<const Process*> users = others_using(what.fd);
    const std::uint32_t left = references - 1 + static_cast<std::uint32_t>(users.size());
    Narration told;
    told.said =
        fmt::format("{} closes {} {}. refcnt({}){}.", who(), variable_for(file->kind), what.fd, title_of(*file),
                    left == references ? fmt::format(" stays {}", left) : fmt::format(": {} → {}", references, left));
    if (!users.empty())
      told.meaning = fmt::format("{} is in {}: until that returns, the kernel keeps the open file and sends no FIN.",
                                 capital(mention_of(*users.front())), call_of(*users.front()));
    else if (references > 1)
      told.meaning = fmt::format("Not 0: {}, so it stays open.", still_held(*file, what.fd));
    else if (file->kind == FileKind::kConnection)
      told.meaning = fmt::format("Nobody holds it any more: the kernel closes the connection, and {} sees end of file.",
                                 mention_of(world_, file->client));
    else
      told.meaning = "Nobody holds it any more: the kernel closes it.";
    return told;
  }
  Narration operator()(const ExitCalled& what) const {
    Narration told;
    told.said = who() + (what.status == 0 ? " exits." : fmt::format(" exits with status {}.", what.status));
    if (process_ == nullptr) return told;
    if (process_->parent)
      told.meaning = "It is a zombie now: only its exit status is left, until its parent asks for it with waitpid.";
    constexpr int kMostCounts = 3;
    int counts = 0;
    bool held = false;  // told.meaning names who holds on
    const std::vector<std::uint32_t> counted = count_references(world_);
    std::map<FileId, std::uint32_t> own;  // of its descriptors, those that refer to it
    for (const Descriptor& descriptor : process_->descriptors) ++own[descriptor.file];
    for (const auto& [id, goes] : own) {
      const OpenFile* file = find_file(world_, id);
      if (file == nullptr || file->kind == FileKind::kPlumbing) continue;
      const std::uint32_t references = counted[static_cast<std::size_t>(file - world_.files.data())];
      if (counts++ < kMostCounts)
        told.said += fmt::format(" refcnt({}): {} → {}.", title_of(*file), references, references - goes);
      if (references <= goes || held) continue;
      held = file->kind == FileKind::kConnection || !process_->parent;
      if (held) told.meaning = fmt::format("Not 0: {}.", held_by_others(*file));
    }
    return told;
  }
  Narration operator()(const SignalDelivered& what) const {
    if (what.signal != SIGCHLD)
      return {fmt::format("{} arrives in {}: its handler runs.", signal_name(what.signal), mention()), {}};
    return {fmt::format("SIGCHLD arrives in {}: its handler runs.", mention()),
            "At least one child has ended. Signals do not queue: it may be more than one."};
  }
  Narration operator()(const HandlerReturned& what) const {
    return {fmt::format("The {} handler returns.", signal_name(what.signal)), {}};
  }
  Narration operator()(const Reaped& what) const {
    const Process* child = find_process(world_, what.child);
    return {fmt::format("waitpid returns {} and reaps {}: {}.", what.child,
                        child != nullptr ? mention_of(*child) : "that child", ending_of(what.status)),
            WIFSIGNALED(what.status) ? "It never got to close anything itself: the kernel closed what it held."
                                     : "The zombie is gone, and its pid may be used again."};
  }
  Narration operator()(const WaitpidCalled&) const {
    if (zombies_of_process() > 0)
      return {fmt::format("{} calls waitpid: a child has ended already.", who()), "It returns at once, with its pid."};
    return {fmt::format("{} calls waitpid and blocks until a child ends.", who()), {}};
  }
  Narration operator()(const NothingToReap&) const { return {"waitpid returns 0: no other child has ended.", {}}; }
  Narration operator()(const CallFailed& what) const {
    if (what.call == Call::kWaitpid && what.error == ECHILD)
      return {"waitpid fails with ECHILD: there are no children left.", {}};
    const std::string call =
        what.fd >= 0 ? fmt::format("{}({})", name_of(what.call), what.fd) : fmt::format("{}", name_of(what.call));
    const char* description = strerrordesc_np(what.error);
    return {fmt::format("{} fails in {}: {} ({}).", call, mention(),
                        description != nullptr ? description : "unknown error", error_name(what.error)),
            meaning_of(what, process_)};
  }
  Narration operator()(const BackedOff& what) const {
    if (process_ != nullptr && waits_for_children(*process_))
      return {fmt::format("{} waits {} ms before it goes on.", who(), what.milliseconds),
              "It has no children. Trying again at once would only burn the processor, and nobody accepts meanwhile."};
    return {fmt::format("{} waits {} ms before it calls accept again.", who(), what.milliseconds),
            "Trying again at once would only burn the processor. The clients wait in the queue."};
  }

  Narration operator()(const ServerLaunched&) const {
    return {fmt::format("Forktable starts the server: process {}.", event_.pid),
            "It is a program of its own, and runs for real."};
  }
  Narration operator()(const ServerNamed& what) const {
    return {fmt::format("The server is “{}”: {}.", name_of(what.server), title_of(what.server)), {}};
  }
  Narration operator()(const ProgramNamed& what) const {
    return {fmt::format("The server is {}.", printable(what.program.view())), {}};
  }
  Narration operator()(const StopAsked&) const {
    return {"The server is asked to stop: all its processes get SIGTERM.", {}};
  }
  Narration operator()(const SignalSent& what) const {
    return {fmt::format("Forktable sends {} to {}.", signal_name(what.signal), mention()),
            process_ != nullptr && process_->life == Life::kDead ? "It is dead already: nothing happens." : ""};
  }
  Narration operator()(const DeathSeen&) const {
    if (process_ != nullptr && process_->parent && find_present(world_, process_->parent) == nullptr)
      return {fmt::format("{} is gone, says the kernel.", who()),
              "Its parent reaped it, and was killed before it could tell."};
    return {fmt::format("{} is dead, says the kernel.", who()),
            "It told nothing of it. It is a zombie until its parent reaps it."};
  }
  Narration operator()(const Collected& what) const {
    if (process_ == nullptr)
      return {fmt::format("{} has ended before it could say a word: {}.", who(), ending_of(what.status)),
              "Its parent was gone, so the process that adopted it reaped it."};
    if (process_->parent)
      return {fmt::format("{}, an orphan, has ended: {}.", who(), ending_of(what.status)),
              "Its parent was gone, so the process that adopted it reaped it."};
    const bool leaves_children = std::any_of(world_.processes.begin(), world_.processes.end(),
                                             [](const Process& one) { return one.parent && one.life == Life::kAlive; });
    return {fmt::format("The server has ended: {}.", ending_of(what.status)),
            leaves_children ? "What it still held is closed. The children that it leaves behind go on as orphans."
                            : "What it still held is closed."};
  }
  Narration operator()(const GateReached& what) const {
    return {fmt::format("{} waits before {}.", who(), words_of({what.call, what.fd})), "Step lets it go on."};
  }
  Narration operator()(const ErrnoSeen& what) const {
    const auto* failed = world_.trouble ? std::get_if<CallFailed>(&world_.trouble->what) : nullptr;
    if (failed == nullptr || failed->error == what.error)
      return {fmt::format("{} looks at errno: {}.", who(), error_name(what.error)),
              passes(what.error) ? meaning_of({Call::kAccept, -1, what.error}, process_)
                                 : "It is not one of those that the server knows to pass: it gives up."};
    return {fmt::format("{} looks at errno and sees {}. The call had failed with {}.", who(), error_name(what.error),
                        error_name(failed->error)),
            "A signal handler ran in between, and left its own errno behind."};
  }
  Narration operator()(const LimitsKnown& what) const {
    if (what.children > 0)
      return {fmt::format("The server may have {} and {} at the same time.",
                          plural(static_cast<std::uint64_t>(what.descriptors), "descriptor", "descriptors"),
                          plural(static_cast<std::uint64_t>(what.children), "child", "children")),
              {}};
    return {fmt::format("The server may use descriptors below {}.", what.descriptors), {}};
  }
  Narration operator()(const SteppingChanged& what) const {
    if (what.on != 0) return {"Paused: every process of the server waits before its next step.", {}};
    return {"Running: no process of the server waits before its next step.", {}};
  }
  Narration operator()(const HoldChanged& what) const {
    if (what.held != 0)
      return {fmt::format("{} is held: it waits before its next step, while the others run.", who()), {}};
    return {fmt::format("{} is no longer held.", who()), {}};
  }
  Narration operator()(const BugsSwitched& what) const {
    std::string on, off;
    for (int i = 0; i < kBugCount; ++i) {
      const Bug bug = static_cast<Bug>(i);
      if (what.bugs.has(bug) == world_.bugs.has(bug)) continue;
      std::string& list = what.bugs.has(bug) ? on : off;
      list += fmt::format("{}{}", list.empty() ? "" : ", ", title_of(bug));
    }
    std::string said;
    if (!on.empty()) said = fmt::format("A bug is switched on: {}.", on);
    if (!off.empty()) said += fmt::format("{}A bug is mended: {}.", said.empty() ? "" : " ", off);
    if (said.empty()) said = what.bugs == Bugs{} ? "The server has no bug switched on." : "The bugs stay as they are.";
    return {said, {}};
  }
  Narration operator()(const LessonAsked&) const { return {"A question.", {}}; }
  Narration operator()(const LessonStepped& what) const {
    return {fmt::format("Step {} of the lesson is done.", what.step), {}};
  }
  Narration operator()(const ReportsLost& what) const {
    return {fmt::format("{} of process {} got lost.", plural(what.count, "report", "reports"), event_.pid),
            "What is shown of it may be wrong from here on."};
  }
  Narration operator()(const GarbageSkipped& what) const {
    return {fmt::format("{} on the report pipe are no report.", plural(what.bytes, "byte", "bytes")), {}};
  }

 private:
  // Of one that comes to wait there.
  std::string others_in_accept() const {
    const auto others = process_ == nullptr || process_->place == 0
                            ? 0
                            : std::count_if(world_.processes.begin(), world_.processes.end(), [&](const Process& one) {
                                return one.id != process_->id && is_blocked(one) && one.activity.call == Call::kAccept;
                              });
    if (others == 0) return "A blocked process uses no processor time: the kernel wakes it when there is a connection.";
    return fmt::format("{} of them wait there, on one socket. A connection goes to one of them.", others + 1);
  }
  // While one flow of control waits in read.
  std::string others_meanwhile() const {
    const Shape shape = world_.shape;
    if (shape.is_iterative()) return "It is the only process. Until this client has ended, every other one waits.";
    if (shape.multiplexes()) return "There is one flow of control: while it waits here, it serves nobody.";
    if (shape.has(Shape::kPool)) return "Only this child waits. The others go on, and serve a client each.";
    return fmt::format("Only this {} waits. The others go on: that is why there is one for each client.",
                       shape.has(Shape::kThreads) ? "thread" : "process");
  }
};

}  // namespace

Narration narrate(const World& before, const Event& event) {
  return std::visit(Overloaded{Narrator{before, event}, NarrateApproaches{before, event}, NarrateClients{before, event},
                               NarrateFiles{before, event}, NarrateKernelsWord{before, event}},
                    event.what);
}

}  // namespace forktable
