// Everything that has happened, and the World at any step of it. Time travel costs at most a few thousand events:
// a copy of the World is kept every so often, and the one that was asked for last is at hand for the next. When the
// copies come to take too much memory, every other one is given up, and time travel costs twice as much.
#pragma once

#include <vector>

#include "core/world/limits.hpp"
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

  // Bytes that the copies take, about; never more than kMostCopiedBytes (limits.hpp).
  std::size_t copied_bytes() const { return bytes_; }

 private:
  void keep_copy();

  std::vector<Event> events_;
  World latest_;
  std::uint64_t between_copies_ = kBetweenCopies;  // events
  std::vector<World> copies_;                      // after between_copies_, twice that, ...
  std::size_t bytes_ = 0;                          // that they take
  mutable World past_;                             // what was asked for last
};

}  // namespace forktable
