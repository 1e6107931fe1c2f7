// Who belongs together: a connection, the client at its other end, and the processes or threads that serve it.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/world/diagnose.hpp"
#include "core/world/world.hpp"

namespace forktable {

struct Party {
  std::uint32_t number = 0;               // of the connection; 0: not accepted yet
  const OpenFile* connection = nullptr;   // null: not accepted yet, or gone
  const OpenFile* gone = nullptr;         // the connection, to which nothing refers any more since a moment ago
  std::uint32_t references = 0;           // to the connection
  std::vector<const Process*> processes;  // in the process table, or reaped a moment ago
  std::vector<const Process*> threads;    // of the server's process, that are there
  const Client* client = nullptr;         // connected, or gone a moment ago
  bool over = false;                      // nothing of it is left but the memory
  bool differs = false;                   // from what is expected of it: it deserves a look
};

struct Cast {
  const Process* server = nullptr;  // the one that was launched; dead or alive
  std::vector<const OpenFile*> listening;
  const OpenFile* gone_listening = nullptr;  // the latest, to which nothing refers any more since a moment ago
  std::vector<const OpenFile*> helpers;      // what else it keeps for all its clients: a FIFO, an epoll instance
  std::vector<const OpenFile*> plumbing;
  std::vector<Party> parties;  // by the order of accept, those in the queue last
};

// How long what has ended stays to be seen. The latest few only.
inline constexpr Nanoseconds kAfterglow = 4 * kSecond;

// The one of them that a small picture has room for: a process or thread that serves it; nullptr: there is none.
const Process* server_of(const Party& party);

// `now` decides what ended less than `afterglow` ago. Pointers are into `world`.
Cast gather(const World& world, Nanoseconds now, Nanoseconds afterglow = kAfterglow);

// The client that all of it is about; none if nobody knows.
ClientId client_of(const Party& party);

// Who has left the picture, for the sake of the others.
struct Absent {
  std::size_t children = 0, clients = 0;
  bool any() const { return children + clients > 0; }
};
// Takes out of the cast, of the parties that are over, the one that has been so for longest. It is counted in `absent`.
// Those that ended at `since` or later stay, and those that a diagnosis is about. False: there is none.
bool dismiss_oldest(Cast& cast, Nanoseconds since, std::span<const Diagnosis> diagnoses, Absent& absent);

}  // namespace forktable
