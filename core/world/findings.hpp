// What the parts of diagnose() have in common: how they add what they find, and how they name those it is about.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/world/diagnose.hpp"

namespace forktable {

// The one that was added, to be filled in. It stays where it is until the next one is added.
Diagnosis& add_diagnosis(std::vector<Diagnosis>& found, std::string_view kind, std::string title, std::uint64_t since);

// At least one of them, wherever they are passed.
using Processes = std::vector<const Process*>;

// "Child 1"; "Children 1, 2 and 3"; of more than three, only the first are named: "12 children (1, 2, 3, ...)".
std::string name_all(const Processes& children);

// None, if they are several.
ProcessId only_one(const Processes& processes);

// When the first of them came to do something for the first time; `step` says when that was.
std::uint64_t earliest(const Processes& processes, std::uint64_t Process::*step);

}  // namespace forktable
