// What the kernel says a process is doing.
#pragma once

#include "core/event/ids.hpp"

namespace forktable {

// The letter in /proc/PID/stat, see proc(5): 'S' asleep, 'R' running, 'T' stopped, 'Z' zombie; '-' if there is no such
// process.
char process_state(Pid pid);

// Its RLIMIT_NOFILE: descriptors below this one, at most 2^30; 0 if it may not be asked, or is gone. See prlimit(2).
int descriptor_limit(Pid pid);

}  // namespace forktable
