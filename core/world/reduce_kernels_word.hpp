// A part of reduce(): what the kernel says, maybe of a process or a socket that is gone by now. It stands beside what
// was reported, and changes nothing of it.
#pragma once

#include "core/world/bookkeeping.hpp"
#include "core/world/limits.hpp"

namespace forktable {

class ReduceKernelsWord : Bookkeeping {
 public:
  ReduceKernelsWord(World& world, const Event& event) : Bookkeeping(world, event) {}

  void operator()(const StopSeen& what) {
    if (Process* process = find_by_pid(event_.pid)) {
      process->stopped = true;
      process->traced = what.traced != 0;
    }
  }

  void operator()(const ContinueSeen&) {
    if (Process* process = find_by_pid(event_.pid)) process->stopped = process->traced = false;
  }

  void operator()(const SignalsSeen& what) {
    if (Process* process = find_by_pid(event_.pid)) process->signals = what;
  }

  void operator()(const EndingSeen& what) {
    Process* process = find_by_pid(event_.pid);
    if (process != nullptr && process->life == Life::kDead && !process->wait_status) process->wait_status = what.status;
  }

  void operator()(const TcpStateSeen& what) {
    if (Socket* socket = find_socket({what.local, what.peer}))
      socket->state = what.state;
    else if (Client* client = find_followed_at(what.peer); client != nullptr && client->connection_number != 0)
      client->left = what.state;
  }

  void operator()(const QueuesSeen& what) {
    if (Socket* socket = find_socket({what.local, what.peer})) {
      socket->receive = what.receive;
      socket->send = what.send;
    }
  }

  void operator()(const SegmentSeen& what) {
    if (world_.segment && world_.segment->id == what.segment) world_.segment->attached = what.attached;
  }

  void operator()(const SemaphoreSeen& what) {
    if (world_.semaphore && world_.semaphore->id == what.semaphore) world_.semaphore->seen = what;
  }

  void operator()(const KernelChecked& what) {
    world_.check = what;
    world_.check_step = world_.step;
  }

  void operator()(const CheckDenied& what) { world_.denied |= 1u << static_cast<unsigned>(what.aspect); }

  void operator()(const DifferenceSeen& what) {
    ++world_.difference_count;
    settle_difference(what.in, event_.pid, what.number);
    if (world_.differences.size() < kMostDifferences)
      world_.differences.push_back({what.in, event_.pid, what.number, what.ours, what.kernel, world_.step});
  }

  void operator()(const DifferenceGone& what) { settle_difference(what.in, event_.pid, what.number); }
};

}  // namespace forktable
