#include "core/trace/trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/trace/slices.hpp"
#include "core/world/describe.hpp"
#include "core/world/narrate.hpp"
#include "core/world/reduce.hpp"

namespace forktable {
namespace {

using Json = nlohmann::ordered_json;

// What the format calls processes are groups of tracks here, and what it calls threads are the tracks.
enum Group : std::uint8_t { kProcesses = 1, kClients, kReferences, kKernel };
constexpr const char* kGroupNames[] = {"processes", "clients", "references", "kernel"};

struct Track {
  Group group = kProcesses;
  std::int64_t number = 1;  // a process's pid, a client's number
};

// A pid that was used before gets so much more, and can still be read.
constexpr std::int64_t kUsedAgain = 10'000'000;

// An eighth of a microsecond is the shortest time that a decimal and a binary fraction can both tell. Tools reckon with
// the latter: of shorter times they would lose a nanosecond here and there, and with it what lies within what.
constexpr Nanoseconds kShortest = 125;

class Trace {
 public:
  explicit Trace(const std::vector<Event>& events) : events_(events) {
    find_tracks();
    find_times();
  }

  std::string write();

 private:
  void find_tracks();
  void find_times();
  double time_of(std::uint64_t step) const;

  void add(const char* phase, std::string_view name, Track track, std::uint64_t step, const Json& more);
  void add(const Slice& slice, const std::string& said);
  void add(const Instant& instant, const std::string& said);
  void add_fork_of(std::size_t child, std::uint64_t step);
  void add_references();
  void add_names();
  Json explained(std::uint64_t step, const std::string& said) const;
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
  std::string out_;
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
      Track track{kProcesses, process != nullptr ? process->pid : 0};
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

double Trace::time_of(std::uint64_t step) const {
  return static_cast<double>(times_[step - 1]) * kShortest / 1000.0;  // microseconds
}

std::string Trace::write() {
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
    const std::string said = begins || done || differs || agrees ? narrate(world_, event).said : std::string();
    reduce(world_, event);
    for (; slice != slices.end() && slice->from == step; ++slice) add(*slice, said);
    for (; instant != instants.end() && instant->step == step; ++instant) add(*instant, said);
    if (differs || agrees)
      add("i", differs ? "differs" : "agrees again", {kKernel}, step, {{"s", "t"}, {"args", explained(step, said)}});
    kernel_differed_ = kernel_differed_ || differs;
    add_references();
  }
  add_names();
  return "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n" + out_ + "\n]}\n";
}

// `step` 0: of no time.
void Trace::add(const char* phase, std::string_view name, Track track, std::uint64_t step, const Json& more) {
  Json json = {{"ph", phase}, {"name", name}, {"pid", track.group}, {"tid", track.number}};
  if (step > 0) json["ts"] = time_of(step);
  json.update(more);
  if (!out_.empty()) out_ += ",\n";
  out_ += json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void Trace::add(const Slice& slice, const std::string& said) {
  add("X", name_of(slice), tracks_[slice.lane], slice.from,
      {{"dur", time_of(slice.to) - time_of(slice.from)}, {"args", explained(slice.from, said)}});
  if (slice.kind == Slice::kLife && timeline_.lanes()[slice.lane].parent != kNoLane)
    add_fork_of(slice.lane, slice.from);
}

void Trace::add(const Instant& instant, const std::string& said) {
  add("i", instant.mark->label, tracks_[instant.lane], instant.step,
      {{"s", "t"}, {"args", explained(instant.step, said)}});
}

// An arrow needs slices at both its ends, of some length.
void Trace::add_fork_of(std::size_t child, std::uint64_t step) {
  const auto is_there = [&](const Lane& lane) {
    const Nanoseconds end = times_[std::min<std::uint64_t>(lane.dead, events_.size()) - 1];
    return times_[lane.born - 1] <= times_[step - 1] && times_[step - 1] < end;
  };
  const std::size_t parent = timeline_.lanes()[child].parent;
  if (!is_there(timeline_.lanes()[parent]) || !is_there(timeline_.lanes()[child])) return;
  add("s", "fork", tracks_[parent], step, {{"cat", "fork"}, {"id", child}});
  add("f", "fork", tracks_[child], step, {{"cat", "fork"}, {"id", child}, {"bp", "e"}});
}

void Trace::add_references() {
  const auto tell = [&](const Counter& counter) {
    add("C", counter.name, {kReferences}, world_.step, {{"args", {{"refcnt", counter.references}}}});
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
    add("M", what, track, 0, {{"args", {{"name", is}}}});
  };
  const auto sort = [&](const char* what, std::size_t index, Track track) {
    add("M", what, track, 0, {{"args", {{"sort_index", index}}}});
  };
  for (const Group group : {kProcesses, kClients, kReferences, kKernel}) {
    if (group == kKernel && !kernel_differed_) continue;
    name("process_name", kGroupNames[group - 1], {group});
    sort("process_sort_index", group, {group});
  }
  if (kernel_differed_) name("thread_name", "what differs", {kKernel});
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    name("thread_name", timeline_.lanes()[i].name, tracks_[i]);
    sort("thread_sort_index", i, tracks_[i]);
  }
}

Json Trace::explained(std::uint64_t step, const std::string& said) const {
  Json args = {{"step", step}, {"said", said}};
  if (events_[step - 1].line != 0) args["line"] = events_[step - 1].line;
  return args;
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
    case Slice::kAtGate:
      return process != nullptr && process->gate ? "waits at the gate of " + words_of(*process->gate)
                                                 : "waits at a gate";
    case Slice::kStopped: return "stopped";
    case Slice::kZombie: return "zombie";
  }
  return {};
}

}  // namespace

std::string trace_of(const std::vector<Event>& events) { return Trace(events).write(); }

}  // namespace forktable
