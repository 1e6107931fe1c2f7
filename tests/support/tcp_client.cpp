#include "tests/support/tcp_client.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>

#include "tests/support/deadline.hpp"

namespace forktable::test {
namespace {

sockaddr_in as_sockaddr(Address wanted) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(wanted.ip.value);
  address.sin_port = htons(wanted.port);
  return address;
}

Port port_of(int socket) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length);
  return ntohs(address.sin_port);
}

// No call on it blocks longer than that.
void limit_waiting(int socket) {
  const timeval longest{kDeadline.count(), 0};
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &longest, sizeof longest);
}

UniqueFd listen_on(Port port, int backlog) {
  UniqueFd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  limit_waiting(listener.get());
  const int yes = 1;
  setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const sockaddr_in address = as_sockaddr(port);
  if (bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener.get(), backlog) != 0)
    listener.close();
  return listener;
}

}  // namespace

TcpClient::TcpClient(Port port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  limit_waiting(socket_.get());
  const sockaddr_in server = as_sockaddr(port);
  if (connect(socket_.get(), reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0) socket_.close();
}

TcpClient::TcpClient(Address from, Port port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  limit_waiting(socket_.get());
  const int yes = 1;  // somebody else's connection from that port may still be in TIME_WAIT
  setsockopt(socket_.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const sockaddr_in here = as_sockaddr(from), server = as_sockaddr(port);
  if (bind(socket_.get(), reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0 ||
      connect(socket_.get(), reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0)
    socket_.close();
}

TcpClient TcpClient::over_ipv6(Port port) {
  UniqueFd client(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  limit_waiting(client.get());
  sockaddr_in6 server{};
  server.sin6_family = AF_INET6;
  server.sin6_port = htons(port);
  server.sin6_addr.s6_addr[10] = server.sin6_addr.s6_addr[11] = 0xFF;
  server.sin6_addr.s6_addr[12] = 127;
  server.sin6_addr.s6_addr[15] = 1;
  if (connect(client.get(), reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0) client.close();
  return TcpClient(std::move(client));
}

TcpClient::TcpClient(const Listener& listener)
    : socket_(accept4(listener.socket.get(), nullptr, nullptr, SOCK_CLOEXEC)) {
  limit_waiting(socket_.get());
}

Port TcpClient::port() const { return port_of(socket_.get()); }

Port TcpClient::peer_port() const {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  getpeername(socket_.get(), reinterpret_cast<sockaddr*>(&address), &length);
  return ntohs(address.sin_port);
}

bool TcpClient::send(std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string TcpClient::receive(std::size_t bytes) {
  std::string all;
  char buffer[1 << 14];
  while (all.size() < bytes) {
    const ssize_t got = recv(socket_.get(), buffer, std::min(sizeof buffer, bytes - all.size()), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    all.append(buffer, static_cast<std::size_t>(got));
  }
  return all;
}

bool TcpClient::sees_end_of_file() {
  char byte;
  ssize_t got;
  do {
    got = recv(socket_.get(), &byte, 1, 0);
  } while (got < 0 && errno == EINTR);
  return got == 0;
}

int TcpClient::fails_with() {
  char byte;
  return recv(socket_.get(), &byte, 1, 0) < 0 ? errno : 0;
}

bool TcpClient::hears_nothing() {
  char byte;
  return recv(socket_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

void TcpClient::half_close() { shutdown(socket_.get(), SHUT_WR); }

void TcpClient::reset() {
  const linger no_goodbye{1, 0};
  setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &no_goodbye, sizeof no_goodbye);
  socket_.close();
}

Listener::Listener(int backlog) : socket(listen_on(0, backlog)), port(port_of(socket.get())) {}

bool can_listen_on(Port port) { return static_cast<bool>(listen_on(port, 1)); }

}  // namespace forktable::test
