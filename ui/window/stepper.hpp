// Moves time: through what has happened, and, at its end, by letting the server's processes take steps. A replay has an
// end for good.
#pragma once

#include "core/live/live_session.hpp"
#include "ui/window/action.hpp"
#include "ui/window/model.hpp"

namespace forktable {

class Stepper {
 public:
  // Both must outlive it. Without a session it is a replay.
  Stepper(Model& model, LiveSession* session) : model_(model), session_(session) {}

  void carry_out(const NextStep& what);
  void carry_out(const PreviousStep& what);
  void carry_out(const FirstStep& what);
  void carry_out(const LastStep& what);
  void carry_out(const GoToStep& what);
  void carry_out(const GoToDiagnosis& what);
  void carry_out(const ZoomTimeline& what);
  void carry_out(const ViewTimeline& what);
  void carry_out(const StepProcess& what);
  void carry_out(const StepSelected& what);
  void carry_out(const HoldProcess& what);
  void carry_out(const HoldSelected& what);
  void carry_out(const RunOrPause& what);
  void carry_out(const SetSpeed& what);
  void carry_out(const ChangeSpeed& what);

  // While Run takes the steps one by one: takes one, if it is due, and says whether it did. `clock` in seconds.
  bool play(double clock);
  double next_play() const { return next_play_; }
  // What a step has brought is looked at one by one. To be called after take().
  void look_at_news();
  // The model has begun anew.
  void start_over() { awaited_.reset(); }

 private:
  void step_once();
  void step_process(const Process& process);
  void run(bool on);

  Model& model_;
  LiveSession* session_;
  // A step was granted to that process, when there were so many places on the timeline.
  struct Awaited {
    Pid pid;
    std::uint64_t places;
  };
  std::optional<Awaited> awaited_;
  double next_play_ = 0;  // not before
};

}  // namespace forktable
