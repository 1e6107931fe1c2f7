// A trace as the tools that open it see it: what they insist on is checked while it is loaded.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "core/event/event.hpp"

namespace forktable::test {

struct LoadedTrace {
  using Json = nlohmann::json;
  using TrackId = std::pair<std::int64_t, std::int64_t>;  // "pid" and "tid"

  struct Flow {
    std::string from, to;    // names of tracks
    std::string from_slice;  // the innermost one that it leaves
  };

  std::map<TrackId, std::string> names;
  std::map<std::int64_t, std::string> groups;
  std::map<std::string, std::vector<Json>> slices, instants;  // by the name of their track
  std::map<std::string, std::vector<std::int64_t>> counters;  // their values
  std::vector<Flow> flows;
  std::vector<std::string> order;  // of the tracks, as they are shown
  std::vector<std::string> wrong;  // what no tool would show as it was meant
};

LoadedTrace load_trace(const std::string& text);
// Also that nothing is wrong with it.
LoadedTrace traced(const std::vector<Event>& events);

// Of slices or instants, in their order.
std::vector<std::string> names_of(const std::vector<nlohmann::json>& events);

}  // namespace forktable::test
