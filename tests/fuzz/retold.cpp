#include "tests/fuzz/retold.hpp"

#include <limits>
#include <nlohmann/json.hpp>

#include "core/world/diagnose.hpp"
#include "core/world/history.hpp"
#include "core/world/inspect.hpp"
#include "core/world/narrate.hpp"
#include "core/world/telling.hpp"
#include "core/world/timeline.hpp"
#include "tests/fuzz/require.hpp"
#include "tests/world/invariant.hpp"

namespace forktable::fuzz {

void retell(const std::vector<Event>& events) {
  History history;
  Timeline timeline;
  for (const Event& event : events) {
    const Narration narration = narrate(history.latest(), event);
    require(narration.said.ends_with('.'), "narrated: " + narration.said);
    history.append(event);
    timeline.append(event, history.latest());
    (void)foresee(history.latest(), event);
  }
  const World& world = history.latest();
  const std::string broken = test::broken_invariant(world);
  require(broken.empty(), broken);
  require(timeline.steps() == events.size() && timeline.places() <= events.size(), "places of the timeline");
  require(most_telling_step(events) <= events.size(), "the most telling step");
  (void)diagnose(world, std::numeric_limits<Nanoseconds>::max());
  // dump() throws at text that is no UTF-8.
  require(!world_as_json(world, history.size()).dump().empty(), "the World as JSON");
  const std::string table = world_as_table(world, history.size());
  require(table.find('\x1b') == table.npos, "the table does nothing to a terminal");
}

}  // namespace forktable::fuzz
