// A lesson: a server with its bugs, and steps with captions. Plain values; LESSONS.md says how to write one.
#pragma once

#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/event/enumerators.hpp"
#include "core/lesson/action.hpp"
#include "core/lesson/lines.hpp"
#include "core/program/server_setup.hpp"

namespace forktable {

inline constexpr std::size_t kMostLessonSteps = 100, kMostWildCards = 20;
inline constexpr std::size_t kLongestTitle = 80, kLongestText = 400;  // bytes: what a screen can show

// What a lesson is about: the rest is left out of its picture. LESSONS.md says what each is.
enum class Topic : std::uint8_t { kRefcnt, kTcp, kQueue, kServed, kSignals, kErrno, kCloexec, kJobs, kWaits };
inline constexpr std::string_view kTopicNames[] = {"refcnt", "tcp",     "queue", "served", "signals",
                                                   "errno",  "cloexec", "jobs",  "waits"};
static_assert(std::size(kTopicNames) == count_of<Topic>());
constexpr std::optional<Topic> find_topic(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kTopicNames); ++i)
    if (kTopicNames[i] == name) return static_cast<Topic>(i);
  return std::nullopt;
}

struct Topics {
  static constexpr std::uint32_t kAll = (1u << count_of<Topic>()) - 1;
  std::uint32_t value = kAll;  // a bit for each; all, if a lesson doesn't say
  constexpr bool has(Topic topic) const { return (value >> static_cast<int>(topic) & 1u) != 0; }
  constexpr void set(Topic topic) { value |= 1u << static_cast<int>(topic); }
  friend bool operator==(Topics, Topics) = default;
};

struct LessonStep {
  std::vector<LessonAction> actions;  // done in this order before `say` is shown
  std::string ask;                    // shown first, empty: nothing is asked
  std::string say;
  std::string means;     // empty: nothing to add
  bool reveals = false;  // from here on, what is wrong is shown: `diagnoses`
  bool measure = false;  // the last one: going on from it, the window measures what each server costs
  std::vector<std::string> diagnoses = {};  // their kinds; none: all
  Lines code = {};                          // that matter from this step on; none: as before
};

// A real project that was bitten.
struct WildCard {
  std::string project;      // "novnc/websockify", on GitHub
  std::uint32_t issue = 0;  // or pull request
  std::string what;
};

// What the World is like after the last step. Only what is written is compared.
struct LessonEnds {
  std::optional<std::vector<std::string>> diagnoses;  // their kinds, in any order
  std::map<std::string, std::uint64_t> counts;        // as in `inspect --json`: "accepted"
  std::map<std::string, std::uint32_t> refcounts;     // "listening", "connection 2"; 0: it has gone
  // "parent" or "server", "child 1", "thread 1", "client 2", as in `inspect --json`.
  std::map<std::string, std::string> states;
  // The counter of the address space of "parent" or "server", or of "child 1"; what "segment" and "semaphore" hold.
  std::map<std::string, int> values;
};

// A server as a lesson wants it.
struct LessonServer {
  ServerKind kind = ServerKind::kProcess;
  Bugs bugs = {};       // switched on from the beginning
  int descriptors = 0;  // RLIMIT_NOFILE of the server, 0: as it is
  int children = 0;     // most children at the same time, 0: no limit
};

struct Lesson {
  std::string name;  // stem of its file: "04-parent-forgets-connfd"
  int number = 0;    // that the name begins with, 0: none
  std::string title;
  std::string about;  // a sentence
  ServerKind server = ServerKind::kProcess;
  Bugs bugs;                           // switched on from the beginning
  int descriptors = 0;                 // RLIMIT_NOFILE of the server, 0: as it is
  int children = 0;                    // most children at the same time, 0: no limit
  std::optional<LessonServer> beside;  // another one runs beside it, with the same clients
  Topics show;
  Lines code;  // that matter; none: all
  std::vector<LessonStep> steps;
  std::vector<WildCard> wild;
  LessonEnds ends;
};

// Its last step is to measure what each server costs.
inline bool measures(const Lesson& lesson) { return !lesson.steps.empty() && lesson.steps.back().measure; }
// How many matter at the same time, at most.
std::size_t most_lines(const Lesson& lesson);
// Those that matter after so many steps.
const Lines& code_at(const Lesson& lesson, std::size_t steps);

// The server that the lesson wants: `server`, stepped, with the lesson's bugs added to its own, and the lesson's
// limits.
ServerSetup setup_for(const Lesson& lesson, ServerSetup server);
// The server beside that, if the lesson has one: not stepped, at any free port, without the bugs of `server`.
ServerSetup setup_beside(const Lesson& lesson, ServerSetup server);

}  // namespace forktable
