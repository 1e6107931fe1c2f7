// What a server reports that waits for many descriptors at once: select(2), epoll(7).
#pragma once

#include <cstdint>

#include "core/event/fields.hpp"
#include "core/event/ids.hpp"
#include "core/event/words.hpp"

namespace forktable {

struct EpollOpened {
  int fd = -1;
  FORKTABLE_EVENT("epoll_opened", kServer, kReferences, kAlways, "")
  FORKTABLE_FIELDS(visit("fd", self.fd);)
};
// From now on the process waits for this descriptor too, whenever it waits; or no longer does.
struct Watched {
  int fd = -1;
  FORKTABLE_EVENT("watched", kServer, kState, kAlways, "")
  FORKTABLE_FIELDS(visit("fd", self.fd);)
};
struct Unwatched {
  int fd = -1;
  FORKTABLE_EVENT("unwatched", kServer, kState, kAlways, "")
  FORKTABLE_FIELDS(visit("fd", self.fd);)
};
// select(2) or epoll_wait(2) was called.
struct PollCalled {
  Call call = Call::kSelect;
  int fd = -1;  // kEpollWait: of the epoll instance
  FORKTABLE_EVENT("poll_called", kServer, kState, kAlways, "")
  FORKTABLE_FIELDS(visit("call", self.call); visit("fd", self.fd);)
};
// One of the descriptors that are ready. All of them are reported before the return of the call.
struct FoundReady {
  int fd = -1;
  FORKTABLE_EVENT("found_ready", kServer, kState, kAlways, "")
  FORKTABLE_FIELDS(visit("fd", self.fd);)
};
struct PollReturned {
  Call call = Call::kSelect;
  std::uint32_t ready = 0;  // descriptors
  FORKTABLE_EVENT("poll_returned", kServer, kState, kAlways, "{ready} ready")
  FORKTABLE_FIELDS(visit("call", self.call); visit("ready", self.ready);)
};
// The program does something that takes so long, and nothing else meanwhile.
struct Worked {
  int milliseconds = 0;
  FORKTABLE_EVENT("worked", kServer, kState, kAlways, "work")
  FORKTABLE_FIELDS(visit("milliseconds", self.milliseconds);)
};

}  // namespace forktable
