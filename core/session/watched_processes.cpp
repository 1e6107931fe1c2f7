#include "core/session/watched_processes.hpp"

#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace forktable {

void WatchedProcesses::note(const Event& event) {
  const auto born = [&](Pid pid) {
    if (all_.try_emplace(pid).second) unwatched_.push_back(pid);
  };
  if (std::holds_alternative<ServerLaunched>(event.what) || std::holds_alternative<ChildStarted>(event.what)) {
    forget(event.pid);
    born(event.pid);
  } else if (std::holds_alternative<ExitCalled>(event.what)) {
    if (const auto watched = all_.find(event.pid); watched != all_.end()) watched->second.announced = true;
    std::erase(dead_, event.pid);  // the report was on its way when the kernel said so
  } else if (const auto* reaped = std::get_if<Reaped>(&event.what)) {
    forget(reaped->child);
  } else if (std::holds_alternative<Collected>(event.what)) {
    forget(event.pid);
  }
}

void WatchedProcesses::watch_all() {
  for (const Pid pid : std::exchange(unwatched_, {})) {
    const auto watched = all_.find(pid);
    if (watched == all_.end() || watched->second.pidfd) continue;
    UniqueFd pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    if (!pidfd) continue;  // ESRCH: reaped, and the report of it is on its way
    const int fd = pidfd.get();
    const auto added = poller_.add(fd, EPOLLIN, [this, pid](std::uint32_t) {
      const auto dead = all_.find(pid);
      if (dead == all_.end()) return;
      poller_.change(dead->second.pidfd.get(), 0);  // it stays readable: once is enough
      if (!std::exchange(dead->second.announced, true)) dead_.push_back(pid);
      on_death_();
    });
    if (added) watched->second.pidfd = std::move(pidfd);
  }
}

std::vector<Pid> WatchedProcesses::take_unreported_dead() { return std::exchange(dead_, {}); }

std::vector<Pid> WatchedProcesses::take_all() {
  std::vector<Pid> pids;
  for (const auto& [pid, watched] : all_) pids.push_back(pid);
  std::sort(pids.begin(), pids.end());
  clear();
  return pids;
}

void WatchedProcesses::forget(Pid pid) {
  const auto watched = all_.find(pid);
  if (watched == all_.end()) return;
  if (watched->second.pidfd) poller_.remove(watched->second.pidfd.get());
  all_.erase(watched);
  std::erase(dead_, pid);
}

void WatchedProcesses::clear() {
  while (!all_.empty()) forget(all_.begin()->first);
  unwatched_.clear();
  dead_.clear();
}

}  // namespace forktable
