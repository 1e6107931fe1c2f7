#include "core/world/history.hpp"

#include <algorithm>

#include "core/world/limits.hpp"
#include "core/world/reduce.hpp"

namespace forktable {

void History::append(const Event& event) {
  events_.push_back(event);
  reduce(latest_, event);
  if (size() % between_copies_ == 0) keep_copy();
}

void History::keep_copy() {
  const std::size_t more = bytes_of(latest_);
  while (!copies_.empty() && bytes_ + more > kMostCopiedBytes) {
    between_copies_ *= 2;
    std::vector<World> kept;
    bytes_ = 0;
    for (std::size_t i = 1; i < copies_.size(); i += 2) {
      bytes_ += bytes_of(copies_[i]);
      kept.push_back(std::move(copies_[i]));
    }
    copies_ = std::move(kept);
  }
  if (size() % between_copies_ != 0) return;
  copies_.push_back(latest_);
  bytes_ += more;
}

const World& History::at(std::uint64_t step) const {
  step = std::min(step, size());
  if (step == size()) return latest_;
  const std::uint64_t copies = step / between_copies_;
  if (past_.step > step || past_.step < copies * between_copies_) past_ = copies == 0 ? World{} : copies_[copies - 1];
  while (past_.step < step) reduce(past_, events_[past_.step]);
  return past_;
}

}  // namespace forktable
