#include "core/world/history.hpp"

#include <algorithm>

#include "core/world/reduce.hpp"

namespace forktable {

void History::append(const Event& event) {
  events_.push_back(event);
  reduce(latest_, event);
  if (size() % kBetweenCopies == 0) copies_.push_back(latest_);
}

const World& History::at(std::uint64_t step) const {
  step = std::min(step, size());
  if (step == size()) return latest_;
  const std::uint64_t copies = step / kBetweenCopies;
  if (past_.step > step || past_.step < copies * kBetweenCopies) past_ = copies == 0 ? World{} : copies_[copies - 1];
  while (past_.step < step) reduce(past_, events_[past_.step]);
  return past_;
}

}  // namespace forktable
