// The figures: what was measured, in which unit, and what it should be.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/system/result.hpp"

namespace forktable::bench {

enum class Goal { kAtLeast, kAtMost };

// Puts a figure on the list, and tells it on standard error.
void add(std::string name, double value, std::string unit, std::optional<double> goal = {},
         Goal direction = Goal::kAtLeast);
// All of them, on standard output: [{name, value, unit, goal, met}], or a table.
void print_figures(bool json);

// What is under way, on standard error.
void announce(const std::string& what);

// A figure that can't be measured ends the run: throws what failed.
template <class T>
T required(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

double median(std::vector<double> values);  // not of none
// CPU time that a process has used so far, all of its threads; its own, without a pid.
double cpu_seconds();
double cpu_seconds(int pid);

}  // namespace forktable::bench
