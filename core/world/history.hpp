// Everything that has happened, and the World at any step of it. Time travel costs at most a few thousand events:
// a copy of the World is kept every so often, and the one that was asked for last is at hand for the next.
#pragma once

#include <vector>

#include "core/world/world.hpp"

namespace forktable {

class History {
 public:
  void append(const Event& event);

  const std::vector<Event>& events() const { return events_; }
  std::uint64_t size() const { return events_.size(); }  // the last step; the first is 0, before anything happened
  const World& latest() const { return latest_; }

  // The World after `step` events, at most size(). Good until the next call.
  const World& at(std::uint64_t step) const;

 private:
  static constexpr std::uint64_t kBetweenCopies = 4096;  // events

  std::vector<Event> events_;
  World latest_;
  std::vector<World> copies_;  // after kBetweenCopies, twice that, ...
  mutable World past_;         // what was asked for last
};

}  // namespace forktable
