#include "core/server/reporter.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>

#include "core/server/gate.hpp"
#include "core/system/inherited.hpp"

namespace forktable::server {
namespace {

int report_fd = -1;
int most_children = 0;
unsigned lines_before = 0;  // this program's in the listing
// What differs from process to process sits beside errno, in memory that every process writes to anyway: anywhere
// else, each fork would cost two more page faults, one when the child writes to it and one when the parent does.
thread_local pid_t self = 0;
thread_local std::uint32_t next_sequence = 0;
thread_local volatile std::sig_atomic_t sending = 0;
thread_local volatile std::sig_atomic_t put_off = 0;         // the signal that has come meanwhile
thread_local volatile std::sig_atomic_t switch_put_off = 0;  // kSwitchSignal has

int number_from_environment(const char* variable) {
  const char* text = std::getenv(variable);
  return text == nullptr ? -1 : std::atoi(text);
}

bool is_pipe(int fd) {
  struct stat status;
  return fd >= 0 && fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode);
}

// The lifeline is a pipe on which Forktable only ever holds the other end. When that end closes, however
// Forktable died, the kernel sends SIGKILL to the owner set here, the whole process group: fcntl(2),
// F_SETSIG. Stopped processes and those that ignore every signal die too.
void hold_lifeline(int fd) {
  fcntl(fd, F_SETOWN, -getpgrp());
  fcntl(fd, F_SETSIG, SIGKILL);
  fcntl(fd, F_SETFL, O_ASYNC | O_NONBLOCK);
  pollfd lifeline{fd, POLLIN, 0};
  if (poll(&lifeline, 1, 0) > 0) _exit(1);  // gone before we were listening
}

// For a pipe that somebody has made non-blocking.
bool wait_for_room() {
  pollfd room{report_fd, POLLOUT, 0};
  poll(&room, 1, -1);
  return true;
}

// RLIMIT_NPROC is not for root: fork(2), EAGAIN. Where this fails, so does the limit.
void become_limitable() {
  constexpr uid_t kNobody = 65534;
  if (geteuid() == 0 && setresgid(kNobody, kNobody, kNobody) == 0) (void)setresuid(kNobody, kNobody, kNobody);
}

// The gates and switches.
void attach_board(int board) {
  open_board(board);
  std::signal(kSwitchSignal, SIG_IGN);  // unless Signal() wants to know
}

// Another program in a process that has reported before: what it was given, it has.
void go_on_after_exec(int report, int reports_so_far) {
  if (!is_pipe(report)) return;
  if (const int board = number_from_environment(kBoardVariable); board >= 0) attach_board(board);
  // Its handler went with the program that had it, so it was blocked meanwhile.
  sigset_t switched;
  sigemptyset(&switched);
  sigaddset(&switched, kSwitchSignal);
  sigprocmask(SIG_UNBLOCK, &switched, nullptr);
  report_fd = report;
  next_sequence = static_cast<std::uint32_t>(reports_so_far);
  lines_before = static_cast<unsigned>(std::max(1, number_from_environment(kFirstLineVariable))) - 1;
  forktable::server::report(Executed{ShortText(program_invocation_short_name)}, 0);
}

// Runs before main(), so that none of this stands in the listing.
struct Attach {
  Attach() {
    self = getpid();
    const int report = number_from_environment(kReportVariable);
    const int lifeline = number_from_environment(kLifelineVariable);
    if (const int sent = number_from_environment(kReportsSentVariable); sent >= 0) {
      go_on_after_exec(report, sent);
      return;
    }
    hold_standard_descriptors();
    if (!is_pipe(lifeline)) return;
    // Without the other pipe it is a plain server, of which nobody hears; but it too ends with Forktable.
    const bool reports = is_pipe(report);
    const int board = reports ? number_from_environment(kBoardVariable) : -1;
    const bool keeps_board = board >= 0 && std::getenv(kKeepsBoardVariable) != nullptr;
    if (board >= 0) {
      attach_board(board);
      if (!keeps_board) close(board);
    }
    // Whatever else leaked in would take the places of listenfd (3) and connfd (4).
    const int first = keeps_board ? board : reports ? report : lifeline;
    if (first > 3 && first <= lifeline && first >= lifeline - 2) {
      close_range(3, static_cast<unsigned>(first) - 1, 0);
      close_range(static_cast<unsigned>(lifeline) + 1, ~0u, 0);
    }
    most_children = std::max(0, number_from_environment(kChildrenLimitVariable));
    if (most_children > 0) become_limitable();
    hold_lifeline(lifeline);
    rlimit descriptors{};
    getrlimit(RLIMIT_NOFILE, &descriptors);
    if (const int limit = number_from_environment(kDescriptorLimitVariable); limit > 0) {
      descriptors.rlim_cur = static_cast<rlim_t>(limit);
      setrlimit(RLIMIT_NOFILE, &descriptors);
    }
    if (!reports) return;
    report_fd = report;
    if (keeps_board) forktable::server::report(PlumbingOpened{board}, 0);
    forktable::server::report(PlumbingOpened{report}, 0);
    forktable::server::report(PlumbingOpened{lifeline}, 0);
    forktable::server::report(
        LimitsKnown{static_cast<int>(std::min<rlim_t>(descriptors.rlim_cur, 1u << 30)), most_children}, 0);
  }
} const attach;

}  // namespace

bool reporting() { return report_fd >= 0; }
std::uint32_t reports_sent() { return next_sequence; }
int own_pid() { return self; }
int semaphore_key() { return std::max(0, number_from_environment(kSemaphoreKeyVariable)); }  // 0 is IPC_PRIVATE
int children_limit() { return most_children; }

std::int64_t time_of_call() {
  if (!reporting()) return 0;
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

void send(WireRecord record, unsigned line) {
  const int saved_errno = errno;
  sending = 1;
  record.pid = self;
  record.sequence = next_sequence++;
  record.line = line == 0 ? 0 : line + lines_before;
  if (record.at == 0) record.at = time_of_call();
  seal(record);
  ssize_t written;
  do {
    written = write(report_fd, &record, sizeof record);
  } while (written < 0 && (errno == EINTR || (errno == EAGAIN && wait_for_room())));
  // Nobody reads any more. Any other error costs this report only, which will be missed by its number.
  if (written < 0 && (errno == EPIPE || errno == EBADF)) report_fd = -1;
  sending = 0;
  errno = saved_errno;
  if (const int signal = put_off; signal != 0) {
    put_off = 0;
    raise(signal);
  }
  if (switch_put_off != 0) {
    switch_put_off = 0;
    raise(kSwitchSignal);
  }
}

bool puts_off(int signal) {
  if (sending != 0 && signal == kSwitchSignal)
    switch_put_off = 1;
  else if (sending != 0)
    put_off = signal;
  return sending != 0;
}

void become_child() {
  self = getpid();
  next_sequence = 0;
}

void become_thread() {
  self = gettid();
  next_sequence = 0;
}

}  // namespace forktable::server
