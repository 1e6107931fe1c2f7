#include "core/world/inspect.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/commands.hpp"
#include "core/recording/recording.hpp"
#include "core/world/reduce.hpp"

namespace forktable {

int inspect(const InspectOptions& options) {
  const auto recording = read_recording(options.recording);
  if (!recording) return fail(recording.error());
  const std::uint64_t steps = recording->events.size();
  const auto step = step_of(options.step, recording->events);
  if (!step) return fail(step.error().message(), kWrongArguments);
  World world;
  for (std::uint64_t i = 0; i < *step; ++i) reduce(world, recording->events[i]);
  return print(options.json ? world_as_json(world, steps).dump(2) + "\n" : world_as_table(world, steps));
}

}  // namespace forktable
