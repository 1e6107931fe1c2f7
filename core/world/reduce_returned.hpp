// A part of reduce(): which call of a process has returned, and with what; what it kept is let go of. It comes after
// all others: a child has appeared by then that says its first word.
#pragma once

#include "core/world/bookkeeping.hpp"

namespace forktable {

class ReduceReturned : Bookkeeping {
 public:
  ReduceReturned(World& world, const Event& event) : Bookkeeping(world, event) {}

  void operator()(const Accepted& what) { returned(Call::kAccept, what.listenfd, what.connfd); }
  void operator()(const Forked& what) { returned(Call::kFork, -1, what.child); }
  void operator()(const ChildStarted&) { returned(Call::kFork, -1, 0); }
  void operator()(const Read& what) { returned(Call::kRead, what.fd, what.bytes); }
  void operator()(const EndOfFile& what) { returned(Call::kRead, what.fd, 0); }
  void operator()(const Wrote& what) { returned(Call::kWrite, what.fd, what.bytes); }
  void operator()(const Closed& what) { returned(Call::kClose, what.fd, 0); }
  void operator()(const Reaped& what) {
    returned(Call::kWaitpid, -1, what.child);
    if (Process* process = find_by_pid(event_.pid)) process->reaped = process->returned;
  }
  void operator()(const NothingToReap&) { returned(Call::kWaitpid, -1, 0); }
  void operator()(const CallFailed& what) { returned(what.call, what.fd, -1, what.error); }
  void operator()(const ThreadCreated&) { returned(Call::kPthreadCreate, -1, 0); }
  void operator()(const ThreadDetached&) { returned(Call::kPthreadDetach, -1, 0); }
  void operator()(const ThreadJoined&) { returned(Call::kPthreadJoin, -1, 0); }
  void operator()(const ArgumentRead& what) { returned(Call::kLoad, -1, what.fd); }
  void operator()(const EpollOpened& what) { returned(Call::kEpollCreate, -1, what.fd); }
  void operator()(const SemaphoreTaken&) { returned(Call::kSemop, -1, 0); }
  void operator()(const SemaphoreGiven&) { returned(Call::kSemop, -1, 0); }
  void operator()(const Loaded& what) { returned(Call::kLoad, -1, what.value); }
  void operator()(const Stored& what) { returned(Call::kStore, -1, what.value); }
  void operator()(const Duplicated& what) { returned(Call::kDup2, what.oldfd, what.newfd); }
  void operator()(const Executed&) { returned(Call::kExec, -1, 0); }
  void operator()(const MaskChanged&) { returned(Call::kSigprocmask, -1, 0); }
  void operator()(const JobAdded& what) { returned(Call::kAddJob, -1, what.job); }
  void operator()(const JobDeleted& what) { returned(Call::kDeleteJob, what.found, what.job); }
  template <class Other>
  void operator()(const Other&) {}

  void let_go_of_kept() {
    if (Process* process = find_by_pid(event_.pid); process != nullptr && !is_blocked(*process)) let_go(*process);
  }

 private:
  void returned(Call call, int fd, std::int64_t result, int error = 0) {
    if (Process* process = find_by_pid(event_.pid)) note_return(*process, call, fd, result, error);
  }
};

}  // namespace forktable
