#include "core/trace/trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "core/event/traits.hpp"
#include "core/program/narrate_listing.hpp"
#include "core/recording/recording.hpp"
#include "core/trace/slices.hpp"
#include "core/world/describe.hpp"
#include "core/world/limits.hpp"
#include "core/world/reduce.hpp"

namespace forktable {
namespace {

// What the format calls processes are groups of tracks here, and what it calls threads are the tracks. A thread with
// the number of its process is taken for its main one and shown first, so client 1 should be that.
enum Group : std::uint8_t { kClients = 1, kProcesses, kReferences, kKernel };
struct {
  Group group;
  const char* name;
} constexpr kGroups[] = {
    {kProcesses, "processes"}, {kClients, "clients"}, {kReferences, "references"}, {kKernel, "kernel"}};  // as shown
static_assert(!is_enumerator<static_cast<Group>(std::size(kGroups) + 1)>());

struct Track {
  Group group = kProcesses;
  std::int64_t number = 1;  // a process's pid, a client's number
};

// To go through a counter takes so much longer than to look at a descriptor.
constexpr std::uint64_t kForAFile = 8;

// A pid that was used before gets so much more, and can still be read.
constexpr std::int64_t kUsedAgain = 10'000'000;

// An eighth of a microsecond is the shortest time that a decimal and a binary fraction can both tell. Tools reckon with
// the latter: of shorter times they would lose a nanosecond here and there, and with it what lies within what.
constexpr Nanoseconds kShortest = 125;

// As JSON; what is no UTF-8 in it becomes U+FFFD.
std::string in_quotes(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// Of those that chrome://tracing knows; Perfetto chooses its own.
const char* colour_of(Slice::Kind kind) {
  switch (kind) {
    case Slice::kBlocked: return R"(,"cname":"grey")";
    case Slice::kAtGate: return R"(,"cname":"yellow")";
    case Slice::kStopped: return R"(,"cname":"olive")";
    case Slice::kZombie: return R"(,"cname":"bad")";
    default: return "";  // by its name
  }
}

double in_microseconds(Nanoseconds shortest) { return static_cast<double>(shortest) * kShortest / 1000.0; }

class Trace {
 public:
  explicit Trace(const std::vector<Event>& events) : events_(events) {
    find_tracks();
    find_times();
  }

  Result<std::string> write(std::size_t first_line) &&;

 private:
  void find_tracks();
  void find_times();
  double time_of(std::uint64_t step) const { return in_microseconds(times_[step - 1]); }

  void add(char phase, std::string_view name, Track track, const std::string& more);
  void add(const Slice& slice, const std::string& said);
  void add_instant(std::string_view name, Track track, std::uint64_t step, const std::string& said);
  void add_fork_of(std::size_t child, std::uint64_t step);
  void add_references();
  void add_names();
  std::string explained(std::uint64_t step, const std::string& said) const;
  std::string name_of(const Slice& slice) const;

  const std::vector<Event>& events_;
  Timeline timeline_;
  std::vector<Track> tracks_;       // of its lanes
  std::vector<Nanoseconds> times_;  // of the events, in kShortest since the first
  World world_;                     // after the event that is written
  struct Counter {
    std::string name;
    std::uint32_t references = 0;
  };
  std::map<FileId, Counter> counters_;
  bool kernel_differed_ = false;
  std::string out_ = R"({"displayTimeUnit":"ms","traceEvents":[)";
};

void Trace::find_tracks() {
  std::set<std::int64_t> used;
  World world;
  for (const Event& event : events_) {
    reduce(world, event);
    timeline_.append(event, world);
    while (tracks_.size() < timeline_.lanes().size()) {
      const Lane& lane = timeline_.lanes()[tracks_.size()];
      if (lane.client) {
        tracks_.push_back({kClients, lane.client.value});
        continue;
      }
      const Process* process = find_process(world, lane.process);
      // A number below 1, which is no pid, would be no track either.
      Track track{kProcesses, process != nullptr && process->pid > 0 ? process->pid : kUsedAgain};
      while (!used.insert(track.number).second) track.number += kUsedAgain;
      tracks_.push_back(track);
    }
  }
}

// Reports may be told later than what happened after them. Here time only goes forward, as the steps do.
void Trace::find_times() {
  if (events_.empty()) return;
  Nanoseconds latest = events_.front().at;
  for (const Event& event : events_) {
    latest = std::max(latest, event.at);
    times_.push_back((latest - events_.front().at) / kShortest);
  }
}

Result<std::string> Trace::write(std::size_t first_line) && {
  std::uint64_t counted = 0;
  const std::vector<Slice> slices = slices_of(events_, timeline_);
  const std::vector<Instant> instants = instants_of(events_, timeline_);
  auto slice = slices.begin();
  auto instant = instants.begin();
  for (std::uint64_t step = 1; step <= events_.size(); ++step) {
    const Event& event = events_[step - 1];
    const bool differs = std::holds_alternative<DifferenceSeen>(event.what);
    const bool agrees = std::holds_alternative<DifferenceGone>(event.what);
    const bool begins = slice != slices.end() && slice->from == step;
    const bool done = instant != instants.end() && instant->step == step;
    const bool told = begins || done || differs || agrees;
    const std::string said = told ? narrate_listing(world_, event).said : std::string();
    reduce(world_, event);
    const bool counts = moves_of(event.what) == Moves::kReferences;
    if (told || counts) counted += present_in(world_) + kForAFile * world_.files.size();
    if (counted > kMostTraced)
      return failure(
          fmt::format("{} is too much: references are counted at each step, {} so far: keep only the lines "
                      "before this one",
                      place_in_recording(step, first_line), counted));
    for (; slice != slices.end() && slice->from == step; ++slice) add(*slice, said);
    for (; instant != instants.end() && instant->step == step; ++instant)
      add_instant(instant->mark->label, tracks_[instant->lane], step, said);
    if (differs || agrees) add_instant(differs ? "differs" : "agrees again", {kKernel}, step, said);
    kernel_differed_ = kernel_differed_ || differs;
    if (counts) add_references();
  }
  add_names();
  out_ += "\n]}\n";
  return std::move(out_);
}

void Trace::add(char phase, std::string_view name, Track track, const std::string& more) {
  out_ += out_.back() == '}' ? ",\n" : "\n";
  fmt::format_to(std::back_inserter(out_), R"({{"ph":"{}","name":{},"pid":{},"tid":{},{}}})", phase, in_quotes(name),
                 static_cast<int>(track.group), track.number, more);
}

void Trace::add(const Slice& slice, const std::string& said) {
  const double from = time_of(slice.from), to = time_of(slice.to);
  add('X', name_of(slice), tracks_[slice.lane],
      fmt::format(R"("ts":{},"dur":{}{},{})", from, to - from, colour_of(slice.kind), explained(slice.from, said)));
  if (slice.kind == Slice::kLife && timeline_.lanes()[slice.lane].parent != kNoLane)
    add_fork_of(slice.lane, slice.from);
}

void Trace::add_instant(std::string_view name, Track track, std::uint64_t step, const std::string& said) {
  add('i', name, track, fmt::format(R"("ts":{},"s":"t",{})", time_of(step), explained(step, said)));
}

// An arrow goes from slice to slice. Its time lies well inside of both: at their very beginning, tools take what ended
// there.
void Trace::add_fork_of(std::size_t child, std::uint64_t step) {
  const Nanoseconds at = times_[step - 1] + 1;
  const auto is_there = [&](const Lane& lane) {
    return times_[lane.born - 1] < at && at < times_[std::min<std::uint64_t>(lane.dead, events_.size()) - 1];
  };
  const std::size_t parent = timeline_.lanes()[child].parent;
  if (!is_there(timeline_.lanes()[parent]) || !is_there(timeline_.lanes()[child])) return;
  const std::string flow = fmt::format(R"("ts":{},"cat":"fork","id":{})", in_microseconds(at), child);
  add('s', "fork", tracks_[parent], flow);
  add('f', "fork", tracks_[child], flow + R"(,"bp":"e")");
}

void Trace::add_references() {
  const auto tell = [&](const Counter& counter) {
    add('C', counter.name, {kReferences},
        fmt::format(R"("ts":{},"args":{{"refcnt":{}}})", time_of(world_.step), counter.references));
  };
  const std::vector<std::uint32_t> references = count_references(world_);
  auto known = counters_.begin();
  const auto forget_those_before = [&](FileId id) {
    while (known != counters_.end() && known->first < id) {
      tell({known->second.name, 0});
      known = counters_.erase(known);
    }
  };
  for (std::size_t i = 0; i < world_.files.size(); ++i) {
    const OpenFile& file = world_.files[i];
    if (file.kind == FileKind::kPlumbing) continue;
    forget_those_before(file.id);
    if (known == counters_.end() || known->first != file.id)
      known = counters_.insert(known, {file.id, {title_of(file), 0}});
    if (known->second.references != references[i]) {
      known->second.references = references[i];
      tell(known->second);
    }
    ++known;
  }
  forget_those_before(FileId{std::numeric_limits<std::uint32_t>::max()});
}

void Trace::add_names() {
  const auto name = [&](const char* what, std::string_view is, Track track) {
    add('M', what, track, fmt::format(R"("args":{{"name":{}}})", in_quotes(is)));
  };
  const auto sort = [&](const char* what, std::size_t index, Track track) {
    add('M', what, track, fmt::format(R"("args":{{"sort_index":{}}})", index));
  };
  for (std::size_t i = 0; i < std::size(kGroups); ++i) {
    const Track group{kGroups[i].group};
    if (group.group == kKernel && !kernel_differed_) continue;
    name("process_name", kGroups[i].name, group);
    sort("process_sort_index", i, group);
  }
  if (kernel_differed_) name("thread_name", "what differs", {kKernel});
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    name("thread_name", timeline_.lanes()[i].name, tracks_[i]);
    sort("thread_sort_index", i, tracks_[i]);
  }
}

std::string Trace::explained(std::uint64_t step, const std::string& said) const {
  const std::uint32_t line = events_[step - 1].line;
  return fmt::format(R"("args":{{"step":{},"said":{}{}}})", step, in_quotes(said),
                     line != 0 ? fmt::format(R"(,"line":{})", line) : "");
}

// At the step at which it begins.
std::string Trace::name_of(const Slice& slice) const {
  const Lane& lane = timeline_.lanes()[slice.lane];
  const Process* process = lane.process ? find_process(world_, lane.process) : nullptr;
  switch (slice.kind) {
    case Slice::kLife: return lane.name;
    case Slice::kInFork: return "fork";
    case Slice::kInHandler: return "in a signal handler";
    case Slice::kBlocked:
      if (process != nullptr) return "blocked in " + call_of(*process);
      if (const Client* client = find_client(world_, lane.client)) return doing(*client);
      return "blocked";
    case Slice::kAtGate: return process != nullptr && process->gate ? "gate: " + words_of(*process->gate) : "gate";
    case Slice::kStopped: return "stopped";
    case Slice::kZombie: return "zombie";
  }
  return {};
}

}  // namespace

Result<std::string> trace_of(const std::vector<Event>& events, std::size_t first_line) {
  return Trace(events).write(first_line);
}

}  // namespace forktable
