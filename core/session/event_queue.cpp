#include "core/session/event_queue.hpp"

#include <algorithm>

namespace forktable {

void EventQueue::flush() {
  if (added_.empty() || !told_.empty()) return;
  told_.swap(added_);
  order_.clear();
  for (std::uint32_t i = 0; i < told_.size(); ++i) order_.emplace_back(told_[i].at, i);
  std::sort(order_.begin(), order_.end());
  for (const auto& [at, i] : order_) sink_(told_[i]);
  told_.clear();
}

}  // namespace forktable
