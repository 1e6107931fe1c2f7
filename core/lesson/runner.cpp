#include "core/lesson/runner.hpp"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>

#include "core/event/traits.hpp"
#include "core/lesson/client_deeds.hpp"
#include "core/system/clock.hpp"
#include "core/world/describe.hpp"
#include "core/world/failed_call.hpp"
#include "core/world/reduce.hpp"

namespace forktable {
namespace {

constexpr Nanoseconds kLongest = 10 * kSecond;  // that an action may take
constexpr Nanoseconds kStuck = 2 * kSecond;     // that nothing has moved, when somebody else would have to

// Whether the process reported with this that it did what is wanted.
bool is_it(const ProcessDoes& wanted, const What& what) {
  const auto called = [&]() -> std::optional<Call> {
    if (std::holds_alternative<AcceptCalled>(what)) return Call::kAccept;
    if (std::holds_alternative<ForkCalled>(what)) return Call::kFork;
    if (std::holds_alternative<ReadCalled>(what)) return Call::kRead;
    if (std::holds_alternative<WriteCalled>(what)) return Call::kWrite;
    if (std::holds_alternative<ThreadCreateCalled>(what)) return Call::kPthreadCreate;
    if (std::holds_alternative<WaitpidCalled>(what)) return Call::kWaitpid;
    if (const auto* poll = std::get_if<PollCalled>(&what)) return poll->call;
    return std::nullopt;
  };
  const auto is_wanted = [&](int fd) {
    if (wanted.fd == kListenfd) return fd == 3;
    return wanted.fd == kConnfd ? fd > 3 : fd == wanted.fd;
  };
  const auto* failed = std::get_if<CallFailed>(&what);
  switch (wanted.deed) {
    case Deed::kSteps:
    case Deed::kWaitsBefore:
    case Deed::kIsKilled:
    case Deed::kWaitsForSemaphore: return false;  // no matter of what is reported
    case Deed::kCalls: return called() == wanted.call;
    case Deed::kFails: return failed != nullptr;
    case Deed::kFailsIn: return failed != nullptr && failed->call == wanted.call;
    case Deed::kAccepts: return std::holds_alternative<Accepted>(what);
    case Deed::kForks: return std::holds_alternative<Forked>(what);
    case Deed::kReads: return std::holds_alternative<Read>(what);
    case Deed::kReadsEndOfFile: return std::holds_alternative<EndOfFile>(what);
    case Deed::kWrites: return std::holds_alternative<Wrote>(what);
    case Deed::kCloses:
      if (const auto* closed = std::get_if<Closed>(&what)) return is_wanted(closed->fd);
      return false;
    case Deed::kExits: return std::holds_alternative<ExitCalled>(what);
    case Deed::kGetsSigchld:
      if (const auto* delivered = std::get_if<SignalDelivered>(&what)) return delivered->signal == SIGCHLD;
      return false;
    case Deed::kReaps: return std::holds_alternative<Reaped>(what);
    case Deed::kFindsNothingToReap:
      return std::holds_alternative<NothingToReap>(what) || (failed != nullptr && failed->call == Call::kWaitpid);
    case Deed::kReturnsFromHandler: return std::holds_alternative<HandlerReturned>(what);
    case Deed::kLooksAtErrno: return std::holds_alternative<ErrnoSeen>(what);
    case Deed::kBacksOff: return std::holds_alternative<BackedOff>(what);
    case Deed::kWorks: return std::holds_alternative<Worked>(what);
    case Deed::kCounts: return std::holds_alternative<Counted>(what);
    case Deed::kCreatesThread: return std::holds_alternative<ThreadCreated>(what);
    case Deed::kDetachesItself: return std::holds_alternative<ThreadDetached>(what);
    case Deed::kReadsArgument: return std::holds_alternative<ArgumentRead>(what);
    case Deed::kEnds: return std::holds_alternative<ThreadEnded>(what);
    case Deed::kJoins: return std::holds_alternative<ThreadJoined>(what);
    case Deed::kWatches:
      if (const auto* watched = std::get_if<Watched>(&what)) return is_wanted(watched->fd);
      return false;
    case Deed::kUnwatches:
      if (const auto* unwatched = std::get_if<Unwatched>(&what)) return is_wanted(unwatched->fd);
      return false;
    case Deed::kReturnsFrom:
      if (const auto* returned = std::get_if<PollReturned>(&what)) return returned->call == wanted.call;
      return false;
    case Deed::kFindsReady:
      if (const auto* returned = std::get_if<PollReturned>(&what))
        return static_cast<int>(returned->ready) == wanted.times;
      return false;
    case Deed::kCallsP: return std::holds_alternative<SemaphoreCalled>(what);
    case Deed::kTakesSemaphore: return std::holds_alternative<SemaphoreTaken>(what);
    case Deed::kGivesSemaphore: return std::holds_alternative<SemaphoreGiven>(what);
    case Deed::kLoads: return std::holds_alternative<Loaded>(what);
    case Deed::kStores: return std::holds_alternative<Stored>(what);
    case Deed::kDuplicates:
      if (const auto* duplicated = std::get_if<Duplicated>(&what)) return duplicated->newfd == wanted.fd;
      return false;
    case Deed::kExecs: return std::holds_alternative<Executed>(what);
    case Deed::kBlocksSigchld:
    case Deed::kUnblocksSigchld:
      if (const auto* changed = std::get_if<MaskChanged>(&what))
        return has_signal(changed->signals, SIGCHLD) &&
               changed->how == (wanted.deed == Deed::kBlocksSigchld ? Masking::kBlock : Masking::kUnblock);
      return false;
    case Deed::kAddsJob: return std::holds_alternative<JobAdded>(what);
    case Deed::kDeletesJob: return std::holds_alternative<JobDeleted>(what);
  }
  return false;
}

bool is_it(ClientDeed wanted, const What& what, const Client& client) {
  switch (wanted) {
    case ClientDeed::kIsRefused: return client.state == Client::kFailed && std::holds_alternative<ClientEnded>(what);
    case ClientDeed::kConnects:
    case ClientDeed::kComesAndGoes: return std::holds_alternative<ClientConnected>(what);
    case ClientDeed::kSays: return std::holds_alternative<ClientSent>(what);
    case ClientDeed::kHearsTheEcho:
      return std::holds_alternative<ClientReceived>(what) && client.received >= client.sent;
    case ClientDeed::kHalfCloses: return std::holds_alternative<ClientHalfClosed>(what);
    case ClientDeed::kSeesEndOfFile: return std::holds_alternative<ClientSawEndOfFile>(what);
    case ClientDeed::kCloses:
    case ClientDeed::kResets: return std::holds_alternative<ClientEnded>(what);
  }
  return false;
}

std::string name_of(ProcessName who, ServerKind server) {
  if (who.thread != 0) return fmt::format("thread {}", who.thread);
  if (who.child != 0) return fmt::format("child {}", who.child);
  return shape_of(server).has_children() ? "the parent" : "the server";
}

}  // namespace

void LessonRunner::take(const Event& event) {
  reduce(world_, event);
  rest_.take(event);
  if (busy()) told_.push_back(event);
  const auto* stepped = std::get_if<LessonStepped>(&event.what);
  if (stepped != nullptr) stepped_ = stepped->step;
  asked_ = std::holds_alternative<LessonAsked>(event.what) || (asked_ && stepped == nullptr);
  if (stepped != nullptr || std::holds_alternative<LessonAsked>(event.what)) moving_to_ = Stop::kNone;
}

void LessonRunner::next() {
  if (busy() || done() || trouble_) return;
  moving_to_ = !lesson_.steps[stepped_].ask.empty() && !asked_ ? Stop::kQuestion : Stop::kStep;
  arrived_ = false;
  next_action_ = 0;
  forget_told();
  session_.set_stepping(true);
  begin_action();
}

// Nothing is done before all is quiet, so that each deed is over before the next one begins.
void LessonRunner::work() {
  if (beside_) beside_->pump();
  if (!busy() || arrived_) return;
  look();
  const Nanoseconds now = monotonic_now();
  if (now > began_ + kLongest) return fail(undone() + " within 10 s");
  if (!quiet()) return;
  if (session_.port() == 0) return fail("the server doesn't listen");
  const std::uint32_t step = static_cast<std::uint32_t>(stepped_) + 1;
  if (moving_to_ == Stop::kQuestion) {
    arrived_ = true;
    return session_.tell_lesson(LessonAsked{step});
  }
  while (const LessonAction* action = present_action()) {
    const Progress progress = std::visit([this](const auto& what) { return carry_out(what); }, action->what);
    if (progress == Progress::kMoved) return rest_.disturb();
    const bool stuck = progress == Progress::kWaits && now > std::max(began_, rest_.since()) + kStuck;
    if (progress == Progress::kFails || stuck) return fail(undone());
    if (progress == Progress::kWaits) return;
    ++next_action_;
    begin_action();
  }
  arrived_ = true;
  session_.tell_lesson(LessonStepped{step});
}

// ---- what is done ----

LessonRunner::Progress LessonRunner::carry_out(const ProcessDoes& deed) {
  const Process* process = find(deed.who);
  if (process == nullptr) return Progress::kFails;
  if (deed.deed == Deed::kSteps ? stage_ == deed.times : has_done(deed, *process)) return Progress::kDone;
  if (process->life != Life::kAlive) return Progress::kFails;
  if (!process->gate) return Progress::kWaits;
  ++stage_;
  rest_.grant(process->pid);
  session_.step(process->pid);
  return Progress::kMoved;
}

LessonRunner::Progress LessonRunner::carry_out(const ClientDoes& deed) {
  if (stage_++ == 0 && begin(deed)) return Progress::kMoved;
  const Client* client = find_client(world_, clients_[deed.client - 1]);
  if (client == nullptr) return Progress::kWaits;
  const auto matches = [&](const Event& event) {
    return client_of(event.what) == client->id && is_it(deed.deed, event.what, *client);
  };
  if (has_told(client_claimed_[deed.client], matches)) return Progress::kDone;
  return has_ended(*client) ? Progress::kFails : Progress::kWaits;
}

// False if there is nothing to do but wait. At the server beside it, the same is begun.
bool LessonRunner::begin(const ClientDoes& deed) {
  const bool begun = forktable::begin(deed, session_, clients_);
  if (begun && beside_) beside_->carry_out(deed);
  return begun;
}

LessonRunner::Progress LessonRunner::carry_out(const SwitchBug& deed) {
  if (stage_++ > 0) return Progress::kDone;
  Bugs bugs = world_.bugs;
  bugs.set(deed.bug, deed.on);
  session_.switch_bugs(bugs);
  return Progress::kMoved;
}

LessonRunner::Progress LessonRunner::carry_out(const SendSignal& deed) {
  const Process* process = find(deed.who);
  if (process == nullptr) return Progress::kFails;
  if (stage_++ > 0) return process->life != Life::kAlive ? Progress::kDone : Progress::kWaits;
  session_.send_signal(process->pid, deed.signal);
  return Progress::kMoved;
}

LessonRunner::Progress LessonRunner::carry_out(const Run&) {
  switch (stage_++) {
    case 0:
      for (const Process& process : world_.processes)
        if (process.gate && !process.held) rest_.grant(process.pid);
      session_.set_stepping(false);
      return Progress::kMoved;
    case 1: session_.set_stepping(true); return Progress::kMoved;
    default: forget_told(); return Progress::kDone;
  }
}

void LessonRunner::begin_action() {
  began_ = monotonic_now();
  stage_ = 0;
  if (next_action_ == 0) rest_.disturb();
}

const LessonAction* LessonRunner::present_action() const {
  const auto& actions = lesson_.steps[stepped_].actions;
  return next_action_ < actions.size() ? &actions[next_action_] : nullptr;
}

// ---- what has happened ----

// Whether it has been told, behind what earlier deeds of the same step were found to be; so that `accepts` finds the
// accept that followed at once when the client connected, and a second `accepts` the next one.
template <class Matches>
bool LessonRunner::has_told(std::size_t& claimed, Matches matches) {
  const auto found = std::find_if(told_.begin() + static_cast<std::ptrdiff_t>(claimed), told_.end(), matches);
  if (found == told_.end()) return false;
  claimed = static_cast<std::size_t>(found - told_.begin()) + 1;
  return true;
}

bool LessonRunner::has_done(const ProcessDoes& deed, const Process& process) {
  if (deed.deed == Deed::kWaitsBefore) return process.gate && process.gate->call == deed.call;
  if (deed.deed == Deed::kIsKilled)
    return process.life != Life::kAlive && !(process.wait_status && WIFEXITED(*process.wait_status));
  if (deed.deed == Deed::kWaitsForSemaphore) return is_blocked(process) && process.activity.call == Call::kSemop;
  return has_told(claimed_[process.pid],
                  [&](const Event& event) { return event.pid == process.pid && is_it(deed, event.what); });
}

void LessonRunner::forget_told() {
  told_.clear();
  claimed_.clear();
  client_claimed_.clear();
}

const Process* LessonRunner::find(ProcessName who) const {
  if (who.is_server()) return find_process(world_, world_.server);
  if (who.child != 0) {
    const auto is_it = [&](const Process& one) { return one.child == who.child && one.id > world_.server; };
    for (const auto* all : {&world_.processes, &world_.departed})
      if (const auto found = std::find_if(all->begin(), all->end(), is_it); found != all->end()) return &*found;
    return nullptr;
  }
  // Threads are numbered when they are created.
  std::vector<ProcessId> found;
  for (const auto* all : {&world_.departed, &world_.processes})
    for (const Process& process : *all)
      if (process.thread_of && process.id > world_.server) found.push_back(process.id);
  std::sort(found.begin(), found.end());
  return who.thread <= found.size() ? find_process(world_, found[who.thread - 1]) : nullptr;
}

// ---- whether all is quiet ----

void LessonRunner::look() {
  rest_.look();
  if (beside_) beside_->look();
}

bool LessonRunner::quiet() const { return rest_.has_come() && (!beside_ || beside_->is_at_rest()); }

// ---- when it isn't as the lesson wants ----

// What was to happen and doesn't, and what who was to do it is doing instead.
std::string LessonRunner::undone() const {
  const LessonAction* action = present_action();
  if (rest_.has_come() && beside_ && !beside_->is_at_rest()) return "the server beside it doesn't come to rest";
  if (action == nullptr || moving_to_ == Stop::kQuestion) return "the server doesn't come to rest";
  const auto process_is = [this](ProcessName who) {
    const Process* process = find(who);
    if (process == nullptr) return fmt::format("there is no {}", name_of(who, lesson_.server));
    return fmt::format("{}: {}", name_of(who, lesson_.server), doing(world_, *process));
  };
  const std::string state = std::visit(
      Overloaded{[&](const ProcessDoes& deed) { return process_is(deed.who); },
                 [&](const SendSignal& deed) { return process_is(deed.who); },
                 [&](const ClientDoes& deed) {
                   const Client* client =
                       deed.client <= clients_.size() ? find_client(world_, clients_[deed.client - 1]) : nullptr;
                   return fmt::format("client {}: {}", deed.client,
                                      client != nullptr ? doing(*client) : "not there yet");
                 },
                 [&](const SwitchBug&) { return std::string("the server is busy"); },
                 [&](const Run&) { return std::string("the server doesn't come to rest"); }},
      action->what);
  return fmt::format("line {}: \"{}\" doesn't happen ({})", action->line, action->text, state);
}

void LessonRunner::fail(const std::string& why) {
  moving_to_ = Stop::kNone;
  session_.set_stepping(true);
  const std::string lesson = lesson_.number > 0 ? std::to_string(lesson_.number) : lesson_.name;
  const std::string gave_up = why_it_gave_up(world_);
  trouble_ = Error{fmt::format("lesson {}, step {}: {}{}", lesson, stepped_ + 1, why,
                               gave_up.empty() ? "" : "; the server has given up, as " + gave_up),
                   0};
}

}  // namespace forktable
