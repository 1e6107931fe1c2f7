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

  // To be called now and then when the pipe is empty. What has been the beginning of a record twice in a row is
  // garbage. True when there is a beginning, and another look is needed.
  bool settle(Nanoseconds now, const EventSink& sink);

 private:
  Nanoseconds began_;
  std::vector<std::byte> rest_;
  std::uint32_t garbage_ = 0;
  std::size_t suspected_rest_ = 0;
  std::unordered_map<Pid, std::uint32_t> next_;  // the number of the report that each will tell next
};

}  // namespace forktable
