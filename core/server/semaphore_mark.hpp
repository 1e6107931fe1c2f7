// By what a semaphore of ours is known, even when all who knew of it were killed. The kernel keeps the mark with it:
// three more semaphores in its set, see semget(2).
#pragma once

namespace forktable::server {

inline constexpr int kSemaphoresInSet = 4;  // the first is the one that the listing uses
// The number of the one that counts who holds the set: the server that made it, and Forktable. Each has added its 1
// with SEM_UNDO, so that the kernel takes it away however that process ends.
inline constexpr unsigned short kHolders = 1;
// The values of the last two.
inline constexpr short kSemaphoreMark[] = {0x464F, 0x524B};

}  // namespace forktable::server
