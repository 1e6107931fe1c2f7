#include "core/session/session.hpp"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>

#include "core/server/gate.hpp"
#include "core/session/leftovers.hpp"
#include "core/system/clock.hpp"

namespace forktable {
namespace {

// While reports flow, they are read in batches: a reader that waits in read(2) would have to be woken by the
// server for each of them, which costs the server more than writing it.
constexpr Nanoseconds kReadPause = 4 * kMillisecond;
constexpr Nanoseconds kSettling = 20 * kMillisecond;
constexpr Nanoseconds kBusySettling = 50 * kMillisecond;  // while reports flow
constexpr Nanoseconds kPatience = 300 * kMillisecond;     // with processes that were asked to end

// Whether a server could listen there. It may be too late by the time that one tries.
Result<void> try_port(Port port) {
  const UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int yes = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) < 0 || listen(fd.get(), 1) < 0)
    return system_error("can't restart the server on 127.0.0.1:" + std::to_string(port));
  return {};
}

}  // namespace

Result<std::unique_ptr<Session>> Session::create(EventSink sink) {
  auto poller = Poller::create();
  if (!poller) return tl::make_unexpected(poller.error());
  UniqueFd wakeup(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wakeup) return system_error("can't start a session: eventfd");
  std::unique_ptr<Session> session(new Session(std::move(sink), std::move(*poller), std::move(wakeup)));
  const int fd = session->wakeup_.get();
  const auto added = session->poller_.add(fd, EPOLLIN, [fd](std::uint32_t) {
    std::uint64_t count;
    [[maybe_unused]] const ssize_t got = read(fd, &count, sizeof count);
  });
  if (!added) return tl::make_unexpected(added.error());
  return session;
}

Session::Session(EventSink sink, Poller poller, UniqueFd wakeup)
    : sink_(std::move(sink)),
      queue_([this](const Event& event) { emit(event); }),
      buffer_sink_([this](const Event& event) { buffer(event); }),
      began_(monotonic_now()),
      poller_(std::move(poller)),
      wakeup_(std::move(wakeup)),
      decoder_(began_),
      clients_(poller_, buffer_sink_, began_),
      watched_(poller_, [this] { collect_dead(); }),
      outsiders_(
          [this](std::optional<Nanoseconds> at, Pid pid, const What& what) {
            buffer({at.value_or(now()), pid, 0, what});
          },
          [this] { return ClientId{++client_count_}; }),
      kernel_([this](Pid pid, const What& what) { tell(pid, what); },
              [this](Address waiting) { outsiders_.meet_in_queue(waiting); }) {}

Session::~Session() {
  if (!server_) return;
  server_->signal_all(SIGKILL);
  // What the server leaves behind becomes ours: wait for all of it, so that the port is free afterwards.
  const Nanoseconds deadline = monotonic_now() + kSecond;
  while (monotonic_now() < deadline) {
    server_->reap();
    if (!server_->signal_all(0)) break;
    usleep(1000);
  }
}

// A restarted server is as the one before: what is stepped is stepped, what is switched off stays off.
Result<void> Session::start_server(const ServerSetup& wanted) {
  ServerSetup setup = wanted;
  stepping_ = setup.stepping = setup.stepping || stepping_;
  bugs_ = setup.bugs;
  if (server_alive_ && setup.port != 0 && setup.port != port_)
    if (auto possible = try_port(setup.port); !possible) return possible;
  stop_server();
  unwatch_reports();
  watched_.clear();
  outsiders_.clear();
  port_ = 0;
  decoder_ = WireDecoder(began_);
  remove_leftovers();
  const Nanoseconds launched = now();
  auto server = ServerProcess::launch(setup);
  if (!server) return tl::make_unexpected(server.error());
  server_ = std::move(*server);
  server_alive_ = true;
  buffer({launched, server_->pid(), 0, ServerLaunched{setup.port}});
  if (setup.kind != ServerKind::kProcess) buffer({launched, server_->pid(), 0, ServerNamed{setup.kind}});
  if (bugs_ != Bugs{}) buffer({launched, server_->pid(), 0, BugsSwitched{bugs_}});
  if (stepping_) buffer({launched, server_->pid(), 0, SteppingChanged{1}});
  queue_.flush();
  watched_.watch_all();
  watch_keeper();
  return watch_reports();
}

