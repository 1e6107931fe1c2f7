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

// A child has appeared at this step.
bool is_born(const World& world, const Event& event) {
  Pid pid = 0;
  if (const auto* forked = std::get_if<Forked>(&event.what)) pid = forked->child;
  if (std::holds_alternative<ChildStarted>(event.what)) pid = event.pid;
  const Process* child = pid != 0 ? find_process(world, pid) : nullptr;
  return child != nullptr && child->started_step == world.step;
}

}  // namespace

std::uint64_t most_telling_step(const std::vector<Event>& events) {
  World world;
  std::uint64_t best = 0;
  std::pair<std::size_t, std::size_t> most{};
  for (const Event& event : events) {
    reduce(world, event);
    // Nothing else can make it richer.
    if (!is_born(world, event) && best != 0) continue;
    if (const auto now = richness(world); best == 0 || now > most) {
      most = now;
      best = world.step;
    }
  }
  return best;
}

}  // namespace forktable
