// A lesson, played from start to end without a window, into a file.
#include <fmt/format.h>

#include "app/commands.hpp"
#include "app/interruption.hpp"
#include "app/measuring.hpp"
#include "core/lesson/ends.hpp"
#include "core/lesson/library.hpp"
#include "core/lesson/runner.hpp"
#include "core/program/listing.hpp"
#include "core/recording/recording.hpp"
#include "core/world/describe.hpp"

namespace forktable {
namespace {

Result<std::uint64_t> play(const Lesson& lesson, const RecordOptions& options, ServerSetup setup,
                           RecordingWriter& writer) {
  LessonRunner* to_tell = nullptr;
  std::vector<Event> beside;
  auto session = Session::create([&](const Event& event) {
    writer.append(event);
    if (to_tell != nullptr) to_tell->take(event);
  });
  if (!session) return tl::make_unexpected(session.error());
  LessonRunner runner(lesson, **session);
  to_tell = &runner;
  const Interruption interruption(session->get());

  setup.port = options.port.value_or(0);
  const auto played = [&]() -> Result<void> {
    if (lesson.beside) {
      auto server = BesideServer::start(lesson, **session, setup, [&](const Event& event) { beside.push_back(event); });
      if (!server) return tl::make_unexpected(server.error());
      runner.put_beside(std::move(*server));
    }
    if (auto started = (*session)->start_server(setup_for(lesson, setup)); !started) return started;
    while (!runner.done()) {
      runner.next();
      (*session)->pump(runner.longest_pump());
      runner.work();
      // A page of this stop shows what the kernel says of it, and not of what was on its way.
      if (!runner.busy()) (*session)->await_kernel();
      if (auto written = writer.flush(); !written) return written;
      if (runner.trouble()) return failure(fmt::format("{}; {}", runner.trouble()->message(), writer.so_far()));
      if (interruption.came()) return failure("interrupted: " + writer.so_far());
    }
    (*session)->await_kernel();
    // As it will be a moment later too: some diagnoses wait whether it passes.
    const Nanoseconds later = runner.world().now + kSecond;
    const auto differences = forktable::differences(lesson.ends, runner.world(), later);
    if (differences.empty()) return {};
    return failure(fmt::format("lesson {} doesn't end as it says: {}; {}", lesson.name, fmt::join(differences, "; "),
                               writer.so_far()));
  }();
  const std::uint64_t events = runner.world().step;
  if (events > 0) writer.append(beside);
  Result<void> finished;
  if (played)
    finished = writer.finish();
  else if (events > 0)
    finished = writer.leave();
  to_tell = nullptr;  // what its end tells is no part of the lesson
  if (!played) return tl::make_unexpected(played.error());
  if (!finished) return tl::make_unexpected(finished.error());
  return events;
}

}  // namespace

int record_lesson(const RecordOptions& options, const ServerSetup& setup) {
  const auto file = find_lesson_file(options.lesson);
  if (!file) return fail(file.error().message(), kWrongArguments);
  if (is_same_file(*file, options.output))
    return fail(fmt::format("can't record lesson {} onto itself: give another name", *file), kWrongArguments);
  const auto lesson = find_lesson(options.lesson);
  if (!lesson) return fail(lesson.error());
  if (const auto known = check_switches(lesson->server, options.bugs); !known)
    return fail(known.error().message(), kWrongArguments);
  auto writer = RecordingWriter::create(options.output, head_of(lesson->server, &*lesson), if_there(options.force));
  if (!writer) return fail_to_write(writer.error(), options.force);
  // Before anything else runs that would take a part of the machine.
  if (measures(*lesson)) {
    CostRequest request;
    request.seconds = 0.2;
    const auto costs = measure_here(request);
    if (!costs) return fail(costs.error());
    writer->append(*costs);
  }
  const auto events = play(*lesson, options, setup, *writer);
  if (!events) return fail(events.error());
  return say_what_was_written(options.output,
                              fmt::format("{} of {}, played in {}", plural(*events, "event", "events"), lesson->title,
                                          plural(lesson->steps.size(), "step", "steps")));
}

}  // namespace forktable
