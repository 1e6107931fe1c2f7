// Which step of a run says most, for a picture of it.
#pragma once

#include <vector>

#include "core/world/world.hpp"

namespace forktable {

// If something is wrong in the run, a step at which what was found first stands in the picture; else, in a lesson, one
// at which a child has counted and the server has not. Of those, or of all: the earliest step at which the most
// children live and, among those, the most connections are held twice: the moment after a fork. Of a server that
// doesn't fork, at which the most connections are open and, among those, the most threads live and the most descriptors
// are ready. 0 if there are no events.
std::uint64_t most_telling_step(const std::vector<Event>& events);

}  // namespace forktable
