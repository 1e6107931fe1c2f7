// The World as `forktable inspect` prints it: JSON for programs, a table for people.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/world/world.hpp"

namespace forktable {

// `steps`: how many events the recording has in all.
nlohmann::ordered_json world_as_json(const World& world, std::uint64_t steps);
std::string world_as_table(const World& world, std::uint64_t steps);

}  // namespace forktable
