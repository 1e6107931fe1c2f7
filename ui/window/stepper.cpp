#include "ui/window/stepper.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace forktable {
namespace {

constexpr double kReplaySpeed = 60;  // steps a second, when a recording runs as fast as it goes

}  // namespace

void Stepper::carry_out(const NextStep&) {
  if (go_by(model_, 1)) return;
  if (!model_.in_hand) return step_once();
  LessonInHand& lesson = *model_.in_hand;
  if (lesson.busy || !lesson.trouble.empty()) return;
  if (lesson.over && !model_.wild_open && !lesson.lesson.wild.empty()) {
    model_.wild_open = true;
  } else if (session_ == nullptr) {
    step_once();
  } else if (lesson.over) {
    tell(model_, words_at_the_last(model_));
  } else {
    lesson.busy = true;
    session_->next_lesson_stop();
  }
}

void Stepper::carry_out(const PreviousStep&) {
  if (std::exchange(model_.next_lesson_open, false)) return;
  if (std::exchange(model_.wild_open, false)) return;
  go_by(model_, -1);
}

void Stepper::carry_out(const FirstStep&) {
  model_.wild_open = model_.next_lesson_open = false;
  go_to_first(model_);
}

void Stepper::carry_out(const ZoomTimeline& what) { model_.timeline_wish += what.by; }

void Stepper::carry_out(const ViewTimeline& what) {
  model_.timeline_first = what.first;
  model_.timeline_zoom = what.zoom;
  model_.timeline_wish = 0;
}

void Stepper::carry_out(const GoToDiagnosis&) {
  const std::vector<Diagnosis> all = shown_diagnoses(model_);
  if (all.empty() || all.front().since == 0) return tell(model_, "Nothing is found wrong here.");
  carry_out(GoToStep{all.front().since});
}

void Stepper::carry_out(const LastStep&) { go_to_end(model_); }

void Stepper::carry_out(const GoToStep& what) {
  model_.wild_open = model_.next_lesson_open = false;
  go_to_told(model_, what.step);
}

// Makes the future: one process takes one step.
void Stepper::step_once() {
  if (session_ == nullptr) return tell(model_, "That was the recording's last step. Home goes back to the first.");
  const World& live = model_.live();
  const Process* server = find_process(live, live.server);
  if (server == nullptr || live.processes.empty())
    return tell(model_, "There is no server to step. Start it first: Server, Start.", true);
  if (!live.stepping) {
    session_->post([](Session& session) { session.set_stepping(true); });
    return tell(model_, "Paused. Each process waits before its next step; Space lets one go on.");
  }
  if (const Process* next = next_to_step(live)) return step_process(*next);
  const bool held = std::any_of(live.processes.begin(), live.processes.end(),
                                [](const Process& process) { return process.held && process.gate; });
  tell(model_, held ? "Only processes that are held could take a step. Select one: H lets it run."
                    : "Nobody can take a step: every process waits for a client. C launches one.");
}

void Stepper::step_process(const Process& process) {
  go_to_end(model_);
  awaited_ = {process.pid, model_.timeline.places()};
  session_->post([pid = process.pid](Session& session) { session.step(pid); });
}

void Stepper::carry_out(const StepProcess& what) {
  const Process* process = find_process(model_.live(), what.process);
  if (process != nullptr && process->gate) step_process(*process);
}

void Stepper::carry_out(const StepSelected&) {
  if (model_.selected.kind == Subject::kProcess) return carry_out(StepProcess{ProcessId{model_.selected.id}});
  tell(model_, "Select a process first: Up, Down, or a click.");
}

void Stepper::carry_out(const HoldProcess& what) {
  go_to_end(model_);
  const Process* process = find_process(model_.live(), what.process);
  if (process == nullptr || process->life != Life::kAlive) return;
  session_->post([pid = process->pid, held = !process->held](Session& session) { session.hold_process(pid, held); });
}

void Stepper::carry_out(const HoldSelected&) {
  if (model_.selected.kind == Subject::kProcess) return carry_out(HoldProcess{ProcessId{model_.selected.id}});
  tell(model_, "Select a process first: Up, Down, or a click.");
}

void Stepper::run(bool on) {
  if (session_ == nullptr) {
    model_.playing = on;
    if (on && model_.timeline.place_of(*model_.focus) >= model_.timeline.places()) go_to(model_, 0);
    return;
  }
  const bool one_by_one = on && model_.settings.speed != 0;
  model_.playing = one_by_one;
  session_->post([stepping = !on || one_by_one](Session& session) { session.set_stepping(stepping); });
  go_to_end(model_);
}

void Stepper::carry_out(const RunOrPause&) {
  if (model_.in_hand && session_ != nullptr)
    return tell(model_, "In a lesson, Page Down goes on. Esc leaves the lesson.");
  run(!is_running(model_));
}

void Stepper::carry_out(const SetSpeed& what) {
  const bool running = is_running(model_) && (!model_.in_hand || session_ == nullptr);
  model_.settings.speed = std::clamp(what.speed, 0, kFastest);
  if (running) run(true);
  if (model_.settings.speed == 0) return tell(model_, "Run: as fast as it goes.");
  tell(model_, fmt::format("Run: {} steps a second.", kSpeeds[model_.settings.speed]));
}

// Beyond the fastest there is no counting any more.
void Stepper::carry_out(const ChangeSpeed& what) {
  const int speed = model_.settings.speed;
  if (what.by > 0) return carry_out(SetSpeed{speed == 0 || speed == kFastest ? 0 : speed + 1});
  carry_out(SetSpeed{speed == 0 ? kFastest : std::max(1, speed - 1)});
}

bool Stepper::play(double clock) {
  if (!model_.playing || clock < next_play_) return false;
  const int speed = model_.settings.speed;
  next_play_ = clock + 1 / (speed == 0 ? kReplaySpeed : static_cast<double>(kSpeeds[speed]));
  if (session_ == nullptr) {
    model_.playing = go_by_told(model_, 1) && model_.timeline.place_of(*model_.focus) < model_.timeline.places();
    if (!model_.playing) go_to_end(model_);
    return true;
  }
  if (go_by(model_, 1)) return true;
  if (const Process* next = next_to_step(model_.live())) step_process(*next);
  return true;
}

void Stepper::look_at_news() {
  if (!awaited_) return;
  // What others do at the same time, a client that talks, is not what the user has asked for.
  for (std::uint64_t place = awaited_->places + 1; place <= model_.timeline.places(); ++place) {
    const std::uint64_t step = model_.timeline.told_at(place);
    if (model_.history.events()[step - 1].pid != awaited_->pid) continue;
    go_to_told(model_, step);
    awaited_.reset();
    return;
  }
}

}  // namespace forktable
