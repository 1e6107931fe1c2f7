// A part of reduce(): what the clients do, Forktable's own and those from outside.
#pragma once

#include <utility>

#include "core/world/bookkeeping.hpp"

namespace forktable {

class ReduceClients : Bookkeeping {
 public:
  ReduceClients(World& world, const Event& event) : Bookkeeping(world, event) {}

  void operator()(const ClientConnecting& what) {
    Client client;
    client.id = what.client;
    client.behaviour = what.behaviour;
    client.address = what.port;
    add(client);
  }

  void operator()(const ClientConnected& what) {
    if (Client* client = living(what.client))
      if (client->state == Client::kConnecting) move_on(*client, Client::kConnected);
  }

  void operator()(const ClientSent& what) {
    Client* client = living(what.client);
    if (client == nullptr) return;
    if (client->received >= client->sent) client->asked_at = lesson_clock(world_);
    client->answered_at = 0;
    client->sent += what.bytes;
    client->last_sent = what.text;
    move_on(*client, Client::kAwaitingEcho);
  }

  void operator()(const ClientReceived& what) {
    Client* client = living(what.client);
    if (client == nullptr) return;
    client->received += what.bytes;
    client->last_received = what.text;
    if (client->received < client->sent) return;
    if (client->answered_at == 0) client->answered_at = lesson_clock(world_);
    if (client->state == Client::kAwaitingEcho) move_on(*client, Client::kEchoed);
  }

  void operator()(const ClientHalfClosed& what) {
    if (Client* client = living(what.client)) move_on(*client, Client::kHalfClosed);
  }

  void operator()(const ClientSawEndOfFile& what) {
    Client* client = living(what.client);
    if (client == nullptr) return;
    client->saw_end_of_file = true;
    move_on(*client, Client::kSawEndOfFile);
  }

  void operator()(const ClientEnded& what) {
    Client* client = living(what.client);
    if (client == nullptr) return;
    client->failed_call = what.call;
    client->error = what.error;
    end(*client, what.end == ClientEnd::kClosed  ? Client::kClosed
                 : what.end == ClientEnd::kReset ? Client::kReset
                                                 : Client::kFailed);
  }

  void operator()(const OutsiderConnected& what) {
    Client client;
    client.id = what.client;
    client.outsider = true;
    client.address = what.address;
    client.state = Client::kConnected;
    add(client);
    end_outsiders_in_queue();
  }

  void operator()(const OutsiderNamed& what) {
    Client* client = find(world_.clients, what.client);
    if (client == nullptr) client = find_gone(what.client);
    if (client == nullptr) return;  // gone so long ago that it is forgotten
    client->pid = event_.pid;
    client->program = what.program;
    client->unnamed.reset();
  }

  void operator()(const OutsiderUnnamed& what) {
    Client* client = find(world_.clients, what.client);
    if (client == nullptr) client = find_gone(what.client);
    if (client == nullptr) return;
    client->pid = 0;
    client->program = {};
    client->unnamed = what.why;
  }
};

}  // namespace forktable
