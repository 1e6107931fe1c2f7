// The gates at which a process of the server waits before each of its steps, when Forktable wants it to, and the
// switches that leave out lines of the listing. It is the real process that waits, in futex(2).
//
// Without Forktable, and while nobody steps, a gate costs one comparison. Everything here keeps errno, and is
// async-signal-safe: the SIGCHLD handler has gates too.
#pragma once

#include <csignal>

#include "core/event/event.hpp"

namespace forktable::server {

inline constexpr const char* kBoardVariable = "FORKTABLE_GATE_FD";  // names the descriptor of the GateBoard

// Sent to a process of the server when a bug was switched that is a matter of sigaction(2).
inline const int kSwitchSignal = SIGRTMAX;

// Maps the board; without one, all gates are open and no bug is switched on.
void open_board(int fd);

bool switched_on(Bug bug);
// Called in the handler of kSwitchSignal, to do what a line of the listing does or leaves out; it may report. nullptr:
// nothing is to be done.
extern void (*when_switched)();

void wait_at_gate(Call call, int fd, unsigned line);
extern bool has_board;
// Before a step. While the process waits, signals that it handles are blocked: they stay pending, and of those with
// the same number only one does. A step then delivers them; the next one goes on.
inline void gate(Call call, int fd, unsigned line) {
  if (has_board) wait_at_gate(call, fd, line);
}

// To be told of every signal that gets a handler, and of every run of one.
void blocks_at_gates(int signal);
void signal_was_delivered();

}  // namespace forktable::server
