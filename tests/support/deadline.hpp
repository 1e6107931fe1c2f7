// Waiting for something that will happen: for it, and not for some time to pass.
#pragma once

#include <unistd.h>

#include <chrono>

#include "tests/support/effort.hpp"

namespace forktable::test {

// Longer than anything takes on a busy machine: only a test that fails waits as long as this.
inline constexpr std::chrono::seconds kDeadline{kSlowness > 1 ? 120 : 40};

class Deadline {
 public:
  bool passed() const { return std::chrono::steady_clock::now() > end_; }
  int milliseconds_left() const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now());
    return left.count() > 0 ? static_cast<int>(left.count()) : 0;
  }

 private:
  std::chrono::steady_clock::time_point end_ = std::chrono::steady_clock::now() + kDeadline;
};

// For what nobody announces, such as a line in /proc: looks again and again. False if it never comes true.
template <class Condition>
bool wait_until(Condition condition) {
  const Deadline deadline;
  while (!condition()) {
    if (deadline.passed()) return false;
    usleep(500);
  }
  return true;
}

}  // namespace forktable::test
