// A lesson, played from start to end without a window, into a file.
#include <fmt/format.h>

#include "app/commands.hpp"
#include "app/interruption.hpp"
#include "core/lesson/ends.hpp"
#include "core/lesson/library.hpp"
#include "core/lesson/runner.hpp"
#include "core/recording/recording.hpp"
#include "core/world/describe.hpp"

namespace forktable {
namespace {

Result<std::uint64_t> play(const Lesson& lesson, const RecordOptions& options, ServerSetup setup) {
  auto writer = RecordingWriter::create(
      options.output, {.server = std::string(name_of(lesson.server)), .started = {}, .lesson = lesson.name},
      {listing_of(lesson.server), lesson});
  if (!writer) return tl::make_unexpected(writer.error());
  LessonRunner* to_tell = nullptr;
  auto session = Session::create([&](const Event& event) {
    writer->append(event);
    if (to_tell != nullptr) to_tell->take(event);
  });
  if (!session) return tl::make_unexpected(session.error());
  LessonRunner runner(lesson, **session);
  to_tell = &runner;
  const Interruption interruption(**session);

  setup.port = options.port.value_or(0);
  const auto played = [&]() -> Result<void> {
    if (auto started = (*session)->start_server(setup_for(lesson, setup)); !started) return started;
    while (!runner.done()) {
      runner.next();
      (*session)->pump(runner.longest_pump());
      runner.work();
      if (auto written = writer->flush(); !written) return written;
      if (runner.trouble()) return tl::make_unexpected(*runner.trouble());
      if (interruption.came()) return failure("interrupted: " + options.output + " holds the run so far");
    }
    (*session)->await_kernel();
    // As it will be a moment later too: some diagnoses wait whether it passes.
    const Nanoseconds later = runner.world().now + kSecond;
    const auto differences = forktable::differences(lesson.ends, runner.world(), later);
    if (differences.empty()) return {};
    return failure(fmt::format("lesson {} doesn't end as it says: {}", lesson.name, fmt::join(differences, "; ")));
  }();
  const auto finished = writer->finish();
  const std::uint64_t events = runner.world().step;
  to_tell = nullptr;  // what its end tells is no part of the lesson
  if (!played) return tl::make_unexpected(played.error());
  if (!finished) return tl::make_unexpected(finished.error());
  return events;
}

}  // namespace

int record_lesson(const RecordOptions& options, const ServerSetup& setup) {
  const auto lesson = find_lesson(options.lesson);
  if (!lesson) return fail(lesson.error());
  const auto events = play(*lesson, options, setup);
  if (!events) return fail(events.error());
  return print(fmt::format("{}: {} of {}, played in {}\n", options.output, plural(*events, "event", "events"),
                           lesson->title, plural(lesson->steps.size(), "step", "steps")));
}

}  // namespace forktable
