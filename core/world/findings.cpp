#include "core/world/findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "core/world/describe.hpp"

namespace forktable {

Diagnosis& add_diagnosis(std::vector<Diagnosis>& found, std::string_view kind, std::string title, std::uint64_t since) {
  Diagnosis& added = found.emplace_back();
  added.kind = kind;
  added.title = std::move(title);
  added.since = since;
  return added;
}

std::string name_all(const Processes& children) {
  if (children.size() == 1) return capital(mention_of(*children.front()));
  const bool all = children.size() <= 3;
  std::string numbers;
  for (std::size_t i = 0; i < std::min<std::size_t>(children.size(), 3); ++i)
    numbers += fmt::format("{}{}", i == 0 ? "" : all && i + 1 == children.size() ? " and " : ", ", children[i]->child);
  return all ? "Children " + numbers : fmt::format("{} children ({}, ...)", children.size(), numbers);
}

ProcessId only_one(const Processes& processes) { return processes.size() == 1 ? processes.front()->id : ProcessId{}; }

std::uint64_t earliest(const Processes& processes, std::uint64_t Process::*step) {
  std::uint64_t first = processes.front()->*step;
  for (const Process* process : processes) first = std::min(first, process->*step);
  return first;
}

}  // namespace forktable
