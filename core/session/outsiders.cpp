#include "core/session/outsiders.hpp"

#include <algorithm>
#include <utility>

#include "core/system/clock.hpp"

namespace forktable {
namespace {

// Looking up names in /proc takes milliseconds, more on a larger machine: for each nanosecond of looking, so many of
// not looking. Those who come meanwhile are looked up all at once.
constexpr Nanoseconds kLookUpShare = 10;
constexpr std::size_t kMostUnnamed = 1024, kMostNamed = 1024;
constexpr Nanoseconds kAgain = kSecond / 2;

template <class T>
void push(std::deque<T>& all, std::size_t most, T one) {
  if (all.size() == most) all.pop_front();
  all.push_back(std::move(one));
}

}  // namespace

void Outsiders::note(const Event& event) {
  if (const auto* listened = std::get_if<Listened>(&event.what)) {
    if (server_.port == 0) server_ = listened->port;
  } else if (const auto* connecting = std::get_if<ClientConnecting>(&event.what)) {
    expected_.insert(connecting->port);
  } else if (const auto* accepted = std::get_if<Accepted>(&event.what)) {
    if (expected_.erase(accepted->peer) == 0) meet(accepted->peer, event.at);
  }
}

void Outsiders::meet_in_queue(Address address) {
  if (expected_.insert(address).second) meet(address, std::nullopt);
}

void Outsiders::clear() {
  server_ = {};
  expected_.clear();
  unnamed_.clear();
  named_.clear();
}

void Outsiders::meet(Address address, std::optional<Nanoseconds> at) {
  const ClientId id = number_();
  tell_(at, 0, OutsiderConnected{id, address});
  push(unnamed_, kMostUnnamed, Known{id, address, std::nullopt});
  if (next_ask_ <= monotonic_now()) ask();
}

std::optional<Nanoseconds> Outsiders::due() const {
  std::optional<Nanoseconds> due;
  if (!unnamed_.empty()) due = next_ask_;
  if (!named_.empty()) due = due ? std::min(*due, next_again_) : next_again_;
  return due;
}

void Outsiders::work() {
  const Nanoseconds now = monotonic_now();
  if (!named_.empty() && next_again_ <= now) ask_again();
  if (!unnamed_.empty() && next_ask_ <= now) ask();
}

void Outsiders::ask() {
  const Nanoseconds began = monotonic_now();
  const auto asked = std::exchange(unnamed_, {});
  std::vector<SocketEnd> ends;
  ends.reserve(asked.size());
  for (const Known& one : asked) ends.push_back({one.address, server_});
  if (!kernel_)
    if (auto opened = SockDiag::open()) kernel_ = std::move(*opened);
  const auto found = kernel_ ? find_outsiders(*kernel_, ends) : failure("");
  for (std::size_t i = 0; found && i < found->size(); ++i) {
    const Known& one = asked[i];
    if (const Whose& whose = (*found)[i]) {
      if (named_.empty()) next_again_ = began + kAgain;
      tell_(std::nullopt, whose->pid, OutsiderNamed{one.client, valid_utf8(ShortText(whose->program))});
      push(named_, kMostNamed, Known{one.client, one.address, *whose});
    } else if (!one.as || whose.error() == Unnamed::kForbidden) {
      tell_(std::nullopt, 0, OutsiderUnnamed{one.client, whose.error()});
    }
  }
  const Nanoseconds ended = monotonic_now();
  next_ask_ = ended + kLookUpShare * (ended - began);
}

// Cheap for all who are as they were.
void Outsiders::ask_again() {
  const Nanoseconds began = monotonic_now();
  for (Known& one : std::exchange(named_, {})) {
    auto program = program_with_socket(*one.as);
    if (!program) {
      push(unnamed_, kMostUnnamed, std::move(one));
      continue;
    }
    if (*program != one.as->program) {
      one.as->program = std::move(*program);
      tell_(std::nullopt, one.as->pid, OutsiderNamed{one.client, valid_utf8(ShortText(one.as->program))});
    }
    named_.push_back(std::move(one));
  }
  const Nanoseconds ended = monotonic_now();
  next_again_ = ended + std::max(kAgain, kLookUpShare * (ended - began));
}

}  // namespace forktable
