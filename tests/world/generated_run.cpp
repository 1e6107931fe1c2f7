#include "tests/world/generated_run.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <optional>
#include <utility>

#include "tests/world/simulated_machine.hpp"

namespace forktable::test {
namespace {

constexpr int kListenFd = 3;
constexpr Port kServerPort = 8080;

class Simulation : SimulatedMachine {
 public:
  using SimulatedMachine::SimulatedMachine;

  GeneratedRun go() {
    parent.pid = kServerPid;
    parent.last = happen({{0, kServerPid, 0, ServerLaunched{0}}}, {});
    for (int i = 0; i < plan.clients; ++i) clients.push_back(new_client(i));
    if (plan.trouble && one_in(random, 4)) dies_at_ = static_cast<int>(number_between(random, 1, 200));
    for (int i = 0; i < plan.steps && step(); ++i) {
    }
    tell_what_only_the_kernel_knows();
    tell_truth();
    return std::move(run);
  }

 private:
  // -- one step of somebody; false if nobody can --

  bool step() {
    // One thing nobody can know: whether a parent that died inside fork was refused its child.
    const bool mortal = parent.life == SimulatedProcess::kAlive && !(parent_step_ == kForkReturns && fork_fails_);
    if (dies_at_ && mortal && run.happenings.size() >= static_cast<std::size_t>(*dies_at_)) {
      if (one_in(random, 2)) {
        see_from_outside(parent.pid, StopAsked{}, {0});
        stopping_ = true;
      }
      end_process(parent, SIGKILL);
      return true;
    }
    // Everybody gets a chance, in random turn; who can't do anything passes.
    std::vector<int> turns(clients.size() + children.size() + 2);
    for (std::size_t i = 0; i < turns.size(); ++i) turns[i] = static_cast<int>(i);
    std::shuffle(turns.begin(), turns.end(), random);
    for (const int turn : turns) {
      const auto index = static_cast<std::size_t>(turn);
      if (index == 0 && step_parent()) return true;
      if (index == 1 && step_outside()) return true;
      if (index >= 2 && index < 2 + clients.size() && step_client(clients[index - 2])) return true;
      if (index >= 2 + clients.size() && step_child(children[index - 2 - clients.size()])) return true;
    }
    return false;
  }

  // -- the parent: main() of the listing, and its signal handler in the middle --

  enum ParentStep {
    kReportPipe,
    kLifeline,
    kListen,
    kCallAccept,
    kAccept,
    kBackOff,
    kCallFork,
    kForkReturns,
    kAddJob,
    kCloseConnfd
  };
  enum HandlerStep { kNotInHandler, kReap, kDeleteJob, kReturn };

  bool step_parent() {
    if (parent.life != SimulatedProcess::kAlive) return false;
    if (handler_step_ != kNotInHandler) return step_handler();
    const bool spurious = plan.trouble && parent_step_ > kListen && one_in(random, 60);
    if (parent_step_ > kListen && ((signal_pending && one_in(random, 2)) || spurious)) {
      signal_pending = false;
      handler_step_ = kReap;
      report(parent, SignalDelivered{SIGCHLD});
      return true;
    }
    switch (parent_step_) {
      case kReportPipe: return parent_goes_on(PlumbingOpened{62}, kLifeline);
      case kLifeline: return parent_goes_on(PlumbingOpened{63}, kListen);
      case kListen:
        parent.descriptors[kListenFd] = 0;
        parent_goes_on(Listened{kListenFd, kServerPort, 1024}, kCallAccept);
        listening_ = parent.last;
        return true;
      case kCallAccept: return parent_goes_on(AcceptCalled{kListenFd}, kAccept);
      case kAccept: return accept_returns();
      case kBackOff: return parent_goes_on(BackedOff{100}, kCallAccept);
      case kCallFork: return call_fork();
      case kForkReturns: return fork_returns();
      case kAddJob: parent.jobs.push_back(forked_); return parent_goes_on(JobAdded{forked_}, kCloseConnfd);
      case kCloseConnfd: parent.descriptors.erase(connfd_); return parent_goes_on(Closed{connfd_}, kCallAccept);
    }
    return false;
  }
  bool parent_goes_on(const What& what, ParentStep next) {
    report(parent, what);
    parent_step_ = next;
    return true;
  }

