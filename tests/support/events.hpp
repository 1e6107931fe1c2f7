// Events for tests, one of every kind, and a way to compare and print them. All of it goes by the events' own
// list of fields, so that a new kind of event is tested without a line of code here.
#pragma once

#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "core/event/event.hpp"

namespace forktable {

// "accepted listenfd=3 connfd=4 peer_port=40001": how events are compared and how a failed test prints them.
std::string text_of(const What& what);
std::string text_of(const Event& event);

bool operator==(const Event& a, const Event& b);
std::ostream& operator<<(std::ostream& out, const Event& event);

}  // namespace forktable

namespace forktable::test {

using Random = std::mt19937_64;

// At least `low`, at most `high`.
std::int64_t number_between(Random& random, std::int64_t low, std::int64_t high);
bool one_in(Random& random, int n);

inline constexpr std::size_t kKinds = std::variant_size_v<What>;

// What its fields are filled with.
enum class Values {
  kAny,   // whatever fits into the field
  kTame,  // few different descriptors, pids, clients and ports, so that they meet each other
};
What random_what(Random& random, std::size_t kind, Values values);

// One of every kind, in the order of What, with times, pids and lines.
std::vector<Event> one_of_every_kind(Random& random, Values values = Values::kAny);

// Well-formed UTF-8 that fits into a ShortText: letters, control bytes, markup, and characters of every
// length.
ShortText random_text(Random& random);

// Those among the events that are such, in their order.
template <class T>
std::vector<T> only(const std::vector<Event>& events) {
  std::vector<T> all;
  for (const Event& event : events)
    if (const T* what = std::get_if<T>(&event.what)) all.push_back(*what);
  return all;
}

}  // namespace forktable::test
