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
      tallies_.erase(event->pid);
    Tally& tally = tallies_[event->pid];
    ++tally.received;
    tally.expected = std::max(tally.expected, record.sequence + 1);
    if (const auto* reaped = std::get_if<Reaped>(&event->what)) {
      // Its last report was written before it could be reaped; its pid may come back any time now.
      if (const auto dead = tallies_.find(reaped->child); dead != tallies_.end()) {
        tell_losses(dead->first, dead->second, event->at, sink);
        tallies_.erase(dead);
      }
    }
    const bool last_word = std::holds_alternative<ThreadEnded>(event->what);
    if (last_word) {
      tell_losses(event->pid, tally, event->at, sink);
      tallies_.erase(event->pid);
    }
    sink(*event);
    at += sizeof record;
  }
  rest_.erase(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(at));
}

bool WireDecoder::settle(Nanoseconds now, const EventSink& sink) {
  bool look_again = false;
  if (!rest_.empty() && suspected_rest_ == rest_.size()) {
    garbage_ += static_cast<std::uint32_t>(rest_.size());
    rest_.clear();
  }
  suspected_rest_ = rest_.size();
  look_again = suspected_rest_ > 0;
  if (garbage_ > 0) sink({now, 0, 0, GarbageSkipped{std::exchange(garbage_, 0)}});
  for (auto& [pid, tally] : tallies_) {
    const std::uint32_t missing = tally.expected - std::min(tally.received, tally.expected);
    if (missing > 0 && missing == tally.suspected) tell_losses(pid, tally, now, sink);
    tally.suspected = missing;
    look_again = look_again || missing > 0;
  }
  return look_again;
}

void WireDecoder::tell_losses(Pid pid, Tally& tally, Nanoseconds now, const EventSink& sink) {
  if (tally.received >= tally.expected) return;
  sink({now, pid, 0, ReportsLost{tally.expected - tally.received}});
  tally.received = tally.expected;
}

}  // namespace forktable
