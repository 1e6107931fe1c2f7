// One event later. Never fails and looks at nothing but its arguments: the same events give the same World,
// today, in a recording, and on another machine.
//
// The order of events is the order in which reports came out of the pipe, and that is not the order in which
// things happened. What holds:
//   - the reports of one process come in the order of its steps;
//   - fork_called comes before anything from the child;
//   - a child's last report comes before its reaping is reported.
// Everything else may come either way round: the child's first steps before its parent's `forked`, even its
// reaping before that `forked` (the handler runs before fork(2) has returned to its caller).
//
// A World grows no further than this, whoever made up the events: what would go beyond is an Anomaly and isn't taken.
// No event costs more than a look at each descriptor. A server that works comes near none of it.
#pragma once

#include "core/world/world.hpp"

namespace forktable {

inline constexpr std::size_t kMostProcesses = 1 << 14;    // in the process table, and forks under way
inline constexpr std::size_t kMostDescriptors = 1 << 19;  // of all processes together
inline constexpr std::size_t kMostFiles = 1 << 16;        // open files
inline constexpr std::size_t kMostListening = 64;         // listening sockets among them
inline constexpr std::size_t kMostClients = 1 << 14;      // that haven't ended

void reduce(World& world, const Event& event);

}  // namespace forktable
