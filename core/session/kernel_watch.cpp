#include "core/session/kernel_watch.hpp"

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

#include "core/kernel/process_state.hpp"
#include "core/kernel/sysv_ipc.hpp"
#include "core/system/clock.hpp"
#include "core/world/limits.hpp"
#include "core/world/reduce.hpp"

namespace forktable {
namespace {

constexpr Nanoseconds kPeriod = 80 * kMillisecond;  // what happens outside is shown within 100 ms
constexpr Nanoseconds kIdlePeriod =
    250 * kMillisecond;                             // while nobody is connected, all wait, and nothing is going soon
constexpr Nanoseconds kStill = 200 * kMillisecond;  // while no process runs, its sockets may still change
constexpr Nanoseconds kAll = kSecond;               // in that time, what hasn't moved is asked again too, bit by bit
constexpr Nanoseconds kTimeWait = 60 * kSecond;     // how long the kernel keeps a connection in TIME_WAIT
constexpr Nanoseconds kSoon = 10 * kMillisecond;    // when something was in the middle of a step
constexpr int kMostHurried = 5;
constexpr Nanoseconds kShare = 10;           // for each nanosecond of looking, so many of not looking
constexpr Nanoseconds kFresh = 2 * kSecond;  // ended a moment ago, and never seen yet

bool same(const Difference& a, const Difference& b) {
  return a.in == b.in && a.pid == b.pid && a.number == b.number && a.ours == b.ours && a.kernel == b.kernel;
}

// The kernel will let go of it any moment: its time in TIME_WAIT is over, as timers are late by an eighth at most.
bool is_about_to_go(Nanoseconds waits) {
  return waits >= kTimeWait - 2 * kPeriod && waits <= kTimeWait + kTimeWait / 8;
}

// For want of something that Forktable or the machine has run out of. It is no word about what may be asked.
bool is_for_now(int error) {
  return error == EMFILE || error == ENFILE || error == ENOMEM || error == ENOBUFS || error == EAGAIN || error == EINTR;
}

// Of one that has been reset, which the kernel finds no more. RST throws away what was to be sent; what had come before
// can still be read, and in CLOSE_WAIT one of those bytes is the FIN.
std::uint32_t left_to_read(const Socket& before) {
  return before.receive - (before.state == TcpState::kCloseWait && before.receive > 0 ? 1 : 0);
}

bool found_in(const std::vector<Difference>& all, const Difference& wanted) {
  return std::any_of(all.begin(), all.end(), [&](const Difference& one) { return same(one, wanted); });
}

}  // namespace

void KernelWatch::note(const Event& event) {
  reduce(world_, event);
  if (std::exchange(idle_, false)) next_look_ = std::min(next_look_, event.at + kPeriod);
  if (std::holds_alternative<GateReached>(event.what)) stepped_ = true;
}

std::optional<Nanoseconds> KernelWatch::due() const {
  if (world_.processes.empty() && ends().empty()) return std::nullopt;
  return stepped_ ? looked_until_ + kMillisecond : std::max(next_look_, earliest_look_);
}

bool KernelWatch::is_acknowledged() const {
  return std::none_of(world_.clients.begin(), world_.clients.end(),
                      [](const Client& client) { return client.socket.state == TcpState::kFinWait1; });
}

std::vector<SocketEnd> KernelWatch::present_ends() const {
  std::vector<SocketEnd> ends;
  if (world_.port == 0) return ends;
  for (const OpenFile& file : world_.files)
    if (is_socket(file.kind)) ends.push_back(end_of(file));
  for (const Client& client : world_.clients) {
    if (client.address.port == 0) continue;
    ends.push_back(end_of(world_, client));
    if (!client.connection && client.connection_number != 0) ends.push_back({world_.port, client.address});
  }
  return ends;
}

std::vector<SocketEnd> KernelWatch::ends() const {
  std::vector<SocketEnd> ends = present_ends();
  if (world_.port == 0) return ends;
  const auto ended = static_cast<std::ptrdiff_t>(std::min(kMostFollowed, world_.gone_clients.size()));
  for (auto client = world_.gone_clients.rbegin(); client != world_.gone_clients.rbegin() + ended; ++client) {
    const bool fresh = world_.now - client->since < kFresh;
    const auto lasts = [&](TcpState state) { return state == TcpState::kUnknown ? fresh : state != TcpState::kGone; };
    if (client->address.port == 0 || client->state == Client::kFailed) continue;
    if (lasts(client->socket.state)) ends.push_back(end_of(world_, *client));
    if (lasts(client->left) && !client->connection) ends.push_back({world_.port, client->address});
  }
  return ends;
}

// What waits in TIME_WAIT is asked about once a second, until its time has come.
std::vector<SocketEnd> KernelWatch::changing_ends(Nanoseconds now) {
  std::vector<SocketEnd> ends = this->ends();
  if (now - all_at_ >= kAll) {
    all_at_ = now;
    std::erase_if(waiting_since_, [&](const auto& one) { return now - one.second > 2 * kTimeWait; });
    return ends;
  }
  std::erase_if(ends, [&](SocketEnd end) {
    const auto since = waiting_since_.find(end);
    return since != waiting_since_.end() && now - since->second < kTimeWait - 2 * kPeriod;
  });
  return ends;
}

// What hasn't run is as it was, but for what others do to it: a signal becomes pending, its parent another one. So each
// look forgets some, that all are asked anew in the course of a second.
void KernelWatch::forget_some(Nanoseconds now) {
  const auto all = static_cast<Nanoseconds>(facts_.processes.size());
  const Nanoseconds due = all * std::min(now - anew_at_, kAll) / kAll;
  if (due == 0) return;
  anew_at_ = now;
  const auto first = std::upper_bound(facts_.processes.begin(), facts_.processes.end(), anew_until_,
                                      [](Pid pid, const ProcessFacts& one) { return pid < one.pid; });
  const auto last = first + std::min<std::ptrdiff_t>(due, facts_.processes.end() - first);
  anew_until_ = last == facts_.processes.end() ? 0 : std::prev(last)->pid;
  facts_.processes.erase(first, last);
}

// Nothing has been told since the last look, which told all, and none of the processes has run. What else there is to
// ask is asked less often, and least often while there is no connection, none is about to go, and a new one would wake
// the server.
bool KernelWatch::is_still(Nanoseconds now) {
  if (settled_at_ != world_.step) return false;
  const bool all_wait = std::all_of(world_.processes.begin(), world_.processes.end(), [](const Process& process) {
    return process.life == Life::kAlive && process.activity.kind == Activity::kInCall && !process.gate &&
           !process.stopped;
  });
  const bool connected = std::any_of(facts_.sockets.begin(), facts_.sockets.end(), [](const SocketFacts& socket) {
    return socket.state != TcpState::kListen && socket.state != TcpState::kTimeWait && socket.state != TcpState::kGone;
  });
  const bool going = std::any_of(waiting_since_.begin(), waiting_since_.end(),
                                 [&](const auto& one) { return is_about_to_go(now - one.second); });
  const bool soon = std::any_of(waiting_since_.begin(), waiting_since_.end(),
                                [&](const auto& one) { return now - one.second >= kTimeWait - 2 * kAll; });
  idle_ = all_wait && !connected && !soon;
  return now - looked_until_ < (all_wait && !connected && !going ? kAll : kStill) && probe_.have_all_rested(facts_);
}

void KernelWatch::look(const std::function<void()>& catch_up) {
  const Nanoseconds began = monotonic_now();
  ++looks_;
  if (is_still(began)) {
    next_look_ = began + (idle_ ? kIdlePeriod : kPeriod);
    return;
  }
  stepped_ = false;
  std::vector<Pid> pids;
  for (const Process& process : world_.processes) pids.push_back(process.pid);
  const std::uint64_t quiet_since = world_.step;
  forget_some(began);
  const bool all = began - all_at_ >= kAll;
  KernelFacts facts = probe_.look(pids, changing_ends(began), asks_all_again_ ? nullptr : &facts_);
  if (world_.segment) facts.segment = ask_about_segment(world_.segment->id);
  if (world_.semaphore) facts.semaphore = ask_about_semaphore(world_.semaphore->id);
  if (const Process* server = find_process(world_, world_.server); server != nullptr && server->life == Life::kAlive)
    facts.descriptor_limit = descriptor_limit(server->pid);
  const Nanoseconds listed_at = world_.now;
  const std::vector<Address> waiting = list_waiting(facts, all);
  catch_up();
  meet_unknown(waiting, listed_at);
  Comparison comparison = compare(world_, facts, quiet_since);
  asks_all_again_ = !tell_denied(facts);
  comparison.complete = comparison.complete && !asks_all_again_;
  tell_limit(facts);
  tell_processes(facts);
  tell_sockets(facts);
  tell_shared(facts);
  tell_differences(comparison, facts);
  references_compared_ += comparison.figures.references;
  complete_looks_ += comparison.complete ? 1 : 0;
  const bool settled = comparison.complete && suspected_.empty();
  const bool old = !is_checked(world_) || *world_.check != comparison.figures;
  if (settled && old && world_.server) tell_(0, comparison.figures);
  settled_at_ = settled && !asks_all_again_ ? std::optional(world_.step) : std::nullopt;

  facts_ = std::move(facts);

  const Nanoseconds ended = looked_until_ = monotonic_now();
  earliest_look_ = ended + kShare * (ended - began);
  const bool hurry = (!comparison.complete || !suspected_.empty()) && hurried_ < kMostHurried;
  hurried_ = hurry ? hurried_ + 1 : 0;
  next_look_ = ended + (hurry ? kSoon : kPeriod);
}

// Nobody reports a connection before accept has returned it; of our own clients it is known all the same. If there are
// more than those, the kernel is asked who they are: when their number changes, as it takes long, and now and then.
std::vector<Address> KernelWatch::list_waiting(const KernelFacts& facts, bool all) {
  std::uint32_t queued = 0;
  for (const OpenFile& file : world_.files) {
    const SocketFacts* socket = file.kind == FileKind::kListening ? find_socket(facts, end_of(file)) : nullptr;
    if (socket != nullptr && socket->state == TcpState::kListen) queued = std::max(queued, socket->receive);
  }
  const auto known = std::count_if(world_.clients.begin(), world_.clients.end(), waits_for_accept);
  const bool changed = std::exchange(queued_, queued) != queued;
  const bool unknown = queued > static_cast<std::size_t>(known);
  return unknown && (changed || all) ? probe_.list_waiting(world_.port) : std::vector<Address>{};
}

// One that has been accepted since they were listed is known by now, and may even have gone.
void KernelWatch::meet_unknown(const std::vector<Address>& waiting, Nanoseconds listed_at) const {
  if (waiting.empty()) return;
  std::set<Address> known;
  for (const Client& client : world_.clients) known.insert(client.address);
  for (const Client& client : world_.gone_clients)
    if (client.since >= listed_at) known.insert(client.address);
  for (const Address address : waiting)
    if (!known.contains(address)) meet_(address);
}

// A denial is what is refused again.
bool KernelWatch::tell_denied(const KernelFacts& facts) const {
  bool certain = true;
  for (std::size_t i = 0; i < facts.denied.size(); ++i) {
    const int error = facts.denied[i];
    if (error == 0 || (world_.denied >> i & 1u) != 0) continue;
    if (error == facts_.denied[i] && !is_for_now(error))
      tell_(0, CheckDenied{static_cast<Aspect>(i), error});
    else
      certain = false;
  }
  return certain;
}

// As prlimit(1) changes it from outside. The server sets it once, before it tells of it.
void KernelWatch::tell_limit(const KernelFacts& facts) const {
  const Process* server = find_process(world_, world_.server);
  const bool known = world_.descriptor_limit > 0 && facts.descriptor_limit > 0;
  if (server != nullptr && server->life == Life::kAlive && known && world_.descriptor_limit != facts.descriptor_limit)
    tell_(server->pid, LimitsKnown{facts.descriptor_limit, world_.children_limit});
}

void KernelWatch::tell_processes(const KernelFacts& facts) const {
  for (const ProcessFacts& seen : facts.processes) {
    const Process* known = find_process(world_, seen.pid);
    if (known == nullptr) continue;
    if (known->life == Life::kDead && !known->wait_status && seen.wait_status)
      tell_(seen.pid, EndingSeen{*seen.wait_status});
    if (known->life != Life::kAlive || seen.state == '-' || seen.state == 'Z') continue;
    const bool traced = seen.state == 't', stopped = traced || seen.state == 'T';
    if (stopped && (!known->stopped || traced != known->traced))
      tell_(seen.pid, StopSeen{traced});
    else if (!stopped && known->stopped)
      tell_(seen.pid, ContinueSeen{});
    if (seen.signals != known->signals) tell_(seen.pid, seen.signals);
  }
}

// A descriptor refers to it, in the World and in the kernel; or a call keeps it.
bool KernelWatch::is_held(SocketEnd end, const KernelFacts& facts) const {
  return std::any_of(world_.processes.begin(), world_.processes.end(), [&](const Process& process) {
    const ProcessFacts* seen = find_process(facts, process.pid);
    const OpenFile* kept = process.keeps ? find_file(world_, process.keeps) : nullptr;
    if (kept != nullptr && is_socket(kept->kind) && end_of(*kept) == end) return true;
    return std::any_of(process.descriptors.begin(), process.descriptors.end(), [&](const Descriptor& descriptor) {
      const OpenFile* file = find_file(world_, descriptor.file);
      return file != nullptr && is_socket(file->kind) && end_of(*file) == end && seen != nullptr && seen->descriptors &&
             std::any_of(seen->descriptors->begin(), seen->descriptors->end(),
                         [&](const DescriptorFacts& one) { return one.fd == descriptor.fd; });
    });
  });
}

void KernelWatch::tell_sockets(const KernelFacts& facts) {
  for (const SocketFacts& seen : facts.sockets) {
    const auto known = find_socket(world_, seen.end);
    if (!known) continue;
    TcpState state = seen.state;
    std::uint32_t receive = seen.receive;
    if (state == TcpState::kGone) {
      if (is_held(seen.end, facts)) {
        state = TcpState::kClose;  // out of the kernel's tables, and a descriptor still refers to it
        receive = left_to_read(*known);
      } else if (known->state == TcpState::kUnknown) {
        continue;
      }
    }
    if (state != TcpState::kTimeWait)
      waiting_since_.erase(seen.end);
    else
      waiting_since_.try_emplace(seen.end, monotonic_now());
    if (state != known->state) tell_(0, TcpStateSeen{seen.end.local, seen.end.peer, state});
    if (receive != known->receive || seen.send != known->send)
      tell_(0, QueuesSeen{seen.end.local, seen.end.peer, receive, seen.send});
  }
}

void KernelWatch::tell_shared(const KernelFacts& facts) const {
  if (facts.segment && world_.segment && world_.segment->id == facts.segment->segment &&
      world_.segment->attached != facts.segment->attached)
    tell_(0, *facts.segment);
  if (facts.semaphore && world_.semaphore && world_.semaphore->id == facts.semaphore->semaphore &&
      world_.semaphore->seen != facts.semaphore)
    tell_(0, *facts.semaphore);
}

void KernelWatch::tell_differences(Comparison& comparison, const KernelFacts& facts) {
  for (const Difference& found : comparison.differences) {
    const Difference* known = find_difference(world_, found.in, found.pid, found.number);
    if (found_in(suspected_, found) && (known == nullptr || !same(*known, found)))
      tell_(found.pid, DifferenceSeen{found.in, found.number, found.ours, found.kernel});
  }
  for (const Difference& known : world_.differences) {
    const bool shared =
        known.in == Differs::kSegment || known.in == Differs::kSemaphore || known.in == Differs::kSocket;
    const bool looked =
        shared
            ? comparison.complete
            : known.pid == 0 || std::binary_search(comparison.compared.begin(), comparison.compared.end(), known.pid) ||
                  find_process(facts, known.pid) == nullptr;
    const bool there =
        std::any_of(comparison.differences.begin(), comparison.differences.end(), [&](const Difference& one) {
          return one.in == known.in && one.pid == known.pid && one.number == known.number;
        });
    if (looked && !there) tell_(known.pid, DifferenceGone{known.in, known.number});
  }
  // One that has been told is no suspicion any more.
  std::erase_if(comparison.differences, [&](const Difference& one) {
    const Difference* known = find_difference(world_, one.in, one.pid, one.number);
    return known != nullptr && same(*known, one);
  });
  suspected_ = std::move(comparison.differences);
}

}  // namespace forktable