void Session::stop_server() {
  if (!server_ || !server_->signal_all(0)) return;
  tell(server_->pid(), StopAsked{});
  server_->signal_all(SIGTERM);
  server_->signal_all(SIGCONT);  // one that is stopped gets the SIGTERM only when it goes on
  const Nanoseconds asked = monotonic_now();
  while (server_->signal_all(0) && monotonic_now() < asked + 4 * kPatience) {
    if (monotonic_now() > asked + kPatience) server_->signal_all(SIGKILL);
    pump(std::chrono::milliseconds(5));
    collect_dead();
  }
}

ClientId Session::launch_client(Behaviour behaviour) {
  const ClientId id{++client_count_};
  clients_.connect(id, behaviour, port_);
  return id;
}

void Session::dismiss_clients() {
  clients_.close_all();
  client_count_ = 0;
}

void Session::send_signal(Pid pid, int signal) {
  const Nanoseconds sent = now();  // what the process does about it comes later
  if (!server_) return;
  if (const Pid process = server_->signal(pid, signal); process != 0) buffer({sent, process, 0, SignalSent{signal}});
}

void Session::set_stepping(bool on) {
  if (!server_ || std::exchange(stepping_, on) == on) return;
  tell(server_->pid(), SteppingChanged{on});
  server_->gates().set_stepping(on);
}

void Session::hold_process(Pid pid, bool held) {
  if (!server_ || !server_->owns(pid)) return;
  tell(pid, HoldChanged{held});
  server_->gates().set_held(pid, held);
}

void Session::step(Pid pid) {
  if (server_ && server_->owns(pid)) server_->gates().grant_step(pid);
}

void Session::switch_bugs(Bugs bugs) {
  if (!server_ || std::exchange(bugs_, bugs) == bugs) return;
  tell(server_->pid(), BugsSwitched{bugs});
  server_->gates().set_bugs(bugs);
  // Before it listens, it hasn't called sigaction(2) yet, and will see for itself.
  if (port_ != 0) server_->signal_all(server::kSwitchSignal);
}

void Session::pump(std::chrono::milliseconds longest) {
  Nanoseconds until = monotonic_now() + longest.count() * kMillisecond;
  if (next_read_) until = std::min(until, *next_read_);
  if (settle_at_) until = std::min(until, *settle_at_);
  if (const auto deadline = clients_.next_deadline()) until = std::min(until, *deadline);
  if (const auto due = outsiders_.due()) until = std::min(until, *due);
  if (const auto due = kernel_.due()) until = std::min(until, *due);
  const Nanoseconds wait = std::max<Nanoseconds>(0, until - monotonic_now());
  poller_.wait(static_cast<int>((wait + kMillisecond - 1) / kMillisecond));

  const Nanoseconds time = monotonic_now();
  if (next_read_ && *next_read_ <= time) {
    next_read_.reset();
    if (read_reports())
      next_read_ = time + kReadPause;
    else if (server_ && server_->reports() >= 0 && !watching_)
      (void)watch_reports();
  }
  clients_.work_off_deadlines(time);
  if (settle_at_ && *settle_at_ <= time) settle();
  outsiders_.work();
  if (const auto due = kernel_.due(); due && *due <= time) ask_kernel();
}

void Session::await_kernel() {
  const Nanoseconds deadline = monotonic_now() + 2 * kSecond;
  while (kernel_.due() && !(kernel_.is_current() && kernel_.is_acknowledged()) && monotonic_now() < deadline)
    pump(std::chrono::milliseconds(10));
}

void Session::ask_kernel() {
  read_reports();
  kernel_.look([this] { read_reports(); });
  queue_.flush();
}

void Session::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wakeup_.get(), &one, sizeof one);
}

Nanoseconds Session::now() const { return monotonic_now() - began_; }

// Waits for the pipe, until there is something in it; from then on it is looked into every few milliseconds.
Result<void> Session::watch_reports() {
  watching_ = true;
  return poller_.add(server_->reports(), EPOLLIN, [this](std::uint32_t) {
    unwatch_reports();
    read_reports();
    next_read_ = monotonic_now() + kReadPause;
  });
}

