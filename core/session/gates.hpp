// Forktable's side of the gates: who of the server's processes waits before its next step, who may take one, and
// which lines of the server are switched off. See core/server/gate_board.hpp for what is shared.
#pragma once

#include "core/event/event.hpp"
#include "core/system/result.hpp"
#include "core/system/unique_fd.hpp"

namespace forktable {

namespace server {
struct GateBoard;
}

class Gates {
 public:
  static Result<Gates> create(Bugs bugs, bool stepping);
  Gates(Gates&& other) noexcept;
  Gates& operator=(Gates&& other) noexcept;
  ~Gates();

  int memory() const { return memory_.get(); }  // to be passed to the server
  void close_memory() { memory_.close(); }      // once it has been passed
  void set_stepping(bool on);
  void set_bugs(Bugs bugs);
  void set_held(Pid pid, bool held);
  // One step: now, if it waits, else when it comes to its next gate.
  void grant_step(Pid pid);
  // It is gone, and its number may be another process's soon.
  void forget(Pid pid);

 private:
  Gates(UniqueFd memory, server::GateBoard* board) : memory_(std::move(memory)), board_(board) {}

  UniqueFd memory_;
  server::GateBoard* board_ = nullptr;
};

}  // namespace forktable
