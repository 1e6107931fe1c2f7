// What Forktable costs, measured here and now. Ratios are medians of alternated rounds of one run.
//
//   bench [--json] [--quick]
//
// Standard output has the figures; what is under way is told on standard error.
#include <spdlog/spdlog.h>

#include <cstdio>
#include <cstring>
#include <exception>

#include "core/system/limits.hpp"
#include "tests/bench/figures.hpp"
#include "tests/bench/measurements.hpp"

int main(int argc, char** argv) {
  using namespace forktable::bench;
  forktable::raise_descriptor_limit();
  spdlog::set_level(spdlog::level::off);  // it would write among the figures
  bool json = false, quick = false;
  for (int i = 1; i < argc; ++i) {
    json = json || std::strcmp(argv[i], "--json") == 0;
    quick = quick || std::strcmp(argv[i], "--quick") == 0;
  }
  try {
    measure_connections(quick ? 3 : 31, quick ? 300 : 1500);
    measure_kernel(quick ? 3 : 31, quick ? 300 : 1500);
    measure_reduce(quick ? 3 : 9);
    measure_frames(quick ? 3 : 15);
    measure_seeking(quick ? 3 : 15);
    measure_exports(quick ? 3 : 9);
    measure_recordings(quick ? 20 : 200, quick ? 500 : 42000);
    measure_program(quick ? 3 : 9, quick ? 500 : 10000);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench: %s\n", error.what());
    return 1;
  }
  print_figures(json);
  return 0;
}
