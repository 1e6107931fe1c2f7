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
  SemaphoreKeeper keeper(program, key);
  if (auto started = keeper.start_program(reports); !started) return tl::make_unexpected(started.error());
  return keeper;
}

Result<void> SemaphoreKeeper::start_program(int reports) {
  const auto pid =
      spawn({.path = program_, .arguments = {std::to_string(key_)}, .environment = {}, .descriptors = {{reports, 0}}});
  if (!pid) return tl::make_unexpected(pid.error());
  pid_ = *pid;
  return {};
}

Result<void> SemaphoreKeeper::replace_if_killed(int reports) {
  int status = 0;
  if (pid_ == 0 || waitpid(pid_, &status, WNOHANG) != pid_) return {};
  pid_ = 0;
  return WIFSIGNALED(status) && reports >= 0 ? start_program(reports) : Result<void>{};
}

SemaphoreKeeper::~SemaphoreKeeper() {
  if (key_ == 0) return;
  // While the program still stands by: Forktable may be killed at any moment.
  if (const int semaphore = semget(key_, 0, 0); semaphore >= 0) semctl(semaphore, 0, IPC_RMID);
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace forktable
