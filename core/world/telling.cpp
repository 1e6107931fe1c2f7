#include "core/world/telling.hpp"

#include <algorithm>
#include <array>
#include <compare>
#include <string_view>

#include "core/world/diagnose.hpp"
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
  if (world.shape.has(Shape::kForks)) return {others, shared, 0};
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
  if (world.shape.has(Shape::kForks)) return is_born(world, event);
  return std::holds_alternative<Accepted>(event.what) || std::holds_alternative<PollReturned>(event.what) ||
         std::holds_alternative<ThreadStarted>(event.what) || std::holds_alternative<ArgumentRead>(event.what);
}

constexpr std::size_t kLooks = 400;  // for what is wrong, at most so many in a run, however long it is

// What makes a step worth to be seen, the most important first.
struct Worth {
  bool wrong = false;  // what was found wrong first can be seen
  bool apart = false;  // a lesson stops there, and a child has another value in its counter than the server
  Richness rich{};
  friend auto operator<=>(const Worth&, const Worth&) = default;
};

bool counts_apart(const World& world, const Event& event) {
  const Process* server = find_process(world, world.server);
  if (server == nullptr || !std::holds_alternative<LessonStepped>(event.what)) return false;
  return std::any_of(world.processes.begin(), world.processes.end(), [&](const Process& process) {
    return process.life == Life::kAlive && !process.thread_of && process.counter != server->counter;
  });
}

}  // namespace

std::uint64_t most_telling_step(const std::vector<Event>& events) {
  World world;
  std::uint64_t best = 0;
  Worth most{};
  std::string_view wrong;  // the kind of the diagnosis that was found first
  const std::size_t stride = events.size() / kLooks + 1;
  for (const Event& event : events) {
    reduce(world, event);
    Worth now;
    now.apart = counts_apart(world, event);
    // Beside a lesson's question nothing is said of what is wrong.
    if ((world.step % stride == 0 || world.step == events.size()) && !world.lesson_asks) {
      const std::vector<Diagnosis> found = diagnose(world, event.at);
      if (wrong.empty() && !found.empty()) wrong = found.front().kind;
      now.wrong =
          std::any_of(found.begin(), found.end(), [&](const Diagnosis& diagnosis) { return diagnosis.kind == wrong; });
    }
    if (best != 0 && !now.wrong && !now.apart && !can_be_richer(world, event)) continue;
    now.rich = richness(world);
    if (best == 0 || now > most) {
      most = now;
      best = world.step;
    }
  }
  return best;
}

}  // namespace forktable
