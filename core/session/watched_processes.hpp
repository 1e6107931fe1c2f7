// Learns from the kernel that a process has ended, whatever it managed to report: pidfd_open(2).
#pragma once

#include <functional>
#include <unordered_map>
#include <vector>

#include "core/event/event.hpp"
#include "core/system/poller.hpp"

namespace forktable {

class WatchedProcesses {
 public:
  // `on_death` is called from the poller's wait(). The poller must outlive this.
  WatchedProcesses(Poller& poller, std::function<void()> on_death) : poller_(poller), on_death_(std::move(on_death)) {}
  WatchedProcesses(const WatchedProcesses&) = delete;
  WatchedProcesses& operator=(const WatchedProcesses&) = delete;
  ~WatchedProcesses() { clear(); }

  // Keeps track of which processes there are.
  void note(const Event& event);
  // Opens a pidfd for each process that lives and has none. Costs two system calls each, which is why it is
  // done when all is quiet and not for a child that is gone in a millisecond.
  void watch_all();
  // Those whose death the kernel has announced and no report has, and that haven't been reaped since; each is
  // returned once.
  std::vector<Pid> take_unreported_dead();
  bool has_unreported_dead() const { return !dead_.empty(); }
  // All of which no end has been told, to be asked when the whole server has gone. They are forgotten.
  std::vector<Pid> take_all();
  void clear();

 private:
  struct Watched {
    UniqueFd pidfd;
    bool announced = false;  // dead, by its own word or the kernel's
  };
  void forget(Pid pid);

  Poller& poller_;
  std::function<void()> on_death_;
  std::unordered_map<Pid, Watched> all_;
  std::vector<Pid> unwatched_;
  std::vector<Pid> dead_;
};

}  // namespace forktable
