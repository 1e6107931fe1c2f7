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
// A World has limits (limits.hpp), and no event costs more than a look at each descriptor and each process.
#pragma once

#include "core/world/world.hpp"

namespace forktable {

void reduce(World& world, const Event& event);

}  // namespace forktable
