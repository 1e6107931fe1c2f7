// Servers to be measured, and clients that keep them busy.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/session/session.hpp"
#include "core/world/reduce.hpp"

namespace forktable::bench {

// Connects, sends a line, reads the echo and closes, over and over, so many clients at once. Per second. Throws if a
// connection fails.
double connection_rate(Port port, int connections, int clients = 4);

// A port of 127.0.0.1 on which nobody listens.
Port free_port();
// Throws if nobody answers there before the deadline.
void wait_for_listener(Port port);

// The server alone, by itself or below a tracer: the words before the server's on the command line.
class PlainServer {
 public:
  explicit PlainServer(std::vector<std::string> tracer = {});
  PlainServer(const PlainServer&) = delete;
  PlainServer& operator=(const PlainServer&) = delete;
  ~PlainServer();

  const Port port;

 private:
  PlainServer(Port at, std::vector<std::string> tracer);

  Pid pid_ = 0;
};

// The server with a session that reads and reduces all that it reports, and asks the kernel whether that is so.
enum class Asking { kAsUsual, kNever };
class ReportingServer {
 public:
  explicit ReportingServer(Asking asking = Asking::kAsUsual);
  ReportingServer(const ReportingServer&) = delete;
  ReportingServer& operator=(const ReportingServer&) = delete;
  ~ReportingServer();

  Port port = 0;

 private:
  World world_;
  std::unique_ptr<Session> session_;  // belongs to the thread, once that is there
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

}  // namespace forktable::bench
