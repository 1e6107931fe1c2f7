// Measures what each server costs, for a command: with its progress on a terminal, until it is done or interrupted.
#pragma once

#include "core/compare/measure.hpp"
#include "core/system/result.hpp"

namespace forktable {

// From here on SIGINT, SIGTERM and SIGHUP end it, and that is an error.
Result<CostTable> measure_here(const CostRequest& request);

}  // namespace forktable
