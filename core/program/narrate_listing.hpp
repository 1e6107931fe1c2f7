#pragma once

#include "core/event/event.hpp"
#include "core/world/narrate.hpp"
#include "core/world/world.hpp"

namespace forktable {

// What narrate() says, which is so whatever the program is; and, where the program is one of Forktable's, what that
// means in its listing. `before` is the World that the event is about to change.
Narration narrate_listing(const World& before, const Event& event);

}  // namespace forktable
