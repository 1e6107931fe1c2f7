#include "tests/bench/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

namespace forktable::bench {
namespace {

struct Figure {
  std::string name;
  double value;
  std::string unit;
  std::optional<double> goal;
  Goal direction;
  bool met() const { return !goal || (direction == Goal::kAtLeast ? value >= *goal : value <= *goal); }
};

std::vector<Figure> figures;

double seconds_on(clockid_t clock) {
  timespec time;
  if (clock_gettime(clock, &time) != 0) throw std::runtime_error("no CPU time of a process that has ended");
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace

void add(std::string name, double value, std::string unit, std::optional<double> goal, Goal direction) {
  figures.push_back({std::move(name), value, std::move(unit), goal, direction});
  announce(fmt::format("  {}: {:.4g} {}", figures.back().name, value, figures.back().unit));
}

void print_figures(bool json) {
  if (json) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const Figure& figure : figures)
      all.push_back({{"name", figure.name},
                     {"value", figure.value},
                     {"unit", figure.unit},
                     {"goal", figure.goal ? nlohmann::ordered_json(*figure.goal) : nlohmann::ordered_json(nullptr)},
                     {"met", figure.met()}});
    std::printf("%s\n", all.dump(2).c_str());
    return;
  }
  for (const Figure& figure : figures) {
    const char* bound = figure.direction == Goal::kAtLeast ? "at least" : "at most";
    const std::string goal =
        figure.goal ? fmt::format("goal: {} {:g}, {}", bound, *figure.goal, figure.met() ? "met" : "MISSED") : "";
    std::printf("%-66s %12.4g %-10s %s\n", figure.name.c_str(), figure.value, figure.unit.c_str(), goal.c_str());
  }
}

void announce(const std::string& what) { std::fprintf(stderr, "%s\n", what.c_str()); }

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double cpu_seconds() { return seconds_on(CLOCK_PROCESS_CPUTIME_ID); }

double cpu_seconds(int pid) {
  clockid_t clock;
  if (clock_getcpuclockid(pid, &clock) != 0) throw std::runtime_error("no CPU time of a process that has ended");
  return seconds_on(clock);
}

}  // namespace forktable::bench
