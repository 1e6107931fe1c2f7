// The machine that generated runs take place on: processes with descriptor tables, clients, pids, and a book
// in which everything is written down that is told.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/world/generated_run.hpp"

namespace forktable::test {

struct SimulatedClient {
  enum Kind { kHello, kQuiet, kOutsider, kRefused } kind = kHello;
  ClientId id;
  Port port = 0;
  int step = 0;
  int last = -1;                              // its latest happening
  int connecting = -1;                        // its first one
  std::uint32_t to_read = 0, to_receive = 0;  // bytes under way to the server and back
  bool end_of_file = false, reset = false;    // what the server will see next
  bool done = false;
};

struct SimulatedProcess {
  Pid pid = 0;
  std::uint32_t fork = 0;
  std::map<int, int> descriptors;
  enum Life { kAlive, kZombie, kGone } life = kAlive;
  int wait_status = 0;
  std::string call;
  bool in_handler = false;
  bool at_gate = false;
  std::vector<Pid> jobs = {};  // its list of its children
  bool told_its_end = false, death_seen = false;
  bool reaped_in_silence = false;  // its parent was killed before it could report the reaping
  int step = 0;
  int client = -1;  // whom it serves
  std::uint32_t read = 0;
  int last = -1;   // its latest happening
  int first = -1;  // its first one; -1 while it hasn't said a word
  int fork_called = -1;
  std::vector<int> seen_from_outside;
};

struct SimulatedMachine {
  SimulatedMachine(Random& its_random, const Plan& its_plan) : random(its_random), plan(its_plan) {}

  // -- what happens is told --

  int happen(std::vector<Event> events, const std::vector<int>& after);
  // By a process of the server; after all that it has told before.
  void report(SimulatedProcess& process, const What& what, std::vector<int> after = {});
  void tell(SimulatedClient& client, const What& what);
  // By Forktable, of a process: after all that it has seen of it before.
  int see_from_outside(Pid pid, const What& what, std::vector<int> after);
  // Fills in run.truth.
  void tell_truth();

  // -- the kernel --

  SimulatedClient new_client(int i);
  Pid free_pid();
  std::uint32_t references(int file) const;
  void end_process(SimulatedProcess& process, int wait_status);

  Random& random;
  const Plan& plan;
  GeneratedRun run;
  Nanoseconds time = 0;
  int last_seen = -1;  // Forktable's latest happening
  SimulatedProcess parent;
  std::vector<SimulatedProcess> children;
  std::vector<SimulatedClient> clients;
  std::vector<int> queue;            // clients, as they wait for accept
  std::map<int, int> connection_of;  // client -> connection
  std::set<Pid> used_pids;
  int connections = 0;
  std::uint32_t forks = 0;
  bool signal_pending = false;  // SIGCHLD, for the parent
};

}  // namespace forktable::test
