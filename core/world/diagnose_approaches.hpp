// A part of diagnose(): what only some servers get wrong. One flow of control for all clients, threads, shared memory.
#pragma once

#include <vector>

#include "core/world/diagnose.hpp"

namespace forktable {

// Adds what it finds to `found`, in no order.
void diagnose_approaches(const World& world, Nanoseconds now, std::vector<Diagnosis>& found);

}  // namespace forktable
