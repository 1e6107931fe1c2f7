// What a recording's processes and clients were in, and when: the lanes of the timeline, as slices of which each lies
// within another or beside it.
#pragma once

#include <cstdint>
#include <vector>

#include "core/world/timeline.hpp"

namespace forktable {

struct Slice {
  enum Kind : std::uint8_t { kLife, kInFork, kInHandler, kBlocked, kAtGate, kStopped, kZombie } kind = kLife;
  std::size_t lane = 0;
  std::uint64_t from = 0, to = 0;  // steps, from 1; `to` isn't before `from`
};

struct Instant {
  std::size_t lane = 0;
  std::uint64_t step = 0;
  const Lane::Mark* mark = nullptr;
};

// By the step at which they begin; of those that begin together, what lies within another comes after it. What isn't
// over ends with the last event. `timeline` is that of `events`.
std::vector<Slice> slices_of(const std::vector<Event>& events, const Timeline& timeline);
// What was done, by step, without what is a slice: calling fork, a signal handler. Good as long as `timeline`.
std::vector<Instant> instants_of(const std::vector<Event>& events, const Timeline& timeline);

}  // namespace forktable
