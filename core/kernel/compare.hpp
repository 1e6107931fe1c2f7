// The kernel's word against the World: what agrees is counted, what differs is named. Pure: it only compares.
#pragma once

#include <vector>

#include "core/kernel/facts.hpp"
#include "core/world/world.hpp"

namespace forktable {

struct Comparison {
  KernelChecked figures;
  // Everything was compared. A process that ran while it was looked at, or has told something since `quiet_since`, is
  // left out: it is in the middle of something.
  bool complete = true;
  std::vector<Difference> differences;
  std::vector<Pid> compared;  // by pid
};

// `quiet_since`: the step of the World when the kernel began to be asked.
Comparison compare(const World& world, const KernelFacts& facts, std::uint64_t quiet_since);

}  // namespace forktable
