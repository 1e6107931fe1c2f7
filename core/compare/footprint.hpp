// What the kernel says of a server's processes: how much memory they have, how many threads, and what two of them
// share.
#pragma once

#include <vector>

#include "core/compare/costs.hpp"
#include "core/event/ids.hpp"

namespace forktable {

// The threads of a process by number, its main thread first. None if there is no such process.
std::vector<Pid> threads_in(Pid process);

// What waits for what comes next: all of their threads are asleep.
bool all_asleep(const std::vector<Pid>& processes);

// The proportional set size of all of them, in which what several share counts in part for each:
// /proc/PID/smaps_rollup. Without the pages of the program's file, which whoever runs it too would take a part of.
Figure memory_of(const std::vector<Pid>& processes);

// Between two processes or threads; the same one twice shares everything with itself. kcmp(2).
SharedThings shared_between(Pid one, Pid other);

}  // namespace forktable
