// Worlds for tests, by telling what happened.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <utility>
#include <vector>

#include "core/world/reduce.hpp"
#include "tests/world/generated_run.hpp"

namespace forktable::test {

inline void tell(World& world, Pid pid, const What& what, std::uint32_t line = 0) {
  reduce(world, {world.now + kMillisecond, pid, line, what});
}

// After a server was launched as process kServerPid, and after all this.
inline World told(const std::vector<std::pair<Pid, What>>& events) {
  World world;
  tell(world, kServerPid, ServerLaunched{8080});
  for (const auto& [pid, what] : events) tell(world, pid, what);
  return world;
}

inline World listening() { return told({{kServerPid, Listened{3, 8080, 10}}}); }

inline constexpr Pid kChild = kServerPid + 1;  // the first that it forks

// Of that pid; the test fails if there is none.
inline const Process& process(const World& world, Pid pid) {
  const Process* found = find_process(world, pid);
  EXPECT_NE(found, nullptr) << pid;
  static const Process none{};
  return found != nullptr ? *found : none;
}

inline Bugs bugs_of(std::initializer_list<Bug> all) {
  Bugs bugs;
  for (const Bug bug : all) bugs.set(bug, true);
  return bugs;
}

}  // namespace forktable::test
