// The server's program: started, heard and ended. Its processes are one process group, which is how all of
// them are reached, those too whose parent has gone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/program/server_setup.hpp"
#include "core/session/gates.hpp"
#include "core/session/semaphore_keeper.hpp"
#include "core/system/result.hpp"
#include "core/system/unique_fd.hpp"

namespace forktable {

class ServerProcess {
 public:
  static Result<ServerProcess> launch(const ServerSetup& setup);

  Pid pid() const { return pid_; }
  int reports() const { return reports_.get(); }  // non-blocking, to be read by the caller
  void close_reports() { reports_ = {}; }         // at their end; -1 from then on

  bool signal_all(int signal) const;  // false if no process is left, zombies included
  bool owns(Pid pid) const;           // it is one of the server's processes
  // To one of them, or to the process of a thread with that number: the process that got it, 0 if it is none of them.
  // Never to another that gets the number in this very moment.
  Pid signal(Pid pid, int signal) const;
  bool gone() const { return gone_; }  // reap() has found that no process is left
  // Processes of the group that have ended and whose parent is this program: the server itself and, as
  // this program is made the adopter of orphans (prctl(2), PR_SET_CHILD_SUBREAPER), what it left behind.
  struct Dead {
    Pid pid;
    int status;
  };
  std::vector<Dead> reap();

  Gates& gates() { return gates_; }

  // Of the program that sees to the server's semaphore; 0: it has none.
  Pid keeper() const { return keeper_ ? keeper_->pid() : 0; }
  // To be called when that has ended. If another one can't be started, the semaphore goes by reap() only.
  void replace_killed_keeper();

 private:
  explicit ServerProcess(Gates gates) : gates_(std::move(gates)) {}

  Pid pid_ = 0;
  bool gone_ = false;  // from then on the group's number may be another group's, which is none of our business
  UniqueFd reports_;
  UniqueFd lifeline_;  // closing it kills the whole group: see the server's reporter
  Gates gates_;
  std::optional<SemaphoreKeeper> keeper_;  // kProcessShm, until all are gone
};

}  // namespace forktable
