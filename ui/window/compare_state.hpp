// What the panel shows that measures what each server costs.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/compare/costs.hpp"

namespace forktable {

struct CompareState {
  bool open = false;
  std::optional<double> part;              // of the measurement that is under way, 0 to 1
  std::string doing;                       // what it measures: "thread, 100 clients"
  std::shared_ptr<const CostTable> table;  // the latest; none: nothing has been measured
};

}  // namespace forktable
