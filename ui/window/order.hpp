// In a lesson, what happens in a step is shown one after the other, in its order, although it happens in milliseconds.
#pragma once

#include <cstdint>

#include "ui/window/model.hpp"

namespace forktable {

struct InOrder {
  std::uint64_t step = 0;  // whose picture comes next, an event
  double after = 0;        // seconds after the picture before: 0.4, or less where much happens
  bool at_once = false;    // it waits for nothing that moves: the lesson has gone on, or the user looks elsewhere
};

// After the picture of the event `shown`, on the way to what the model looks at.
InOrder next_in_order(const Model& model, std::uint64_t shown);

}  // namespace forktable
