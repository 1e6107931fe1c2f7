// A table of costs as it could have been measured.
#pragma once

#include "core/compare/costs.hpp"

namespace forktable::test {

// Of so many servers with each of these numbers of clients: all figures differ, and the first server has gaps.
inline CostTable some_costs(std::size_t servers = 5, std::vector<int> clients = {1, 10, 100}) {
  CostTable table;
  table.measured_at = "2026-11-23T21:05:00Z";
  table.cpus = 2;
  table.kernel = "6.1.0-18-amd64";
  table.clients = clients;
  constexpr ServerKind kKinds[] = {ServerKind::kIterative,  ServerKind::kProcess,    ServerKind::kSelect,
                                   ServerKind::kEpoll,      ServerKind::kThread,     ServerKind::kProcessFifo,
                                   ServerKind::kProcessShm, ServerKind::kProcessJobs};
  double value = 0.0123;
  for (std::size_t i = 0; i < servers; ++i) {
    ServerCosts costs;
    costs.kind = kKinds[i];
    costs.shares = {{i != 1, {}}, {true, {}}, {i == 2 ? std::nullopt : std::optional(i != 1), ""}};
    for (const int count : clients) {
      CostsAt at;
      at.clients = count;
      for (const FigureKind& kind : kFigureKinds) (at.*kind.of).value = value *= 1.17;
      if (i == 0 && count > 1) at.memory_per_client = at.first_byte = at.first_byte_p95 = {{}, "the others wait"};
      costs.at.push_back(at);
    }
    table.servers.push_back(costs);
  }
  return table;
}

}  // namespace forktable::test
