// Runs of a correct server, made up: what happens in it, in every process, and which of it must be told
// before which. Everything else may be told either way round, and is: that is what reduce() has to stand.
//
// A small kernel is simulated: an accept queue, descriptor tables, zombies, SIGCHLD, pids that come back.
// Processes take their steps in random turns; the SIGCHLD handler runs in the middle of whatever the parent
// is in. What each step tells is a Happening. The order in which happenings took place is one order of many:
//   - the reports of one process come in the order of its steps;
//   - fork_called comes before anything from the child;
//   - all of a child's reports come before its reaping is reported;
//   - a client has connected before accept returns it;
//   - what Forktable sees of a process from outside comes after the reports that made it look, in the order
//   in
//     which it saw it, and before the process is reaped.
#pragma once

#include <map>
#include <vector>

#include "core/world/world.hpp"
#include "tests/support/events.hpp"

namespace forktable::test {

struct Happening {
  std::vector<Event> events;  // told together: one, or two of which the second is Forktable's own conclusion
  std::vector<int> after;     // happenings that are told before this one, in every order
};

// What the simulated kernel would say at the end, when all has been told.
struct Truth {
  struct Process {
    bool zombie = false;
    std::map<int, int> descriptors;  // fd -> 0: listening socket, n: the nth connection
    std::string call;                // which it is in, such as "accept(3)", whether or not a handler runs
    bool in_handler = false;
    bool at_gate = false;
    std::vector<Pid> jobs = {};  // its list of its children
  };
  std::map<Pid, Process> processes;
  std::map<int, std::uint32_t> references;  // of each open file, by the same numbers
  Counts counts;
};

struct GeneratedRun {
  std::vector<Happening> happenings;
  Truth truth;
};

struct Plan {
  int clients = 3;
  bool told_by_clients = true;  // what the clients do is told too, not only what the server does
  bool trouble = true;          // signals, failing calls, rude clients, outsiders, a server that dies
  bool jobs = false;            // the parent keeps a list of its children, and doesn't block SIGCHLD
  bool gates = false;           // processes wait at a gate before some of their steps
  int steps = 1000;             // the run is looked at after so many, or when nothing more can happen
};

inline constexpr Pid kServerPid = 100;

GeneratedRun generate_run(Random& random, const Plan& plan);

// All events, in one of the orders that are possible.
std::vector<Event> random_order(const GeneratedRun& run, Random& random);

}  // namespace forktable::test
