#include "core/world/inspect.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "app/commands.hpp"
#include "core/recording/recording.hpp"
#include "core/world/narrate.hpp"
#include "core/world/reduce.hpp"

namespace forktable {
namespace {

// https://no-color.org
bool colour_is_wanted() {
  const char* no_colour = std::getenv("NO_COLOR");
  return isatty(STDOUT_FILENO) == 1 && (no_colour == nullptr || *no_colour == '\0');
}

}  // namespace

int inspect(const InspectOptions& options) {
  const auto recording = read_recording(options.recording);
  if (!recording) return fail(recording.error());
  note_if_cut_short(*recording, options.recording);
  const std::uint64_t steps = recording->events.size();
  const auto step = step_of(options.step, recording->events);
  if (!step) return fail(step.error().message(), kWrongArguments);
  World world;
  std::string caption;
  for (std::uint64_t i = 0; i < *step; ++i) {
    if (i + 1 == *step) caption = narrate(world, recording->events[i]).said;
    reduce(world, recording->events[i]);
  }
  return print(options.json ? world_as_json(world, steps).dump(2) + "\n"
                            : world_as_table(world, steps, caption, colour_is_wanted()));
}

}  // namespace forktable
