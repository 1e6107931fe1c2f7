#include "tests/fuzz/retold.hpp"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/program/foresee_listing.hpp"
#include "core/program/narrate_listing.hpp"
#include "core/world/diagnose.hpp"
#include "core/world/history.hpp"
#include "core/world/inspect.hpp"
#include "core/world/telling.hpp"
#include "core/world/timeline.hpp"
#include "tests/fuzz/require.hpp"
#include "tests/world/invariant.hpp"

namespace forktable::fuzz {

void retell(const std::vector<Event>& events) {
  History history;
  Timeline timeline;
  std::vector<std::size_t> present;  // before each step
  for (const Event& event : events) {
    present.push_back(present_in(history.latest()));
    const Narration narration = narrate_listing(history.latest(), event);
    require(narration.said.ends_with('.'), "narrated: " + narration.said);
    history.append(event);
    timeline.append(event, history.latest());
    (void)foresee_listing(history.latest(), event);
  }
  const World& world = history.latest();
  const std::string broken = test::broken_invariant(world);
  require(broken.empty(), broken);
  // Forwards by steps of different size, and back again.
  for (std::size_t step = 0; step < events.size(); step += 1 + step % 3)
    require(present_in(history.at(step)) == present[step], "the past is what it was");
  for (std::size_t step = events.size(); step-- > 0; step -= std::min<std::size_t>(step, step % 5))
    require(history.at(step).step == step && present_in(history.at(step)) == present[step], "and so it is backwards");
  require(timeline.steps() == events.size() && timeline.places() <= events.size(), "places of the timeline");
  require(most_telling_step(events) <= events.size(), "the most telling step");
  (void)diagnose(world, std::numeric_limits<Nanoseconds>::max());
  // dump() throws at text that is no UTF-8.
  require(!world_as_json(world, history.size()).dump().empty(), "the World as JSON");
  const std::string table = world_as_table(world, history.size());
  require(table.find('\x1b') == table.npos, "the table does nothing to a terminal");
}

}  // namespace forktable::fuzz
