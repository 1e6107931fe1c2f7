#include "core/world/telling.hpp"

#include <algorithm>
#include <array>

#include "core/world/reduce.hpp"

namespace forktable {
namespace {

using Richness = std::array<std::size_t, 3>;

Richness richness(const World& world) {
  const auto others = static_cast<std::size_t>(std::count_if(
      world.processes.begin(), world.processes.end(),
      [&](const Process& process) { return process.life == Life::kAlive && process.id != world.server; }));
  const auto references = count_references(world);
  std::size_t shared = 0;
  for (std::size_t i = 0; i < references.size(); ++i)
    shared += world.files[i].kind == FileKind::kConnection && references[i] > 1 ? 1 : 0;
  if (forks(world.kind)) return {others, shared, 0};
  const auto connections = static_cast<std::size_t>(std::count_if(
      world.files.begin(), world.files.end(), [](const OpenFile& file) { return file.kind == FileKind::kConnection; }));
  const Process* server = find_process(world, world.server);
  return {connections, others, server != nullptr ? server->ready.size() : 0};
}

// A child has appeared at this step.
bool is_born(const World& world, const Event& event) {
  Pid pid = 0;
  if (const auto* forked = std::get_if<Forked>(&event.what)) pid = forked->child;
  if (std::holds_alternative<ChildStarted>(event.what)) pid = event.pid;
  const Process* child = pid != 0 ? find_process(world, pid) : nullptr;
  return child != nullptr && child->started_step == world.step;
}

// Nothing else can make it richer.
bool can_be_richer(const World& world, const Event& event) {
  if (forks(world.kind)) return is_born(world, event);
  return std::holds_alternative<Accepted>(event.what) || std::holds_alternative<PollReturned>(event.what) ||
         std::holds_alternative<ThreadStarted>(event.what) || std::holds_alternative<ArgumentRead>(event.what);
}

}  // namespace

std::uint64_t most_telling_step(const std::vector<Event>& events) {
  World world;
  std::uint64_t best = 0;
  Richness most{};
  for (const Event& event : events) {
    reduce(world, event);
    if (!can_be_richer(world, event) && best != 0) continue;
    if (const auto now = richness(world); best == 0 || now > most) {
      most = now;
      best = world.step;
    }
  }
  return best;
}

}  // namespace forktable
