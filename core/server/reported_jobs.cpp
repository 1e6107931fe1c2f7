#include "core/server/reported_jobs.hpp"

#include <algorithm>
#include <csignal>
#include <cstdint>

#include "core/server/gate.hpp"
#include "core/server/reporter.hpp"

using forktable::Call;
using forktable::Masking;
using forktable::server::gate;
using forktable::server::report;
using forktable::server::reporting;

namespace {

constexpr int kStandardSignals = 31;

// As events have it: the lowest bit is signal 1.
std::uint32_t bits_of(const sigset_t& set) {
  std::uint32_t bits = 0;
  for (int signal = 1; signal <= kStandardSignals; ++signal)
    if (sigismember(&set, signal) == 1) bits |= 1u << (signal - 1);
  return bits;
}

Masking masking_of(int how) {
  return how == SIG_BLOCK ? Masking::kBlock : how == SIG_UNBLOCK ? Masking::kUnblock : Masking::kSet;
}

// What is blocked by such a call where `before` was.
sigset_t mask_after(int how, const sigset_t& set, const sigset_t& before) {
  if (how == SIG_SETMASK) return set;
  sigset_t after = before;
  for (int signal = 1; signal < _NSIG; ++signal) {
    if (sigismember(&set, signal) != 1) continue;
    if (how == SIG_BLOCK)
      sigaddset(&after, signal);
    else
      sigdelset(&after, signal);
  }
  return after;
}

// While this is there and somebody listens, no handler runs: what is done and the report of it are one.
class NoHandlers {
 public:
  NoHandlers() {
    if (!reporting()) return;
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before_);
  }
  ~NoHandlers() {
    if (reporting()) sigprocmask(SIG_SETMASK, &before_, nullptr);
  }
  NoHandlers(const NoHandlers&) = delete;
  NoHandlers& operator=(const NoHandlers&) = delete;

 private:
  sigset_t before_;
};

pid_t* find_job(pid_t* jobs, pid_t pid) {
  pid_t* found = std::find(jobs, jobs + MAXJOBS, pid);
  return found != jobs + MAXJOBS ? found : nullptr;
}

}  // namespace

void Add_job(pid_t* jobs, pid_t pid, Here here) {
  gate(Call::kAddJob, -1, here.line());
  const NoHandlers none;
  pid_t* place = find_job(jobs, 0);
  if (place == nullptr) return;
  *place = pid;
  report(forktable::JobAdded{pid}, here.line());
}

void Delete_job(pid_t* jobs, pid_t pid, Here here) {
  gate(Call::kDeleteJob, -1, here.line());
  const NoHandlers none;
  pid_t* place = find_job(jobs, pid);
  if (place != nullptr) *place = 0;
  report(forktable::JobDeleted{pid, place != nullptr ? 1 : 0}, here.line());
}

int Sigprocmask(int how, const sigset_t* set, sigset_t* before, Here here) {
  gate(Call::kSigprocmask, -1, here.line());
  if (!reporting()) return sigprocmask(how, set, before);
  // All are blocked until it is told, as what this call unblocks is delivered inside it: its handler would speak first.
  sigset_t all, old;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &old);
  const sigset_t now = mask_after(how, *set, old);
  report(forktable::MaskChanged{masking_of(how), bits_of(*set), bits_of(old), bits_of(now)}, here.line());
  if (before != nullptr) *before = old;
  return sigprocmask(SIG_SETMASK, &now, nullptr);
}
