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
  SemaphoreKeeper(SemaphoreKeeper&& other) noexcept : key_(other.key_), pid_(std::exchange(other.pid_, 0)) {}
  SemaphoreKeeper& operator=(SemaphoreKeeper&& other) noexcept {
    std::swap(key_, other.key_);
    std::swap(pid_, other.pid_);
    return *this;
  }
  // Ends the program and removes the semaphore: when this returns, neither is there.
  ~SemaphoreKeeper();

  int key() const { return key_; }  // for semget(2); positive

 private:
  SemaphoreKeeper(int key, Pid pid) : key_(key), pid_(pid) {}

  int key_;
  Pid pid_;  // of the program
};

}  // namespace forktable
