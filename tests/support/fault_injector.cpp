// Starts a program in which system calls fail: the kernel itself returns the error, without making the call, by
// seccomp(2) with SECCOMP_RET_USER_NOTIF. Its children inherit that.
//
//   FAULT_PROGRAM  the program, which gets this one's arguments
//   FAULT_CALLS    the calls, separated by commas: see kCalls
//   FAULT_ERRNO    the error, as a number
//   FAULT_SKIP     so many of these calls are left alone first
//   FAULT_EVERY    from then on, one in so many fails, at random: a rule would always hit the same call of a loop
//   FAULT_MOST     until so many have failed
//   FAULT_COUNT    a file that holds, as text, how many have failed
//
// Exits with 77 where the kernel doesn't allow it.
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <map>
#include <new>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/deadline.hpp"

namespace {

// What the C library makes of them. Fork is clone(2).
const std::map<std::string, std::vector<int>> kCalls = {
    {"accept", {__NR_accept, __NR_accept4}},
    {"clone", {__NR_clone, __NR_clone3}},
    {"execve", {__NR_execve, __NR_execveat}},
    {"futex", {__NR_futex}},
    {"kcmp", {__NR_kcmp}},
    {"mkdir", {__NR_mkdir, __NR_mkdirat}},
    {"read", {__NR_read, __NR_readv}},
    {"recv", {__NR_recvfrom, __NR_recvmsg}},
    {"send", {__NR_sendto, __NR_sendmsg}},
    {"socket", {__NR_socket}},
    {"epoll", {__NR_epoll_wait, __NR_epoll_pwait}},
    {"write", {__NR_write, __NR_writev}},
};

long number(const char* variable, long otherwise) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::atol(text) : otherwise;
}

std::vector<int> wanted_calls() {
  std::istringstream names(std::getenv("FAULT_CALLS"));
  std::vector<int> calls;
  for (std::string name; std::getline(names, name, ',');)
    calls.insert(calls.end(), kCalls.at(name).begin(), kCalls.at(name).end());
  return calls;
}

// Every such call of this process, and of those that it becomes and forks, goes to whoever holds what this returns.
int hand_over(const std::vector<int>& calls) {
  std::vector<sock_filter> program = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
  for (const int call : calls) {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 1));
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF));
  }
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
  return static_cast<int>(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter));
}

// Decides about each call until nobody is left who could make one.
void supervise(int calls) {
  const long skip = number("FAULT_SKIP", 0), every = number("FAULT_EVERY", 1), most = number("FAULT_MOST", 1L << 40);
  const int error = static_cast<int>(number("FAULT_ERRNO", EINTR));
  const char* path = std::getenv("FAULT_COUNT");
  const int count = path != nullptr ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : -1;
  std::minstd_rand random(1);
  long seen = 0, failed = 0;
  while (true) {
    pollfd ready{calls, POLLIN, 0};
    if (poll(&ready, 1, -1) < 0) continue;
    if ((ready.revents & POLLIN) == 0) return;
    seccomp_notif call{};
    if (ioctl(calls, SECCOMP_IOCTL_NOTIF_RECV, &call) != 0) continue;  // a signal was faster
    seccomp_notif_resp answer{};
    answer.id = call.id;
    ++seen;
    if (seen > skip && random() % static_cast<unsigned long>(every) == 0 && failed < most) {
      answer.error = -error;
      const std::string text = std::to_string(++failed);
      if (count >= 0) (void)!pwrite(count, text.data(), text.size(), 0);
    } else {
      answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    }
    ioctl(calls, SECCOMP_IOCTL_NOTIF_SEND, &answer);
  }
}

// A copy of this process that has the same descriptors, not copies of them.
pid_t fork_sharing_descriptors() {
  return static_cast<pid_t>(syscall(SYS_clone, CLONE_FILES | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
}

}  // namespace

int main(int, char** argv) {
  constexpr int kNotAllowed = 77, kNobodyListens = 124;
  enum : int { kWaiting = -2 };
  void* shared = mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return kNotAllowed;
  auto& calls = *new (shared) std::atomic<int>(kWaiting);
  // Of another group and nobody's child: the program is not to notice it.
  const pid_t helper = fork_sharing_descriptors();
  if (helper == 0) {
    setsid();
    if (fork_sharing_descriptors() != 0) _exit(0);
    if (!forktable::test::wait_until([&] { return calls != kWaiting; })) _exit(1);
    const int mine = calls;
    if (mine < 0 || unshare(CLONE_FILES) != 0) _exit(1);
    if (mine > 0) close_range(0, static_cast<unsigned>(mine) - 1, 0);
    close_range(static_cast<unsigned>(mine) + 1, ~0u, 0);
    calls = kWaiting;
    supervise(mine);
    _exit(0);
  }
  waitpid(helper, nullptr, 0);
  const int mine = hand_over(wanted_calls());
  calls = mine;
  if (mine < 0) return kNotAllowed;
  // By looking: a futex(2) of this process may be among the calls that fail, and nobody would answer it yet.
  if (!forktable::test::wait_until([&] { return calls == kWaiting; })) return kNobodyListens;
  close(mine);
  execv(std::getenv("FAULT_PROGRAM"), argv);
  return 126;
}
