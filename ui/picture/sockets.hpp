// What the kernel tells of a socket, in the words and figures of the picture.
#pragma once

#include <string>

#include "core/world/world.hpp"

namespace forktable {

// This end has said that it sends no more; the other end has.
bool has_sent_fin(TcpState end);
bool has_got_fin(TcpState end);

// Something to show: the kernel has told a state, and there is a socket in it.
inline bool is_known(TcpState state) { return state != TcpState::kUnknown && state != TcpState::kGone; }

// The state of an end, unless what its client has done since makes it one of the past: then nobody knows it.
TcpState present_state(const World& world, const OpenFile& file);
TcpState present_state(const Client& client);

// Of an end of a connection: "6 bytes to be read", "end of file to be read"; empty: nothing waits.
std::string unread_words(const Socket& socket);
// "2.5 MB on the way to the client": sent, and not acknowledged; empty: nothing is.
std::string unacknowledged_words(const Socket& socket, const std::string& whom);

// The listening socket's queue: how many wait for accept, of how many that may.
struct Backlog {
  std::uint32_t waiting = 0, most = 0;
  bool known = false;  // from the kernel; else as the clients have told
  bool full() const { return most > 0 && waiting >= most; }
  float share() const;  // 0 to 1; of one that waits, enough to be seen
};
Backlog backlog_of(const World& world, const OpenFile& listening);
std::string words_of(const Backlog& backlog);  // "backlog 2 of 128"; "2 in the queue"

// The TCP connection between the server's end and the client's.
struct LinkLook {
  enum Kind : std::uint8_t { kOpen, kHalfClosed, kClosed, kBroken } kind = kOpen;
  const char* label = "TCP";
};
// "FIN": it has come from the server's end, which is gone; empty: nobody knows.
const char* words_of_end(const Client& client);
LinkLook look_of_link(const World& world, const OpenFile& file, const Client& client);

}  // namespace forktable
