// One plain sentence for one event: what happened and what it changed; a second one: what it means; and a third: what
// comes next.
#pragma once

#include <string>
#include <vector>

#include "core/world/world.hpp"

namespace forktable {

struct Narration {
  std::string said;     // "Child 4243 closes connfd 4. refcnt(connection 1): 2 → 1."
  std::string meaning;  // "Not 0: the parent still holds descriptor 4, so the connection stays open."
};

// `before` is the World that the event is about to change.
Narration narrate(const World& before, const Event& event);

// What comes next: "Next: the parent calls fork()." Empty where nobody can say. `after` is the World that the event has
// led to, or one in which its process has come to its gate since.
std::string foresee(const World& after, const Event& event);

// The step at which the picture of `step` is complete: what isn't narrated belongs to what was before it, be it a gate
// that was reached or the kernel's word. Up to the next event that is narrated, or the next stop of a lesson.
std::uint64_t settled_step(const std::vector<Event>& events, std::uint64_t step);

}  // namespace forktable