  bool accept_returns() {
    if (plan.trouble && one_in(random, 20)) {
      const int error =
          std::vector{EMFILE, ECONNABORTED, EINTR}[static_cast<std::size_t>(number_between(random, 0, 2))];
      return parent_goes_on(CallFailed{Call::kAccept, kListenFd, error}, error == EMFILE ? kBackOff : kCallAccept);
    }
    if (queue.empty()) return false;
    serving_ = queue.front();
    queue.erase(queue.begin());
    SimulatedClient& client = clients[static_cast<std::size_t>(serving_)];
    connfd_ = kListenFd + 1;
    parent.descriptors[connfd_] = ++connections;
    connection_of[serving_] = connections;
    std::vector<Event> events = {{0, parent.pid, 30, Accepted{kListenFd, connfd_, client.port}}};
    if (client.kind == SimulatedClient::kOutsider && client.connecting < 0)
      events.push_back({0, 0, 0, OutsiderConnected{client.id, client.port}});
    parent.call.clear();
    parent.at_gate = false;
    parent.last = happen(events, {parent.last, client.connecting});
    client.connecting = parent.last;
    parent_step_ = kCallFork;
    return true;
  }

  bool call_fork() {
    report(parent, ForkCalled{++forks});
    parent_step_ = kForkReturns;
    fork_fails_ = plan.trouble && one_in(random, 15);
    if (fork_fails_) return true;
    SimulatedProcess child;
    child.pid = free_pid();
    child.fork = forks;
    child.descriptors = parent.descriptors;
    child.client = serving_;
    child.fork_called = parent.last;
    children.push_back(child);
    ++run.truth.counts.forked;
    return true;
  }

  bool fork_returns() {
    if (fork_fails_) return parent_goes_on(CallFailed{Call::kFork, -1, EAGAIN}, kCloseConnfd);
    forked_ = children.back().pid;
    return parent_goes_on(Forked{forks, forked_}, plan.jobs ? kAddJob : kCloseConnfd);
  }

  bool step_handler() {
    if (handler_step_ == kDeleteJob) {
      const auto job = std::find(parent.jobs.begin(), parent.jobs.end(), reaped_);
      report(parent, JobDeleted{reaped_, job != parent.jobs.end() ? 1 : 0});
      if (job != parent.jobs.end()) parent.jobs.erase(job);
      handler_step_ = kReap;
      return true;
    }
    if (handler_step_ == kReturn) {
      report(parent, HandlerReturned{SIGCHLD});
      handler_step_ = kNotInHandler;
      return true;
    }
    std::vector<SimulatedProcess*> zombies;
    bool any = false;
    for (SimulatedProcess& child : children) {
      any = any || child.life != SimulatedProcess::kGone;
      if (child.life == SimulatedProcess::kZombie) zombies.push_back(&child);
    }
    if (zombies.empty()) {
      if (any)
        report(parent, NothingToReap{});
      else
        report(parent, CallFailed{Call::kWaitpid, -1, ECHILD});
      handler_step_ = kReturn;
      return true;
    }
    SimulatedProcess& child =
        *zombies[static_cast<std::size_t>(number_between(random, 0, static_cast<std::int64_t>(zombies.size()) - 1))];
    child.life = SimulatedProcess::kGone;
    if (plan.trouble && child.first >= 0 && !(parent_step_ == kForkReturns && fork_fails_) && one_in(random, 100)) {
      child.reaped_in_silence = true;
      end_process(parent, SIGKILL);
      return true;
    }
    std::vector<int> after = child.seen_from_outside;
    after.push_back(child.last);
    report(parent, Reaped{child.pid, child.wait_status}, after);
    reaped_ = child.pid;
    if (plan.jobs) handler_step_ = kDeleteJob;
    return true;
  }

  // -- a child --

  enum ChildStep { kStart, kCloseListenfd, kCallRead, kRead, kCallWrite, kWrite, kClose, kExit };

