// Starting another program without fork(2): the window's process has threads and a GL context, which a forked
// copy would share in ways that nobody wants.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/event/ids.hpp"
#include "core/system/result.hpp"

namespace forktable {

struct Program {
  std::string path;                              // used as it is; PATH is not searched
  std::vector<std::string> arguments;            // without the program's name
  std::vector<std::string> environment;          // "NAME=value", added to the present one, and instead of it
  std::vector<std::pair<int, int>> descriptors;  // (ours, its number there), beside 0, 1 and 2
  bool may_outlive_us = false;  // then it keeps neither our standard error open nor our working directory busy
};

// Starts it in a process group of its own, with no signal blocked or ignored, standard input and output on /dev/null,
// standard error as ours, and no other descriptor than those it is given. The caller reaps it. posix_spawn(3).
Result<Pid> spawn(const Program& program);

}  // namespace forktable
