// Measures what the servers cost: starts each for real and by itself, has clients talk to it, and looks at what the
// kernel says of it meanwhile.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/compare/costs.hpp"

namespace forktable {

inline constexpr int kMostComparedClients = 1000;  // select(2) knows 1024 descriptors

struct CostRequest {
  std::vector<ServerKind> servers = {ServerKind::kIterative, ServerKind::kProcess, ServerKind::kSelect,
                                     ServerKind::kEpoll, ServerKind::kThread};
  std::vector<int> clients = {1, 10, 100};         // 1 to kMostComparedClients each
  double seconds = 0.5;                            // of connections one after the other, for each figure: see rush()
  std::function<std::string(ServerKind)> program;  // path of a server's executable; none: the installed one
};

// How far it is, 0 to 1, and at what: "thread, 100 clients". False: the user gives up. Asked at least every 100 ms.
using CostProgress = std::function<bool(double part, const std::string& doing)>;

// Connections per second are the median of five rounds, and the times to the first byte are those of a hundred samples
// at least, of five visits: a moment at which the machine has something else to do doesn't make a figure.
// Takes about a second for each server and number of clients. Fails as a whole if a server or a client can't do its
// part; what a kernel doesn't tell is a figure without a value. When it returns, and when Forktable is killed
// meanwhile, no process is left.
Result<CostTable> measure_costs(const CostRequest& request, const CostProgress& progress);

}  // namespace forktable
