#include "core/kernel/sysv_ipc.hpp"

#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/shm.h>

namespace forktable {

SegmentSeen ask_about_segment(int segment) {
  shmid_ds status{};
  if (shmctl(segment, IPC_STAT, &status) < 0) return {segment, 0};
  return {segment, static_cast<std::uint32_t>(status.shm_nattch)};
}

std::optional<SemaphoreSeen> ask_about_semaphore(int semaphore) {
  const int value = semctl(semaphore, 0, GETVAL), waiting = semctl(semaphore, 0, GETNCNT);
  if (value < 0 || waiting < 0) return std::nullopt;
  return SemaphoreSeen{semaphore, value, static_cast<std::uint32_t>(waiting)};
}

}  // namespace forktable
