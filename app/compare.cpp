// `forktable compare`: what each server costs, measured here and now.
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>

#include "app/commands.hpp"
#include "core/system/inherited.hpp"

namespace forktable {
namespace {

volatile std::sig_atomic_t interrupted = 0;
void note_interruption(int) { interrupted = 1; }

// On a terminal only.
bool show_progress(double part, const std::string& doing) {
  static const bool watched = isatty(STDERR_FILENO) != 0;
  static std::string shown;
  if (watched && shown != doing) fmt::print(stderr, "\r\033[K{} %  {}", static_cast<int>(part * 100), shown = doing);
  return interrupted == 0;
}

}  // namespace

int compare_servers(const CompareOptions& options) {
  CostRequest request;
  if (!options.servers.empty()) request.servers = options.servers;
  if (!options.clients.empty()) request.clients = options.clients;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) handle_unless_ignored(signal, note_interruption);
  const auto table = measure_costs(request, show_progress);
  if (isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r\033[K");
  if (!table) return interrupted != 0 ? fail("interrupted: nothing is measured") : fail(table.error());
  return print(options.json ? json_of(*table) : text_of(*table, isatty(STDOUT_FILENO) != 0));
}

}  // namespace forktable
