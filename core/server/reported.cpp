#include "core/server/reported.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "core/server/gate.hpp"
#include "core/server/reporter.hpp"

using forktable::Address;
using forktable::Bug;
using forktable::Call;
using forktable::Port;
using forktable::ShortText;
using forktable::server::gate;
using forktable::server::report;
using forktable::server::reporting;

namespace {

void report_failure(Call call, int fd, Here here) { report(forktable::CallFailed{call, fd, errno}, here.line()); }

// Ends the program with one line that says what failed; who reads the reports gets it from them.
[[noreturn]] void give_up(Call call, int fd, Port port, Here here) {
  report_failure(call, fd, here);
  if (!reporting())
    std::fprintf(stderr, "echo server: can't listen on 127.0.0.1:%d: %s: %s\n", port, name_of(call).data(),
                 std::strerror(errno));
  Exit(1, here);
}

Port port_from(int argc, char** argv) {
  char* end = nullptr;
  const long port = argc == 2 ? std::strtol(argv[1], &end, 10) : -1;
  if (port < 0 || port > 65535 || end == argv[1] || *end != '\0') {
    std::fprintf(stderr, "usage: %s PORT     (0 to 65535; 0 picks a free one)\n", argv[0]);
    std::exit(2);
  }
  return static_cast<Port>(port);
}

Address address_of(const sockaddr_in& peer) { return {{ntohl(peer.sin_addr.s_addr)}, ntohs(peer.sin_port)}; }

void sleep_for(int milliseconds) {
  timespec rest{milliseconds / 1000, milliseconds % 1000 * 1'000'000L};
  while (nanosleep(&rest, &rest) < 0 && errno == EINTR) {
  }
}

thread_local std::uint32_t forks_called = 0;  // for the reason given in reporter.cpp
thread_local volatile std::sig_atomic_t children = 0;

// Has the kernel refuse the next fork with EAGAIN, when there are as many children as there may be. RLIMIT_NPROC counts
// all processes of a user, so a limit of the server's own can only be set when it is reached.
void limit_children() {
  const int most = forktable::server::children_limit();
  if (most == 0) return;
  rlimit processes;
  getrlimit(RLIMIT_NPROC, &processes);
  processes.rlim_cur = children < most ? processes.rlim_max : 0;
  setrlimit(RLIMIT_NPROC, &processes);
}

}  // namespace

// Signal() and Fcntl() see to these themselves: they must know what to do in case that the bug is mended later.
bool Heeds(Bug bug) {
  return bug == Bug::kNoSigchldHandler || bug == Bug::kSigpipeKills || bug == Bug::kNoCloexec ||
         !forktable::server::switched_on(bug);
}

int Open_listenfd(int argc, char** argv, Here here) {
  Port port = port_from(argc, argv);
  const int listenfd = socket(AF_INET, SOCK_STREAM, 0);
  if (listenfd < 0) give_up(Call::kSocket, -1, port, here);
  // Without this, a restarted server would be refused its port while old connections are in TIME_WAIT.
  const int yes = 1;
  setsockopt(listenfd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (bind(listenfd, reinterpret_cast<sockaddr*>(&address), sizeof address) < 0)
    give_up(Call::kBind, listenfd, port, here);
  if (listen(listenfd, LISTENQ) < 0) give_up(Call::kListen, listenfd, port, here);
  socklen_t length = sizeof address;
  getsockname(listenfd, reinterpret_cast<sockaddr*>(&address), &length);
  port = ntohs(address.sin_port);
  report(forktable::Listened{listenfd, port, LISTENQ}, here.line());
  if (!reporting()) std::fprintf(stderr, "echo server: listening on 127.0.0.1:%d\n", port);
  return listenfd;
}

int Accept(int listenfd, Here here) {
  gate(Call::kAccept, listenfd, here.line());
  report(forktable::AcceptCalled{listenfd}, here.line());
  sockaddr_in peer{};
  socklen_t length = sizeof peer;
  const int connfd = accept(listenfd, reinterpret_cast<sockaddr*>(&peer), &length);
  if (connfd < 0) {
    report_failure(Call::kAccept, listenfd, here);
    gate(Call::kErrno, -1, here.line());
  } else {
    report(forktable::Accepted{listenfd, connfd, address_of(peer)}, here.line());
  }
  return connfd;
}

bool Back_off(int error, Here here) {
  report(forktable::ErrnoSeen{error}, here.line());
  // What went wrong with the connection that was next, which is gone: accept(2), "Error handling".
  if (error == ECONNABORTED || error == EPROTO || error == EPERM || error == ENETDOWN || error == EHOSTUNREACH ||
      error == ENETUNREACH)
    return true;
  if (error != EMFILE && error != ENFILE && error != ENOBUFS && error != ENOMEM) return false;
  gate(Call::kNanosleep, -1, here.line());
  constexpr int kMilliseconds = 100;
  report(forktable::BackedOff{kMilliseconds}, here.line());
  // A signal ends the wait early, and should: a child that has ended may have freed what was missing.
  const timespec pause{0, kMilliseconds * 1'000'000L};
  nanosleep(&pause, nullptr);
  return true;
}

void Count(int* counter, Here here) {
  const int value = __atomic_add_fetch(counter, 1, __ATOMIC_RELAXED);
  report(forktable::Counted{value}, here.line());
}

void Work(int milliseconds, Here here) {
  gate(Call::kNanosleep, -1, here.line());
  report(forktable::Worked{milliseconds}, here.line());
  sleep_for(milliseconds);
}

void Sleep(int seconds, Here here) {
  gate(Call::kNanosleep, -1, here.line());
  report(forktable::BackedOff{seconds * 1000}, here.line());
  sleep_for(seconds * 1000);
}

pid_t Fork(Here here) {
  gate(Call::kFork, -1, here.line());
  limit_children();
  const std::uint32_t count = ++forks_called;
  report(forktable::ForkCalled{count}, here.line());
  const pid_t parent = getpid();
  // A child's first word is that it has started: no handler may speak before, in its parent's name.
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &before);
  const pid_t pid = fork();
  const int error = errno;
  if (pid == 0) {
    forks_called = 0;
    children = 0;
    forktable::server::become_child();
    report(forktable::ChildStarted{parent, count}, here.line());
  }
  sigprocmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  if (pid == 0) return pid;
  if (pid > 0) {
    children = children + 1;
    report(forktable::Forked{count, pid}, here.line());
  } else {
    report_failure(Call::kFork, -1, here);
  }
  return pid;
}

