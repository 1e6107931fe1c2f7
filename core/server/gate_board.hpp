// What Forktable and the server's processes share: 48 KiB of memory, in which Forktable says who may take a step and
// which lines are switched off.
//
// It is passed as a memfd, mapped before main() and closed again, so that it takes no descriptor in the lesson.
// Every fork inherits the mapping. Whoever comes first, Forktable or the process itself, claims a slot for a pid.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <cstdint>

namespace forktable::server {

struct GateSlot {
  std::atomic<std::int32_t> pid;  // 0: free
  std::atomic<std::uint32_t> held;
  std::atomic<std::uint32_t> permits;  // steps that it may take before it waits again
};

struct GateBoard {
  std::atomic<std::uint32_t> bugs;      // Bugs::value
  std::atomic<std::uint32_t> closed;    // 0: nobody waits; counts the reasons to look at the rest
  std::atomic<std::uint32_t> stepping;  // everybody waits
  std::atomic<std::uint32_t> changes;   // a futex: whoever waits, waits for this to change
  static constexpr std::uint32_t kSlots = 4096;
  GateSlot slots[kSlots];
};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

// The slot of a process, claimed if it had none; nullptr if there is none left. Async-signal-safe.
inline GateSlot* slot_for(GateBoard& board, std::int32_t pid) {
  for (GateSlot& slot : board.slots)
    if (slot.pid.load() == pid) return &slot;
  for (GateSlot& slot : board.slots) {
    std::int32_t owner = 0;
    if (slot.pid.compare_exchange_strong(owner, pid) || owner == pid) return &slot;
  }
  return nullptr;
}

// Wakes all that wait. futex(2), across processes.
inline void announce(GateBoard& board) {
  board.changes.fetch_add(1);
  syscall(SYS_futex, &board.changes, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

}  // namespace forktable::server
