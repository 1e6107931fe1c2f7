#include "ui/window/window.hpp"

#include "app/commands.hpp"
#include "core/lesson/library.hpp"
#include "core/program/listing.hpp"
#include "core/system/clock.hpp"
#include "ui/window/log.hpp"

namespace forktable {

int open_window(const LiveOptions& options, int server_descriptor_limit) {
  WindowOptions window;
  window.started_at = monotonic_now();
  const bool lecture = !options.lessons.empty();
  std::vector<std::string> names = options.lessons;
  if (!options.lesson.empty()) names = {options.lesson};
  for (const std::string& name : names)
    if (const auto file = find_lesson_file(name); !file) return fail(file.error().message(), kWrongArguments);
  std::vector<ServerKind> kinds;
  for (const std::string& name : names) {
    auto lesson = find_lesson(name);
    if (!lesson) return fail(lesson.error());
    kinds.push_back(lesson->server);
    if (lecture)
      window.lecture.push_back(std::move(*lesson));
    else
      window.lesson = std::move(*lesson);
  }
  if (kinds.empty()) kinds = {options.server};
  for (const ServerKind kind : kinds)
    if (const auto known = check_switches(kind, options.bugs); !known)
      return fail(known.error().message(), kWrongArguments);
  start_log(options.verbose);
  window.server.kind = options.server;
  window.server.program = installed_server(options.server);
  window.server.descriptor_limit = server_descriptor_limit;
  window.server.bugs = options.bugs;
  window.port = options.port;
  window.beside = options.beside;
  if (const auto closed = run_window(window); !closed)
    return fail(closed.error().message() +
                " (without a window: forktable record --clients 3 -o run.jsonl, then forktable export)");
  return kSuccess;
}

}  // namespace forktable
