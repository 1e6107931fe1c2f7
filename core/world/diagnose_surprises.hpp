// A part of diagnose(): what a signal or its handler does to calls that didn't expect it. EINTR, errno and SIGPIPE.
#pragma once

#include <vector>

#include "core/world/diagnose.hpp"

namespace forktable {

// Adds what it finds to `found`, in no order.
void diagnose_surprises(const World& world, std::vector<Diagnosis>& found);

}  // namespace forktable
