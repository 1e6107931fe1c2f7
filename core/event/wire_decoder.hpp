// Bytes from the report pipe, in whatever pieces they come, to events. Loses nothing in silence: bytes that
// are no record and reports that never came become events too.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/event/event.hpp"

namespace forktable {

using EventSink = std::function<void(const Event&)>;

class WireDecoder {
 public:
  // `began`: CLOCK_MONOTONIC in ns when the run began; event times count from there.
  explicit WireDecoder(Nanoseconds began) : began_(began) {}

  // Decodes what is whole and keeps the rest for the next call.
  void feed(std::span<const std::byte> bytes, const EventSink& sink);

  // To be called now and then when the pipe is empty. A report that is missing twice in a row is lost.
  // True when something is missing and another look is needed.
  bool settle(Nanoseconds now, const EventSink& sink);

 private:
  // A signal handler may report between the moment a report gets its number and the moment it is written,
  // so numbers come a little out of order; only a difference that stays is a loss.
  struct Tally {
    std::uint32_t received = 0;
    std::uint32_t expected = 0;   // highest number seen, plus 1
    std::uint32_t suspected = 0;  // how many were missing at the last look
  };

  void tell_losses(Pid pid, Tally& tally, Nanoseconds now, const EventSink& sink);

  Nanoseconds began_;
  std::vector<std::byte> rest_;
  std::uint32_t garbage_ = 0;
  std::size_t suspected_rest_ = 0;
  std::unordered_map<Pid, Tally> tallies_;
};

}  // namespace forktable
