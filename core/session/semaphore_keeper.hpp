// Sees to it that no semaphore is left behind. The kernel keeps one until somebody removes it, long after the processes
// that used it: semget(2). Forktable may be killed, so another program stands by: see core/server/semaphore_keeper.cpp.
#pragma once

#include <string>
#include <utility>

#include "core/event/ids.hpp"
#include "core/system/result.hpp"

namespace forktable {

class SemaphoreKeeper {
 public:
  // Chooses a key that is free. `reports` is the reading end of the pipe that all processes of the server will hold
  // open for writing, and that is open for writing now: when nobody does any more, the semaphore goes.
  static Result<SemaphoreKeeper> start(const std::string& program, int reports);
  SemaphoreKeeper(SemaphoreKeeper&& other) noexcept
      : program_(std::move(other.program_)), key_(std::exchange(other.key_, 0)), pid_(std::exchange(other.pid_, 0)) {}
  SemaphoreKeeper& operator=(SemaphoreKeeper&& other) noexcept {
    std::swap(program_, other.program_);
    std::swap(key_, other.key_);
    std::swap(pid_, other.pid_);
    return *this;
  }
  // Removes the semaphore and ends the program: when this returns, neither is there. The server has ended before.
  ~SemaphoreKeeper();

  // If the program has ended, reaps it. If it was killed, another one with the same key takes its place; fails if that
  // can't be started. One that ended by itself has done its work. `reports` as above, or -1: nobody will use the
  // semaphore any more, and none takes its place.
  Result<void> replace_if_killed(int reports);

  int key() const { return key_; }  // for semget(2); positive
  Pid pid() const { return pid_; }  // of the program; 0 when it has been reaped

 private:
  SemaphoreKeeper(std::string program, int key) : program_(std::move(program)), key_(key) {}
  Result<void> start_program(int reports);

  std::string program_;  // its path
  int key_;              // 0: another object sees to it
  Pid pid_ = 0;
};

}  // namespace forktable