// Out of the poller, not only disabled there: the server would otherwise call the poller at every write.
void Session::unwatch_reports() {
  if (std::exchange(watching_, false)) poller_.remove(server_->reports());
}

// It may be killed as any other program, and another one must be there when Forktable is killed too. When the server
// has gone it is ended, and this is called for the last time.
void Session::watch_keeper() {
  if (keeper_) poller_.remove(keeper_.get());
  keeper_.close();
  const Pid pid = server_->keeper();
  if (pid == 0) return;
  keeper_ = UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!keeper_) return;
  (void)poller_.add(keeper_.get(), EPOLLIN, [this](std::uint32_t) {
    server_->replace_killed_keeper();
    watch_keeper();
  });
}

// All that is in the pipe now; false if there was nothing.
bool Session::read_reports() {
  if (!server_) return queue_.flush(), false;
  static thread_local std::byte buffer[1 << 18];
  bool any = !queue_.empty();
  for (int rounds = 0; rounds < 64; ++rounds) {  // a server that reports without end must not starve the rest
    const ssize_t got = read(server_->reports(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) break;
    if (got == 0) {  // nobody is left who could report
      unwatch_reports();
      server_->close_reports();
      break;
    }
    any = true;
    decoder_.feed({buffer, static_cast<std::size_t>(got)}, buffer_sink_);
    if (static_cast<std::size_t>(got) < sizeof buffer) break;
  }
  queue_.flush();
  return any;
}

// Tells of processes that have ended: those that are ours to reap, and those that the kernel says are dead
// and that didn't say so. What they had reported before comes first.
void Session::collect_dead() {
  if (!server_ || server_->gone()) return;
  const auto ours = server_->reap();
  // The last one may go without a word to us: its parent reaped it, and died.
  if (ours.empty() && !watched_.has_unreported_dead() && !server_->gone()) return;
  read_reports();
  for (const Pid pid : watched_.take_unreported_dead()) {
    const bool reaped = std::any_of(ours.begin(), ours.end(), [&](const auto& dead) { return dead.pid == pid; });
    if (!reaped) tell(pid, DeathSeen{});
  }
  for (const auto& [pid, status] : ours) tell(pid, Collected{status});
  queue_.flush();
  if (!server_->gone()) return;
  // Whose end nobody has told by now, was reaped by a parent that was killed before it could report that.
  for (const Pid pid : watched_.take_all()) tell(pid, DeathSeen{});
  queue_.flush();
}

// A little after something has happened: time for what costs too much to be done at every step.
void Session::settle() {
  settle_at_.reset();
  const bool quiet = !read_reports();
  const bool look_again = quiet && decoder_.settle(now(), buffer_sink_);
  watched_.watch_all();
  collect_dead();
  queue_.flush();
  settle_at_.reset();  // its own events are no reason to do it again
  if (!quiet)
    settle_at_ = monotonic_now() + kBusySettling;
  else if (look_again)
    settle_at_ = monotonic_now() + kSettling;
}

void Session::buffer(const Event& event) {
  queue_.add(event);
  if (!next_read_) next_read_ = monotonic_now() + kReadPause;
  outsiders_.note(event);
}

void Session::emit(const Event& event) {
  if (!settle_at_) settle_at_ = monotonic_now() + kSettling;
  watched_.note(event);
  if (asks_kernel_) kernel_.note(event);
  if (const auto* reaped = std::get_if<Reaped>(&event.what); reaped != nullptr && server_)
    server_->gates().forget(reaped->child);
  if (const auto* made = std::get_if<SemaphoreMade>(&event.what)) hold_semaphore(made->semaphore);
  if (std::holds_alternative<ThreadEnded>(event.what) && server_) server_->gates().forget(event.pid);
  if (const auto* listened = std::get_if<Listened>(&event.what); listened != nullptr && server_)
    if (event.pid == server_->pid()) port_ = listened->port;
  if (std::holds_alternative<Collected>(event.what) && server_ && event.pid == server_->pid()) {
    server_alive_ = false;
    settle_at_ = 0;  // those who became orphans are looked after at once
  }
  sink_(event);
}

}  // namespace forktable
