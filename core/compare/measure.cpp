#include "core/compare/measure.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "core/compare/callers.hpp"
#include "core/compare/footprint.hpp"
#include "core/compare/quantile.hpp"
#include "core/program/server_setup.hpp"
#include "core/system/clock.hpp"
#include "core/world/describe.hpp"

namespace forktable {
namespace {

constexpr Nanoseconds kMostUnrest = 10 * kSecond;
// At least, of times to the first byte, and how often all clients come for them: one bad moment must not be the figure.
constexpr std::size_t kSamples = 100;
constexpr int kVisits = 5;
// Who is there before a client has come: itself, and the children that it has forked by then.
std::size_t processes_without_clients(ServerKind kind) {
  return kind == ServerKind::kPrefork ? 1 + static_cast<std::size_t>(kPoolSize) : 1;
}

constexpr const char* kOthersWait = "the others wait";

// Its processes, once all that they had to do is done; if `alone` is more than 0, once there are so many processes, and
// the server has only its main thread left.
Result<std::vector<Pid>> at_rest(const PlainServer& server, const GoOn& go_on, std::size_t alone) {
  const Nanoseconds deadline = monotonic_now() + kMostUnrest;
  while (true) {
    std::vector<Pid> processes = server.processes();
    if (processes.empty() || processes.front() != server.pid()) return failure("the server ended");
    if (all_asleep(processes) && (alone == 0 || (processes.size() == alone && threads_in(server.pid()).size() == 1)))
      return processes;
    if (!go_on()) return given_up();
    if (monotonic_now() > deadline) return failure("the server doesn't come to rest within 10 s");
    std::this_thread::sleep_for(std::chrono::microseconds(500));
  }
}

class Measurement {
 public:
  Measurement(const CostRequest& request, const CostProgress& progress) : request_(request), progress_(progress) {}

  Result<CostTable> run() {
    CostTable table;
    table.measured_at = present_time();
    table.cpus = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
    utsname machine{};
    uname(&machine);
    table.kernel = machine.release;
    table.clients = request_.clients;
    for (const ServerKind kind : request_.servers) {
      kind_ = kind;
      auto costs = costs_of_server();
      if (!costs) {
        const Error& error = costs.error();
        return tl::make_unexpected(
            Error{fmt::format("can't measure the {} server: {}", name_of(kind), error.what), error.number});
      }
      table.servers.push_back(std::move(*costs));
    }
    return table;
  }

 private:
  // For each server: what is shared, and for each number of clients two steps.
  Result<ServerCosts> costs_of_server() {
    ServerCosts costs;
    costs.kind = kind_;
    clients_ = 2;
    auto shared = shared_things();
    if (!shared) return tl::make_unexpected(shared.error());
    costs.shares = *shared;
    ++done_;
    for (const int clients : request_.clients) {
      CostsAt at;
      at.clients = clients_ = clients;
      if (auto quiet = with_quiet_clients(at); !quiet) return tl::make_unexpected(quiet.error());
      ++done_;
      if (auto busy = with_busy_clients(at); !busy) return tl::make_unexpected(busy.error());
      ++done_;
      costs.at.push_back(std::move(at));
    }
    return costs;
  }

  bool go_on() const {
    const double all = static_cast<double>(request_.servers.size() * (1 + 2 * request_.clients.size()));
    return progress_(done_ / all, fmt::format("{}, {}", name_of(kind_),
                                              plural(static_cast<std::uint64_t>(clients_), "client", "clients")));
  }

  Result<PlainServer> start() const {
    if (!go_on()) return given_up();
    return PlainServer::start(kind_, request_.program ? request_.program(kind_) : installed_server(kind_), asked_);
  }

  // What it takes at the first client only, is taken; and that one has gone.
  Result<void> warm_up(const PlainServer& server) const {
    {
      const auto first = QuietClients::connect(server.port(), 1, 1, asked_);
      if (!first) return tl::make_unexpected(first.error());
    }
    const auto rested = at_rest(server, asked_, alone());
    return rested ? Result<void>{} : tl::make_unexpected(rested.error());
  }

