#include "ui/picture/sockets.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/world/describe.hpp"

namespace forktable {

bool has_sent_fin(TcpState end) {
  switch (end) {
    case TcpState::kFinWait1:
    case TcpState::kFinWait2:
    case TcpState::kTimeWait:
    case TcpState::kLastAck:
    case TcpState::kClosing: return true;
    default: return false;
  }
}

bool has_got_fin(TcpState end) {
  switch (end) {
    case TcpState::kTimeWait:
    case TcpState::kCloseWait:
    case TcpState::kLastAck:
    case TcpState::kClosing: return true;
    default: return false;
  }
}

TcpState present_state(const Client& client) {
  const bool past = client.state >= Client::kHalfClosed && client.socket.state == TcpState::kEstablished;
  return past ? TcpState::kUnknown : client.socket.state;
}

TcpState present_state(const World& world, const OpenFile& file) {
  // What listen(2) made of it is known without the kernel's word.
  if (file.kind == FileKind::kListening)
    return file.socket.state == TcpState::kUnknown ? TcpState::kListen : file.socket.state;
  const Client* client = file.client ? find_client(world, file.client) : nullptr;
  const bool past =
      client != nullptr && client->state >= Client::kHalfClosed && file.socket.state == TcpState::kEstablished;
  return past ? TcpState::kUnknown : file.socket.state;
}

std::string unread_words(const Socket& socket) {
  const bool end_of_file = has_got_fin(socket.state);  // it counts as a byte until it has been read
  const std::uint32_t bytes = socket.receive - (end_of_file && socket.receive > 0 ? 1 : 0);
  if (bytes > 0) return size_in_words(bytes) + " to be read";
  return end_of_file && socket.receive > 0 ? "end of file to be read" : "";
}

std::string unacknowledged_words(const Socket& socket, const std::string& whom) {
  const bool fin = has_sent_fin(socket.state) && socket.state != TcpState::kFinWait2;
  const std::uint32_t bytes = socket.send - (fin && socket.send > 0 ? 1 : 0);
  return bytes > 0 ? fmt::format("{} on the way to {}", size_in_words(bytes), whom) : "";
}

float Backlog::share() const {
  if (waiting == 0 || most == 0) return 0;
  return std::clamp(static_cast<float>(waiting) / static_cast<float>(most), 0.06f, 1.f);
}

Backlog backlog_of(const World& world, const OpenFile& listening) {
  const auto waiting = std::count_if(world.clients.begin(), world.clients.end(), waits_for_accept);
  // What the kernel said is older than a client that has come since.
  const bool said = is_known(listening.socket.state) && (waiting == 0 || listening.socket.receive > 0);
  if (said) return {listening.socket.receive, listening.socket.send, true};
  const auto most = is_known(listening.socket.state) ? listening.socket.send
                                                     : static_cast<std::uint32_t>(std::max(0, listening.backlog));
  return {static_cast<std::uint32_t>(waiting), most, false};
}

std::string words_of(const Backlog& backlog) {
  if (backlog.most > 0) return fmt::format("backlog {} of {}", backlog.waiting, backlog.most);
  return backlog.waiting > 0 ? fmt::format("{} in the queue", backlog.waiting) : "";
}

const char* words_of_end(const Client& client) {
  // One that has closed before is sent a FIN too, and has nobody left to see it.
  const bool got = has_got_fin(client.socket.state) && !has_ended(client);
  return client.saw_end_of_file || got ? "FIN" : "";
}

LinkLook look_of_link(const World& world, const OpenFile& file, const Client& client) {
  const TcpState server = file.socket.state, other = client.socket.state;
  if (server == TcpState::kClose || client.state == Client::kReset || is_reset(world, file))
    return {LinkLook::kBroken, "reset"};
  const bool server_sent = has_sent_fin(server) || has_got_fin(other) || client.state == Client::kSawEndOfFile;
  const bool client_sent =
      has_sent_fin(other) || has_got_fin(server) || client.state == Client::kHalfClosed || has_ended(client);
  if (server_sent && client_sent) return {LinkLook::kClosed, "closed"};
  if (server_sent || client_sent) return {LinkLook::kHalfClosed, has_ended(client) ? "client gone" : "half closed"};
  return {};
}

}  // namespace forktable
