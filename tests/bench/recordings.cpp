#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <random>

#include "core/system/clock.hpp"
#include "core/system/spawn.hpp"
#include "tests/bench/figures.hpp"
#include "tests/bench/measurements.hpp"
#include "tests/support/headless_screen.hpp"
#include "tests/support/temporary_folder.hpp"
#include "ui/window/replay.hpp"

#include <sys/wait.h>

namespace forktable::bench {
namespace {

// A real run of so many clients.
void record(const std::string& path, int clients) {
  Program program;
  program.path = FORKTABLE_PROGRAM;
  program.arguments = {"record", "--clients", std::to_string(clients), "--port", "0", "-o", path};
  int status = 0;
  if (waitpid(required(spawn(program)), &status, 0) < 0 || status != 0)
    throw std::runtime_error("forktable record failed");
}

double resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  double total = 0, resident = 0;
  statm >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

}  // namespace

void measure_recordings(int rounds, int clients) {
  announce("recordings");
  const test::TemporaryFolder folder;
  const std::string path = folder.file("many.forktable");
  record(path, clients);

  std::mutex mutex;
  std::condition_variable changed;
  Model live;
  Replay replay(live, [&] {
    const std::lock_guard lock(mutex);
    changed.notify_all();
  });
  const double resident = resident_bytes();
  const Nanoseconds began = monotonic_now();
  replay.open(path);
  {
    std::unique_lock lock(mutex);
    while (!replay.work()) changed.wait_for(lock, std::chrono::milliseconds(50));
  }
  const double seconds = static_cast<double>(monotonic_now() - began) / static_cast<double>(kSecond);
  const double bytes = resident_bytes() - resident;
  Model& model = replay.model();
  const auto events = static_cast<double>(model.history.size());
  const bool counted = events > 1e6;
  const auto goal = [&](double value) { return counted ? std::optional(value) : std::nullopt; };
  add(fmt::format("opening {} events", events), seconds, "s", goal(2), Goal::kAtMost);
  add("memory they take", bytes / 1e6, "MB", goal(1000), Goal::kAtMost);
  add("an event in memory", bytes / events, "bytes");
  add("an event in a recording", static_cast<double>(std::filesystem::file_size(path)) / events, "bytes");

  const auto fonts = required(Fonts::load());
  test::HeadlessScreen screen(*fonts);
  screen.draw(model);
  std::vector<double> costs;
  std::mt19937 random(1);
  for (int i = 0; i < rounds; ++i) {
    const double from = cpu_seconds();
    go_to(model, random() % model.history.size());
    screen.draw(model);
    costs.push_back((cpu_seconds() - from) * 1000);
  }
  add("CPU time of a seek anywhere in it and its frame", median(costs), "ms");
  add(fmt::format("the same, slowest of {}", rounds), *std::max_element(costs.begin(), costs.end()), "ms", goal(16.7),
      Goal::kAtMost);
}

}  // namespace forktable::bench
