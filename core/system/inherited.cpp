#include "core/system/inherited.hpp"

#include <csignal>

namespace forktable {

void repair_what_was_inherited() {
  hold_standard_descriptors();
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  std::signal(SIGCHLD, SIG_DFL);
  std::signal(SIGXFSZ, SIG_IGN);
}

void handle_unless_ignored(int signal, void (*handler)(int)) {
  struct sigaction present {};
  sigaction(signal, nullptr, &present);
  if (present.sa_handler != SIG_IGN) std::signal(signal, handler);
}

}  // namespace forktable
