// Asks the kernel, without disturbing anything that it asks about: /proc, kcmp(2), sock_diag(7). It attaches to nothing
// and stops nothing, so while it looks, processes go on; of each it is told whether it ran in the meantime.
#pragma once

#include <optional>
#include <span>

#include "core/kernel/facts.hpp"

namespace forktable {

class Probe {
 public:
  // Some 50 µs for a process with a few descriptors, 2 µs for a socket. Children of `processes` that are not among them
  // are told of, too. What the machine forbids is left out of the facts, and named in `denied`.
  KernelFacts look(std::span<const Pid> processes, std::span<const SocketEnd> ends);

  // No process of `facts` has run since, and `ends`, which are among its sockets, are as they were. Costs a tenth of a
  // look. What may have changed all the same is that a signal became pending for a process that doesn't run.
  bool still(const KernelFacts& facts, std::span<const SocketEnd> ends);

 private:
  std::optional<SockDiag> sockets_;  // opened at the first look
};

}  // namespace forktable
