#include "core/client/clients.hpp"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <vector>

#include "core/system/clock.hpp"

namespace forktable {
namespace {

sockaddr_in loopback(Port port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

Port local_port(int socket) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) != 0) return 0;
  return ntohs(address.sin_port);
}

// On loopback the handshake is usually over when connect(2) returns, non-blocking or not.
bool is_connected(int socket) {
  sockaddr_in peer{};
  socklen_t length = sizeof peer;
  return getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &length) == 0;
}

}  // namespace

Clients::~Clients() {
  for (auto& [id, client] : all_) poller_.remove(client->socket.get());
}

Nanoseconds Clients::now() const { return monotonic_now() - began_; }

template <class T>
void Clients::tell(const T& what, Nanoseconds at) {
  sink_({at, 0, 0, what});
}

void Clients::connect(ClientId id, Behaviour behaviour, Port port) {
  auto client = std::make_unique<Connection>();
  client->id = id;
  client->behaviour = behaviour;
  client->socket = UniqueFd(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  Connection& added = *(all_[id] = std::move(client));
  const int fd = added.socket.get();
  if (fd < 0) {
    const int error = errno;
    tell(ClientConnecting{id, behaviour, 0});
    return end(id, ClientEnd::kFailed, Call::kSocket, error);
  }
  const sockaddr_in server = loopback(port);
  const Nanoseconds called = now();
  int error = 0;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0) error = errno;
  if (error == EINPROGRESS && is_connected(fd)) error = 0;
  tell(ClientConnecting{id, behaviour, local_port(fd)}, called);
  if (error != 0 && error != EINPROGRESS) return end(id, ClientEnd::kFailed, Call::kConnect, error);
  const auto watched =
      poller_.add(fd, EPOLLIN | EPOLLOUT, [this, &added](std::uint32_t events) { ready(added, events); });
  if (!watched) return end(id, ClientEnd::kFailed, Call::kConnect, watched.error().number);
  if (error == 0) begin(added, called);
}

void Clients::begin(Connection& client, Nanoseconds connected_at) {
  client.connected = true;
  poller_.change(client.socket.get(), EPOLLIN);
  tell(ClientConnected{client.id}, connected_at);
  if (client.behaviour != Behaviour::kQuiet) say(client, "hello");
}

void Clients::ready(Connection& client, std::uint32_t events) {
  if (!client.connected) {
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(client.socket.get(), SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) return end(client.id, ClientEnd::kFailed, Call::kConnect, error);
    if ((events & EPOLLOUT) == 0) return;
    return begin(client, now());
  }
  if ((events & EPOLLOUT) != 0 && !flush(client)) return;
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) receive(client);
}

void Clients::say(Connection& client, std::string_view line) {
  if (!client.connected || client.shut_down || client.shut_down_wanted) return;
  std::string text(line);
  text += '\n';
  client.sent += text.size();
  ++client.lines;
  if (client.behaviour == Behaviour::kTalk) {
    client.next_line = monotonic_now() + kTalkPause;
    next_deadline_ = std::min(next_deadline_.value_or(client.next_line), client.next_line);
  }
  // Told first, because a failure to send ends the client.
  tell(ClientSent{client.id, static_cast<std::uint32_t>(text.size()), valid_utf8(ShortText(text))});
  client.unsent += text;
  flush(client);
}

// False if the client is gone after it.
bool Clients::flush(Connection& client) {
  while (client.flushed < client.unsent.size()) {
    const std::string_view rest = std::string_view(client.unsent).substr(client.flushed);
    const ssize_t sent = send(client.socket.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) {
      poller_.change(client.socket.get(), EPOLLIN | EPOLLOUT);
      return true;
    }
    if (sent < 0) {
      end(client.id, ClientEnd::kFailed, Call::kSend, errno);
      return false;
    }
    client.flushed += static_cast<std::size_t>(sent);
  }
  client.unsent.clear();
  client.flushed = 0;
  poller_.change(client.socket.get(), EPOLLIN);
  if (client.shut_down_wanted && !client.shut_down) {
    client.shut_down = true;
    tell(ClientHalfClosed{client.id});
    shutdown(client.socket.get(), SHUT_WR);
  }
  return true;
}

// False if the client is gone after it.
bool Clients::receive(Connection& client) {
  char buffer[1 << 16];
  const ssize_t got = recv(client.socket.get(), buffer, sizeof buffer, 0);
  if (got < 0) {
    if (errno == EINTR || errno == EAGAIN) return true;
    end(client.id, ClientEnd::kFailed, Call::kReceive, errno);
    return false;
  }
  if (got == 0) {
    tell(ClientSawEndOfFile{client.id});
    end(client.id, ClientEnd::kClosed);
    return false;
  }
  const auto count = static_cast<std::size_t>(got);
  client.received += count;
  tell(ClientReceived{client.id, static_cast<std::uint32_t>(count), valid_utf8(ShortText({buffer, count}))});
  if (client.behaviour == Behaviour::kHello && client.received >= client.sent && !client.shut_down) {
    client.shut_down_wanted = true;
    return flush(client);
  }
  return true;
}

void Clients::send_line(ClientId id, std::string_view line) {
  if (Connection* client = find(id)) say(*client, line);
}

void Clients::half_close(ClientId id) {
  Connection* client = find(id);
  if (client == nullptr || !client->connected || client->shut_down) return;
  client->shut_down_wanted = true;
  client->next_line = 0;
  flush(*client);
}

void Clients::close(ClientId id) {
  if (find(id) != nullptr) end(id, ClientEnd::kClosed);
}

void Clients::reset(ClientId id) {
  Connection* client = find(id);
  if (client == nullptr) return;
  const linger no_goodbye{1, 0};
  setsockopt(client->socket.get(), SOL_SOCKET, SO_LINGER, &no_goodbye, sizeof no_goodbye);
  end(id, ClientEnd::kReset);
}

void Clients::close_all() {
  while (!all_.empty()) end(all_.begin()->first, ClientEnd::kClosed);
}

void Clients::end(ClientId id, ClientEnd how, Call call, int error) {
  const auto client = all_.find(id);
  if (client->second->socket) poller_.remove(client->second->socket.get());
  tell(ClientEnded{id, how, call, error});
  all_.erase(client);
}

Clients::Connection* Clients::find(ClientId id) {
  const auto client = all_.find(id);
  return client != all_.end() ? client->second.get() : nullptr;
}

void Clients::work_off_deadlines(Nanoseconds now) {
  if (!next_deadline_ || *next_deadline_ > now) return;
  next_deadline_.reset();
  std::vector<ClientId> due;
  for (const auto& [id, client] : all_) {
    if (client->next_line == 0) continue;
    // Who talks waits for the answer.
    if (client->next_line <= now && client->received < client->sent) client->next_line = now + kTalkPause;
    if (client->next_line <= now)
      due.push_back(id);
    else
      next_deadline_ = std::min(next_deadline_.value_or(client->next_line), client->next_line);
  }
  for (const ClientId id : due)
    if (Connection* client = find(id)) say(*client, "line " + std::to_string(client->lines + 1));
}

}  // namespace forktable
