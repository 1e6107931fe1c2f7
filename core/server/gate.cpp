#include "core/server/gate.hpp"

#include <sys/mman.h>

#include <cerrno>
#include <csignal>

#include "core/server/gate_board.hpp"
#include "core/server/reporter.hpp"

namespace forktable::server {
namespace {

GateBoard* board = nullptr;
sigset_t handled;  // what has a handler
volatile std::sig_atomic_t deliveries = 0;

// Takes one of the steps that Forktable has granted, if there is one.
bool take_permit(GateSlot& slot) {
  std::uint32_t permits = slot.permits.load();
  while (permits > 0)
    if (slot.permits.compare_exchange_weak(permits, permits - 1)) return true;
  return false;
}

}  // namespace

bool has_board = false;
void (*when_switched)() = nullptr;

void open_board(int fd) {
  void* memory = mmap(nullptr, sizeof(GateBoard), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) return;
  board = static_cast<GateBoard*>(memory);
  has_board = true;
  sigemptyset(&handled);
}

bool switched_on(Bug bug) { return board != nullptr && Bugs{board->bugs.load(std::memory_order_relaxed)}.has(bug); }

void wait_at_gate(Call call, int fd, unsigned line) {
  if (board->closed.load() == 0) return;
  const int error = errno;
  GateSlot* slot = slot_for(*board, own_pid());
  if (slot == nullptr) return;
  sigset_t before;
  sigprocmask(SIG_BLOCK, &handled, &before);
  bool told = false;
  while (true) {
    const std::uint32_t changes = board->changes.load();
    const bool open = board->stepping.load() == 0 && slot->held.load() == 0;
    if (open || take_permit(*slot)) {
      const int deliveries_before = deliveries;
      errno = error;  // what a handler finds there, and may leave changed
      sigprocmask(SIG_SETMASK, &before, nullptr);
      if (open || deliveries == deliveries_before) return;
      // That was the step: a signal that had been waiting. What the process was about to do is the next one.
      return wait_at_gate(call, fd, line);
    }
    if (!told) report(GateReached{call, fd}, line);
    told = true;
    syscall(SYS_futex, &board->changes, FUTEX_WAIT, changes, nullptr, nullptr, 0);
  }
}

void blocks_at_gates(int signal) { sigaddset(&handled, signal); }

void signal_was_delivered() { deliveries = deliveries + 1; }

}  // namespace forktable::server