  bool step_child(SimulatedProcess& child) {
    if (child.life != SimulatedProcess::kAlive) return false;
    SimulatedClient& client = clients[static_cast<std::size_t>(child.client)];
    // Somebody kills it: the user, Forktable on the user's behalf, or everything is being stopped.
    if (plan.trouble && one_in(random, stopping_ ? 2 : 60)) {
      end_process(child, SIGKILL);
      return true;
    }
    const int connfd = kListenFd + 1;
    switch (child.step) {
      case kStart: return child_goes_on(child, ChildStarted{kServerPid, child.fork}, kCloseListenfd);
      case kCloseListenfd:
        child.descriptors.erase(kListenFd);
        return child_goes_on(child, Closed{kListenFd}, kCallRead);
      case kCallRead: return child_goes_on(child, ReadCalled{connfd}, kRead);
      case kRead:
        if (client.reset) return child_goes_on(child, CallFailed{Call::kRead, connfd, ECONNRESET}, kClose);
        if (client.to_read > 0) {
          child.read = std::exchange(client.to_read, 0);
          return child_goes_on(child, Read{connfd, child.read, ShortText("hello\n")}, kCallWrite);
        }
        return client.end_of_file && child_goes_on(child, EndOfFile{connfd}, kClose);
      case kCallWrite: return child_goes_on(child, WriteCalled{connfd}, kWrite);
      case kWrite:
        if (client.reset) return child_goes_on(child, CallFailed{Call::kWrite, connfd, EPIPE}, kClose);
        client.to_receive += child.read;
        return child_goes_on(child, Wrote{connfd, child.read}, kCallRead);
      case kClose: child.descriptors.erase(connfd); return child_goes_on(child, Closed{connfd}, kExit);
      default:
        report(child, ExitCalled{0});
        child.told_its_end = true;
        end_process(child, 0);
        return true;
    }
  }
  bool child_goes_on(SimulatedProcess& child, const What& what, ChildStep next) {
    report(child, what);
    child.step = next;
    return true;
  }

  // -- a client --

  bool server_has_closed(const SimulatedClient& client) const {
    const auto connection = connection_of.find(static_cast<int>(client.id.value) - 1);
    if (connection == connection_of.end()) return parent.life != SimulatedProcess::kAlive;
    return references(connection->second) == 0;
  }

  void end_client(SimulatedClient& client, ClientEnd how, Call call = Call::kClose, int error = 0) {
    tell(client, ClientEnded{client.id, how, call, error});
    client.end_of_file = true;
    client.reset = client.reset || how == ClientEnd::kReset;
    client.done = true;
  }

  bool step_client(SimulatedClient& client) {
    if (client.done) return false;
    if (client.step == 0) return connect_client(client);
    if (client.kind == SimulatedClient::kOutsider) return step_outsider(client);
    if (plan.trouble && one_in(random, 40))
      return end_client(client, one_in(random, 2) ? ClientEnd::kReset : ClientEnd::kClosed), true;
    switch (client.step++) {
      case 1: return tell(client, ClientConnected{client.id}), true;
      case 2:
        if (client.kind == SimulatedClient::kQuiet) break;
        client.to_read += 6;
        return tell(client, ClientSent{client.id, 6, ShortText("hello\n")}), true;
      case 3:
        if (client.to_receive == 0) break;
        tell(client, ClientReceived{client.id, std::exchange(client.to_receive, 0), ShortText("hello\n")});
        return true;
      case 4: client.end_of_file = true; return tell(client, ClientHalfClosed{client.id}), true;
      case 5:
        if (!server_has_closed(client)) break;
        return tell(client, ClientSawEndOfFile{client.id}), true;
      default: return end_client(client, ClientEnd::kClosed), true;
    }
    --client.step;
    if (!server_has_closed(client)) return false;
    end_client(client, ClientEnd::kFailed, Call::kReceive, ECONNRESET);
    return true;
  }

  bool connect_client(SimulatedClient& client) {
    client.step = 1;
    const bool refused = client.kind == SimulatedClient::kRefused || parent.life != SimulatedProcess::kAlive;
    const auto behaviour = client.kind == SimulatedClient::kQuiet ? Behaviour::kQuiet : Behaviour::kHello;
    tell(client, ClientConnecting{client.id, behaviour, refused ? Port{0} : client.port});
    // The kernel is asked who waits for accept, now and then.
    const bool met = !refused && listening_ >= 0 && client.kind == SimulatedClient::kOutsider && one_in(random, 2);
    if (met) client.connecting = happen({{0, 0, 0, OutsiderConnected{client.id, client.port}}}, {listening_});
    if (refused)
      end_client(client, ClientEnd::kFailed, Call::kConnect, ECONNREFUSED);
    else
      queue.push_back(static_cast<int>(client.id.value) - 1);
    return true;
  }

