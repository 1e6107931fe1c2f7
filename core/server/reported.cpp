#include "core/server/reported.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "core/server/reporter.hpp"

using forktable::Call;
using forktable::Port;
using forktable::ShortText;
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

thread_local std::uint32_t forks_called = 0;  // for the reason given in reporter.cpp

}  // namespace

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
  report(forktable::AcceptCalled{listenfd}, here.line());
  sockaddr_in peer{};
  socklen_t length = sizeof peer;
  const int connfd = accept(listenfd, reinterpret_cast<sockaddr*>(&peer), &length);
  if (connfd < 0)
    report_failure(Call::kAccept, listenfd, here);
  else
    report(forktable::Accepted{listenfd, connfd, ntohs(peer.sin_port)}, here.line());
  return connfd;
}

void Back_off(int error, Here here) {
  if (error != EMFILE && error != ENFILE && error != ENOBUFS && error != ENOMEM) return;
  constexpr int kMilliseconds = 100;
  report(forktable::BackedOff{kMilliseconds}, here.line());
  // A signal ends the wait early, and should: a child that has ended may have freed what was missing.
  const timespec pause{0, kMilliseconds * 1'000'000L};
  nanosleep(&pause, nullptr);
}

pid_t Fork(Here here) {
  const std::uint32_t count = ++forks_called;
  report(forktable::ForkCalled{count}, here.line());
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) {
    forks_called = 0;
    forktable::server::become_child();
    report(forktable::ChildStarted{parent, count}, here.line());
  } else if (pid > 0) {
    report(forktable::Forked{count, pid}, here.line());
  } else {
    report_failure(Call::kFork, -1, here);
  }
  return pid;
}

ssize_t Read(int fd, char* buf, size_t size, Here here) {
  ssize_t bytes;
  do {
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
  const std::int64_t called = forktable::server::time_of_call();
  const int result = close(fd);
  if (result < 0)
    report_failure(Call::kClose, fd, here);
  else
    report(forktable::Closed{fd}, here.line(), called);
  return result;
}

void Exit(int status, Here here) {
  report(forktable::ExitCalled{status}, here.line());
  _exit(status);
}

pid_t Waitpid(pid_t pid, int* status, int options, Here here) {
  int wait_status = 0;
  const pid_t child = waitpid(pid, &wait_status, options);
  if (child > 0)
    report(forktable::Reaped{child, wait_status}, here.line());
  else if (child == 0)
    report(forktable::NothingToReap{}, here.line());
  else
    report_failure(Call::kWaitpid, -1, here);
  if (status != nullptr) *status = wait_status;
  return child;
}

namespace {

struct Handler {
  void (*function)(int);
  unsigned line;
};
Handler handlers[_NSIG];

void deliver(int signal) {
  const int saved_errno = errno;
  report(forktable::SignalDelivered{signal}, handlers[signal].line);
  handlers[signal].function(signal);
  report(forktable::HandlerReturned{signal}, handlers[signal].line);
  errno = saved_errno;
}

}  // namespace

void Signal(int signal, void (*handler)(int), Here here) {
  struct sigaction action {};
  const bool own = handler != SIG_IGN && handler != SIG_DFL;
  if (own) handlers[signal] = {handler, here.line()};
  action.sa_handler = own ? deliver : handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}
