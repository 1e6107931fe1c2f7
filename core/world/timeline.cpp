#include "core/world/timeline.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/event/traits.hpp"
#include "core/world/describe.hpp"
#include "core/world/narrate.hpp"

namespace forktable {
namespace {

std::string in_words(const std::string& field, int value) {
  if (field == "signal") return signal_name(value);
  if (field == "error") return error_name(value);
  return std::to_string(value);
}

// Its mark, with its fields written in. Empty for what is no deed of a process or a client.
std::string mark_in_words(const What& what) {
  std::string mark(mark_of(what));
  const auto begin = mark.find('{'), end = mark.find('}');
  if (begin == std::string::npos) return mark;
  const std::string wanted = mark.substr(begin + 1, end - begin - 1);
  std::string value;
  const auto take = [&](const std::string& field, const auto& it) {
    using Field = std::remove_cvref_t<decltype(it)>;
    if (field != wanted) return;
    if constexpr (std::is_same_v<Field, ShortText>)
      value = printable(it.view());
    else if constexpr (std::is_enum_v<Field>)
      value = name_of(it);
    else if constexpr (std::is_integral_v<Field>)
      value = in_words(field, static_cast<int>(it));
  };
  std::visit([&]<class T>(const T& one) { T::fields(one, take); }, what);
  return mark.replace(begin, end - begin + 1, value);
}

// In the words of strace(1), without what the lane or the label says already.
std::string result_of(const Returned& returned, const std::string& label) {
  constexpr Call kSaidByLabel[] = {Call::kLoad,        Call::kStore,  Call::kSemop,
                                   Call::kSigprocmask, Call::kAddJob, Call::kDeleteJob};
  if (std::find(std::begin(kSaidByLabel), std::end(kSaidByLabel), returned.call) != std::end(kSaidByLabel))
    return label;
  if (returned.call == Call::kExec && returned.error == 0) return label;  // it never returns
  const bool of_descriptor = returned.call == Call::kClose;
  const std::string call = of_descriptor ? words_of(returned.call, returned.fd) : std::string(name_of(returned.call));
  if (returned.error != 0) return fmt::format("{} = -1 {}", call, error_name(returned.error));
  return of_descriptor ? call : fmt::format("{} = {}", call, returned.result);
}

std::string name_of_lane(const Process& process) {
  if (process.parent) return mention_of(process);
  return process.shape.has_children() ? "parent" : "server";
}

// Why it does nothing at the moment, if that is so.
std::optional<Lane::Span::Kind> pause_of(const Process& process) {
  if (process.life == Life::kDead) return Lane::Span::kZombie;
  if (process.life == Life::kReaped) return std::nullopt;
  if (process.stopped) return Lane::Span::kStopped;
  if (process.gate) return Lane::Span::kAtGate;
  if (is_asleep(process)) return Lane::Span::kBlocked;
  return std::nullopt;
}

std::optional<Lane::Span::Kind> pause_of(const Client& client) {
  const bool waits = client.state == Client::kConnecting || client.state == Client::kAwaitingEcho ||
                     client.state == Client::kHalfClosed;
  return waits ? std::optional(Lane::Span::kBlocked) : std::nullopt;
}

}  // namespace

void Timeline::append(const Event& event, const World& after) {
  ++steps_;
  if (is_narrated(event)) told_.push_back(steps_);
  if (const auto* stepped = std::get_if<LessonStepped>(&event.what))
    if (stepped->step > (stops_.empty() ? 0 : stops_.back().number)) stops_.push_back({stepped->step, steps_});

  const auto follow_pid = [&](Pid pid) {
    if (const Process* process = find_process(after, pid)) follow(*process);
  };
  if (std::holds_alternative<ServerNamed>(event.what) || std::holds_alternative<ProgramNamed>(event.what))
    if (const auto lane = by_process_.find(after.server); lane != by_process_.end())
      if (const Process* server = find_process(after, after.server)) lanes_[lane->second].name = name_of_lane(*server);
  follow_pid(event.pid);  // 0 is no process's, but in a recording that somebody made up
  if (const Forked* forked = std::get_if<Forked>(&event.what)) follow_pid(forked->child);
  // Whoever has ended in this step is among the latest of those that are gone.
  for (auto gone = after.departed.rbegin(); gone != after.departed.rend(); ++gone) {
    const auto known = by_process_.find(gone->id);
    if (known != by_process_.end() && lanes_[known->second].reaped != kOngoing) break;
    follow(*gone);
    lanes_[by_process_.at(gone->id)].reaped_by_parent =
        std::holds_alternative<Reaped>(event.what) || std::holds_alternative<ThreadJoined>(event.what);
  }
  const ClientId client = client_of(event.what);
  std::string deed = mark_in_words(event.what);
  if (const Process* process = client ? nullptr : find_process(after, event.pid))
    if (!deed.empty()) {
      const bool dead_before = std::holds_alternative<DeathSeen>(event.what) && process->ended_step != steps_;
      if (!dead_before) mark(by_process_.at(process->id), deed);
      if (std::holds_alternative<ForkCalled>(event.what) || std::holds_alternative<ThreadCreateCalled>(event.what))
        forked_[by_process_.at(process->id)] = steps_;
    }
  if (const Process* process = find_process(after, event.pid); process != nullptr && process->returned.step == steps_) {
    const std::size_t lane = by_process_.at(process->id);
    const bool forked = std::holds_alternative<Forked>(event.what) || std::holds_alternative<ThreadCreated>(event.what);
    take_result(lane, forked ? forked_[lane] : steps_, process->returned);
  }

  const auto follow_client = [&](ClientId id) {
    if (const Client* known = id ? find_client(after, id) : nullptr) follow(*known);
  };
  follow_client(client);
  if (std::holds_alternative<Accepted>(event.what))
    if (const Process* process = find_process(after, event.pid)) follow_client(process->serves);
  for (auto gone = after.gone_clients.rbegin(); gone != after.gone_clients.rend(); ++gone) {
    const auto known = by_client_.find(gone->id);
    if (known != by_client_.end() && lanes_[known->second].reaped != kOngoing) break;
    follow(*gone);
  }
  if (const auto known = by_client_.find(client); known != by_client_.end() && !deed.empty())
    mark(known->second, std::move(deed));
}

std::size_t Timeline::begin(const Process& process) {
  Lane lane;
  lane.process = process.id;
  lane.name = name_of_lane(process);
  lane.connection = process.parent ? process.connection : 0;
  lane.thread = static_cast<bool>(process.thread_of);
  lane.born = steps_;
  if (const auto parent = by_process_.find(process.parent); parent != by_process_.end()) {
    lane.parent = parent->second;
    if (const auto fork = forked_.find(lane.parent); fork != forked_.end()) lane.born = fork->second;
  }
  lanes_.push_back(std::move(lane));
  by_process_[process.id] = lanes_.size() - 1;
  return lanes_.size() - 1;
}

void Timeline::begin(const Client& client) {
  Lane lane;
  lane.client = client.id;
  lane.born = steps_;
  lanes_.push_back(std::move(lane));
  by_client_[client.id] = lanes_.size() - 1;
}

void Timeline::follow(const Process& process) {
  const auto known = by_process_.find(process.id);
  Lane& lane = lanes_[known != by_process_.end() ? known->second : begin(process)];
  if (process.life != Life::kAlive && lane.dead == kOngoing) lane.dead = steps_;
  if (process.life == Life::kReaped && lane.reaped == kOngoing) lane.reaped = steps_;
  enter(lane, pause_of(process));
}

void Timeline::follow(const Client& client) {
  if (by_client_.find(client.id) == by_client_.end()) begin(client);
  Lane& lane = lanes_[by_client_.at(client.id)];
  lane.name = title_of(client);
  lane.connection = client.connection_number;
  if (has_ended(client) && lane.dead == kOngoing) lane.dead = lane.reaped = steps_;
  enter(lane, pause_of(client));
}

void Timeline::mark(std::size_t lane, std::string label) {
  lanes_[lane].marks.push_back({steps_, label, std::move(label)});
}

void Timeline::take_result(std::size_t lane, std::uint64_t step, const Returned& returned) {
  auto& marks = lanes_[lane].marks;
  const auto mark = std::find_if(marks.rbegin(), marks.rend(), [&](const Lane::Mark& one) { return one.step <= step; });
  if (mark != marks.rend() && mark->step == step) mark->result = result_of(returned, mark->label);
}

void Timeline::enter(Lane& lane, std::optional<Lane::Span::Kind> kind) const {
  Lane::Span* last = lane.spans.empty() || lane.spans.back().to != kOngoing ? nullptr : &lane.spans.back();
  if (last != nullptr && kind == last->kind) return;
  if (last != nullptr) last->to = steps_;
  if (kind) lane.spans.push_back({*kind, steps_, kOngoing});
}

std::uint64_t Timeline::place_of(std::uint64_t step) const {
  return static_cast<std::uint64_t>(std::upper_bound(told_.begin(), told_.end(), step) - told_.begin());
}

std::uint64_t Timeline::step_of(std::uint64_t place) const {
  if (place >= told_.size()) return steps_;
  return told_at(place);
}

}  // namespace forktable
