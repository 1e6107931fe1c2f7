// How a server shares its work out: what anybody can see of it, whatever its program is.
#pragma once

#include <cstdint>

namespace forktable {

struct Shape {
  enum Trait : std::uint16_t {
    kForks = 1u << 0,         // a child for each client
    kPool = 1u << 1,          // children that are there before clients come, and accept for themselves
    kThreads = 1u << 2,       // a thread for each client
    kSelects = 1u << 3,       // it waits for all of its descriptors at once, with select
    kEpolls = 1u << 4,        // with epoll
    kExecs = 1u << 5,         // its children go on with another program, whose standard input is the connection
    kTellsParent = 1u << 6,   // its children write to their parent, into a FIFO
    kSharesMemory = 1u << 7,  // its processes share memory, with a semaphore
    kListsJobs = 1u << 8,     // it keeps a list of its children
  };
  std::uint16_t traits = 0;

  constexpr bool has(Trait trait) const { return (traits & trait) != 0; }
  // It is a parent whose children serve the clients.
  constexpr bool has_children() const { return has(kForks) || has(kPool); }
  // It waits for many clients at once.
  constexpr bool multiplexes() const { return has(kSelects) || has(kEpolls); }
  // While it does something for one client, it does nothing for another one.
  constexpr bool has_one_flow() const { return !has_children() && !has(kThreads); }
  // It serves one client after the other.
  constexpr bool is_iterative() const { return has_one_flow() && !multiplexes(); }

  friend bool operator==(Shape, Shape) = default;
};

}  // namespace forktable
