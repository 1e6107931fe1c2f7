// Tells the clients that come from outside from our own, and finds out which programs they are: at once, for many are
// gone a millisecond later; and again while they have their connection, for a process may start another program, and
// another process may get the connection from it.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "core/event/event.hpp"
#include "core/kernel/outsider.hpp"

namespace forktable {

class Outsiders {
 public:
  // `tell`: what there is to be told, now or, of a connection, when it was made; `number` numbers a new client.
  using Tell = std::function<void(std::optional<Nanoseconds> at, Pid, const What&)>;
  using Number = std::function<ClientId()>;
  Outsiders(Tell tell, Number number) : tell_(std::move(tell)), number_(std::move(number)) {}

  // Every event of the session, as soon as it is known.
  void note(const Event& event);
  // Of a client that waits for accept. One that is known already isn't told of again.
  void meet_in_queue(Address address);
  // Another server is about to be started.
  void clear();

  // When to work next; nothing if nobody is from outside. CLOCK_MONOTONIC.
  std::optional<Nanoseconds> due() const;
  void work();

 private:
  struct Known {
    ClientId client;
    Address address;
    std::optional<Outsider> as;  // as it was named; nothing: it has never been
  };
  void meet(Address address, std::optional<Nanoseconds> at);
  void ask();
  void ask_again();

  Tell tell_;
  Number number_;
  std::optional<SockDiag> kernel_;  // opened for the first one
  Address server_;
  std::set<Address> expected_;  // of all clients that are known: accept hasn't returned them yet
  std::deque<Known> unnamed_;   // to be asked
  std::deque<Known> named_;     // to be asked again
  Nanoseconds next_ask_ = 0, next_again_ = 0;
};

}  // namespace forktable
