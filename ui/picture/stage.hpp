// What a lesson's picture keeps room for, from its first stop to its last: so everything keeps its place and its size.
#pragma once

#include <cstddef>
#include <vector>

#include "core/event/event.hpp"
#include "core/lesson/lesson.hpp"

namespace forktable {

// With a stage, what ended or changed in the lesson's latest step is shown, whatever the time is.
struct Stage {
  std::size_t slots = 0;         // a row for each client, and for each child that is there before; 0: no stage
  std::size_t server_rows = 2;   // of the descriptor table of the server, at most
  std::size_t server_notes = 0;  // lines of what else is said of the server: signals, errno, close-on-exec, its jobs
  std::size_t threads = 0;       // of the server, the first one not counted, at most
  std::size_t child_rows = 2;    // of a child's
  std::size_t child_notes = 0;   // lines of what else is said of a child
  Topics show;                   // what is in the picture at all
  std::size_t warnings = 0;      // how many things are wrong at the same time, at most
  bool beside = false;           // another server stands beside it, in a column
  explicit operator bool() const { return slots > 0; }
  friend bool operator==(const Stage&, const Stage&) = default;
};

// More clients than this have no rows of their own.
inline constexpr std::size_t kMostSlots = 7;
// With more than these, a process's table stands beside its calls, and not below them.
inline constexpr std::size_t kMostHighSlots = 1;

// Below this limit, it is said how many descriptors are in use.
inline constexpr int kFewDescriptors = 64;

// By what the lesson is going to do, and, in a recording, which has only its texts, by what it did.
Stage stage_of(const Lesson& lesson, const std::vector<Event>& events);

}  // namespace forktable
