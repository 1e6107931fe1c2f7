// What holds of every World, whatever happened.
#pragma once

#include <string>

#include "core/world/world.hpp"

namespace forktable::test {

// What is wrong with it; empty if nothing is. Counts references by itself.
std::string broken_invariant(const World& world);

}  // namespace forktable::test
