#include "core/session/gates.hpp"

#include <sys/mman.h>

#include <utility>

#include "core/server/gate_board.hpp"

namespace forktable {

using server::GateBoard;
using server::GateSlot;

Result<Gates> Gates::create(Bugs bugs, bool stepping) {
  UniqueFd memory(memfd_create("forktable-gates", MFD_CLOEXEC));
  if (!memory || ftruncate(memory.get(), sizeof(GateBoard)) != 0) return system_error("can't start the server: gates");
  void* mapped = mmap(nullptr, sizeof(GateBoard), PROT_READ | PROT_WRITE, MAP_SHARED, memory.get(), 0);
  if (mapped == MAP_FAILED) return system_error("can't start the server: gates");
  Gates gates(std::move(memory), static_cast<GateBoard*>(mapped));
  gates.set_bugs(bugs);
  if (stepping) gates.set_stepping(true);
  return gates;
}

Gates::Gates(Gates&& other) noexcept
    : memory_(std::move(other.memory_)), board_(std::exchange(other.board_, nullptr)) {}

Gates& Gates::operator=(Gates&& other) noexcept {
  std::swap(memory_, other.memory_);
  std::swap(board_, other.board_);
  return *this;
}

Gates::~Gates() {
  if (board_ != nullptr) munmap(board_, sizeof(GateBoard));
}

void Gates::set_stepping(bool on) {
  if (board_->stepping.exchange(on ? 1 : 0) != (on ? 1u : 0u)) board_->closed.fetch_add(on ? 1u : ~0u);
  // What was granted and not used is void.
  if (!on)
    for (GateSlot& slot : board_->slots) slot.permits.store(0);
  announce(*board_);
}

void Gates::set_bugs(Bugs bugs) { board_->bugs.store(bugs.value); }

void Gates::set_held(Pid pid, bool held) {
  GateSlot* slot = slot_for(*board_, pid);
  if (slot == nullptr) return;
  if (slot->held.exchange(held ? 1 : 0) != (held ? 1u : 0u)) board_->closed.fetch_add(held ? 1u : ~0u);
  announce(*board_);
}

void Gates::grant_step(Pid pid) {
  GateSlot* slot = slot_for(*board_, pid);
  if (slot == nullptr) return;
  slot->permits.store(1);
  announce(*board_);
}

void Gates::forget(Pid pid) {
  if (board_->closed.load() == 0) return;  // nobody has a slot, or it is of no use
  for (GateSlot& slot : board_->slots) {
    if (slot.pid.load() != pid) continue;
    if (slot.held.exchange(0) != 0) board_->closed.fetch_sub(1);
    slot.permits.store(0);
    slot.pid.store(0);
  }
}

}  // namespace forktable
