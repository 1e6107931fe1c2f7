// CLOCK_MONOTONIC, the clock that the server's reports are stamped with too.
#pragma once

#include <ctime>

#include "core/event/ids.hpp"

namespace forktable {

inline Nanoseconds monotonic_now() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kSecond + now.tv_nsec;
}

}  // namespace forktable
