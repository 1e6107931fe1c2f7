// One plain sentence for one event: what happened and what it changed; and a second one: what it means.
#pragma once

#include <string>

#include "core/world/world.hpp"

namespace forktable {

struct Narration {
  std::string said;     // "Child 4243 closes connfd 4. refcnt(connection 1): 2 → 1."
  std::string meaning;  // "Not 0: the parent still holds descriptor 4, so the connection stays open."
};

// `before` is the World that the event is about to change.
Narration narrate(const World& before, const Event& event);

}  // namespace forktable
