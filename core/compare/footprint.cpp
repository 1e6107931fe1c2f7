#include "core/compare/footprint.hpp"

#include <dirent.h>
#include <fmt/format.h>
#include <linux/kcmp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <utility>

#include "core/kernel/process_state.hpp"

namespace forktable {
namespace {

// One that both have from the server that made them: standard error.
constexpr int kInherited = 2;

Answer compared(Pid one, Pid other, int what, int descriptor = 0) {
  const long order = syscall(SYS_kcmp, one, other, what, descriptor, descriptor);
  if (order < 0) return {{}, fmt::format("the kernel doesn't say: kcmp: {}", std::strerror(errno))};
  return {order == 0, {}};
}

// System V shared memory stands in the list of mappings by this name.
bool has_segment(Pid pid) {
  std::ifstream maps(fmt::format("/proc/{}/maps", pid));
  for (std::string line; std::getline(maps, line);)
    if (line.find("/SYSV") != line.npos) return true;
  return false;
}

}  // namespace

std::vector<Pid> threads_in(Pid process) {
  std::vector<Pid> all;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(fmt::format("/proc/{}/task", process).c_str()), closedir);
  while (const dirent* entry = folder ? readdir(folder.get()) : nullptr)
    if (const Pid thread = std::atoi(entry->d_name); thread > 0) all.push_back(thread);
  std::sort(all.begin(), all.end(),
            [&](Pid a, Pid b) { return std::pair(a != process, a) < std::pair(b != process, b); });
  return all;
}

bool all_asleep(const std::vector<Pid>& processes) {
  return std::all_of(processes.begin(), processes.end(), [](Pid process) {
    const auto threads = threads_in(process);
    return std::all_of(threads.begin(), threads.end(), [](Pid thread) { return process_state(thread) == 'S'; });
  });
}

Figure memory_of(const std::vector<Pid>& processes) {
  double kib = 0;
  for (const Pid pid : processes) {
    std::ifstream file(fmt::format("/proc/{}/smaps_rollup", pid));
    double all = -1, of_files = 0;
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("Pss:")) all = std::atof(line.c_str() + 4);
      if (line.starts_with("Pss_File:")) of_files = std::atof(line.c_str() + 9);
    }
    if (all < 0) return {{}, "/proc/PID/smaps_rollup can't be read"};
    kib += all - of_files;
  }
  return {kib, {}};
}

SharedThings shared_between(Pid one, Pid other) {
  SharedThings shared;
  shared.descriptors = compared(one, other, KCMP_FILES);
  shared.open_files = compared(one, other, KCMP_FILE, kInherited);
  shared.globals = compared(one, other, KCMP_VM);
  if (shared.globals.value == false && has_segment(one) && has_segment(other))
    shared.globals.reason = "but for one, in shared memory";
  return shared;
}

}  // namespace forktable
