#include "tests/world/invariant.hpp"

#include <fmt/format.h>

#include <algorithm>

#include <map>

namespace forktable::test {
namespace {

using fmt::format;

template <class T>
bool strictly_ascending(const std::vector<T>& all, auto key) {
  return std::adjacent_find(all.begin(), all.end(), [&](const T& a, const T& b) { return !(key(a) < key(b)); }) ==
         all.end();
}

}  // namespace

std::string broken_invariant(const World& world) {
  const auto by_id = [](const auto& one) { return one.id; };
  if (!strictly_ascending(world.processes, by_id)) return "processes are not in order";
  if (!strictly_ascending(world.files, by_id)) return "files are not in order";
  if (!strictly_ascending(world.clients, by_id)) return "clients are not in order";
  if (!strictly_ascending(world.by_pid, [](const auto& one) { return one.first; })) return "pids are not in order";
  for (const auto& [pid, id] : world.by_pid) {
    const Process* process = find_process(world, pid);
    if (process == nullptr || process->id != id || process->pid != pid) return format("pid {} leads astray", pid);
  }
  for (const Process& process : world.processes) {
    if (!strictly_ascending(process.descriptors, [](const auto& one) { return one.fd; }))
      return "descriptors are not in order";
    if (process.life == Life::kReaped) return format("{} is reaped and in the process table", process.pid);
    if (process.life != Life::kAlive && !process.descriptors.empty())
      return format("{} is dead and holds descriptors", process.pid);
    if (process.keeps && !is_blocked(process)) return format("{} is in no call and keeps an open file", process.pid);
  }
  for (const Process& process : world.departed)
    if (process.life != Life::kReaped || !process.descriptors.empty())
      return format("{} has gone and holds descriptors", process.pid);

  // References, counted one by one.
  std::map<FileId, std::uint32_t> counted, expected;
  for (const Process& process : world.processes) {
    for (const Descriptor& descriptor : process.descriptors) ++counted[descriptor.file];
    if (process.keeps) ++counted[process.keeps];
  }
  for (const ExpectedChild& child : world.expected)
    for (const Descriptor& descriptor : child.child.descriptors) ++expected[descriptor.file];
  const auto references = count_references(world);
  if (references.size() != world.files.size()) return "not every file has a count";
  for (std::size_t i = 0; i < world.files.size(); ++i) {
    const FileId id = world.files[i].id;
    if (references[i] != counted[id] || count_references(world, id) != counted[id])
      return format("file {} has {} references, and {} are counted", id.value, counted[id], references[i]);
    if (counted[id] == 0 && expected[id] == 0) return format("nobody refers to file {}", id.value);
  }
  for (const auto& [id, count] : counted)
    if (count > 0 && find_file(world, id) == nullptr)
      return format("a descriptor or a call refers to file {}, which is gone", id.value);
  for (const auto& [id, count] : expected)
    if (count > 0 && find_file(world, id) == nullptr)
      return format("an expected child refers to file {}, which is gone", id.value);
  return {};
}

}  // namespace forktable::test
