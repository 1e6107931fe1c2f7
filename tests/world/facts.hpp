// What a test compares about a World.
#pragma once

#include <string>

#include "core/world/world.hpp"
#include "tests/world/generated_run.hpp"

namespace forktable::test {

// Everything in the World but times and the number of the step, as text: two Worlds that came about in
// different orders must not differ in it.
std::string facts_of(const World& world);

// What is wrong with it beside a broken invariant, when the server is correct and all events are true; empty if nothing
// is.
std::string broken_promise(const World& world);

// Where the World differs from what the kernel would say; empty if nowhere.
std::string difference(const World& world, const Truth& truth);

}  // namespace forktable::test
