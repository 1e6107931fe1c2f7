// What the kernel says about a process, from /proc: see proc(5).
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/event/ids.hpp"

namespace forktable::test {

std::set<int> open_descriptors(Pid pid);
// Whether a program that the process starts would not get it: O_CLOEXEC. True if it isn't open.
bool is_close_on_exec(Pid pid, int fd);
// What a descriptor refers to: "socket:[4711]", "pipe:[4712]", "/dev/null". Empty if it isn't open.
std::string descriptor_target(Pid pid, int fd);

// The name of the file that it runs: "process-server". Empty if there is no such process.
std::string program_of(Pid pid);
// 'S' sleeping, 'T' stopped, 'Z' zombie and so on; '-' if there is no such process.
char state_of(Pid pid);
// It has, whether or not anybody has reaped it.
bool has_ended(Pid pid);
// The processes that `parent` has forked and not reaped, by pid.
std::vector<Pid> children_of(Pid parent);
// Those of a process group, zombies excepted. Zombies that are ours are reaped on the way.
std::vector<Pid> living_in_group(Pid group);

}  // namespace forktable::test
