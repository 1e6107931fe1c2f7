#include "core/compare/callers.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <thread>

#include "core/system/clock.hpp"
#include "core/world/describe.hpp"

namespace forktable {
namespace {

constexpr std::string_view kLine = "hello\n";
constexpr Nanoseconds kPatience = 10 * kSecond;
constexpr int kGlance = 50;  // ms: how often is asked whether to go on
constexpr int kBatch = 256;
constexpr int kRounds = 5;  // odd, so that one of them is the median
// Each leaves a socket in TIME_WAIT for a minute, of which the kernel keeps no more than tcp_max_tw_buckets of tcp(7):
// all rushes of a comparison together must not take the place of those that somebody looks at.
constexpr long kMostConnections = 2000;  // of all rounds together

struct Caller {
  enum { kSends, kHears, kLeaves } next = kSends;
  UniqueFd socket;
  Nanoseconds called = 0;
  std::size_t heard = 0;  // bytes
};

bool must_wait() { return errno == EAGAIN || errno == EWOULDBLOCK; }

class Callers {
 public:
  Callers(Port port, std::size_t count) : port_(port), all_(count), epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

  Result<void> call(std::size_t i) {
    Caller& caller = all_[i];
    caller = {};
    caller.called = monotonic_now();
    caller.socket = UniqueFd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!caller.socket || !epoll_) {
      const char* advice = errno == EMFILE || errno == ENFILE ? " (ask for fewer clients, or raise `ulimit -n`)" : "";
      return failure(Error{fmt::format("can't be {}", plural(all_.size(), "client", "clients")), errno}.message() +
                     advice);
    }
    sockaddr_in address = from();
    const int yes = 1;
    setsockopt(caller.socket.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    if (bind(caller.socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      return system_error("a client can't connect: bind");
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port_);
    if (connect(caller.socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 &&
        errno != EINPROGRESS)
      return system_error("a client can't connect");
    epoll_event interest{EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, {.u64 = i}};
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, caller.socket.get(), &interest) != 0)
      return system_error("a client can't connect: epoll_ctl");
    return {};
  }

  // Goes as far as it can with each that is ready. `heard` gets the time of its first byte; `left`, whose connection
  // has come to its end.
  template <class Heard, class Left>
  Result<void> work(int milliseconds, bool stay, const Heard& heard, const Left& left) {
    epoll_event ready[kBatch];
    const int count = epoll_wait(epoll_.get(), ready, kBatch, milliseconds);
    for (int i = 0; i < count; ++i)
      if (auto done = advance(static_cast<std::size_t>(ready[i].data.u64), stay, heard, left); !done) return done;
    return {};
  }

  std::vector<UniqueFd> take_sockets() {
    std::vector<UniqueFd> sockets;
    for (Caller& caller : all_) sockets.push_back(std::move(caller.socket));
    return sockets;
  }

 private:
  template <class Heard, class Left>
  Result<void> advance(std::size_t i, bool stay, const Heard& heard, const Left& left) {
    Caller& caller = all_[i];
    const int fd = caller.socket.get();
    if (fd < 0) return {};
    if (caller.next == Caller::kSends) {
      const ssize_t sent = send(fd, kLine.data(), kLine.size(), MSG_NOSIGNAL);
      if (sent < 0) return must_wait() ? Result<void>{} : system_error("a client can't connect");
      caller.next = Caller::kHears;
    }
    while (true) {
      char text[64];
      const ssize_t got = recv(fd, text, sizeof text, 0);
      if (got < 0) return must_wait() ? Result<void>{} : system_error("a client lost its connection");
      if (got == 0) {
        if (caller.next != Caller::kLeaves) return failure("the server closed a connection before it had echoed");
        caller.socket.close();
        return left(i);
      }
      if (caller.heard == 0) heard(caller);
      caller.heard += static_cast<std::size_t>(got);
      if (caller.heard < kLine.size() || stay) continue;
      caller.next = Caller::kLeaves;
      shutdown(fd, SHUT_WR);
    }
  }

