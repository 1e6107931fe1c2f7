// What the kernel says, as plain values: of the processes of a server and their threads, of descriptors, of sockets, of
// what is shared.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/event/event.hpp"
#include "core/system/sock_diag.hpp"

namespace forktable {

struct DescriptorFacts {
  enum Kind : std::uint8_t { kSocket, kPipe, kEpoll, kOther };  // a FIFO is a pipe with a name
  int fd = -1;
  Kind kind = kOther;
  std::uint64_t inode = 0;  // kSocket, kPipe
  std::uint32_t file = 0;   // the same number: the same open file; 0: not known. Sockets go by their inode
};

// How long and how often a process has run. The same later means that it hasn't been scheduled in the meantime.
struct RunFacts {
  std::uint64_t nanoseconds = 0, turns = 0;  // turns 0: not known
  friend bool operator==(RunFacts, RunFacts) = default;
};

struct CallFacts {
  long number = -1;  // of the system call that a process waits in; -1: in none
  int fd = -1;       // its first argument
};

// A process, or one of the other threads of one.
struct ProcessFacts {
  Pid pid = 0;
  Pid thread_of = 0;  // the process that it is another thread of; 0 if it is a process
  char state =
      '-';  // the letter of /proc/PID/status: S asleep, R running, T stopped, t traced, Z zombie; '-': no process
  Pid parent = 0;
  std::optional<int> wait_status = {};  // of a zombie, never 0; nothing: it exited with 0, or it isn't known
  SignalsSeen signals = {};
  std::uint32_t blocked = 0;  // signals, as in SignalsSeen; at a gate, those with a handler are blocked as well
  RunFacts run = {};
  bool ran = false;                    // while it was looked at: what follows may be of different moments
  std::optional<CallFacts> call = {};  // nothing: not known
  // What follows belongs to the process: a thread has none of it.
  std::optional<std::vector<DescriptorFacts>> descriptors = {};  // by number; nothing: not known
  std::vector<int> watched = {};                                 // by its epoll instances, ascending
  std::vector<Pid> children = {};
  std::vector<Pid> threads = {};  // without the first, which is the process's own entry
};

struct KernelFacts {
  std::vector<ProcessFacts> processes;  // those that were asked for, and children and threads that were not, by pid
  std::vector<SocketFacts> sockets;     // by port and peer's port
  std::optional<SegmentSeen> segment;   // if it was asked for
  std::optional<SemaphoreSeen> semaphore;
  int descriptor_limit = 0;     // RLIMIT_NOFILE of the server; 0: not known
  std::array<int, 5> denied{};  // errno for each Aspect that was refused, else 0
};

// What is in the facts of a process can be relied on: it slept, was stopped or dead all the time.
bool rested(const ProcessFacts& process);
const ProcessFacts* find_process(const KernelFacts& facts, Pid pid);
const SocketFacts* find_socket(const KernelFacts& facts, SocketEnd end);

}  // namespace forktable