ssize_t Read(int fd, char* buf, size_t size, Here here) {
  ssize_t bytes;
  do {
    gate(Call::kRead, fd, here.line());
    report(forktable::ReadCalled{fd}, here.line());
    bytes = read(fd, buf, size);
    if (bytes < 0) report_failure(Call::kRead, fd, here);
  } while (bytes < 0 && errno == EINTR);
  if (bytes > 0) {
    const auto count = static_cast<size_t>(bytes);
    report(forktable::Read{fd, static_cast<std::uint32_t>(count), ShortText({buf, count})}, here.line());
  } else if (bytes == 0) {
    report(forktable::EndOfFile{fd}, here.line());
  }
  return bytes;
}

ssize_t Write(int fd, const char* buf, ssize_t size, Here here) {
  for (ssize_t done = 0; done < size;) {
    gate(Call::kWrite, fd, here.line());
    report(forktable::WriteCalled{fd}, here.line());
    const ssize_t bytes = write(fd, buf + done, static_cast<size_t>(size - done));
    if (bytes < 0) {
      report_failure(Call::kWrite, fd, here);
      if (errno != EINTR) return -1;
    } else {
      report(forktable::Wrote{fd, static_cast<std::uint32_t>(bytes)}, here.line());
      done += bytes;
    }
  }
  return size;
}

int Close(int fd, Here here) {
  gate(Call::kClose, fd, here.line());
  if (!reporting()) return close(fd);
  if (fcntl(fd, F_GETFD) < 0) {
    report_failure(Call::kClose, fd, here);
    return -1;
  }
  // Told before it is done: as soon as it is, accept may return the number to another thread, which tells of that.
  // Whatever close(2) returns, the descriptor is gone.
  report(forktable::Closed{fd}, here.line());
  return close(fd);
}

void Exit(int status, Here here) {
  gate(Call::kExit, -1, here.line());
  // Its last word is its last deed: no handler reaps a child after that.
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, nullptr);
  report(forktable::ExitCalled{status}, here.line());
  _exit(status);
}

pid_t Waitpid(pid_t pid, int* status, int options, Here here) {
  gate(Call::kWaitpid, -1, here.line());
  if ((options & WNOHANG) == 0) report(forktable::WaitpidCalled{}, here.line());
  int wait_status = 0;
  const pid_t child = waitpid(pid, &wait_status, options);
  if (child > 0) {
    children = children - 1;
    report(forktable::Reaped{child, wait_status}, here.line());
  } else if (child == 0) {
    report(forktable::NothingToReap{}, here.line());
  } else {
    report_failure(Call::kWaitpid, -1, here);
  }
  if (status != nullptr) *status = wait_status;
  return child;
}

namespace {

struct Handler {
  void (*function)(int);  // or SIG_IGN
  unsigned line;
};
Handler handlers[_NSIG];

void deliver(int signal) {
  if (forktable::server::puts_off(signal)) return;
  forktable::server::signal_was_delivered();
  report(forktable::SignalDelivered{signal}, handlers[signal].line);
  handlers[signal].function(signal);
  report(forktable::HandlerReturned{signal}, handlers[signal].line);
}

void install(int signal) {
  struct sigaction action {};
  const bool missing = (signal == SIGCHLD && forktable::server::switched_on(Bug::kNoSigchldHandler)) ||
                       (signal == SIGPIPE && forktable::server::switched_on(Bug::kSigpipeKills));
  action.sa_handler = missing ? SIG_DFL : handlers[signal].function == SIG_IGN ? SIG_IGN : deliver;
  action.sa_flags = forktable::server::switched_on(Bug::kNoEintrCheck) ? 0 : SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

// Forktable has switched a bug that is a matter of sigaction(2) or fcntl(2).
void heed_switches(int signal_of_switch) {
  using forktable::server::when_switched;
  if (when_switched != nullptr && forktable::server::puts_off(signal_of_switch)) return;
  const int error = errno;
  if (when_switched != nullptr) when_switched();
  for (int signal = 1; signal < _NSIG; ++signal)
    if (handlers[signal].function != nullptr) install(signal);
  errno = error;
}

}  // namespace

void Signal(int signal, void (*handler)(int), Here here) {
  handlers[signal] = {handler, here.line()};
  if (handler != SIG_IGN) forktable::server::blocks_at_gates(signal);
  install(signal);
  if (handler == SIG_IGN || !forktable::server::has_board) return;
  struct sigaction action {};
  action.sa_handler = heed_switches;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(forktable::server::kSwitchSignal, &action, nullptr);
}
