#include "app/interruption.hpp"

#include <csignal>

#include "core/system/inherited.hpp"

namespace forktable {
namespace {

volatile std::sig_atomic_t interrupted = 0;
Session* to_wake = nullptr;

void interrupt(int) {
  interrupted = 1;
  if (to_wake != nullptr) to_wake->wake();
}

}  // namespace

Interruption::Interruption(Session* session) {
  to_wake = session;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) handle_unless_ignored(signal, interrupt);
}

Interruption::~Interruption() { to_wake = nullptr; }

bool Interruption::came() const { return interrupted != 0; }

}  // namespace forktable
