// The servers that run: one, or two side by side, one of which is active. What panels show and what is done is a
// matter of that one; clients come to both, and time passes for both: what they show is one moment.
#pragma once

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "ui/window/live_run.hpp"

namespace forktable {

template <class T>
concept MovesTime = requires(Stepper& stepper, const T& what) {
  stepper.carry_out(what);
};
template <class T>
concept DoesToServer = requires(ServerControl& control, const T& what) {
  control.carry_out(what);
};

class LiveRuns {
 public:
  // `wake` is called, on other threads, when take_news() has something to do.
  explicit LiveRuns(std::function<void()> wake) : wake_(std::move(wake)) {}

  // `port`: see LiveRun.
  Result<void> start(const ServerSetup& server, std::optional<Port> port);
  bool are_started() const { return first_.is_started(); }
  // Another server, in a session of its own, like `server` but without its bugs. It takes the place of one that is
  // beside the first already.
  Result<void> put_beside(const ServerSetup& server);
  void put_alone();
  // Of two.
  void turn_to_other() {
    beside_is_active_ = !beside_is_active_;
    std::swap(active_focus_, other_focus_);
  }

  LiveRun& first() { return first_; }
  LiveRun* beside() { return beside_.get(); }  // null: there is one only
  bool beside_is_active() const { return beside_ && beside_is_active_; }
  LiveRun& active() { return beside_is_active() ? *beside_ : first_; }
  // The one that isn't active; null if there is none.
  LiveRun* other() { return !beside_ ? nullptr : beside_is_active_ ? &first_ : beside_.get(); }

  // Of both.
  LiveRun::News take_news();
  // Run takes its steps, where it is time for one. True if there was one.
  bool play(double clock);

  template <MovesTime T>
  void carry_out(const T& what) {
    if constexpr (std::is_same_v<T, RunOrPause>) {
      const bool running = is_running(active().model);
      active().stepper().carry_out(what);
      if (other() != nullptr && is_running(other()->model) == running) other()->stepper().carry_out(what);
    } else if constexpr (std::is_same_v<T, NextStep>) {
      go_on(what);
    } else {
      active().stepper().carry_out(what);
      if constexpr (is_for_both<T>)
        if (other() != nullptr) other()->stepper().carry_out(what);
    }
    keep_one_moment();
  }
  template <DoesToServer T>
  void carry_out(const T& what) {
    active().control().carry_out(what);
    if constexpr (is_for_both<T>)
      if (other() != nullptr) other()->control().carry_out(what);
    keep_one_moment();
  }

 private:
  template <class T>
  static constexpr bool is_for_both = std::is_same_v<T, LaunchClients> || std::is_same_v<T, LaunchScenario> ||
                                      std::is_same_v<T, SetSpeed> || std::is_same_v<T, ChangeSpeed>;
  std::vector<LiveRun*> all();
  // Through what has happened by the steps of the active one; both take a new step when both are at now.
  void go_on(const NextStep& what);
  // Where the user looks has changed in one of the two: the other one follows the active one.
  void keep_one_moment();

  const std::function<void()> wake_;
  LiveRun first_;  // isn't started, if the window shows a recording from the start
  std::unique_ptr<LiveRun> beside_;
  bool beside_is_active_ = false;
  std::optional<std::uint64_t> active_focus_, other_focus_;  // when they were at one moment last
};

}  // namespace forktable
