// Makes one stream of several: what each process of the server tells, what the clients do, what the kernel says. Each
// of them is ordered in itself; how they go together is known by their times only.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "core/event/event.hpp"
#include "core/event/wire_decoder.hpp"

namespace forktable {

class EventQueue {
 public:
  explicit EventQueue(EventSink sink) : sink_(std::move(sink)) {}

  // Of one stream, in its order.
  void add(const Event& event) { added_.push_back(event); }
  bool empty() const { return added_.empty(); }
  // Tells all that has been added: by time, and what has the same time in the order in which it was added. What the
  // sink adds meanwhile waits for the next call. What is earlier than something that was told before comes too late to
  // be sorted: it is told all the same, and the World counts it (World::late).
  void flush();

 private:
  EventSink sink_;
  std::vector<Event> added_, told_;
  std::vector<std::pair<Nanoseconds, std::uint32_t>> order_;  // of told_: when, and which
};

}  // namespace forktable
