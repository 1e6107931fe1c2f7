#include "tests/bench/servers.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "core/system/clock.hpp"
#include "core/system/spawn.hpp"
#include "tests/bench/figures.hpp"
#include "tests/support/deadline.hpp"

namespace forktable::bench {
namespace {

bool converse(Port port) {
  const UniqueFd client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int fd = client.get();
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  char line[16];
  const bool good = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                    write(fd, "hello\n", 6) == 6 && read(fd, line, sizeof line) == 6;
  // Reset rather than closed: ten thousand sockets in TIME_WAIT would slow down whoever comes next.
  const linger no_goodbye{1, 0};
  shutdown(fd, SHUT_WR);
  while (read(fd, line, sizeof line) > 0) {
  }
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &no_goodbye, sizeof no_goodbye);
  return good;
}

}  // namespace

double connection_rate(Port port, int connections, int clients) {
  std::atomic<int> left = connections;
  std::atomic<bool> failed = false;
  const Nanoseconds began = monotonic_now();
  std::vector<std::thread> threads;
  for (int i = 0; i < clients; ++i)
    threads.emplace_back([&] {
      while (left.fetch_sub(1) > 0 && !failed)
        if (!converse(port)) failed = true;
    });
  for (std::thread& thread : threads) thread.join();
  if (failed) throw std::runtime_error("a connection failed");
  return connections / (static_cast<double>(monotonic_now() - began) * 1e-9);
}

Port free_port() {
  const UniqueFd socket_there(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (bind(socket_there.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      getsockname(socket_there.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0)
    throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

void wait_for_listener(Port port) {
  if (!test::wait_until([&] { return converse(port); }))
    throw std::runtime_error(fmt::format("nobody answers on port {}", port));
}

PlainServer::PlainServer(std::vector<std::string> tracer) : PlainServer(free_port(), std::move(tracer)) {
  wait_for_listener(port);  // if that throws, the server is ended
}

PlainServer::PlainServer(Port at, std::vector<std::string> tracer) : port(at) {
  Program program;
  tracer.push_back(FORKTABLE_SERVER);
  tracer.push_back(std::to_string(port));
  program.path = tracer.front();
  program.arguments.assign(tracer.begin() + 1, tracer.end());
  const UniqueFd errors(dup(STDERR_FILENO)), null(open("/dev/null", O_WRONLY | O_CLOEXEC));
  dup2(null.get(), STDERR_FILENO);  // the server says where it listens, and the tracer what it sees
  const auto pid = spawn(program);
  dup2(errors.get(), STDERR_FILENO);
  pid_ = required(pid);
}

PlainServer::~PlainServer() {
  kill(-pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

ReportingServer::ReportingServer(Asking asking) {
  session_ = required(Session::create([this](const Event& event) { reduce(world_, event); }));
  if (asking == Asking::kNever) session_->leave_kernel_alone();
  ServerSetup setup;
  setup.program = FORKTABLE_SERVER;
  required(session_->start_server(setup));
  const test::Deadline deadline;
  while (session_->port() == 0 && !deadline.passed()) session_->pump(std::chrono::milliseconds(100));
  port = session_->port();
  if (port == 0) throw std::runtime_error("the server doesn't listen");
  thread_ = std::thread([this] {
    while (!ending_) session_->pump(std::chrono::milliseconds(100));
  });
}

ReportingServer::~ReportingServer() {
  ending_ = true;
  thread_.join();
  if (world_.anomaly_count > 0) announce(fmt::format("  {} anomalies", world_.anomaly_count));
}

}  // namespace forktable::bench
