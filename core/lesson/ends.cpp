#include "core/lesson/ends.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/world/describe.hpp"
#include "core/world/diagnose.hpp"
#include "core/world/inspect.hpp"

namespace forktable {
namespace {

using Json = nlohmann::ordered_json;

// What processes are called: "parent" and "server" for the same one, "child 2", "thread 1". The list is in the order in
// which they came to be.
std::map<std::string, Json> processes_in(const Json& world) {
  std::map<std::string, Json> named;
  std::map<std::string, int> counts;
  for (const Json& process : world["processes"]) {
    const std::string role = process["role"];
    if (role == "parent")
      named["parent"] = named["server"] = process;
    else
      named[fmt::format("{} {}", role, ++counts[role])] = process;
  }
  return named;
}

std::map<std::string, std::string> states_in(const Json& world) {
  std::map<std::string, std::string> states;
  for (const auto& [name, process] : processes_in(world)) states[name] = process["state"];
  int clients = 0;
  for (const Json& client : world["clients"]) states[fmt::format("client {}", ++clients)] = client["state"];
  return states;
}

std::map<std::string, int> values_in(const Json& world) {
  std::map<std::string, int> values;
  for (const auto& [name, process] : processes_in(world))
    if (process["counter"].is_number()) values[name] = process["counter"];
  for (const char* name : {"segment", "semaphore"})
    if (world[name].is_object()) values[name] = world[name]["value"];
  return values;
}

std::uint32_t references(const World& world, const std::string& name) {
  const auto counts = count_references(world);
  for (std::size_t i = 0; i < world.files.size(); ++i) {
    const OpenFile& file = world.files[i];
    if (file.kind == FileKind::kListening ? name == "listening" : name == title_of(file)) return counts[i];
  }
  return 0;
}

}  // namespace

std::vector<std::string> differences(const LessonEnds& ends, const World& world, Nanoseconds now) {
  std::vector<std::string> found;
  const auto compare = [&](const std::string& what, const auto& is, const auto& expected) {
    if (is != expected) found.push_back(fmt::format("{} is {}, not {}", what, is, expected));
  };
  const Json json = world_as_json(world, world.step);
  for (const auto& [name, count] : ends.counts) compare(name, json["counts"].value(name, std::uint64_t{0}), count);
  for (const auto& [name, count] : ends.refcounts) compare("refcnt of " + name, references(world, name), count);
  auto states = states_in(json);
  for (const auto& [name, state] : ends.states) {
    const auto at = states.find(name);
    compare(name, at != states.end() ? at->second : "not there", state);
  }
  const auto values = values_in(json);
  for (const auto& [name, value] : ends.values) {
    const auto at = values.find(name);
    if (at == values.end())
      found.push_back(fmt::format("the value of {} is not there, not {}", name, value));
    else
      compare("the value of " + name, at->second, value);
  }
  if (ends.diagnoses) {
    std::vector<std::string> kinds, expected = *ends.diagnoses;
    for (const Diagnosis& diagnosis : diagnose(world, now)) kinds.emplace_back(diagnosis.kind);
    for (auto* all : {&kinds, &expected}) {
      std::sort(all->begin(), all->end());
      all->erase(std::unique(all->begin(), all->end()), all->end());
    }
    const auto list = [](const auto& all) { return all.empty() ? "none" : fmt::format("{}", fmt::join(all, ", ")); };
    compare("what is diagnosed", list(kinds), list(expected));
  }
  return found;
}

}  // namespace forktable
