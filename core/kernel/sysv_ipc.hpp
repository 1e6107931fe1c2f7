// What the kernel says of System V shared memory and semaphores, see sysvipc(7). It is asked, and nothing is changed.
#pragma once

#include <optional>

#include "core/event/event.hpp"

namespace forktable {

// By shmid. One that is gone has no process attached.
SegmentSeen ask_about_segment(int segment);
// By semid: the first of its set. Nothing if it is gone, or another user's.
std::optional<SemaphoreSeen> ask_about_semaphore(int semaphore);

}  // namespace forktable
