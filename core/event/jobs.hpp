// What a server reports that keeps a list of its children, and blocks SIGCHLD meanwhile.
#pragma once

#include <cstdint>

#include "core/event/fields.hpp"
#include "core/event/ids.hpp"
#include "core/event/words.hpp"

namespace forktable {

// sigprocmask(2). Sets of signals: the lowest bit is signal 1. Real-time signals are left out.
struct MaskChanged {
  Masking how = Masking::kBlock;
  std::uint32_t signals = 0;  // that it was called with
  std::uint32_t before = 0;   // what was blocked until then,
  std::uint32_t blocked = 0;  // and what is from now on
  FORKTABLE_EVENT("mask_changed", kServer, kState, kAlways, "{how}")
  FORKTABLE_FIELDS(visit("how", self.how); visit("signals", self.signals); visit("before", self.before);
                   visit("blocked", self.blocked);)
};
// The program has written a pid into its list of children.
struct JobAdded {
  Pid job = 0;
  FORKTABLE_EVENT("job_added", kServer, kState, kAlways, "add {job}")
  FORKTABLE_FIELDS(visit("job", self.job);)
};
// The program has looked for a pid in its list of children, to take it out.
struct JobDeleted {
  Pid job = 0;
  int found = 0;  // 1: it was there, and is no more; 0: it wasn't there
  FORKTABLE_EVENT("job_deleted", kServer, kState, kAlways, found != 0 ? "delete {job}" : "{job} not found")
  FORKTABLE_FIELDS(visit("job", self.job); visit("found", self.found);)
};

}  // namespace forktable
