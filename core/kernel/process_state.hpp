// What the kernel says a process is doing.
#pragma once

#include "core/event/ids.hpp"

namespace forktable {

// The letter in /proc/PID/stat, see proc(5): 'S' asleep, 'R' running, 'T' stopped, 'Z' zombie; '-' if there is no such
// process.
char process_state(Pid pid);

}  // namespace forktable
