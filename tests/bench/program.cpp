#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "core/system/clock.hpp"
#include "core/system/spawn.hpp"
#include "tests/bench/figures.hpp"
#include "tests/bench/measurements.hpp"
#include "tests/bench/servers.hpp"
#include "tests/support/deadline.hpp"
#include "tests/support/temporary_folder.hpp"

namespace forktable::bench {
namespace {

double number_behind(const std::string& text, const std::string& words) {
  const auto at = text.find(words);
  return at == std::string::npos ? -1 : std::atof(text.c_str() + at + words.size());
}

// The window, with a home of its own, and its server.
class RunningWindow {
 public:
  RunningWindow() : port(free_port()) {
    Program program;
    program.path = FORKTABLE_PROGRAM;
    program.arguments = {"--port", std::to_string(port)};
    for (const char* variable : {"HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"})
      program.environment.push_back(std::string(variable) + "=" + folder_.path());
    pid = required(spawn(program));
  }
  RunningWindow(const RunningWindow&) = delete;
  RunningWindow& operator=(const RunningWindow&) = delete;
  ~RunningWindow() {
    kill(pid, SIGTERM);
    waitpid(pid, nullptr, 0);
  }

  // By its log; milliseconds. Throws if it draws none before the deadline.
  double time_to_first_frame() const {
    double time = -1;
    const bool drawn = test::wait_until([&] {
      time = number_behind(test::contents(folder_.file("forktable/forktable.log")), "first frame after ");
      return time >= 0;
    });
    if (!drawn) throw std::runtime_error("the window draws nothing");
    return time;
  }

  // Until nothing fades any more. A window that never comes to rest shows in the figure.
  void come_to_rest() const {
    constexpr double kAtRest = 0.001;  // seconds of CPU time in a second, at most
    double used = cpu_seconds(pid);
    Nanoseconds since = monotonic_now();
    test::wait_until([&] {
      if (monotonic_now() - since < kSecond) return false;
      since = monotonic_now();
      const double before = std::exchange(used, cpu_seconds(pid));
      return used - before <= kAtRest;
    });
  }

  const Port port;
  Pid pid = 0;

 private:
  test::TemporaryFolder folder_;
};

}  // namespace

void measure_program(int rounds, int connections) {
  announce("the window");
  if (std::getenv("DISPLAY") == nullptr) return announce("  no display: run scripts/bench, which has one");
  std::vector<double> starts;
  const int windows = std::max(3, rounds / 3);
  for (int i = 1; i <= windows; ++i) {
    const RunningWindow window;
    wait_for_listener(window.port);
    starts.push_back(window.time_to_first_frame());
    if (i < windows) continue;
    connection_rate(window.port, connections);
    window.come_to_rest();
    constexpr unsigned kInterval = 5;  // seconds
    const double before = cpu_seconds(window.pid);
    sleep(kInterval);
    add("CPU time of an idle window", (cpu_seconds(window.pid) - before) * 1000 / kInterval, "ms/s", 1, Goal::kAtMost);
    const std::string status = test::contents(fmt::format("/proc/{}/status", window.pid));
    add(fmt::format("resident memory after {} connections", connections), number_behind(status, "VmRSS:") / 1024,
        "MiB");
  }
  add("time to the first frame", median(starts), "ms");
}

}  // namespace forktable::bench
