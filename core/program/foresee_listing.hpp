#pragma once

#include <string>

#include "core/world/world.hpp"

namespace forktable {

// What comes next, as foresee() says it; and, where that says nothing and the program is one of Forktable's, what its
// listing says. Empty where nobody knows.
std::string foresee_listing(const World& after, const Event& event);

}  // namespace forktable
