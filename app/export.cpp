// `forktable export`: a recording, or a part of it, as pictures, slides, a handout, a film or a trace.
#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <tuple>

#include "app/commands.hpp"
#include "app/interruption.hpp"
#include "core/recording/installed_script.hpp"
#include "ui/export/job.hpp"

namespace forktable {
namespace {

// "12-60", "12-", "-60": the first and the last of so many steps.
Result<std::pair<std::uint64_t, std::uint64_t>> range_of(const std::string& text, std::uint64_t steps) {
  const auto wrong = [&] {
    return failure(fmt::format("{} is not a range of steps: give the first and the last, as in 1-{}", text, steps));
  };
  const std::size_t dash = text.find('-');
  if (dash == std::string::npos || text.size() == 1) return wrong();
  std::uint64_t first = 1, last = steps;
  const auto read = [](std::string_view digits, std::uint64_t& number) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return digits.empty() || (error == std::errc{} && end == digits.data() + digits.size());
  };
  const std::string_view all = text;
  if (!read(all.substr(0, dash), first) || !read(all.substr(dash + 1), last)) return wrong();
  if (first == 0 || first > last || last > steps)
    return failure(fmt::format("there are no steps {}: the recording has {}", text, steps));
  return std::pair(first, last);
}

// On a terminal only.
void show_progress(double part) {
  static const bool watched = isatty(STDERR_FILENO) != 0;
  static int shown = -1;
  const int percent = static_cast<int>(part * 100);
  if (watched && percent != shown) fmt::print(stderr, "\r\033[K{} %", shown = percent);
}

}  // namespace

int export_run(const ExportOptions& options) {
  const auto format = format_of(options.output);
  if (!format)
    return fail(fmt::format("can't tell the format of {}: the name must end in {}", options.output,
                            fmt::join(kFormatEndings, ", ")),
                kWrongArguments);
  if (!std::isfinite(options.scale)) return fail("--scale takes a number from 0.25 to 8", kWrongArguments);
  if (is_same_file(options.recording, options.output))
    return fail("can't export " + options.recording + " onto itself: give another name", kWrongArguments);
  if (options.transparent && *format > Format::kPdf)
    return fail("--transparent is for .png, .svg and .pdf", kWrongArguments);
  if (options.outlines && *format != Format::kSvg) return fail("--outlines is for .svg", kWrongArguments);
  const auto recording = read_recording(options.recording);
  if (!recording) return fail(recording.error());
  note_if_cut_short(*recording, options.recording);
  const std::vector<Event>& events = recording->events;
  const Script script = script_of(*recording);

  ExportJob job{events, recording->header, script};
  job.name = std::filesystem::path(options.recording).stem().string();
  job.input = options.recording;
  job.first_line = recording->first_line;
  if (!recording->beside.empty()) job.beside = &recording->beside;
  job.output = options.output;
  job.if_there = if_there(options.force);
  job.format = *format;
  job.last = events.size();
  if (!options.steps.empty()) {
    const auto range = range_of(options.steps, events.size());
    if (!range) return fail(range.error().message(), kWrongArguments);
    std::tie(job.first, job.last) = *range;
  }
  const bool many = options.all || options.stops || options.every_step || !options.steps.empty() ||
                    (is_one_file(*format) && *format != Format::kPdf);
  if (!many || !options.step.empty()) {
    const auto step = step_of(options.step.empty() ? "last" : options.step, events);
    if (!step) return fail(step.error().message(), kWrongArguments);
    job.step = *step;
  }
  if (options.stops && !script.lesson)
    return fail("--stops is for a recording of a lesson, and " + options.recording + " is of none", kWrongArguments);
  job.pages = options.stops ? DeckRequest::kStops : options.every_step ? DeckRequest::kEvery : DeckRequest::kChanging;
  job.dark = options.theme == "dark";
  job.scale = options.scale;
  job.transparent = options.transparent;
  job.outlines = options.outlines;

  if ((job.step || is_one_file(*format)) && !options.force)
    if (const auto free = check_free(options.output, "can't save"); !free) return fail_to_write(free.error(), false);

  const Interruption interruption;
  const auto written = carry_out(job, [&](double part) {
    show_progress(part);
    return !interruption.came();
  });
  if (isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r\033[K");
  if (!written) return fail_to_write(written.error(), options.force);
  return print(fmt::format("{}\n", fmt::join(*written, "\n")));
}

}  // namespace forktable
