#include "core/trace/slices.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace forktable {
namespace {

bool is_fork(const Event& event) { return std::holds_alternative<ForkCalled>(event.what); }
bool is_signal(const Event& event) { return std::holds_alternative<SignalDelivered>(event.what); }

// When fork returned, and when a handler did: by the step at which it began.
std::map<std::uint64_t, std::uint64_t> returns_in(const std::vector<Event>& events) {
  std::map<std::pair<Pid, int>, std::uint64_t> begun;  // by process and signal, which is 0 for fork
  std::map<std::uint64_t, std::uint64_t> returns;
  for (std::uint64_t step = 1; step <= events.size(); ++step) {
    const Event& event = events[step - 1];
    const auto begins = [&](int signal) { begun[{event.pid, signal}] = step; };
    const auto ends = [&](int signal) {
      const auto known = begun.find({event.pid, signal});
      if (known == begun.end()) return;
      returns[known->second] = step;
      begun.erase(known);
    };
    if (is_fork(event)) begins(0);
    if (std::holds_alternative<Forked>(event.what)) ends(0);
    if (const CallFailed* failed = std::get_if<CallFailed>(&event.what))
      if (failed->call == Call::kFork) ends(0);
    if (const SignalDelivered* delivered = std::get_if<SignalDelivered>(&event.what)) begins(delivered->signal);
    if (const HandlerReturned* returned = std::get_if<HandlerReturned>(&event.what)) ends(returned->signal);
  }
  return returns;
}

Slice::Kind kind_of(Lane::Span::Kind kind) {
  switch (kind) {
    case Lane::Span::kBlocked: return Slice::kBlocked;
    case Lane::Span::kAtGate: return Slice::kAtGate;
    case Lane::Span::kStopped: return Slice::kStopped;
    case Lane::Span::kZombie: return Slice::kZombie;
  }
  return Slice::kBlocked;
}

// Reports may arrive in an order in which a process was stopped before it called fork, and went on while it was still
// in it. Tools only know slices within slices: what reaches out of another ends with it.
void nest(std::vector<Slice>& slices) {
  std::stable_sort(slices.begin(), slices.end(),
                   [](const Slice& a, const Slice& b) { return a.from != b.from ? a.from < b.from : a.to > b.to; });
  std::vector<std::uint64_t> ends;  // of what is open
  for (Slice& slice : slices) {
    while (!ends.empty() && ends.back() <= slice.from) ends.pop_back();
    if (!ends.empty()) slice.to = std::min(slice.to, ends.back());
    ends.push_back(slice.to);
  }
}

}  // namespace

std::vector<Slice> slices_of(const std::vector<Event>& events, const Timeline& timeline) {
  const auto returns = returns_in(events);
  const std::uint64_t last = events.size();
  std::vector<Slice> all;
  for (std::size_t i = 0; i < timeline.lanes().size(); ++i) {
    const Lane& lane = timeline.lanes()[i];
    std::vector<Slice> slices = {{Slice::kLife, i, lane.born, std::min(lane.dead, last)}};
    for (const Lane::Span& span : lane.spans)
      slices.push_back({kind_of(span.kind), i, span.from, std::min(span.to, last)});
    for (const Lane::Mark& mark : lane.marks) {
      const Event& event = events[mark.step - 1];
      if (!is_fork(event) && !is_signal(event)) continue;
      const auto returned = returns.find(mark.step);
      slices.push_back({is_fork(event) ? Slice::kInFork : Slice::kInHandler, i, mark.step,
                        returned != returns.end() ? returned->second : last});
    }
    nest(slices);
    all.insert(all.end(), slices.begin(), slices.end());
  }
  std::stable_sort(all.begin(), all.end(), [](const Slice& a, const Slice& b) { return a.from < b.from; });
  return all;
}

std::vector<Instant> instants_of(const std::vector<Event>& events, const Timeline& timeline) {
  std::vector<Instant> all;
  for (std::size_t i = 0; i < timeline.lanes().size(); ++i)
    for (const Lane::Mark& mark : timeline.lanes()[i].marks)
      if (const Event& event = events[mark.step - 1]; !is_fork(event) && !is_signal(event))
        all.push_back({i, mark.step, &mark});
  std::stable_sort(all.begin(), all.end(), [](const Instant& a, const Instant& b) { return a.step < b.step; });
  return all;
}

}  // namespace forktable
