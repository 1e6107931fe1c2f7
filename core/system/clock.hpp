// The clocks: CLOCK_MONOTONIC, which the server's reports are stamped with too, and the time of day.
#pragma once

#include <ctime>
#include <string>

#include "core/event/ids.hpp"

namespace forktable {

inline Nanoseconds monotonic_now() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kSecond + now.tv_nsec;
}

// UTC, ISO 8601, to the second.
std::string present_time();

}  // namespace forktable
