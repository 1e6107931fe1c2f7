// Whether a server and its clients have come to rest: each process waits at a gate, is blocked in a call or has ended,
// by its own word and the kernel's, and nothing has been told for as long as it takes a session to hear everything.
#pragma once

#include <set>

#include "core/world/world.hpp"

namespace forktable {

class Rest {
 public:
  // `world` is the one that the events lead to, and must outlive it.
  explicit Rest(const World& world) : world_(world) {}

  // Behind reduce().
  void take(const Event& event);
  // That process has been allowed a step, and isn't at rest until it is heard of again.
  void grant(Pid pid) { granted_.insert(pid); }
  // Something has been done that will move them.
  void disturb();
  // To be called every few milliseconds: it takes some looks in a row.
  void look();
  bool has_come() const;
  // CLOCK_MONOTONIC: nothing has moved since.
  Nanoseconds since() const { return since_; }

 private:
  bool is_at_rest(const Process& process) const;

  const World& world_;
  std::set<Pid> granted_;
  bool news_ = false;  // since the last look
  int looks_ = 0;      // in a row
  Nanoseconds since_ = 0;
};

}  // namespace forktable
