// What a server reports of its counter: private to an address space, or shared by a FIFO or by System V shared memory.
#pragma once

#include <cstdint>

#include "core/event/fields.hpp"
#include "core/event/ids.hpp"

namespace forktable {

// The global counter of this address space has become that.
struct Counted {
  int value = 0;
  FORKTABLE_EVENT("counted", kServer, kState, kAlways, "served {value}")
  FORKTABLE_FIELDS(visit("value", self.value);)
};
struct FifoOpened {
  int fd = -1;
  FORKTABLE_EVENT("fifo_opened", kServer, kReferences, kAlways, "")
  FORKTABLE_FIELDS(visit("fd", self.fd);)
};
// A System V shared memory segment, and shmat(2) of it. Its children inherit it.
struct SegmentAttached {
  int segment = 0;  // shmid
  int bytes = 0;
  FORKTABLE_EVENT("segment_attached", kServer, kReferences, kAlways, "")
  FORKTABLE_FIELDS(visit("segment", self.segment); visit("bytes", self.bytes);)
};
struct SemaphoreMade {
  int semaphore = 0;  // semid
  int value = 0;
  FORKTABLE_EVENT("semaphore_made", kServer, kReferences, kAlways, "")
  FORKTABLE_FIELDS(visit("semaphore", self.semaphore); visit("value", self.value);)
};
// P was called: semop(2) with -1. It returns when the semaphore has been positive, and is one less.
struct SemaphoreCalled {
  int semaphore = 0;
  FORKTABLE_EVENT("semaphore_called", kServer, kState, kAlways, "")
  FORKTABLE_FIELDS(visit("semaphore", self.semaphore);)
};
struct SemaphoreTaken {
  int semaphore = 0;
  FORKTABLE_EVENT("semaphore_taken", kServer, kState, kAlways, "P")
  FORKTABLE_FIELDS(visit("semaphore", self.semaphore);)
};
// V: semop(2) with 1.
struct SemaphoreGiven {
  int semaphore = 0;
  FORKTABLE_EVENT("semaphore_given", kServer, kState, kAlways, "V")
  FORKTABLE_FIELDS(visit("semaphore", self.semaphore);)
};
// The program has read the counter in the shared segment, or written it.
struct Loaded {
  int value = 0;
  FORKTABLE_EVENT("loaded", kServer, kState, kAlways, "load {value}")
  FORKTABLE_FIELDS(visit("value", self.value);)
};
struct Stored {
  int value = 0;
  FORKTABLE_EVENT("stored", kServer, kState, kAlways, "store {value}")
  FORKTABLE_FIELDS(visit("value", self.value);)
};

}  // namespace forktable
