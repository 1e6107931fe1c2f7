// Everything that Forktable does with events that a stranger made up.
#pragma once

#include <vector>

#include "core/event/event.hpp"

namespace forktable::fuzz {

// Reduces and narrates each, and says all there is to say of the World that comes of it. Stops where something does not
// hold.
void retell(const std::vector<Event>& events);

}  // namespace forktable::fuzz
