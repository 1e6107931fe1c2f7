// The user asks the program to end: Ctrl-C, kill, a terminal that closes.
#pragma once

#include <functional>
#include <thread>

#include "core/system/unique_fd.hpp"

namespace forktable {

// From here on SIGINT, SIGTERM and SIGHUP are noted, but for those that the program was started to ignore. There is one
// at a time.
class QuitSignals {
 public:
  // `wake` is called on a thread of its own when one has come: a signal handler may call nothing of a window.
  explicit QuitSignals(std::function<void()> wake);
  ~QuitSignals();
  QuitSignals(const QuitSignals&) = delete;
  QuitSignals& operator=(const QuitSignals&) = delete;

  bool came() const;

 private:
  UniqueFd event_;
  std::thread thread_;
};

}  // namespace forktable