  // nc: says something now and then, and leaves. Only the server tells of it.
  bool step_outsider(SimulatedClient& client) {
    client.to_receive = 0;
    if (client.step++ < 3)
      client.to_read += static_cast<std::uint32_t>(number_between(random, 1, 5000));
    else
      client.end_of_file = client.done = true;
    return true;
  }

  // -- Forktable, which watches from outside --

  bool step_outside() {
    if (!plan.trouble) return false;
    if (parent.life == SimulatedProcess::kZombie) {
      parent.life = SimulatedProcess::kGone;
      see_from_outside(parent.pid, Collected{parent.wait_status}, {parent.last});
      return true;
    }
    for (SimulatedProcess& child : children) {
      if (child.life != SimulatedProcess::kZombie) continue;
      std::vector<int> after = child.seen_from_outside;
      after.push_back(child.last);
      after.push_back(child.fork_called);
      if (parent.life == SimulatedProcess::kGone) {
        child.life = SimulatedProcess::kGone;
        see_from_outside(child.pid, Collected{child.wait_status}, after);
        return true;
      }
      if (child.first < 0 || !one_in(random, 4)) continue;
      // The user may well shoot at a zombie.
      if (one_in(random, 2))
        child.seen_from_outside.push_back(see_from_outside(child.pid, SignalSent{SIGKILL}, {child.first}));
      else if (!child.told_its_end && !child.death_seen)
        see_death(child);
      else
        continue;
      return true;
    }
    for (SimulatedClient& client : clients)
      if (client.kind == SimulatedClient::kOutsider && client.connecting >= 0 && client.last < 0 &&
          one_in(random, 10)) {
        client.last = see_from_outside(4711, OutsiderNamed{client.id, ShortText("nc")}, {client.connecting});
        return true;
      }
    return false;
  }

  // That is found out when the whole server has gone.
  void tell_of_those_reaped_in_silence() {
    const auto in_silence = [](const SimulatedProcess& child) { return child.reaped_in_silence; };
    if (std::none_of(children.begin(), children.end(), in_silence)) return;
    for (SimulatedProcess& child : children)
      if (child.life == SimulatedProcess::kAlive) end_process(child, SIGKILL);
    const auto is_there = [](const SimulatedProcess& child) { return child.life != SimulatedProcess::kGone; };
    while (std::any_of(children.begin(), children.end(), is_there)) step_outside();
    std::vector<int> all;
    for (std::size_t i = 0; i < run.happenings.size(); ++i) all.push_back(static_cast<int>(i));
    for (SimulatedProcess& child : children)
      if (in_silence(child)) see_from_outside(child.pid, DeathSeen{}, all);
  }

  void see_death(SimulatedProcess& child) {
    child.death_seen = true;
    child.seen_from_outside.push_back(see_from_outside(child.pid, DeathSeen{}, {child.last}));
  }

  // The run may stop anywhere, but a child that nobody has heard of yet, or a death that nobody has noticed,
  // is nothing that the reports could tell.
  void tell_what_only_the_kernel_knows() {
    while (parent.life == SimulatedProcess::kZombie) step_outside();
    while (parent.life == SimulatedProcess::kAlive && parent_step_ == kForkReturns) step_parent();
    tell_of_those_reaped_in_silence();
    for (SimulatedProcess& child : children) {
      while (child.first < 0 && child.life == SimulatedProcess::kAlive && parent.life != SimulatedProcess::kAlive)
        step_child(child);
      while (child.life == SimulatedProcess::kZombie && !child.told_its_end && !child.death_seen) {
        if (parent.life != SimulatedProcess::kAlive) {
          step_outside();
        } else if (child.first >= 0) {
          see_death(child);
        } else {
          signal_pending = true;
          step_parent();
        }
      }
    }
  }

  ParentStep parent_step_ = kReportPipe;
  HandlerStep handler_step_ = kNotInHandler;
  bool fork_fails_ = false, stopping_ = false;
  int serving_ = -1, connfd_ = -1;
  Pid forked_ = 0, reaped_ = 0;  // the child that fork has returned last, and the one that waitpid has
  int listening_ = -1;           // when it was told that the server listens
  std::optional<int> dies_at_;
};

}  // namespace

GeneratedRun generate_run(Random& random, const Plan& plan) { return Simulation(random, plan).go(); }

}  // namespace forktable::test
