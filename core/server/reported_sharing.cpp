#include "core/server/reported_sharing.hpp"

#include <fcntl.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <iterator>

#include "core/server/gate.hpp"
#include "core/server/reporter.hpp"
#include "core/server/semaphore_mark.hpp"

using forktable::Call;
using forktable::server::gate;
using forktable::server::report;

namespace {

constexpr int kOwnerOnly = 0600;

[[noreturn]] void give_up(Call call, const char* what, Here here) {
  report(forktable::CallFailed{call, -1, errno}, here.line());
  if (!forktable::server::reporting()) std::fprintf(stderr, "echo server: %s: %s\n", what, std::strerror(errno));
  Exit(1, here);
}

// In a folder of its own, whose name nobody can have taken before, and which only this user may enter: mkdtemp(3). Both
// names are gone when it returns; if it is killed meanwhile, by its pid it can be told that nobody uses them any more:
// core/session/leftovers.hpp. -1, with errno.
int make_fifo(const char* where) {
  char folder[256], path[280];
  const int length = std::snprintf(folder, sizeof folder, "%s/forktable-fifo-%d-XXXXXX", where, getpid());
  if (length >= static_cast<int>(sizeof folder)) return errno = ENAMETOOLONG, -1;
  if (mkdtemp(folder) == nullptr) return -1;
  std::snprintf(path, sizeof path, "%s/fifo", folder);
  const int fd = mkfifo(path, kOwnerOnly) == 0 ? open(path, O_RDWR | O_NONBLOCK) : -1;
  const int error = errno;
  unlink(path);
  rmdir(folder);
  errno = error;
  return fd;
}

// semop(2) again if a signal interrupts it.
int change(int semaphore, short by) {
  sembuf operation{0, by, SEM_UNDO};
  int result;
  do result = semop(semaphore, &operation, 1);
  while (result < 0 && errno == EINTR);
  return result;
}

// Run by hand, the server has nobody who removes its semaphore. Its children inherit the handler, and die as they
// would.
int semaphore_to_remove = -1;
pid_t maker = 0;

void remove_semaphore(int signal) {
  if (getpid() == maker) semctl(semaphore_to_remove, 0, IPC_RMID);
  std::signal(signal, SIG_DFL);
  raise(signal);
}

void remove_when_interrupted(int semaphore) {
  semaphore_to_remove = semaphore;
  maker = getpid();
  for (const int signal : {SIGHUP, SIGINT, SIGTERM}) std::signal(signal, remove_semaphore);
}

}  // namespace

int Open_fifo(Here here) {
  // One of the two will do: without a login, there is no XDG_RUNTIME_DIR.
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  int fd = runtime != nullptr && runtime[0] == '/' ? make_fifo(runtime) : -1;
  if (fd < 0) fd = make_fifo("/tmp");
  if (fd < 0) give_up(Call::kMkfifo, "can't make a FIFO in /tmp", here);
  report(forktable::FifoOpened{fd}, here.line());
  return fd;
}

int* Shared_counter(Here here) {
  const int segment = shmget(IPC_PRIVATE, sizeof(int), IPC_CREAT | kOwnerOnly);
  if (segment < 0) give_up(Call::kShmget, "shmget", here);
  void* memory = shmat(segment, nullptr, 0);
  const int error = errno;
  shmctl(segment, IPC_RMID, nullptr);
  errno = error;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): that is how shmat(2) says that it failed
  if (memory == reinterpret_cast<void*>(-1)) give_up(Call::kShmget, "shmat", here);
  report(forktable::SegmentAttached{segment, sizeof(int)}, here.line());
  return static_cast<int*>(memory);
}

int Semaphore(int value, Here here) {
  using forktable::server::kSemaphoreMark;
  const int semaphore = semget(forktable::server::semaphore_key(), forktable::server::kSemaphoresInSet,
                               IPC_CREAT | IPC_EXCL | kOwnerOnly);
  if (semaphore < 0) give_up(Call::kSemget, "semget", here);
  if (!forktable::server::reporting()) remove_when_interrupted(semaphore);
  sembuf beginning[] = {{0, static_cast<short>(value), 0},
                        {forktable::server::kHolders, 1, SEM_UNDO},
                        {forktable::server::kHolders + 1, kSemaphoreMark[0], 0},
                        {forktable::server::kHolders + 2, kSemaphoreMark[1], 0}};
  semop(semaphore, beginning, std::size(beginning));
  report(forktable::SemaphoreMade{semaphore, value}, here.line());
  return semaphore;
}

void P(int semaphore, Here here) {
  gate(Call::kSemop, -1, here.line());
  report(forktable::SemaphoreCalled{semaphore}, here.line());
  if (change(semaphore, -1) == 0)
    report(forktable::SemaphoreTaken{semaphore}, here.line());
  else
    report(forktable::CallFailed{Call::kSemop, -1, errno}, here.line());
}

void V(int semaphore, Here here) {
  gate(Call::kSemop, -1, here.line());
  const std::int64_t called = forktable::server::time_of_call();
  if (change(semaphore, 1) == 0)
    report(forktable::SemaphoreGiven{semaphore}, here.line(), called);
  else
    report(forktable::CallFailed{Call::kSemop, -1, errno}, here.line());
}

int Load(const int* number, Here here) {
  gate(Call::kLoad, -1, here.line());
  const int value = __atomic_load_n(number, __ATOMIC_RELAXED);
  report(forktable::Loaded{value}, here.line());
  return value;
}

void Store(int* number, int value, Here here) {
  gate(Call::kStore, -1, here.line());
  const std::int64_t called = forktable::server::time_of_call();
  __atomic_store_n(number, value, __ATOMIC_RELAXED);
  report(forktable::Stored{value}, here.line(), called);
}
