// A part of reduce(): what no process of the server tells. How a run begins, what is done to its processes, how they
// end as seen from outside, and what a lesson or the user decides.
#pragma once

#include <iterator>
#include <string>
#include <utility>

#include "core/world/bookkeeping.hpp"

namespace forktable {

class ReduceOutside : Bookkeeping {
 public:
  ReduceOutside(World& world, const Event& event) : Bookkeeping(world, event) {}

  void operator()(const ServerLaunched& what) {
    if (!has_room_for_process()) return;
    // A new run: the clients of the last one stay, to be seen ending, and so does a child that outlived it.
    world_.counts = {};
    abandon_all();
    world_.connection_count = world_.child_count = 0;
    world_.trouble.reset();
    world_.stop_asked = false;
    world_.stepping = false;
    world_.bugs = {};
    world_.lesson_step = 0;
    world_.lesson_stopped = world_.lesson_stopped_before = 0;
    world_.lesson_asks = false;
    world_.lesson_rests = world_.lesson_rested = 0;
    world_.gone_files.clear();
    world_.differences.clear();
    world_.check.reset();
    world_.port = what.port;
    world_.program = ShortText(name_of(ServerKind::kProcess));
    world_.shape = shape_of(ServerKind::kProcess);
    world_.shape_observed = false;
    world_.segment.reset();
    world_.semaphore.reset();
    Process process;
    process.id = {++world_.process_count};
    process.pid = event_.pid;
    process.started_at = event_.at;
    process.started_step = world_.step;
    process.shape = world_.shape;
    world_.descriptor_limit = world_.children_limit = 0;
    world_.server = process.id;
    add(std::move(process));
  }

  void operator()(const ServerNamed& what) { name(ShortText(name_of(what.server)), shape_of(what.server), false); }

  void operator()(const ProgramNamed& what) { name(what.program, {}, true); }

  void operator()(const StopAsked&) { world_.stop_asked = true; }

  void operator()(const SignalSent& what) {
    // It is no report: one can send signals to a zombie, and to one that is gone a moment later.
    if (Process* process = find_by_pid(event_.pid)) {
      process->pending_signal = what.signal;
      process->signal_step = world_.step;
    }
  }

  void operator()(const DeathSeen&) {
    Process* process = find_by_pid(event_.pid);
    if (process == nullptr) return;
    if (process->thread_of) return;
    // With its parent gone and Forktable not having collected it, it has been reaped; nobody was left to tell.
    if (process->parent && find(world_.processes, process->parent) == nullptr)
      depart(*process, process->wait_status);
    else
      die(*process);
  }

  void operator()(const Collected& what) {
    Process* process = find_by_pid(event_.pid);
    if (process == nullptr && !world_.expected.empty()) {
      // Its parent died inside fork, and it was killed before it could say a word: nobody has named it yet.
      process = appear(std::prev(world_.expected.end()), event_.pid);
    }
    if (process != nullptr) depart(*process, what.status);
  }

  void operator()(const SteppingChanged& what) { world_.stepping = what.on != 0; }

  void operator()(const HoldChanged& what) {
    if (Process* process = find_by_pid(event_.pid)) process->held = what.held != 0;
  }

  void operator()(const BugsSwitched& what) { world_.bugs = what.bugs; }

  void operator()(const LessonAsked& what) {
    world_.lesson_step = what.step > 0 ? what.step - 1 : 0;
    world_.lesson_asks = true;
    rest();
  }

  void operator()(const LessonStepped& what) {
    world_.lesson_stopped_before = std::exchange(world_.lesson_stopped, event_.at);
    world_.lesson_step = what.step;
    world_.lesson_asks = false;
    rest();
  }

  void operator()(const ReportsLost& what) {
    anomaly(std::to_string(what.count) + " reports of process " + std::to_string(event_.pid) + " were lost");
  }

  void operator()(const GarbageSkipped& what) {
    anomaly(std::to_string(what.bytes) + " bytes on the report pipe are no report");
  }

 private:
  void name(ShortText program, Shape shape, bool observed) {
    world_.program = program;
    world_.shape = shape;
    world_.shape_observed = observed;
    if (Process* server = find(world_.processes, world_.server)) server->shape = shape;
  }
  void rest() {
    if (world_.lesson_rests == 0) world_.lesson_rests = world_.now;
  }
};

}  // namespace forktable
