// What comes next, whatever the program is: at a gate that is known, and what the kernel does is known too.
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <variant>

#include "core/event/traits.hpp"
#include "core/world/foresight.hpp"
#include "core/world/narrate.hpp"

namespace forktable {
namespace {

class ForesightOfKernel : public Foresight {
 public:
  ForesightOfKernel(const World& world, const Event& event) : Foresight(world, event) {}

  // Without "Next: " and the full stop.
  std::string operator()(const AcceptCalled&) const {
    const auto waits = std::find_if(world_.clients.begin(), world_.clients.end(), waits_for_accept);
    if (waits == world_.clients.end()) return "a client connects";
    return fmt::format("accept returns the connection of {}", mention_of(*waits));
  }
  std::string operator()(const ThreadCreateCalled&) const { return "a thread starts, in the same address space"; }
  std::string operator()(const PollCalled& what) const {
    return fmt::format("{} returns, when a descriptor is ready", name_of(what.call));
  }
  std::string operator()(const FoundReady&) const { return "the call returns"; }
  std::string operator()(const SemaphoreCalled&) const {
    const bool free = world_.semaphore && world_.semaphore->value > 0;
    return free ? "P returns, and the semaphore is one less" : "it waits, until another process calls V";
  }
  std::string operator()(const ExecCalled& what) const {
    return does(fmt::format("goes on with the program {}", printable(what.program.view())));
  }
  std::string operator()(const ForkCalled&) const {
    return process_ != nullptr ? fmt::format("a child starts, as a copy of {}", mention_of(*process_)) : "";
  }
  std::string operator()(const ReadCalled& what) const {
    const Client* client = client_at(what.fd);
    if (client == nullptr) return "its client sends something, or ends";
    if (client->state == Client::kAwaitingEcho) return fmt::format("read returns what {} sent", mention_of(*client));
    if (client->state >= Client::kHalfClosed) return "read returns 0: end of file";
    return fmt::format("{} sends something, or ends", mention_of(*client));
  }
  std::string operator()(const WriteCalled&) const { return "write returns"; }
  std::string operator()(const ExitCalled&) const { return sigchld(); }
  std::string operator()(const WaitpidCalled&) const { return "a child ends"; }
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
  // What the program, the user or a client does next, the kernel doesn't know.
  template <class Other>
  std::string operator()(const Other&) const {
    return {};
  }

  // What its gate says; empty if it isn't at one.
  std::string at_gate() const {
    if (process_ == nullptr || process_->life != Life::kAlive || !process_->gate) return {};
    // What has a handler is blocked at a gate, and delivered as soon as it opens.
    if (sigchld_is_pending() && !world_.shape.has(Shape::kPool) && !has_signal(process_->blocked, SIGCHLD))
      return fmt::format("SIGCHLD arrives in {}", mention_of(*process_));
    if (process_->gate->call == Call::kErrno) return does("looks at errno");
    if (process_->gate->call == Call::kLoad) return does("reads a variable");
    if (process_->gate->call == Call::kStore) return does("writes a variable");
    if (process_->gate->call == Call::kAddJob) return does("adds the child to its list");
    if (process_->gate->call == Call::kDeleteJob) return does("deletes the child from the list");
    return does("calls " + words_of(*process_->gate));
  }

 private:
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
};

}  // namespace

std::string foresee(const World& after, const Event& event) {
  const ForesightOfKernel foresight(after, event);
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
