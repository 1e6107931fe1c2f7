// What the kernel says, as plain values: of the processes of a server, of their descriptors, of sockets.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/event/event.hpp"
#include "core/system/sock_diag.hpp"

namespace forktable {

struct DescriptorFacts {
  enum Kind : std::uint8_t { kSocket, kPipe, kOther };
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

struct ProcessFacts {
  Pid pid = 0;
  char state =
      '-';  // the letter of /proc/PID/status: S asleep, R running, T stopped, t traced, Z zombie; '-': no process
  Pid parent = 0;
  SignalsSeen signals = {};
  RunFacts run = {};
  bool ran = false;                    // while it was looked at: what follows may be of different moments
  std::optional<CallFacts> call = {};  // nothing: not known
  std::optional<std::vector<DescriptorFacts>> descriptors = {};  // by number; nothing: not known
  std::vector<Pid> children = {};
};

struct KernelFacts {
  std::vector<ProcessFacts> processes;  // those that were asked for, and children that were not, by pid
  std::vector<SocketFacts> sockets;     // by port and peer's port
  std::array<int, 5> denied{};          // errno for each Aspect that can't be asked here, else 0
};

// What is in the facts of a process can be relied on: it slept, was stopped or dead all the time.
bool rested(const ProcessFacts& process);
const ProcessFacts* find_process(const KernelFacts& facts, Pid pid);
const SocketFacts* find_socket(const KernelFacts& facts, SocketEnd end);

}  // namespace forktable
