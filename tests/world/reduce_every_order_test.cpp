// Every order there is, for runs small enough.
#include <gtest/gtest.h>

#include <bitset>
#include <memory>
#include <unordered_map>

#include "core/world/reduce.hpp"
#include "tests/support/effort.hpp"
#include "tests/world/facts.hpp"
#include "tests/world/generated_run.hpp"
#include "tests/world/invariant.hpp"

namespace forktable::test {
namespace {

using Told = std::bitset<256>;  // which happenings have been told

bool can_be_next(const GeneratedRun& run, const Told& told, std::size_t happening) {
  if (told[happening]) return false;
  for (const int before : run.happenings[happening].after)
    if (!told[static_cast<std::size_t>(before)]) return false;
  return true;
}

World told_one_more(World world, const Happening& happening, std::string& trouble) {
  for (const Event& event : happening.events) {
    reduce(world, event);
    trouble = broken_invariant(world);
    if (trouble.empty()) trouble = broken_promise(world);
    if (!trouble.empty()) trouble = text_of(event) + ": " + trouble;
  }
  return world;
}

// Goes through them one by one. Returns how many there are.
class Enumeration {
 public:
  explicit Enumeration(const GeneratedRun& run) : run_(run) {}

  std::uint64_t go_on(const World& world, const Told& told = {}) {
    std::uint64_t orders = 0;
    bool any = false;
    for (std::size_t i = 0; i < run_.happenings.size() && trouble.empty(); ++i) {
      if (!can_be_next(run_, told, i)) continue;
      any = true;
      const World next = told_one_more(world, run_.happenings[i], trouble);
      orders += go_on(next, Told(told).set(i));
    }
    if (any) return orders;
    if (facts.empty()) facts = facts_of(world);
    if (facts_of(world) != facts) trouble = "the facts differ at the end:\n" + facts + "and\n" + facts_of(world);
    if (const auto wrong = difference(world, run_.truth); !wrong.empty()) trouble = wrong;
    return 1;
  }

  std::string trouble, facts;

 private:
  const GeneratedRun& run_;
};

TEST(EveryOrder, OfOneClientsRunGivesTheSameWorld) {
  // The seeds differ in where in the parent the SIGCHLD handler runs.
  std::uint64_t orders = 0;
  for (std::uint64_t seed = 1; seed <= tries(20); ++seed) {
    Random random(seed);
    const GeneratedRun run = generate_run(random, {.clients = 1, .told_by_clients = false, .trouble = false});
    Enumeration enumeration(run);
    orders += enumeration.go_on({});
    ASSERT_TRUE(enumeration.trouble.empty()) << "seed " << seed << ": " << enumeration.trouble;
  }
  EXPECT_GT(orders, 1000u);
}

// What has been told so far, in whatever order, makes one World: then no order of any length can make a
// difference. That is checked from the empty World on, one happening more each time. It takes far fewer steps
// than there are orders. Returns how many Worlds there are.
std::size_t check_every_set(const GeneratedRun& run, std::string& trouble) {
  struct Reached {
    World world;
    std::string facts;
  };
  std::unordered_map<Told, Reached> present{{Told{}, {}}};
  std::size_t worlds = 0;
  while (!present.empty()) {
    worlds += present.size();
    std::unordered_map<Told, Reached> next;
    for (const auto& [told, reached] : present) {
      if (told.count() == run.happenings.size()) trouble = difference(reached.world, run.truth);
      for (std::size_t i = 0; i < run.happenings.size(); ++i) {
        if (!can_be_next(run, told, i)) continue;
        World world = told_one_more(reached.world, run.happenings[i], trouble);
        std::string facts = facts_of(world);
        const auto [known, is_new] = next.try_emplace(Told(told).set(i));
        if (is_new)
          known->second = {std::move(world), std::move(facts)};
        else if (known->second.facts != facts)
          trouble =
              "after " + text_of(run.happenings[i].events.front()) + ":\n" + facts + "\nand\n" + known->second.facts;
        if (!trouble.empty()) return worlds;
      }
    }
    present = std::move(next);
  }
  return worlds;
}

void try_every_order(const Plan& plan, std::uint64_t first_seed, std::uint64_t last_seed) {
  std::size_t worlds = 0;
  for (std::uint64_t seed = first_seed; seed <= last_seed; ++seed) {
    Random random(seed);
    const GeneratedRun run = generate_run(random, plan);
    ASSERT_LE(run.happenings.size(), Told{}.size());
    std::string trouble;
    worlds += check_every_set(run, trouble);
    ASSERT_TRUE(trouble.empty()) << "seed " << seed << ": " << trouble;
  }
  EXPECT_GT(worlds, tries(1000));
}

TEST(EveryOrder, OfTwoClientsRunsGivesTheSameWorld) {
  try_every_order({.clients = 2, .told_by_clients = false, .trouble = false}, 1, 5);
}

TEST(EveryOrder, OfThreeClientsRunGivesTheSameWorld) {
  try_every_order({.clients = 3, .told_by_clients = false, .trouble = false}, 1, 1);
}

TEST(EveryOrder, OfOneClientsRunAsBothSidesTellItGivesTheSameWorld) {
  try_every_order({.clients = 1, .trouble = false}, 1, 4);
}

TEST(EveryOrder, OfRunsFullOfTroubleGivesTheSameWorld) {
  try_every_order({.clients = 1, .steps = 80}, 1, tries(60));
  try_every_order({.clients = 2, .told_by_clients = false, .steps = 60}, 1, tries(60));
}

TEST(EveryOrder, OfRunsWhoseParentKeepsAListOfItsChildrenGivesTheSameWorld) {
  try_every_order({.clients = 2, .told_by_clients = false, .trouble = false, .jobs = true}, 1, 5);
  try_every_order({.clients = 2, .told_by_clients = false, .jobs = true, .steps = 60}, 1, tries(30));
}

TEST(EveryOrder, OfRunsWithGatesGivesTheSameWorld) {
  try_every_order({.clients = 1, .told_by_clients = false, .gates = true, .steps = 60}, 1, tries(40));
  try_every_order({.clients = 2, .told_by_clients = false, .trouble = false, .gates = true, .steps = 50}, 1, 4);
}

}  // namespace
}  // namespace forktable::test
