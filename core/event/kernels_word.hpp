// Events that the kernel's answers are, when Forktable has asked it: at every quiet moment, and at every step.
// Event::pid is the process, 0 for a socket.
#pragma once

#include <cstdint>

#include "core/event/address.hpp"
#include "core/event/fields.hpp"
#include "core/event/ids.hpp"
#include "core/event/short_text.hpp"
#include "core/event/words.hpp"

namespace forktable {

// The process was stopped, by a signal or by a debugger; or goes on.
struct StopSeen {
  int traced = 0;  // 1: a debugger holds it
  FORKTABLE_EVENT("stop_seen", kKernel, kNothing, kAlways, "")
  FORKTABLE_FIELDS(visit("traced", self.traced);)
};
struct ContinueSeen {
  FORKTABLE_EVENT("continue_seen", kKernel, kNothing, kAlways, "")
  FORKTABLE_FIELDS()
};
// Sets of signals, from /proc/PID/status: the lowest bit is signal 1. Real-time signals are left out.
struct SignalsSeen {
  std::uint32_t pending = 0;  // for the process or its thread
  std::uint32_t caught = 0;
  friend bool operator==(SignalsSeen, SignalsSeen) = default;
  FORKTABLE_EVENT("signals_seen", kKernel, kNothing, kNever, "")
  FORKTABLE_FIELDS(visit("pending", self.pending); visit("caught", self.caught);)
};
// How a zombie ended that told nothing of that, from /proc/PID/stat: a signal has killed it.
struct EndingSeen {
  int status = 0;  // wait status, never 0
  FORKTABLE_EVENT("ending_seen", kKernel, kNothing, kNever, "")
  FORKTABLE_FIELDS(visit("status", self.status);)
};
// One end of a connection, or the listening socket: see SocketEnd.
struct TcpStateSeen {
  Address local;
  Address peer;
  TcpState state = TcpState::kUnknown;
  FORKTABLE_EVENT("tcp_state_seen", kKernel, kNothing, kNever, "")
  FORKTABLE_FIELDS(visit("port", self.local.port); visit("peer_port", self.peer.port); visit("state", self.state);
                   visit("address", self.local.ip); visit("peer_address", self.peer.ip);)
};
// As ss(8) shows them: bytes that wait to be read, and bytes that the other end hasn't acknowledged. A FIN counts as
// one. For the listening socket: the connections that wait for accept, and how many may.
struct QueuesSeen {
  Address local;
  Address peer;
  std::uint32_t receive = 0;
  std::uint32_t send = 0;
  FORKTABLE_EVENT("queues_seen", kKernel, kNothing, kNever, "")
  FORKTABLE_FIELDS(visit("port", self.local.port); visit("peer_port", self.peer.port); visit("receive", self.receive);
                   visit("send", self.send); visit("address", self.local.ip); visit("peer_address", self.peer.ip);)
};
// All that is known was compared: so many references and sockets are as the kernel has them, of so many.
struct KernelChecked {
  std::uint32_t references_agreeing = 0;
  std::uint32_t references = 0;
  std::uint32_t sockets_agreeing = 0;
  std::uint32_t sockets = 0;
  friend bool operator==(KernelChecked, KernelChecked) = default;
  FORKTABLE_EVENT("kernel_checked", kKernel, kNothing, kNever, "")
  FORKTABLE_FIELDS(visit("references_agreeing", self.references_agreeing); visit("references", self.references);
                   visit("sockets_agreeing", self.sockets_agreeing); visit("sockets", self.sockets);)
};
// This machine doesn't let Forktable ask.
struct CheckDenied {
  Aspect aspect = Aspect::kProcesses;
  int error = 0;  // errno
  FORKTABLE_EVENT("check_denied", kKernel, kNothing, kNever, "")
  FORKTABLE_FIELDS(visit("aspect", self.aspect); visit("error", self.error);)
};
// The kernel says something else than the reports, and not only for a moment.
struct DifferenceSeen {
  Differs in = Differs::kProcess;
  int number = 0;    // of the descriptor, or the port; else 0
  ShortText ours;    // "connection 1"
  ShortText kernel;  // "closed"
  FORKTABLE_EVENT("difference_seen", kKernel, kNothing, kAlways, "")
  FORKTABLE_FIELDS(visit("in", self.in); visit("number", self.number); visit("ours", self.ours);
                   visit("kernel", self.kernel);)
};
struct DifferenceGone {
  Differs in = Differs::kProcess;
  int number = 0;
  FORKTABLE_EVENT("difference_gone", kKernel, kNothing, kAlways, "")
  FORKTABLE_FIELDS(visit("in", self.in); visit("number", self.number);)
};

// How many processes have the segment attached: shmctl(2), IPC_STAT. One that is gone has none.
struct SegmentSeen {
  int segment = 0;
  std::uint32_t attached = 0;
  friend bool operator==(SegmentSeen, SegmentSeen) = default;
  FORKTABLE_EVENT("segment_seen", kKernel, kNothing, kNever, "")
  FORKTABLE_FIELDS(visit("segment", self.segment); visit("attached", self.attached);)
};
// semctl(2): its value, and how many wait for it to become positive.
struct SemaphoreSeen {
  int semaphore = 0;
  int value = 0;
  std::uint32_t waiting = 0;
  friend bool operator==(SemaphoreSeen, SemaphoreSeen) = default;
  FORKTABLE_EVENT("semaphore_seen", kKernel, kNothing, kNever, "")
  FORKTABLE_FIELDS(visit("semaphore", self.semaphore); visit("value", self.value); visit("waiting", self.waiting);)
};

}  // namespace forktable
