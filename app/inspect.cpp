#include "core/world/inspect.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "app/commands.hpp"
#include "core/program/narrate_listing.hpp"
#include "core/recording/recording.hpp"
#include "core/world/reduce.hpp"

namespace forktable {
namespace {

// https://no-color.org
bool colour_is_wanted() {
  const char* no_colour = std::getenv("NO_COLOR");
  return isatty(STDOUT_FILENO) == 1 && (no_colour == nullptr || *no_colour == '\0');
}

// Reduces, and counts whom the World has seen.
class Census {
 public:
  void take(const Event& event) {
    const ProcessId server = world.server;
    const std::uint64_t children = born();
    const std::size_t clients = world.clients.size();
    reduce(world, event);
    // A new server's children are counted from 0.
    processes_ += world.server != server ? 1 : born() - children;
    if (world.clients.size() > clients) ++clients_;
  }
  Forgotten forgotten() const {
    return {processes_ - (world.processes.size() + world.departed.size()),
            clients_ - (world.clients.size() + world.gone_clients.size())};
  }

  World world;

 private:
  std::uint64_t born() const { return world.counts.forked + world.counts.threads; }

  std::uint64_t processes_ = 0, clients_ = 0;  // there have been
};

}  // namespace

int inspect(const InspectOptions& options) {
  const auto recording = read_recording(options.recording);
  if (!recording) return fail(recording.error());
  note_if_cut_short(*recording, options.recording);
  const std::uint64_t steps = recording->events.size();
  const auto step = step_of(options.step, recording->events);
  if (!step) return fail(step.error().message(), kWrongArguments);
  Census census;
  std::string caption;
  for (std::uint64_t i = 0; i < *step; ++i) {
    if (i + 1 == *step) caption = narrate_listing(census.world, recording->events[i]).said;
    census.take(recording->events[i]);
  }
  const Forgotten forgotten = census.forgotten();
  return print(options.json ? world_as_json(census.world, steps, forgotten).dump(2) + "\n"
                            : world_as_table(census.world, steps, caption, colour_is_wanted(), forgotten));
}

}  // namespace forktable
