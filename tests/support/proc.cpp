#include "tests/support/proc.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <system_error>

#include "core/system/file.hpp"

namespace forktable::test {
namespace {

struct Stat {
  Pid pid = 0;
  char state = '-';
  Pid parent = 0, group = 0;
};

Stat stat_of(Pid pid) {
  // The second field is the program's name in brackets, which may hold spaces and brackets of its own.
  // A process may go while it is looked at: then there is nothing to read (ESRCH).
  const auto line = read_file(fmt::format("/proc/{}/stat", pid), 4096);
  const auto name_end = line ? line->rfind(')') : std::string::npos;
  Stat stat;
  if (name_end == std::string::npos) return stat;
  std::istringstream rest(line->substr(name_end + 1));
  rest >> stat.state >> stat.parent >> stat.group;
  stat.pid = pid;
  return stat;
}

std::vector<Stat> all_processes() {
  std::vector<Stat> all;
  DIR* proc = opendir("/proc");
  if (proc == nullptr) return all;
  while (const dirent* entry = readdir(proc))
    if (const Pid pid = std::atoi(entry->d_name); pid > 0)
      if (const Stat stat = stat_of(pid); stat.pid != 0) all.push_back(stat);
  closedir(proc);
  std::sort(all.begin(), all.end(), [](const Stat& a, const Stat& b) { return a.pid < b.pid; });
  return all;
}

}  // namespace

std::set<int> open_descriptors(Pid pid) {
  const std::string folder = fmt::format("/proc/{}/fd", pid);
  std::set<int> all;
  DIR* descriptors = opendir(folder.c_str());
  if (descriptors == nullptr) return all;
  const int own = pid == getpid() ? dirfd(descriptors) : -1;
  while (const dirent* entry = readdir(descriptors))
    if (entry->d_name[0] != '.')
      if (const int fd = std::atoi(entry->d_name); fd != own) all.insert(fd);
  closedir(descriptors);
  return all;
}

bool is_close_on_exec(Pid pid, int fd) {
  // That of an epoll instance has a line for each descriptor that it waits for.
  const auto info = read_file(fmt::format("/proc/{}/fdinfo/{}", pid, fd), 1 << 20);
  const auto flags = info ? info->find("flags:") : std::string::npos;
  if (flags == std::string::npos) return true;
  return (std::stoul(info->substr(flags + 6), nullptr, 8) & O_CLOEXEC) != 0;
}

std::string descriptor_target(Pid pid, int fd) {
  std::error_code error;
  return std::filesystem::read_symlink(fmt::format("/proc/{}/fd/{}", pid, fd), error).string();
}

std::string program_of(Pid pid) {
  std::error_code error;
  return std::filesystem::read_symlink(fmt::format("/proc/{}/exe", pid), error).filename().string();
}

char state_of(Pid pid) { return stat_of(pid).state; }

bool has_ended(Pid pid) {
  const char state = state_of(pid);
  return state == '-' || state == 'Z' || state == 'X';
}

std::vector<Pid> children_of(Pid parent) {
  std::vector<Pid> all;
  for (const Stat& stat : all_processes())
    if (stat.parent == parent) all.push_back(stat.pid);
  return all;
}

std::vector<Pid> living_in_group(Pid group) {
  while (waitpid(-group, nullptr, WNOHANG) > 0) {
  }
  std::vector<Pid> all;
  for (const Stat& stat : all_processes())
    if (stat.group == group && stat.state != 'Z' && stat.state != 'X') all.push_back(stat.pid);
  return all;
}

}  // namespace forktable::test
