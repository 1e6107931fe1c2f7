#include "app/measuring.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "app/interruption.hpp"

namespace forktable {

Result<CostTable> measure_here(const CostRequest& request) {
  const Interruption interruption;
  const bool watched = isatty(STDERR_FILENO) != 0;
  std::string shown;
  auto table = measure_costs(request, [&](double part, const std::string& doing) {
    const std::string now = fmt::format("{} %  {}", static_cast<int>(part * 100), doing);
    if (watched && shown != now) fmt::print(stderr, "\r\033[K{}", shown = now);
    return !interruption.came();
  });
  if (watched) fmt::print(stderr, "\r\033[K");
  if (!table && interruption.came()) return failure("interrupted: nothing is measured");
  return table;
}

}  // namespace forktable
