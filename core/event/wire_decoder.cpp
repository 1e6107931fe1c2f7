#include "core/event/wire_decoder.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/event/wire.hpp"

namespace forktable {

void WireDecoder::feed(std::span<const std::byte> bytes, const EventSink& sink) {
  rest_.insert(rest_.end(), bytes.begin(), bytes.end());
  std::size_t at = 0;
  while (rest_.size() - at >= sizeof(WireRecord)) {
    WireRecord record;
    std::memcpy(&record, rest_.data() + at, sizeof record);
    auto event = decode(record);
    if (!event) {
      ++garbage_;
      ++at;
      continue;
    }
    event->at = event->at > began_ ? event->at - began_ : 0;
    if (garbage_ > 0) sink({event->at, 0, 0, GarbageSkipped{std::exchange(garbage_, 0)}});
    if (std::holds_alternative<ChildStarted>(event->what) || std::holds_alternative<ThreadStarted>(event->what))
      next_.erase(event->pid);  // somebody else's pid until now
    std::uint32_t& next = next_[event->pid];
    if (record.sequence > next) sink({event->at, event->pid, 0, ReportsLost{record.sequence - next}});
    next = std::max(next, record.sequence + 1);
    if (const auto* reaped = std::get_if<Reaped>(&event->what)) next_.erase(reaped->child);
    if (std::holds_alternative<ThreadEnded>(event->what)) next_.erase(event->pid);
    sink(*event);
    at += sizeof record;
  }
  rest_.erase(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(at));
}

bool WireDecoder::settle(Nanoseconds now, const EventSink& sink) {
  if (!rest_.empty() && suspected_rest_ == rest_.size()) {
    garbage_ += static_cast<std::uint32_t>(rest_.size());
    rest_.clear();
  }
  suspected_rest_ = rest_.size();
  if (garbage_ > 0) sink({now, 0, 0, GarbageSkipped{std::exchange(garbage_, 0)}});
  return suspected_rest_ > 0;
}

}  // namespace forktable
