// A part of narrate(): what clients do, ours and those from outside.
#pragma once

#include <fmt/format.h>

#include <string>

#include "core/world/circumstances.hpp"
#include "core/world/describe.hpp"
#include "core/world/narrate.hpp"

namespace forktable {

class NarrateClients : Circumstances {
 public:
  NarrateClients(const World& world, const Event& event) : Circumstances(world, event) {}

  Narration operator()(const ClientConnecting& what) const {
    return {fmt::format("Client {} calls connect, from port {}.", what.client.value, what.port),
            "The kernel chose that port: with it, this connection differs from all others."};
  }
  Narration operator()(const ClientConnected& what) const {
    return {fmt::format("Client {} is connected: the kernel has shaken hands for the server.", what.client.value),
            "The connection waits in the accept queue until accept returns it."};
  }
  Narration operator()(const ClientSent& what) const {
    return {fmt::format("Client {} sends {}.", what.client.value, quote(what.text, what.bytes)),
            "The kernel keeps it for the server until a process reads it."};
  }
  Narration operator()(const ClientReceived& what) const {
    return {fmt::format("Client {} receives {}.", what.client.value, quote(what.text, what.bytes)),
            "Its own line has come back: the echo."};
  }
  Narration operator()(const ClientHalfClosed& what) const {
    return {fmt::format("Client {} will send nothing more: shutdown(SHUT_WR).", what.client.value),
            "The server reads end of file. The client waits for the server's end of file in turn."};
  }
  Narration operator()(const ClientSawEndOfFile& what) const {
    return {fmt::format("Client {} sees end of file.", what.client.value),
            "The last reference to the connection is gone on the server's side."};
  }
  Narration operator()(const ClientEnded& what) const {
    switch (what.end) {
      case ClientEnd::kClosed:
        return {fmt::format("Client {} closes its socket.", what.client.value),
                "For the client, the conversation is over."};
      case ClientEnd::kReset:
        return {fmt::format("Client {} resets the connection.", what.client.value),
                "No end of file, but an error: what is under way is thrown away."};
      case ClientEnd::kFailed:
        return {fmt::format("{} fails for client {}: {}.", capital(std::string(name_of(what.call))), what.client.value,
                            error_name(what.error)),
                {}};
    }
    return {};
  }
  Narration operator()(const OutsiderConnected& what) const {
    const std::string from = what.address.ip == kLoopback ? "" : to_string(what.address.ip) + ", ";
    return {fmt::format("Client {} is none of Forktable's: it connected from outside, {}port {}.", what.client.value,
                        from, what.address.port),
            {}};
  }
  Narration operator()(const OutsiderNamed& what) const {
    const std::string program = what.program.length > 0 ? printable(what.program.view()) : "a program without a name";
    const Client* before = find_client(world_, what.client);
    const bool changes = before != nullptr && before->pid != 0;
    return {
        fmt::format("Client {} is {}{}, process {}.", what.client.value, changes ? "now " : "", program, event_.pid),
        changes ? "A process may start another program, and hand its connection to another process." : ""};
  }
  Narration operator()(const OutsiderUnnamed& what) const {
    if (what.why == Unnamed::kGone)
      return {fmt::format("Client {} was gone before it could be asked which program it is.", what.client.value), {}};
    return {fmt::format("Client {} is another user's: this user may not see which program it is.", what.client.value),
            {}};
  }
};

}  // namespace forktable
