// Asks the kernel, without disturbing anything that it asks about: /proc, kcmp(2), sock_diag(7). It attaches to nothing
// and stops nothing, so while it looks, processes go on; of each it is told whether it ran in the meantime.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "core/kernel/facts.hpp"
#include "core/system/unique_fd.hpp"

namespace forktable {

class Probe {
 public:
  // Some 50 µs for a process with a few descriptors, 2 µs for a socket. Children and threads of `processes` that are
  // not among them are told of, too. What is refused is left out of the facts, and named in `denied`, unless the
  // process is ending: that is nothing which the machine forbids.
  //
  // With earlier facts, a process that hasn't run since is only asked whether that is so, in a tenth of the time. What
  // may have changed of it all the same is that a signal became pending.
  KernelFacts look(std::span<const Pid> processes, std::span<const SocketEnd> ends,
                   const KernelFacts* earlier = nullptr);

  // None of them has run since: a microsecond for each.
  bool have_all_rested(const KernelFacts& earlier);

  // The clients in the accept queue of `server`, of all users; none if that can't be asked. Takes milliseconds.
  std::vector<Address> list_waiting(Address server);

 private:
  bool has_rested_since(const ProcessFacts& before);
  std::vector<Pid> find_moved(std::span<const Pid> processes, const KernelFacts* earlier, KernelFacts& facts);
  void ask_about_sockets(std::span<const SocketEnd> ends, KernelFacts& facts);

  std::optional<SockDiag> sockets_;    // opened at the first look
  std::map<Pid, UniqueFd> schedules_;  // of some processes
};

}  // namespace forktable
