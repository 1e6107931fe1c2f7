#include "core/world/telling.hpp"

#include <algorithm>
#include <utility>

#include "core/world/reduce.hpp"

namespace forktable {
namespace {

std::pair<std::size_t, std::size_t> richness(const World& world) {
  const auto children = static_cast<std::size_t>(std::count_if(
      world.processes.begin(), world.processes.end(),
      [&](const Process& process) { return process.life == Life::kAlive && process.id != world.server; }));
  const auto references = count_references(world);
  std::size_t shared = 0;
  for (std::size_t i = 0; i < references.size(); ++i)
    shared += world.files[i].kind == FileKind::kConnection && references[i] > 1 ? 1 : 0;
  return {children, shared};
}

}  // namespace

std::uint64_t most_telling_step(const std::vector<Event>& events) {
  World world;
  std::uint64_t best = 0;
  std::pair<std::size_t, std::size_t> most{};
  for (const Event& event : events) {
    reduce(world, event);
    // Only a fork can make it richer.
    const bool fork = std::holds_alternative<Forked>(event.what) || std::holds_alternative<ChildStarted>(event.what);
    if (!fork && best != 0) continue;
    if (const auto now = richness(world); best == 0 || now > most) {
      most = now;
      best = world.step;
    }
  }
  return best;
}

}  // namespace forktable
