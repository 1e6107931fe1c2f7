// Which step of a run says most, for a picture of it.
#pragma once

#include <vector>

#include "core/world/world.hpp"

namespace forktable {

// The earliest step at which the most children live and, among those, the most connections are held twice:
// the moment after a fork. Of a server that doesn't fork, at which the most connections are open and, among those, the
// most threads live and the most descriptors are ready. 0 if there are no events.
std::uint64_t most_telling_step(const std::vector<Event>& events);

}  // namespace forktable
