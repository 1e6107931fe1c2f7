#include "ui/window/quit_signals.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>

#include "core/system/inherited.hpp"

namespace forktable {
namespace {

volatile std::sig_atomic_t has_come = 0;
volatile std::sig_atomic_t event = -1;

void add_to_event() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(event, &one, sizeof one);
}

void note(int) {
  const int before = errno;
  has_come = 1;
  add_to_event();
  errno = before;
}

}  // namespace

QuitSignals::QuitSignals(std::function<void()> wake) : event_(eventfd(0, EFD_CLOEXEC)) {
  event = event_.get();
  thread_ = std::thread([wake = std::move(wake), from = event_.get()] {
    std::uint64_t count = 0;
    while (read(from, &count, sizeof count) < 0 && errno == EINTR) {
    }
    wake();
  });
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) handle_unless_ignored(signal, note);
}

QuitSignals::~QuitSignals() {
  add_to_event();
  thread_.join();
  event = -1;
}

bool QuitSignals::came() const { return has_come != 0; }

}  // namespace forktable
