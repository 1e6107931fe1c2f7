// What a server reports of its threads. Event::pid is the thread's own number, gettid(2); the first thread's is its
// process's.
#pragma once

#include <cstdint>

#include "core/event/fields.hpp"
#include "core/event/ids.hpp"

namespace forktable {

// Reported before pthread_create(3). `create` counts those of this process.
struct ThreadCreateCalled {
  std::uint32_t create = 0;
  FORKTABLE_EVENT("thread_create_called", kServer, kReferences, kAlways, "create")
  FORKTABLE_FIELDS(visit("create", self.create);)
};
// It has returned: the new thread may have ended by now.
struct ThreadCreated {
  std::uint32_t create = 0;
  FORKTABLE_EVENT("thread_created", kServer, kReferences, kAlways, "")
  FORKTABLE_FIELDS(visit("create", self.create);)
};
struct ThreadStarted {
  Pid process = 0;
  std::uint32_t create = 0;
  FORKTABLE_EVENT("thread_started", kServer, kReferences, kAlways, "")
  FORKTABLE_FIELDS(visit("process", self.process); visit("create", self.create);)
};
// It has read the number of its descriptor, from where its creator had put it.
struct ArgumentRead {
  int fd = -1;
  FORKTABLE_EVENT("argument_read", kServer, kReferences, kAlways, "")
  FORKTABLE_FIELDS(visit("fd", self.fd);)
};
// The thread has detached itself: nobody need join it.
struct ThreadDetached {
  FORKTABLE_EVENT("thread_detached", kServer, kReferences, kAlways, "detach")
  FORKTABLE_FIELDS()
};
// The last word of a thread: the next thing it does is to end.
struct ThreadEnded {
  FORKTABLE_EVENT("thread_ended", kServer, kReferences, kAlways, "end")
  FORKTABLE_FIELDS()
};
// pthread_join(3) returned: what was left of that thread is freed.
struct ThreadJoined {
  Pid thread = 0;
  FORKTABLE_EVENT("thread_joined", kServer, kReferences, kAlways, "join")
  FORKTABLE_FIELDS(visit("thread", self.thread);)
};

}  // namespace forktable
