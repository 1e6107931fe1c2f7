#include "core/server/reported_exec.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "core/server/gate.hpp"
#include "core/server/reporter.hpp"

using forktable::Call;
using forktable::ShortText;
using forktable::server::gate;
using forktable::server::report;

namespace {

// What the listing wants to be close-on-exec, and where it says so.
int marked = -1;
unsigned marking_line = 0;

void mark() {
  const int before = fcntl(marked, F_GETFD);
  if (before < 0) return;  // this process has closed it
  const int after = forktable::server::switched_on(forktable::Bug::kNoCloexec) ? 0 : FD_CLOEXEC;
  if ((before & FD_CLOEXEC) == after) return;
  fcntl(marked, F_SETFD, after);
  report(forktable::CloexecSet{marked, after != 0 ? 1 : 0}, marking_line);
}

// Of the program beside this one.
bool find_program(const char* name, char* path, std::size_t size) {
  const ssize_t length = readlink("/proc/self/exe", path, size);
  if (length <= 0 || static_cast<std::size_t>(length) >= size) return false;
  path[length] = '\0';
  char* last = std::strrchr(path, '/') + 1;
  const std::size_t room = size - static_cast<std::size_t>(last - path);
  return static_cast<std::size_t>(std::snprintf(last, room, "%s", name)) < room;
}

void set_number(const char* variable, unsigned number) {
  char text[16];
  std::snprintf(text, sizeof text, "%u", number);
  setenv(variable, text, 1);
}

}  // namespace

void Fcntl(int fd, int, int, Here here) {
  marked = fd;
  marking_line = here.line();
  forktable::server::when_switched = mark;
  mark();
}

int Dup2(int oldfd, int newfd, Here here) {
  gate(Call::kDup2, oldfd, here.line());
  const int result = dup2(oldfd, newfd);
  if (result < 0)
    report(forktable::CallFailed{Call::kDup2, oldfd, errno}, here.line());
  else
    report(forktable::Duplicated{oldfd, newfd}, here.line());
  return result;
}

int Execl(const char* program, const char* argument, std::nullptr_t, Here here) {
  gate(Call::kExec, -1, here.line());
  // A handler is gone with its program, and a signal that had one would end the next.
  sigset_t switched, before;
  sigemptyset(&switched);
  sigaddset(&switched, forktable::server::kSwitchSignal);
  sigprocmask(SIG_BLOCK, &switched, &before);
  report(forktable::ExecCalled{ShortText(program)}, here.line());
  set_number(forktable::server::kReportsSentVariable, forktable::server::reports_sent());
  set_number(forktable::server::kFirstLineVariable, FORKTABLE_FIRST_LINE);
  char path[4096];
  if (find_program(program, path, sizeof path)) execl(path, argument, nullptr);
  report(forktable::CallFailed{Call::kExec, -1, errno}, here.line());
  sigprocmask(SIG_SETMASK, &before, nullptr);
  return -1;
}
