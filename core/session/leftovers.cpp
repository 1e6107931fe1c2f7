#include "core/session/leftovers.hpp"

#include <sys/sem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <system_error>

#include "core/server/semaphore_mark.hpp"

namespace forktable {
namespace {

constexpr uid_t kNobody = 65534;  // whom a server of root's becomes that is to be limited: see reporter.cpp

bool is_ours(uid_t user) { return user == geteuid() || (geteuid() == 0 && user == kNobody); }

bool is_marked(int semaphore, unsigned short (&values)[server::kSemaphoresInSet]) {
  semid_ds status{};
  if (semctl(semaphore, 0, IPC_STAT, &status) < 0 || status.sem_nsems != server::kSemaphoresInSet) return false;
  if (!is_ours(status.sem_perm.cuid) || !is_ours(status.sem_perm.uid)) return false;
  return semctl(semaphore, 0, GETALL, values) == 0 &&
         std::equal(std::begin(server::kSemaphoreMark), std::end(server::kSemaphoreMark),
                    values + server::kHolders + 1);
}

// A semid isn't used again soon after it is removed: the kernel numbers those of one place in its table.
int remove_semaphores() {
  int removed = 0;
  std::ifstream table("/proc/sysvipc/sem");
  const auto next_line = [&] { table.ignore(std::numeric_limits<std::streamsize>::max(), '\n'); };
  next_line();  // its head
  for (int key = 0, semaphore = 0; table >> key >> semaphore; next_line()) {
    unsigned short values[server::kSemaphoresInSet];
    if (is_marked(semaphore, values) && values[server::kHolders] == 0 && semctl(semaphore, 0, IPC_RMID) == 0) ++removed;
  }
  return removed;
}

// Of "forktable-fifo-PID-XXXXXX"; 0: it has another name.
pid_t maker_of(const std::string& name) {
  const std::string beginning = "forktable-fifo-";
  if (name.rfind(beginning, 0) != 0) return 0;
  char* end = nullptr;
  const long pid = std::strtol(name.c_str() + beginning.size(), &end, 10);
  return *end == '-' && pid > 0 && pid <= std::numeric_limits<pid_t>::max() ? static_cast<pid_t>(pid) : 0;
}

int remove_folders(const char* where) {
  int removed = 0;
  std::error_code error;
  std::filesystem::directory_iterator entry(where, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::string path = entry->path();
    const pid_t maker = maker_of(entry->path().filename());
    struct stat status {};
    if (maker == 0 || kill(maker, 0) == 0 || errno != ESRCH) continue;
    if (lstat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode) || !is_ours(status.st_uid)) continue;
    unlink((path + "/fifo").c_str());
    if (rmdir(path.c_str()) == 0) ++removed;
  }
  return removed;
}

}  // namespace

void hold_semaphore(int semaphore) {
  unsigned short values[server::kSemaphoresInSet];
  sembuf hold{server::kHolders, 1, SEM_UNDO};
  if (is_marked(semaphore, values)) semop(semaphore, &hold, 1);
}

Leftovers remove_leftovers() {
  Leftovers removed;
  removed.semaphores = remove_semaphores();
  removed.folders = remove_folders("/tmp");
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  if (runtime != nullptr && runtime[0] == '/') removed.folders += remove_folders(runtime);
  return removed;
}

}  // namespace forktable
