#include "ui/window/live_runs.hpp"

namespace forktable {

Result<void> LiveRuns::start(const ServerSetup& server, std::optional<Port> port) {
  return first_.start(server, port, wake_);
}

Result<void> LiveRuns::put_beside(const ServerSetup& server) {
  beside_is_active_ = false;
  auto run = std::make_unique<LiveRun>();
  run->model.settings = first_.model.settings;
  run->model.run = ~0u;  // no recording's number
  ServerSetup setup = server;
  setup.bugs = {};
  if (auto started = run->start(setup, Port{0}, wake_); !started) return started;
  run->control().begin(std::nullopt);
  beside_ = std::move(run);
  active_focus_ = other_focus_ = std::nullopt;
  return {};
}

void LiveRuns::put_alone() {
  beside_.reset();
  beside_is_active_ = false;
}

std::vector<LiveRun*> LiveRuns::all() {
  std::vector<LiveRun*> runs;
  if (first_.is_started()) runs.push_back(&first_);
  if (beside_) runs.push_back(beside_.get());
  return runs;
}

LiveRun::News LiveRuns::take_news() {
  LiveRun::News news;
  for (LiveRun* run : all()) {
    const LiveRun::News one = run->take_news();
    news.any |= one.any;
    news.began_anew |= one.began_anew;
  }
  keep_one_moment();
  return news;
}

bool LiveRuns::play(double clock) {
  const bool in_past = !is_at_end(active().model);
  bool any = are_started() && active().stepper().play(clock);
  if (other() != nullptr && !in_past) any |= other()->stepper().play(clock);
  keep_one_moment();
  return any;
}

void LiveRuns::go_on(const NextStep& what) {
  if (other() == nullptr) return active().stepper().carry_out(what);
  if (is_at_end(active().model) && is_at_end(other()->model)) {
    active().stepper().carry_out(what);
    other()->stepper().carry_out(what);
  } else {
    go_by(active().model, 1);
  }
}

void LiveRuns::keep_one_moment() {
  if (other() == nullptr) return;
  Model& leader = active().model;
  Model& follower = other()->model;
  if (leader.focus == active_focus_ && follower.focus == other_focus_) return;
  // The latest step of each is one moment: now.
  if (is_at_end(leader) && is_at_end(follower)) go_to_end(leader);
  go_to_moment_of(follower, leader);
  active_focus_ = leader.focus;
  other_focus_ = follower.focus;
}

}  // namespace forktable
