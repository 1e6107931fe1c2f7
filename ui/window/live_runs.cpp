#include "ui/window/live_runs.hpp"

#include <utility>

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
  return news;
}

bool LiveRuns::play(double clock) {
  bool any = false;
  for (LiveRun* run : all()) any |= run->stepper().play(clock);
  return any;
}

}  // namespace forktable
