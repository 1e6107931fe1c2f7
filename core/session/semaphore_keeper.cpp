#include "core/session/semaphore_keeper.hpp"

#include <sys/sem.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <limits>
#include <random>

#include "core/system/spawn.hpp"

namespace forktable {

Result<SemaphoreKeeper> SemaphoreKeeper::start(const std::string& program, int reports) {
  std::random_device random;
  std::uniform_int_distribution<int> keys(1, std::numeric_limits<int>::max());
  int key = keys(random);
  while (semget(key, 0, 0) >= 0 || errno != ENOENT) key = keys(random);
  const auto pid =
      spawn({.path = program, .arguments = {std::to_string(key)}, .environment = {}, .descriptors = {{reports, 0}}});
  if (!pid) return tl::make_unexpected(pid.error());
  return SemaphoreKeeper(key, *pid);
}

SemaphoreKeeper::~SemaphoreKeeper() {
  if (pid_ == 0) return;
  kill(pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  if (const int semaphore = semget(key_, 0, 0); semaphore >= 0) semctl(semaphore, 0, IPC_RMID);
}

}  // namespace forktable
