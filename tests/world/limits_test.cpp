// Events that somebody made up to fill the memory, or to take for ever: the World grows to its limits and no further,
// and says so. In each, a step that cost in proportion to all steps before it would take minutes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "core/world/diagnose.hpp"
#include "core/world/history.hpp"
#include "core/world/limits.hpp"
#include "core/world/narrate.hpp"
#include "core/world/reduce.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/text.hpp"
#include "tests/world/told.hpp"

namespace forktable::test {
namespace {

constexpr int kMany = 70'000;  // more than there may be of anything but descriptors
constexpr int kManyProcesses = 18'000;

double seconds_of(const auto& deed) {
  const auto begin = std::chrono::steady_clock::now();
  deed();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}
// One look at each descriptor; one for each that a process holds would be thousands.
void expect_a_few_looks(const World& world, const auto& deed) {
  const double look = seconds_of([&] { (void)count_references(world); });
  EXPECT_LT(seconds_of(deed), 50 * look + 0.05);
}

// Told once, and counted each time.
void expect_refused(const World& world, const std::string& why) {
  ASSERT_FALSE(world.anomalies.empty());
  EXPECT_TRUE(contains(world.anomalies.front().text, why)) << world.anomalies.front().text;
  EXPECT_EQ(world.anomalies.size(), std::min<std::uint64_t>(world.anomaly_count, 100));
}

void accept(World& world, int connections) {
  for (int i = 0; i < connections; ++i) tell(world, kServerPid, Accepted{3, 4 + i, static_cast<Port>(i)});
}
void fork_children(World& world, int children, Pid first = 1000) {
  for (int i = 0; i < children; ++i) {
    const auto fork = static_cast<std::uint32_t>(first + i);
    tell(world, kServerPid, ForkCalled{fork});
    tell(world, kServerPid, Forked{fork, first + i});
  }
}

TEST(CrowdedWorld, HasNoMoreProcessesThanItCanShow) {
  World world = listening();
  fork_children(world, kManyProcesses);
  EXPECT_EQ(world.processes.size(), kMostProcesses);
  expect_refused(world, "processes already, the most that can be shown");
}

TEST(CrowdedWorld, HasNoMoreForksUnderWayAndServersThanItCanShow) {
  World world = listening();
  // Each child forks and never returns from it.
  for (Pid pid = 1000; pid < 1000 + kManyProcesses; ++pid) {
    fork_children(world, 1, pid);
    tell(world, pid, ForkCalled{1});
  }
  EXPECT_EQ(world.processes.size() + world.expected.size(), kMostProcesses);
  const ProcessId server = world.server;
  tell(world, 4711, ServerLaunched{0});
  EXPECT_EQ(world.server, server) << "there is no room for another one";
  World servers;
  for (Pid pid = 1; pid < kManyProcesses; ++pid) tell(servers, pid, ServerLaunched{0});
  EXPECT_EQ(servers.processes.size(), kMostProcesses);
}

TEST(CrowdedWorld, TakesThatAllItsProcessesComeAndGo) {
  const Pid kRoom = static_cast<Pid>(kMostProcesses) - 1;
  World world = listening();
  fork_children(world, kRoom);
  for (Pid pid = 1000; pid < 1000 + static_cast<Pid>(tries(4000)); ++pid) {
    tell(world, kServerPid, Reaped{pid, 0});
    fork_children(world, 1, pid + kRoom);
  }
  EXPECT_EQ(world.anomaly_count, 0u);
  EXPECT_EQ(world.processes.size(), kMostProcesses);
}

TEST(CrowdedWorld, HasNoMoreDescriptorsThanItCanShowHoweverOftenTheyAreInherited) {
  World world = listening();
  accept(world, 10'000);
  fork_children(world, 10'000);
  std::size_t descriptors = 0;
  for (const Process& process : world.processes) descriptors += process.descriptors.size();
  EXPECT_LE(descriptors, kMostDescriptors);
  EXPECT_GT(descriptors, kMostDescriptors / 2);
  expect_refused(world, "descriptors, and the most that can be shown is 524288");
}

TEST(CrowdedWorld, HasNoMoreOpenFilesAndListeningSocketsThanItCanShow) {
  World world = listening();
  accept(world, kMany);
  EXPECT_EQ(world.files.size(), kMostFiles);
  EXPECT_EQ(world.counts.accepted, kMostFiles - 1) << "what isn't taken isn't counted";
  expect_refused(world, "open files already, the most that can be shown");
  World listeners = listening();
  for (int i = 0; i < kMany; ++i) tell(listeners, kServerPid, Listened{4 + i, 8080, 1});
  EXPECT_EQ(listeners.files.size(), kMostListening);
  expect_refused(listeners, "listening sockets already, the most that can be shown");
}

TEST(CrowdedWorld, HasNoMoreClientsThanItCanShow) {
  World world = listening();
  for (std::uint32_t id = 1; id < kMany; ++id) {
    if (id % 2 == 0)
      tell(world, 0, ClientConnecting{{id}, Behaviour::kHello, static_cast<Port>(id)});
    else
      tell(world, 0, OutsiderConnected{{id}, static_cast<Port>(id)});
  }
  EXPECT_EQ(world.clients.size(), kMostClients);
  expect_refused(world, "clients already, the most that can be shown");
}

// One child holds 30,000 connections of its own, and ten others 300,000 references to the server's.
constexpr Pid kHolder = 500;
World full_tables() {
  World world = listening();
  fork_children(world, 1, kHolder);
  for (int fd = 4; fd < 30'004; ++fd) tell(world, kHolder, Accepted{3, fd, static_cast<Port>(fd)});
  accept(world, 30'000);
  fork_children(world, 10);
  EXPECT_EQ(world.anomaly_count, 0u);
  return world;
}

TEST(CrowdedWorld, ForgetsAForkOfManyDescriptorsInOneLook) {
  World world = full_tables();
  tell(world, kHolder, ForkCalled{1});
  expect_a_few_looks(world, [&] { tell(world, kHolder, ForkCalled{2}); });
  EXPECT_EQ(world.expected.size(), 1u);
  expect_a_few_looks(world, [&] { tell(world, 4711, ServerLaunched{0}); });
  EXPECT_TRUE(world.expected.empty());
  EXPECT_EQ(world.files.size(), 60'001u) << "they are still held";
}

TEST(CrowdedWorld, TellsOfTheEndOfAProcessWithManyDescriptorsAndClosesThem) {
  World world = full_tables();
  const Event exit{world.now, kHolder, 0, ExitCalled{0}};
  expect_a_few_looks(world, [&] { EXPECT_TRUE(contains(narrate(world, exit).said, "exits.")); });
  expect_a_few_looks(world, [&] { reduce(world, exit); });
  EXPECT_EQ(world.counts.closed, 30'000u);
  EXPECT_EQ(world.files.size(), 30'001u) << "the others hold theirs";
}

TEST(CrowdedWorld, IsDiagnosedInTheTimeOfASlide) {
  World world = listening();
  for (Pid pid = 1000; pid < 5000; ++pid) {
    fork_children(world, 1, pid);
    for (const What& what : std::vector<What>{ChildStarted{kServerPid, static_cast<std::uint32_t>(pid)},
                                              Accepted{3, 4, static_cast<Port>(pid)}, ForkCalled{1},
                                              Forked{1, pid + 10'000}, AcceptCalled{3}})
      tell(world, pid, what);
  }
  EXPECT_GE(diagnose(world, world.now).size(), 4000u) << "each holds a connection that it should have closed";
}

TEST(CrowdedWorld, IsCopiedOnlyAsOftenAsThereIsMemoryFor) {
  History history;
  const auto append = [&](Pid pid, const What& what) { history.append({1, pid, 0, what}); };
  append(kServerPid, ServerLaunched{0});
  append(kServerPid, Listened{3, 8080, 10});
  for (int i = 0; i < 1000; ++i) append(kServerPid, Accepted{3, 4 + i, 1});
  for (std::uint32_t i = 1; i <= 500; ++i) {
    append(kServerPid, ForkCalled{i});
    append(kServerPid, Forked{i, 1000 + static_cast<Pid>(i)});
  }
  const std::size_t size = history.latest().processes.size() * 1000 * sizeof(Descriptor);
  const std::uint64_t events = (kMostCopiedBytes / size + 20) * kBetweenCopies;
  while (history.size() < events) append(0, StopAsked{});
  EXPECT_LE(history.copied_bytes(), kMostCopiedBytes);
  EXPECT_GT(history.copied_bytes(), kMostCopiedBytes / 4) << "and no less often";
  for (const std::uint64_t step : {std::uint64_t{5}, events / 2, events - 4097, events - 1, std::uint64_t{4096}})
    EXPECT_EQ(history.at(step).step, step);
  EXPECT_EQ(history.at(5).files.size(), 4u);
}

}  // namespace
}  // namespace forktable::test
