// What happened, as lanes: one for each process and one for each client, with what it did, and when it waited, for
// whom it was born and by whom it was reaped.
#pragma once

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/world/world.hpp"

namespace forktable {

inline constexpr std::uint64_t kOngoing = std::numeric_limits<std::uint64_t>::max();  // "to" of what isn't over
inline constexpr std::size_t kNoLane = std::numeric_limits<std::size_t>::max();

struct Lane {
  // Something that it did, at an event of the session, from 1.
  struct Mark {
    std::uint64_t step = 0;
    std::string label;   // "accept", "close 4", "EOF"; short
    std::string result;  // with what it returned, once it has: "accept = 4", "close(4)", "fork = 4243"; else the label
  };
  // A time in which it did nothing, and why.
  struct Span {
    enum Kind : std::uint8_t { kBlocked, kAtGate, kStopped, kZombie } kind = kBlocked;
    std::uint64_t from = 0, to = kOngoing;
  };

  ProcessId process;             // or
  ClientId client;               // the other is none
  std::string name;              // "4242 server", "4243 child 1", "client 1"
  std::uint32_t connection = 0;  // whose colour it has; 0: none
  std::size_t parent = kNoLane;  // of a child
  std::uint64_t born = 0;        // its first step; a child's is its parent's call of fork
  std::uint64_t dead = kOngoing;
  std::uint64_t reaped = kOngoing;  // or, a client, gone
  bool reaped_by_parent = false;
  bool thread = false;      // of its parent's process
  std::vector<Mark> marks;  // by step
  std::vector<Span> spans;  // by step; they don't overlap
};

// Where a lesson has stopped after one of its steps.
struct LessonStop {
  std::uint32_t number = 0;  // of the lesson's step, from 1
  std::uint64_t step = 0;    // of the session
};

// Places are steps without those that nobody would tell of, such as the reaching of a gate: 0 is before anything
// happened, and each step that is told of is one further.
class Timeline {
 public:
  // To be called for each event in its turn; `after` is the World that it led to.
  void append(const Event& event, const World& after);

  const std::vector<Lane>& lanes() const { return lanes_; }  // in the order in which they began
  std::uint64_t steps() const { return steps_; }             // events so far
  std::uint64_t places() const { return told_.size(); }      // the last place
  // Those of a lesson that have been come to, by step, and with ascending numbers.
  const std::vector<LessonStop>& stops() const { return stops_; }

  // The place of the latest told step that isn't after `step`.
  std::uint64_t place_of(std::uint64_t step) const;
  // The step that is told of at this place, at most places(); the last place stands for all that has happened, and
  // so for steps().
  std::uint64_t step_of(std::uint64_t place) const;
  // The step itself that is told of at this place; 0 for 0.
  std::uint64_t told_at(std::uint64_t place) const { return place == 0 ? 0 : told_[place - 1]; }

 private:
  std::size_t begin(const Process& process);
  void begin(const Client& client);
  void follow(const Process& process);
  void follow(const Client& client);
  void mark(std::size_t lane, std::string label);
  void take_result(std::size_t lane, std::uint64_t step, const Returned& returned);
  void enter(Lane& lane, std::optional<Lane::Span::Kind> kind) const;

  std::vector<Lane> lanes_;
  std::vector<std::uint64_t> told_;
  std::vector<LessonStop> stops_;
  std::uint64_t steps_ = 0;
  std::map<ProcessId, std::size_t> by_process_;
  std::map<ClientId, std::size_t> by_client_;
  std::map<std::size_t, std::uint64_t> forked_;  // by lane: when it called fork last
};

}  // namespace forktable
