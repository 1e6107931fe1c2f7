// What each server costs, as figures that were measured, and what of them is shared, as the kernel says it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/event/words.hpp"
#include "core/system/result.hpp"

namespace forktable {

// What was measured, or the reason why it can't be: "the other clients wait".
template <class T>
struct Measured {
  std::optional<T> value;
  std::string reason;
};
using Figure = Measured<double>;
using Answer = Measured<bool>;

// Between what serves one client and what serves another: two processes, two threads, or one and the same.
struct SharedThings {
  Answer descriptors, open_files, globals;
};

struct CostsAt {
  int clients = 0;
  Figure memory_per_client, first_byte, first_byte_p95, connections_per_second, context_switches, processes, threads;
};

struct ServerCosts {
  ServerKind kind = ServerKind::kProcess;
  SharedThings shares;
  std::vector<CostsAt> at;
};

struct CostTable {
  std::string measured_at;  // ISO 8601, UTC
  int cpus = 0;
  std::string kernel;  // its release: "6.1.0-18-amd64"
  std::vector<int> clients;
  std::vector<ServerCosts> servers;
};

// Of each question its name in JSON, and for people.
struct AnswerKind {
  std::string_view key, title;
  Answer SharedThings::*of;
};
inline constexpr AnswerKind kAnswerKinds[] = {
    {"descriptors", "descriptor table", &SharedThings::descriptors},
    {"open_files", "open files", &SharedThings::open_files},
    {"globals", "global variables", &SharedThings::globals},
};

// Of each figure its name in JSON, its name and unit for people, and how it is measured.
struct FigureKind {
  std::string_view key, title, unit, how;
  Figure CostsAt::*of;
};
inline constexpr FigureKind kFigureKinds[] = {
    {"memory_per_client_kib", "Memory per client", "KiB",
     "PSS of all its processes but for the program's file, with clients that were served once and are quiet, minus "
     "that "
     "before the first came, divided by the clients",
     &CostsAt::memory_per_client},
    {"first_byte_ms", "Time to first byte", "ms",
     "from connect to the first echoed byte, all clients at once, five times and more; median", &CostsAt::first_byte},
    {"first_byte_p95_ms", "Time to first byte, 95 %", "ms", "the same; 95 % of the clients have it within this time",
     &CostsAt::first_byte_p95},
    {"connections_per_second", "Connections per second", "1/s",
     "connect, a line, its echo, close, over and over, by so many clients at once; median of five rounds",
     &CostsAt::connections_per_second},
    {"context_switches_per_connection", "Context switches per connection", "",
     "voluntary and involuntary, of all its processes and threads, meanwhile", &CostsAt::context_switches},
    {"processes", "Processes", "", "with so many clients connected", &CostsAt::processes},
    {"threads", "Threads", "", "in all processes together, with so many clients connected", &CostsAt::threads},
};

// A figure as people read it: "0.14", "9.6", "18 400"; "-" for none.
std::string shown(const Figure& figure);
// "yes", "no" or "?".
std::string_view shown(const Answer& answer);

// One object, for programs: FORMAT is documented in forktable(1).
std::string json_of(const CostTable& table);
// For people, at a terminal of 80 columns.
std::string text_of(const CostTable& table, bool colour);

}  // namespace forktable
