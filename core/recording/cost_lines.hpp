// What each server costs, as lines of a recording: a lesson that has it measured shows it at its last step.
#pragma once

#include <string>

#include "core/compare/costs.hpp"
#include "core/recording/flat_object.hpp"

namespace forktable {

// How many servers a recording's table has, and numbers of clients of each, at most: as many as a chart has room for.
inline constexpr std::size_t kMostCostServers = 10, kMostCostRuns = 6;

// Each a line of JSON with its newline.
std::string lines_of(const CostTable& table);

bool begins_costs(const FlatObject& line);
bool is_of_costs(const FlatObject& line);
// Takes a line for which one of the above is true; `table` is the one of the lines before it. False: it is no good.
bool take_costs(const FlatObject& line, CostTable& table);

}  // namespace forktable
