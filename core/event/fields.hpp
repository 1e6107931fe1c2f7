// What is said of an event where it is defined, once for all: its name, its traits and its fields.
#pragma once

#include <cstdint>
#include <string_view>

namespace forktable {

// Who may tell of it. Only what a server's process may tell is taken from the report pipe.
enum class Teller : std::uint8_t { kServer, kForktable, kKernel };

// What it changes: nothing that the kernel could be asked about, something, or also who refers to which open file.
enum class Moves : std::uint8_t { kNothing, kState, kReferences };

// Whether it is narrated. The rest is bookkeeping: gates, a lesson's stops, what the kernel says when it is asked. With
// many clients, reads and writes are left out too; they would bury the rest.
enum class Narrated : std::uint8_t { kNever, kAlways, kUnlessCrowded };

}  // namespace forktable

// The event's mark in the timeline is the last: empty for none, and it may name a field: "close {fd}".
#define FORKTABLE_EVENT(event_name, who, what, when, mark_of_event) \
  static constexpr std::string_view name = event_name;              \
  static constexpr Teller teller = Teller::who;                     \
  static constexpr Moves moves = Moves::what;                       \
  static constexpr Narrated narrated = Narrated::when;              \
  constexpr std::string_view mark() const { return mark_of_event; }
#define FORKTABLE_FIELDS(...) \
  static constexpr void fields([[maybe_unused]] auto& self, [[maybe_unused]] auto&& visit) { __VA_ARGS__ }
