// Clients come, are joined with their connection, and end.
#include <algorithm>
#include <cstddef>

#include "core/world/bookkeeping.hpp"
#include "core/world/limits.hpp"

namespace forktable {
namespace {

// No accept has returned its connection yet, and one may.
bool never_accepted(const Client& client) {
  const bool refused = client.state == Client::kFailed && client.failed_call == Call::kConnect;
  return client.connection_number == 0 && !refused;
}

}  // namespace

// Our own clients tell of that themselves.
void Bookkeeping::end_outsiders_in_queue() {
  const auto listens = [](const OpenFile& file) { return file.kind == FileKind::kListening; };
  if (look_for(world_.files.begin(), world_.files.end(), listens) != world_.files.end()) return;
  moved<Client>(world_.clients.size());
  std::erase_if(world_.clients, [&](const Client& client) {
    if (!client.outsider || !waits_for_accept(client)) return false;
    Client past = client;
    move_on(past, Client::kReset);
    leave(past);
    return true;
  });
}

void Bookkeeping::add(Client client) {
  if (find(world_.clients, client.id) != nullptr) {
    anomaly("client " + std::to_string(client.id.value) + " connected twice");
    return;
  }
  if (world_.clients.size() >= kMostClients) {
    anomaly("there are " + std::to_string(kMostClients) + " clients already, the most that can be shown");
    return;
  }
  client.since = event_.at;
  const auto where = std::upper_bound(world_.clients.begin(), world_.clients.end(), client.id,
                                      [](ClientId id, const Client& one) { return id < one.id; });
  Client& added = *insert(world_.clients, where, client);
  const auto file = look_for(world_.files.rbegin(), world_.files.rend(), [&](const OpenFile& one) {
    return one.kind == FileKind::kConnection && one.peer == added.address && !one.client;
  });
  if (file == world_.files.rend()) return;
  join(added, *file);
  // Who has been serving it, without knowing whom.
  const auto serve = [&](Process& process) {
    if (process.connection == file->number) process.serves = added.id;
  };
  looked_at<Process>(world_.processes.size() + world_.expected.size());
  for (Process& process : world_.processes) serve(process);
  for (ExpectedChild& expected : world_.expected) serve(expected.child);
}

Client* Bookkeeping::caller_at(Address address) {
  const auto calls = [&](const Client& client) { return client.address == address && never_accepted(client); };
  const auto living = look_for(world_.clients.rbegin(), world_.clients.rend(), calls);
  if (living != world_.clients.rend()) return &*living;
  if (world_.left_unaccepted == 0) return nullptr;
  const Process* server = find(world_.processes, world_.server);
  const auto gone = look_for(world_.gone_clients.rbegin(), world_.gone_clients.rend(), calls);
  if (server == nullptr || gone == world_.gone_clients.rend() || gone->since < server->started_at) return nullptr;
  --world_.left_unaccepted;
  return &*gone;
}

void Bookkeeping::join(Client& client, OpenFile& file) {
  file.client = client.id;
  client.connection = file.id;
  client.connection_number = file.number;
}

Client* Bookkeeping::find_gone(ClientId id) {
  const auto at = look_for(world_.gone_clients.rbegin(), world_.gone_clients.rend(),
                           [&](const Client& one) { return one.id == id; });
  return at != world_.gone_clients.rend() ? &*at : nullptr;
}

Client* Bookkeeping::living(ClientId id) {
  Client* client = find(world_.clients, id);
  if (client == nullptr) anomaly("news of client " + std::to_string(id.value) + ", which never connected");
  return client;
}

Client* Bookkeeping::outsider_at(const Process& process, int fd) {
  const OpenFile* file = file_at(process, fd);
  // A call that was under way when another thread closed the descriptor goes on with the open file.
  if (file == nullptr && process.descriptor_closed_by) return nullptr;
  if (file == nullptr) {
    anomaly("descriptor " + std::to_string(fd) + " was used, and it isn't open");
    return nullptr;
  }
  Client* client = find(world_.clients, file->client);
  return client != nullptr && client->outsider ? client : nullptr;
}

void Bookkeeping::move_on(Client& client, Client::State state) {
  if (client.state == state) return;
  client.state = state;
  client.since = event_.at;
}

void Bookkeeping::end(Client& client, Client::State state) {
  move_on(client, state);
  const auto where = position(world_.clients, client.id);
  Client past = *where;
  erase(world_.clients, where);
  leave(past);
}

void Bookkeeping::leave(Client past) {
  past.socket = {};  // what the kernel has said of it was before that
  if (never_accepted(past)) ++world_.left_unaccepted;
  remember(world_.gone_clients, past);
  if (world_.gone_clients.size() <= kMostFollowed) return;
  Client& left_alone = world_.gone_clients.end()[-1 - static_cast<std::ptrdiff_t>(kMostFollowed)];
  if (left_alone.socket.state != TcpState::kGone) left_alone.socket = {};
  if (left_alone.left != TcpState::kGone) left_alone.left = TcpState::kUnknown;
}

Client* Bookkeeping::find_followed_at(Address address) {
  const auto calls = [&](const Client& client) { return client.address == address; };
  const auto living = look_for(world_.clients.rbegin(), world_.clients.rend(), calls);
  if (living != world_.clients.rend()) return &*living;
  const auto followed = static_cast<std::ptrdiff_t>(std::min(kMostFollowed, world_.gone_clients.size()));
  const auto end = world_.gone_clients.rbegin() + followed;
  const auto gone = look_for(world_.gone_clients.rbegin(), end, calls);
  return gone != end ? &*gone : nullptr;
}

}  // namespace forktable
