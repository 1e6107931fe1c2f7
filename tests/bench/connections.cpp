#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "tests/bench/figures.hpp"
#include "tests/bench/measurements.hpp"
#include "tests/bench/servers.hpp"

namespace forktable::bench {
namespace {

template <class Server>
double fresh_rate(int connections, int clients) {
  Server server;  // a new one each time: how fast one is depends a little on where its memory happens to lie
  connection_rate(server.port, connections / 10, clients);
  return connection_rate(server.port, connections, clients);
}

}  // namespace

void measure_connections(int rounds, int connections) {
  // One client after the other, and as many at once as keep every processor busy: then nothing is for free.
  for (const int clients : {1, 4}) {
    const std::string who = clients == 1 ? "one client after the other" : fmt::format("{} clients at once", clients);
    announce("connections, with reporting and without, " + who);
    std::vector<double> ratios, plain_rates, reporting_rates;
    for (int i = 0; i < rounds; ++i) {
      // Each round has both, in turn, and begins with the other one every time.
      double off = 0;
      if (i % 2 == 0) off = fresh_rate<PlainServer>(connections, clients);
      const double on = fresh_rate<ReportingServer>(connections, clients);
      if (i % 2 != 0) off = fresh_rate<PlainServer>(connections, clients);
      plain_rates.push_back(off);
      reporting_rates.push_back(on);
      ratios.push_back(on / off);
    }
    add("connections, reporting off, " + who, median(plain_rates), "1/s");
    add("connections, reporting on and read, " + who, median(reporting_rates), "1/s");
    add("reporting on / off, " + who, median(ratios), "ratio", 0.95);
  }

  if (access("/usr/bin/strace", X_OK) != 0) return;
  announce("the same under strace");
  PlainServer traced({"/usr/bin/strace", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e",
                      "trace=accept,clone,fork,vfork,close,read,write,exit_group,wait4,rt_sigreturn"});
  PlainServer plain;
  std::vector<double> traced_ratios;
  for (int i = 0; i < std::max(3, rounds / 3); ++i)
    traced_ratios.push_back(connection_rate(traced.port, connections) / connection_rate(plain.port, connections));
  add("strace -f --seccomp-bpf / off, 4 clients at once", median(traced_ratios), "ratio");
}

}  // namespace forktable::bench
