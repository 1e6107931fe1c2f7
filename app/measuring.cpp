#include "app/measuring.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string>

#include "core/system/inherited.hpp"

namespace forktable {
namespace {

volatile std::sig_atomic_t interrupted = 0;
void note_interruption(int) { interrupted = 1; }

}  // namespace

Result<CostTable> measure_here(const CostRequest& request) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) handle_unless_ignored(signal, note_interruption);
  const bool watched = isatty(STDERR_FILENO) != 0;
  std::string shown;
  auto table = measure_costs(request, [&](double part, const std::string& doing) {
    const std::string now = fmt::format("{} %  {}", static_cast<int>(part * 100), doing);
    if (watched && shown != now) fmt::print(stderr, "\r\033[K{}", shown = now);
    return interrupted == 0;
  });
  if (watched) fmt::print(stderr, "\r\033[K");
  if (!table && interrupted != 0) return failure("interrupted: nothing is measured");
  return table;
}

}  // namespace forktable
