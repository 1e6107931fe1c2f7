#include <fmt/format.h>

#include <algorithm>
#include <csignal>

#include "core/kernel/compare.hpp"
#include "core/kernel/probe.hpp"
#include "core/system/clock.hpp"
#include "tests/bench/figures.hpp"
#include "tests/bench/measurements.hpp"
#include "tests/bench/servers.hpp"
#include "tests/support/deadline.hpp"

namespace forktable::bench {
namespace {

constexpr int kChildren = 200;

// A server with so many clients that say nothing, and so as many children.
class CrowdedServer {
 public:
  CrowdedServer() {
    session = required(Session::create([this](const Event& event) { reduce(world, event); }));
    required(session->start_server({.program = FORKTABLE_SERVER}));
    until([&] { return session->port() != 0; });
    for (int i = 0; i < kChildren; ++i) session->launch_client(Behaviour::kQuiet);
    until([&] { return world.processes.size() == kChildren + 1 && is_checked(world) && all_agree(); });
  }

  template <class Condition>
  void until(Condition condition) {
    const test::Deadline deadline;
    while (!condition()) {
      if (deadline.passed()) throw std::runtime_error("a crowd of clients was not served");
      session->pump(std::chrono::milliseconds(20));
    }
  }
  bool all_agree() const { return world.check->references == kChildren + 1 && world.differences.empty(); }

  World world;
  std::unique_ptr<Session> session;
};

}  // namespace

void measure_kernel(int rounds, int connections) {
  announce("the kernel's word");
  {
    CrowdedServer crowd;
    std::vector<double> looks, delays;
    // Everything is asked anew, which a session does once a second; in between it asks who has moved.
    std::vector<Pid> pids;
    std::vector<SocketEnd> ends;
    for (const Process& process : crowd.world.processes) pids.push_back(process.pid);
    for (const OpenFile& file : crowd.world.files)
      if (file.kind != FileKind::kPlumbing) ends.push_back(end_of(file));
    for (const Client& client : crowd.world.clients) ends.push_back(end_of(crowd.world, client));
    Probe probe;
    for (int i = 0; i < 10 * rounds; ++i) {
      const Nanoseconds began = monotonic_now();
      const Comparison found = compare(crowd.world, probe.look(pids, ends), crowd.world.step);
      looks.push_back(static_cast<double>(monotonic_now() - began) * 1e-6);
      if (!found.differences.empty()) throw std::runtime_error("the kernel says something else");
    }
    add(fmt::format("a full check of {} processes and {} connections", kChildren + 1, kChildren), median(looks), "ms",
        20, Goal::kAtMost);
    std::vector<double> glances;
    for (int i = 0; i < 10 * rounds; ++i) {
      const Nanoseconds began = monotonic_now();
      crowd.session->ask_kernel();
      glances.push_back(static_cast<double>(monotonic_now() - began) * 1e-6);
    }
    add("the same while nothing moves", median(glances), "ms");
    // From outside: nobody tells Forktable.
    const Pid child = crowd.world.processes.back().pid;
    const auto stopped = [&] { return crowd.world.processes.back().stopped; };
    for (int i = 0; i < 3 * rounds; ++i) {
      const bool stop = i % 2 == 0;
      const Nanoseconds began = monotonic_now();
      kill(child, stop ? SIGSTOP : SIGCONT);
      crowd.until([&] { return stopped() == stop; });
      delays.push_back(static_cast<double>(monotonic_now() - began) * 1e-6);
    }
    add("until SIGSTOP from outside is shown, with as many", *std::max_element(delays.begin(), delays.end()),
        "ms at most", 100, Goal::kAtMost);
  }

  std::vector<double> ratios;
  for (int i = 0; i < rounds; ++i) {
    const auto rate = [&](Asking asking) {
      ReportingServer server(asking);
      connection_rate(server.port, connections / 10);
      return connection_rate(server.port, connections);
    };
    double without = 0;
    if (i % 2 == 0) without = rate(Asking::kNever);
    const double with = rate(Asking::kAsUsual);
    if (i % 2 != 0) without = rate(Asking::kNever);
    ratios.push_back(with / without);
  }
  add("connections with checks / without, 4 clients at once", median(ratios), "ratio", 0.95);
}

}  // namespace forktable::bench