  std::size_t alone() const { return processes_without_clients(kind_); }
  // How many of so many clients are served at the same time.
  int served_of(int clients) const {
    const bool limited = kind_ == ServerKind::kIterative || kind_ == ServerKind::kPrefork;
    return limited ? std::min(clients, kind_ == ServerKind::kPrefork ? kPoolSize : 1) : clients;
  }

  // Asks about what serves the first client and what serves the second.
  Result<SharedThings> shared_things() const {
    const auto server = start();
    if (!server) return tl::make_unexpected(server.error());
    const auto clients = QuietClients::connect(server->port(), 2, served_of(2), asked_);
    if (!clients) return tl::make_unexpected(clients.error());
    const auto processes = at_rest(*server, asked_, 0);
    if (!processes) return tl::make_unexpected(processes.error());
    std::vector<Pid> servants;
    for (const Pid process : *processes)
      for (const Pid thread : threads_in(process))
        if (thread != server->pid()) servants.push_back(thread);
    if (servants.empty()) return shared_between(server->pid(), server->pid());
    return shared_between(servants.front(), servants.back());
  }

  // Memory, processes and threads, and the time to the first byte, for which the clients come several times.
  Result<void> with_quiet_clients(CostsAt& at) const {
    const bool others_wait = served_of(at.clients) < at.clients;
    const auto server = start();
    if (!server) return tl::make_unexpected(server.error());
    const auto begun = at_rest(*server, asked_, alone());
    if (!begun) return tl::make_unexpected(begun.error());
    const Figure before = memory_of(*begun);
    if (auto warm = warm_up(*server); !warm) return warm;
    std::vector<double> milliseconds;
    bool last = false;
    for (int visits = 1; !last; ++visits) {
      {
        const auto clients = QuietClients::connect(server->port(), at.clients, served_of(at.clients), asked_);
        if (!clients) return tl::make_unexpected(clients.error());
        milliseconds.insert(milliseconds.end(), clients->milliseconds().begin(), clients->milliseconds().end());
        last = others_wait || (milliseconds.size() >= kSamples && visits >= kVisits);
        if (last) {
          const auto processes = at_rest(*server, asked_, 0);
          if (!processes) return tl::make_unexpected(processes.error());
          measure(at, *processes, before);
        }
      }
      // The next ones find it as these did.
      if (!last)
        if (const auto rested = at_rest(*server, asked_, alone()); !rested) return tl::make_unexpected(rested.error());
    }
    if (others_wait) {
      for (Figure* figure : {&at.memory_per_client, &at.first_byte, &at.first_byte_p95}) *figure = {{}, kOthersWait};
      return {};
    }
    at.first_byte.value = median(milliseconds);
    at.first_byte_p95.value = quantile(milliseconds, 0.95);
    return {};
  }

  static void measure(CostsAt& at, const std::vector<Pid>& processes, const Figure& before) {
    const Figure now = memory_of(processes);
    if (before.value && now.value)
      at.memory_per_client.value = std::max(0.0, *now.value - *before.value) / at.clients;
    else
      at.memory_per_client.reason = now.value ? before.reason : now.reason;
    std::size_t threads = 0;
    for (const Pid process : processes) threads += threads_in(process).size();
    at.processes.value = static_cast<double>(processes.size());
    at.threads.value = static_cast<double>(threads);
  }

  Result<void> with_busy_clients(CostsAt& at) const {
    auto server = start();
    if (!server) return tl::make_unexpected(server.error());
    if (auto warm = warm_up(*server); !warm) return warm;
    const auto rushed = rush(server->port(), at.clients, request_.seconds, asked_);
    if (!rushed) return tl::make_unexpected(rushed.error());
    // Only those that it has reaped are counted with it.
    if (const auto rested = at_rest(*server, asked_, alone()); !rested) return tl::make_unexpected(rested.error());
    at.connections_per_second.value = rushed->per_second();
    at.context_switches.value = static_cast<double>(server->end()) / static_cast<double>(rushed->connections + 1);
    return {};
  }

  const CostRequest& request_;
  const CostProgress& progress_;
  const GoOn asked_ = [this] { return go_on(); };
  ServerKind kind_ = ServerKind::kProcess;
  int clients_ = 0;
  double done_ = 0;  // steps
};

}  // namespace

Result<CostTable> measure_costs(const CostRequest& request, const CostProgress& progress) {
  return Measurement(request, progress).run();
}

}  // namespace forktable
