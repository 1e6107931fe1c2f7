// Clients that measure a server: many at once, all driven by the thread that calls, so that they take as little of the
// machine as can be.
#pragma once

#include <vector>

#include "core/compare/plain_server.hpp"
#include "core/compare/quantile.hpp"

namespace forktable {

// Clients that connect at once, say a line each, and stay without another word until this is destroyed.
class QuietClients {
 public:
  // Fails if not so many of them are `served` within 10 s, which is when they have their echo.
  static Result<QuietClients> connect(Port port, int count, int served, const GoOn& go_on);

  // From connect(2) to the first echoed byte: one for each that is served, in no order.
  const std::vector<double>& milliseconds() const { return milliseconds_; }

 private:
  std::vector<UniqueFd> sockets_;
  std::vector<double> milliseconds_;
};

struct Rush {
  long connections = 0;        // of all rounds
  std::vector<double> rounds;  // connections per second, of each; never empty
  // As usual, whatever else the machine had to do in one round or two.
  double per_second() const { return median(rounds); }
};
// So many clients at once: each connects, says a line, hears it, closes, sees that the server has closed too, and
// begins again. That is done in five rounds, each a fifth of so many seconds after the one before has begun, and for
// that long, or until there have been some thousands in all. Fails if no connection comes to its end for 10 s.
Result<Rush> rush(Port port, int clients, double seconds, const GoOn& go_on);

}  // namespace forktable