  // Each connection leaves its port in TIME_WAIT for a minute, and the kernel searches long for a free one when there
  // are few: every few thousand connections come from an address of their own, all of them this machine's.
  sockaddr_in from() {
    constexpr std::uint32_t kEach = 4000, kAddresses = 250;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + calls_++ / kEach % kAddresses);
    return address;
  }

  const Port port_;
  std::uint32_t calls_ = 0;
  std::vector<Caller> all_;
  UniqueFd epoll_;
};

}  // namespace

Result<QuietClients> QuietClients::connect(Port port, int count, int served, const GoOn& go_on) {
  QuietClients clients;
  const auto all = static_cast<std::size_t>(count);
  Callers callers(port, all);
  for (std::size_t i = 0; i < all; ++i)
    if (auto called = callers.call(i); !called) return tl::make_unexpected(called.error());
  const auto heard = [&](const Caller& caller) {
    clients.milliseconds_.push_back(static_cast<double>(monotonic_now() - caller.called) / kMillisecond);
  };
  const auto left = [](std::size_t) -> Result<void> { return {}; };
  const Nanoseconds deadline = monotonic_now() + kPatience;
  while (clients.milliseconds_.size() < static_cast<std::size_t>(served)) {
    if (!go_on()) return given_up();
    if (monotonic_now() > deadline)
      return failure(fmt::format("only {} of {} clients had an echo within 10 s (does `ulimit -n` allow so many?)",
                                 clients.milliseconds_.size(), served));
    if (auto worked = callers.work(kGlance, true, heard, left); !worked) return tl::make_unexpected(worked.error());
  }
  clients.sockets_ = callers.take_sockets();
  return clients;
}

namespace {

// One round: no connection begins after `end`, and all that have begun come to their end. Their number.
Result<long> rush_once(Callers& callers, std::size_t clients, Nanoseconds end, const GoOn& go_on) {
  Nanoseconds now = monotonic_now(), latest = now, asked = now;
  for (std::size_t i = 0; i < clients; ++i)
    if (auto called = callers.call(i); !called) return tl::make_unexpected(called.error());
  long connections = 0;
  std::size_t there = clients;
  const auto heard = [](const Caller&) {};
  const auto left = [&](std::size_t i) -> Result<void> {
    ++connections;
    latest = now;
    const long begun = connections + static_cast<long>(there) - 1;
    if (now < end && begun < kMostConnections / kRounds) return callers.call(i);
    --there;
    return {};
  };
  while (there > 0) {
    now = monotonic_now();
    if (now - asked > kGlance * kMillisecond) {
      if (!go_on()) return given_up();
      asked = now;
    }
    if (now - latest > kPatience) return failure("no client had an echo for 10 s");
    if (auto worked = callers.work(kGlance, false, heard, left); !worked) return tl::make_unexpected(worked.error());
  }
  return connections;
}

}  // namespace

Result<Rush> rush(Port port, int clients, double seconds, const GoOn& go_on) {
  Rush rush;
  Callers callers(port, static_cast<std::size_t>(clients));
  const auto round = static_cast<Nanoseconds>(seconds * 1e9 / kRounds);
  Nanoseconds begin = monotonic_now();
  for (int i = 0; i < kRounds; ++i, begin += round) {
    // A fast server has had its connections long before the next round, which may be a better moment.
    do {
      if (!go_on()) return given_up();
      const Nanoseconds early = begin - monotonic_now();
      std::this_thread::sleep_for(std::chrono::nanoseconds(std::min(early, kGlance * kMillisecond)));
    } while (monotonic_now() < begin);
    const Nanoseconds began = monotonic_now();
    const auto connections = rush_once(callers, static_cast<std::size_t>(clients), began + round, go_on);
    if (!connections) return tl::make_unexpected(connections.error());
    rush.connections += *connections;
    rush.rounds.push_back(static_cast<double>(*connections) * 1e9 / static_cast<double>(monotonic_now() - began));
  }
  return rush;
}

}  // namespace forktable
