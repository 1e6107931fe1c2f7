// The World as `forktable inspect` prints it: JSON for programs, a table for people.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/world/world.hpp"

namespace forktable {

// How many of each there have been before those that the World still remembers.
struct Forgotten {
  std::uint64_t processes = 0, clients = 0;
};

// `steps`: how many events the recording has in all.
nlohmann::ordered_json world_as_json(const World& world, std::uint64_t steps, const Forgotten& forgotten = {});
// For a terminal of 80 columns; nothing in it is a control byte but newlines and, if `colour`, colours. `caption`: what
// has happened at this step.
std::string world_as_table(const World& world, std::uint64_t steps, const std::string& caption = {},
                           bool colour = false, const Forgotten& forgotten = {});

}  // namespace forktable
