// Order is not given: the same things told in another order give the same World.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/program/foresee_listing.hpp"
#include "core/program/narrate_listing.hpp"
#include "core/world/diagnose.hpp"
#include "core/world/inspect.hpp"
#include "core/world/reduce.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/text.hpp"
#include "tests/world/facts.hpp"
#include "tests/world/generated_run.hpp"
#include "tests/world/invariant.hpp"

namespace forktable::test {
namespace {

std::string in_lines(const std::vector<Event>& events) {
  std::string text;
  for (const Event& event : events) text += text_of(event) + "\n";
  return text;
}

// A sentence that nobody could have meant.
std::string odd_sentence(const World& world, const Event& event) {
  const Narration narration = narrate_listing(world, event);
  if (narration.said.empty() || narration.said.back() != '.') return "no sentence: " + narration.said;
  for (const std::string& sentence : {narration.said, narration.meaning})
    for (const char* odd :
         {"42949672", "18446744", "  ", " .", "client 0", "process 0", "→ -", "fork() goes on", "unknown"})
      if (contains(sentence, odd)) return "an odd sentence: " + sentence;
  return {};
}

// The same of what is said about the World that the event led to.
std::string odd_foresight(const World& world, const Event& event) {
  std::vector<std::string> sentences = {foresee_listing(world, event)};
  for (const Diagnosis& diagnosis : diagnose(world, world.now)) {
    sentences.push_back(diagnosis.text);
    sentences.push_back(diagnosis.cause);
  }
  for (const std::string& sentence : sentences)
    for (const char* odd : {"42949672", "18446744", "  ", " .", "client 0", "process 0", "-1"})
      if (contains(sentence, odd)) return "an odd sentence: " + sentence;
  return {};
}

// What goes wrong when the events come in this order; empty if nothing does.
std::string trouble_in(const std::vector<Event>& events, World& world, bool read_aloud) {
  for (const Event& event : events) {
    std::string trouble = read_aloud ? odd_sentence(world, event) : std::string{};
    if (trouble.empty()) {
      reduce(world, event);
      trouble = broken_invariant(world);
    }
    if (trouble.empty() && read_aloud) trouble = odd_foresight(world, event);
    if (trouble.empty()) trouble = broken_promise(world);
    if (!trouble.empty()) return "at step " + std::to_string(world.step) + ", " + text_of(event) + ": " + trouble;
  }
  return {};
}

// Without what is about the order itself.
std::string as_json(const World& world) {
  auto json = world_as_json(world, 0);
  json.erase("step");
  json.erase("late");
  for (auto& diagnosis : json["diagnoses"]) diagnosis.erase("since");
  return json.dump();
}

void try_orders(std::uint64_t seed, const Plan& plan, int orders) {
  Random random(seed);
  const GeneratedRun run = generate_run(random, plan);
  std::string facts, json;
  for (int order = 0; order < orders; ++order) {
    const std::vector<Event> events = random_order(run, random);
    World world;
    std::string trouble = trouble_in(events, world, order % 4 == 0);
    if (trouble.empty()) trouble = difference(world, run.truth);
    ASSERT_TRUE(trouble.empty()) << trouble << "\nseed " << seed << ", order " << order << ":\n" << in_lines(events);
    if (order == 0) {
      facts = facts_of(world);
      json = as_json(world);
    }
    ASSERT_EQ(facts_of(world), facts) << "seed " << seed << ", order " << order << ":\n" << in_lines(events);
    ASSERT_EQ(as_json(world), json) << "seed " << seed << ", order " << order;
  }
}

TEST(AnyOrder, OfAPeacefulRunGivesTheSameWorld) {
  for (std::uint64_t seed = 1; seed <= tries(300) && !testing::Test::HasFatalFailure(); ++seed)
    try_orders(seed, {.clients = static_cast<int>(seed % 5), .trouble = false}, 6);
}

TEST(AnyOrder, OfARunFullOfTroubleGivesTheSameWorld) {
  for (std::uint64_t seed = 1; seed <= tries(3000) && !testing::Test::HasFatalFailure(); ++seed)
    try_orders(seed, {.clients = static_cast<int>(seed % 6), .jobs = seed % 4 == 0}, 6);
}

TEST(AnyOrder, OfTheServersReportsAloneGivesTheSameWorld) {
  for (std::uint64_t seed = 1; seed <= tries(1000) && !testing::Test::HasFatalFailure(); ++seed)
    try_orders(seed, {.clients = static_cast<int>(seed % 4), .told_by_clients = false}, 6);
}

TEST(AnyOrder, OfARunThatIsStillUnderWayGivesTheSameWorld) {
  for (std::uint64_t seed = 1; seed <= tries(3000) && !testing::Test::HasFatalFailure(); ++seed)
    try_orders(seed, {.clients = 4, .steps = static_cast<int>(seed % 120)}, 4);
}

TEST(AnyOrder, OfARunWithManyClientsGivesTheSameWorld) {
  for (std::uint64_t seed = 1; seed <= 10 && !testing::Test::HasFatalFailure(); ++seed)
    try_orders(seed, {.clients = 40, .steps = 3000}, 3);
}

// A test of orders is worth what the runs are worth that it goes by.
TEST(AnyOrder, IncludesWhateverCanHappen) {
  std::map<std::string, int> seen;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Random random(seed);
    const std::vector<Event> events = random_order(generate_run(random, {.clients = 5}), random);
    std::map<Pid, int> lives;  // of each pid
    std::set<Pid> spoken, ended, named;
    std::set<std::uint32_t> clients_ended;
    int reaped_in_handler = 0;
    bool in_fork = false, server_gone = false;
    for (const Event& event : events) {
      std::visit(
          Overloaded{
              [&](const ForkCalled&) { in_fork = true; },
              [&](const Forked& what) {
                in_fork = false;
                seen["a child that is heard of before fork returns"] += spoken.contains(what.child) ? 1 : 0;
                named.insert(what.child);
              },
              [&](const ChildStarted&) {
                seen["a pid that comes back"] += ++lives[event.pid] > 1 ? 1 : 0;
                spoken.insert(event.pid);
              },
              [&](const ExitCalled&) { ended.insert(event.pid); },
              [&](const SignalDelivered&) { reaped_in_handler = 0; },
              [&](const Reaped& what) {
                seen["several children reaped in one handler"] += ++reaped_in_handler > 1 ? 1 : 0;
                if (!named.contains(what.child))
                  ++seen[spoken.contains(what.child) ? "a child reaped before fork returns"
                                                     : "a child reaped that never said a word"];
                spoken.erase(what.child);
                ended.erase(what.child);
                named.erase(what.child);
              },
              [&](const HandlerReturned&) {
                seen["a handler with nothing to reap"] += reaped_in_handler == 0 ? 1 : 0;
                seen["a handler inside fork"] += in_fork ? 1 : 0;
              },
              [&](const CallFailed& what) {
                in_fork = in_fork && what.call != Call::kFork;
                ++seen[std::string(name_of(what.call)) + " that fails"];
              },
              [&](const DeathSeen&) {
                ++seen[server_gone ? "a child whose reaping nobody could report" : "a death that the kernel announces"];
              },
              [&](const SignalSent&) { seen["a signal to a zombie"] += ended.contains(event.pid) ? 1 : 0; },
              [&](const Collected&) {
                if (event.pid == kServerPid)
                  server_gone = true;
                else
                  ++seen[spoken.contains(event.pid) ? "an orphan" : "an orphan that never said a word"];
              },
              [&](const ClientEnded& what) { clients_ended.insert(what.client.value); },
              [&](const Accepted& what) {
                seen["a client that hangs up in the queue"] += clients_ended.contains(what.peer.port - 40000u) ? 1 : 0;
              },
              [&](const OutsiderNamed&) { ++seen["an outsider"]; },
              [](const auto&) {},
          },
          event.what);
      seen["a child that works on without a server"] += server_gone && event.line != 0 ? 1 : 0;
    }
  }
  for (const auto& [what, count] : seen) EXPECT_GT(count, 0) << what;
  EXPECT_EQ(seen.size(), 20u);
}

// Without what a gate shows: that a process waits there, and at which line.
std::string facts_beside_gates(World world) {
  for (auto* processes : {&world.processes, &world.departed})
    for (Process& process : *processes) {
      process.gate.reset();
      process.line = 0;
    }
  return facts_of(world);
}

TEST(Gates, ChangeNothingElseWhoeverComesToThem) {
  int gates = 0;
  for (std::uint64_t seed = 1; seed <= tries(100); ++seed) {
    Random random(seed);
    const GeneratedRun run = generate_run(random, {.clients = 5, .gates = true});
    World with, without;
    for (const Event& event : random_order(run, random)) {
      const bool gate = std::holds_alternative<GateReached>(event.what);
      gates += gate ? 1 : 0;
      reduce(with, event);
      if (!gate) reduce(without, event);
      ASSERT_EQ(facts_beside_gates(with), facts_beside_gates(without)) << "seed " << seed << ", " << text_of(event);
    }
  }
  EXPECT_GT(gates, 100);
}

TEST(AnyOrder, OfARunWithGatesGivesTheSameWorld) {
  for (std::uint64_t seed = 1; seed <= tries(40); ++seed) try_orders(seed, {.clients = 4, .gates = true}, 10);
}

}  // namespace
}  // namespace forktable::test
