#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "core/system/clock.hpp"
#include "core/system/spawn.hpp"
#include "tests/bench/figures.hpp"
#include "tests/bench/measurements.hpp"
#include "tests/support/temporary_folder.hpp"

namespace forktable::bench {
namespace {

// Seconds that the program takes, from its start to its end.
double time_of(std::vector<std::string> arguments) {
  const Nanoseconds began = monotonic_now();
  Program program{FORKTABLE_PROGRAM, std::move(arguments), {}, {}};
  const Pid pid = required(spawn(program));
  int status = 0;
  waitpid(pid, &status, 0);
  if (status != 0) throw std::runtime_error("forktable " + program.arguments[0] + " failed");
  return static_cast<double>(monotonic_now() - began) / static_cast<double>(kSecond);
}

double median_time_of(int rounds, const std::vector<std::string>& arguments) {
  std::vector<double> times;
  for (int i = 0; i < rounds; ++i) times.push_back(time_of(arguments));
  return median(times);
}

}  // namespace

void measure_exports(int rounds) {
  announce("exports");
  const test::TemporaryFolder folder;
  const std::string run = folder.file("run.forktable"), lesson = folder.file("lesson.forktable");
  time_of({"record", "--clients", "20", "--port", "0", "-o", run});
  time_of({"record", "--lesson", "4", "--port", "0", "-o", lesson});
  for (const char* format : {"png", "svg", "pdf"})
    add(fmt::format("export of one step as {}, whole process", format),
        median_time_of(rounds,
                       {"export", run, "--step", "telling", "--force", "-o", folder.file(fmt::format("x.{}", format))}),
        "s", 0.5, Goal::kAtMost);
  add("a PDF of 60 pages",
      median_time_of(rounds,
                     {"export", run, "--every-step", "--steps", "200-259", "--force", "-o", folder.file("x.pdf")}),
      "s", 5, Goal::kAtMost);
  const std::string handout = folder.file("x.html");
  add("a handout of lesson 4", median_time_of(rounds, {"export", lesson, "--force", "-o", handout}), "s");
  add("its size", static_cast<double>(std::filesystem::file_size(handout)) / 1024, "KiB");
}

}  // namespace forktable::bench
