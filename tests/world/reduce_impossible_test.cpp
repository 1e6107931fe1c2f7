// What can't be is told to the user as an anomaly, and the World stays sound.
#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>
#include <memory>
#include <nlohmann/json.hpp>

#include "core/program/narrate_listing.hpp"
#include "core/world/inspect.hpp"
#include "core/world/reduce.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/text.hpp"
#include "tests/world/invariant.hpp"
#include "tests/world/told.hpp"

namespace forktable::test {
namespace {

// A server that listens and serves a first client in a child.
World child_with_a_client() {
  return told({{kServerPid, Listened{3, 8080, 10}},
               {0, ClientConnecting{{1}, Behaviour::kHello, 40001}},
               {kServerPid, Accepted{3, 4, 40001}},
               {kServerPid, ForkCalled{1}},
               {kServerPid, Forked{1, kChild}},
               {kServerPid, Closed{4}},
               {kChild, ChildStarted{kServerPid, 1}},
               {kChild, Closed{3}}});
}

// The one anomaly that comes of it, and that nothing else has changed.
std::string anomaly_of(World world, Pid pid, const What& what) {
  EXPECT_EQ(world.anomaly_count, 0u) << world.anomalies.front().text;
  reduce(world, {world.now + 1, pid, 0, what});
  EXPECT_EQ(broken_invariant(world), "");
  EXPECT_EQ(world.anomaly_count, 1u) << text_of(what);
  if (world.anomalies.size() != 1) return {};
  EXPECT_EQ(world.anomalies.front().step, world.step) << "it says at which step";
  return world.anomalies.front().text;
}

TEST(Anomaly, AReportOfAProcessThatNobodyForked) {
  for (const What& what : std::vector<What>{
           AcceptCalled{3}, Accepted{3, 4, 40009}, ForkCalled{1}, Forked{1, 4712}, ReadCalled{4},
           Read{4, 6, ShortText("hello\n")}, EndOfFile{4}, WriteCalled{4}, Wrote{4, 6}, Closed{4}, ExitCalled{0},
           SignalDelivered{SIGCHLD}, HandlerReturned{SIGCHLD}, Reaped{kChild, 0}, NothingToReap{},
           CallFailed{Call::kAccept, 3, EMFILE}, BackedOff{100}, PlumbingOpened{9}, Listened{3, 8080, 10}})
    EXPECT_EQ(anomaly_of(child_with_a_client(), 4711, what), "a report of process 4711, which nobody forked")
        << text_of(what);
}

TEST(Anomaly, AReportOfAProcessThatHasEnded) {
  World world = child_with_a_client();
  tell(world, kChild, ExitCalled{0});
  EXPECT_EQ(anomaly_of(world, kChild, ReadCalled{4}), "a report of process 101, which has ended");
  EXPECT_EQ(anomaly_of(world, kChild, ExitCalled{0}), "a report of process 101, which has ended");
}

TEST(Anomaly, AReportOfAProcessThatHasBeenReaped) {
  World world = child_with_a_client();
  tell(world, kChild, ExitCalled{0});
  tell(world, kServerPid, Reaped{kChild, 0});
  EXPECT_EQ(anomaly_of(world, kChild, ReadCalled{4}), "a report of process 101, which nobody forked");
}

TEST(Anomaly, ClosingADescriptorThatIsNotOpen) {
  EXPECT_EQ(anomaly_of(child_with_a_client(), kChild, Closed{3}), "closed descriptor 3, which it doesn't hold");
  EXPECT_EQ(anomaly_of(child_with_a_client(), kServerPid, Closed{-1}), "closed descriptor -1, which it doesn't hold");
}

TEST(Anomaly, UsingADescriptorThatIsNotOpen) {
  EXPECT_EQ(anomaly_of(child_with_a_client(), kChild, Read{7, 6, {}}), "descriptor 7 was used, and it isn't open");
  EXPECT_EQ(anomaly_of(child_with_a_client(), kChild, Wrote{7, 6}), "descriptor 7 was used, and it isn't open");
  EXPECT_EQ(anomaly_of(child_with_a_client(), kChild, EndOfFile{3}), "descriptor 3 was used, and it isn't open");
}

TEST(Anomaly, AcceptingFromADescriptorThatIsNotOpen) {
  EXPECT_EQ(anomaly_of(child_with_a_client(), kChild, Accepted{3, 5, 40002}),
            "accept on descriptor 3, which it doesn't hold");
}

TEST(Anomaly, OpeningADescriptorThatIsOpen) {
  World world = child_with_a_client();
  tell(world, 0, ClientConnecting{{2}, Behaviour::kHello, 40002});
  const std::string text = anomaly_of(world, kChild, Accepted{4, 4, 40002});
  EXPECT_EQ(text, "descriptor 4 of process 101 was opened, and it was open already");
  // What it referred to has lost that reference; the new connection is the one that counts.
  tell(world, kChild, Accepted{4, 4, 40002});
  ASSERT_EQ(world.files.back().number, 2u);
  EXPECT_EQ(find_process(world, kChild)->accepted, world.files.back().id);
  EXPECT_EQ(find_process(world, kChild)->connection, 1u) << "it stays the child of its client";
  EXPECT_EQ(world.files.back().client, ClientId{2}) << "and has its client";
  EXPECT_EQ(find_client(world, ClientId{2})->connection, world.files.back().id);
  EXPECT_EQ(world.counts.closed, 1u) << "nobody refers to the first connection any more";
}

TEST(Anomaly, OpeningTheListeningSocketOverAnother) {
  EXPECT_EQ(anomaly_of(child_with_a_client(), kServerPid, Listened{3, 9090, 10}),
            "descriptor 3 of process 100 was opened, and it was open already");
}

TEST(Anomaly, ReapingAStranger) {
  EXPECT_EQ(anomaly_of(child_with_a_client(), kServerPid, Reaped{4711, 0}), "reaped 4711, which is no child of it");
  EXPECT_EQ(anomaly_of(child_with_a_client(), kServerPid, Reaped{kServerPid, 0}),
            "reaped 100, which is no child of it");
  EXPECT_EQ(anomaly_of(child_with_a_client(), kChild, Reaped{kServerPid, 0}), "reaped 100, which is no child of it")
      << "nor is its parent";
}

TEST(Anomaly, AChildOfAForkThatNobodyCalled) {
  EXPECT_EQ(anomaly_of(child_with_a_client(), kServerPid, Forked{7, 102}),
            "fork returned child 102, but no fork was called");
  EXPECT_EQ(anomaly_of(child_with_a_client(), 102, ChildStarted{kServerPid, 7}),
            "a report of process 102, which nobody forked");
  EXPECT_EQ(anomaly_of(child_with_a_client(), kChild, ChildStarted{kServerPid, 7}),
            "child 101 came from a fork that nobody called");
}

TEST(Anomaly, ForkingAgainBeforeTheFirstForkHasReturned) {
  World world = child_with_a_client();
  tell(world, kServerPid, ForkCalled{2});
  EXPECT_EQ(anomaly_of(world, kServerPid, ForkCalled{3}),
            "process 100 called fork again, and the fork before it hasn't returned");
  for (std::uint32_t fork = 3; fork < 1000; ++fork) tell(world, kServerPid, ForkCalled{fork});
  EXPECT_EQ(world.expected.size(), 1u) << "one process is in one fork";
  tell(world, kServerPid, Forked{999, 102});
  EXPECT_NE(find_process(world, Pid{102}), nullptr) << "the last one counts";
}

TEST(Anomaly, NewsOfAClientThatNeverConnected) {
  for (const What& what : std::vector<What>{ClientConnected{{7}}, ClientSent{{7}, 6, ShortText("hello\n")},
                                            ClientReceived{{7}, 6, {}}, ClientHalfClosed{{7}}, ClientSawEndOfFile{{7}},
                                            ClientEnded{{7}, ClientEnd::kClosed, Call::kClose, 0}})
    EXPECT_EQ(anomaly_of(child_with_a_client(), 0, what), "news of client 7, which never connected") << text_of(what);
}

TEST(Anomaly, AClientThatConnectsTwice) {
  EXPECT_EQ(anomaly_of(child_with_a_client(), 0, ClientConnecting{{1}, Behaviour::kHello, 40002}),
            "client 1 connected twice");
  EXPECT_EQ(anomaly_of(child_with_a_client(), 0, OutsiderConnected{{1}, 40002}), "client 1 connected twice");
}

TEST(Anomaly, ReportsThatWereLostAndBytesThatAreNone) {
  EXPECT_EQ(anomaly_of(child_with_a_client(), kChild, ReportsLost{3}), "3 reports of process 101 were lost");
  EXPECT_EQ(anomaly_of(child_with_a_client(), 0, GarbageSkipped{17}), "17 bytes on the report pipe are no report");
}

TEST(Anomaly, WhatForktableDoesFromOutsideIsNone) {
  // It may come too late: the process may have ended, and be gone, in the meantime.
  World world = child_with_a_client();
  tell(world, kChild, ExitCalled{0});
  for (int gone = 0; gone < 2; ++gone) {
    tell(world, kChild, SignalSent{SIGKILL});
    tell(world, kChild, DeathSeen{});
    tell(world, 4711, SignalSent{SIGKILL});
    tell(world, 4711, DeathSeen{});
    tell(world, 4711, Collected{0});
    tell(world, 4711, OutsiderNamed{{77}, ShortText("nc")});
    EXPECT_EQ(world.anomaly_count, 0u) << world.anomalies.front().text;
    tell(world, kServerPid, Reaped{kChild, 0});
    if (gone == 1) {
      EXPECT_EQ(world.anomaly_count, 1u) << "reaped twice";
    }
  }
}

TEST(Anomaly, TheFirstHundredAreKeptAndAllAreCounted) {
  World world = child_with_a_client();
  for (int i = 0; i < 1000; ++i) tell(world, 4711, AcceptCalled{3});
  EXPECT_EQ(world.anomalies.size(), 100u);
  EXPECT_EQ(world.anomaly_count, 1000u);
  EXPECT_TRUE(contains(world_as_table(world, 0), "and 900 more"));
}

// ---- Anything at all ----

Event anything(Random& random) {
  Event event;
  event.at = number_between(random, 0, 1000);
  event.pid = static_cast<Pid>(number_between(random, 100, 106));
  event.line = static_cast<std::uint32_t>(number_between(random, 0, 40));
  // Launching is rare, or there would be nothing but servers.
  do {
    event.what = random_what(random, static_cast<std::size_t>(number_between(random, 0, kKinds - 1)), Values::kTame);
  } while (std::holds_alternative<ServerLaunched>(event.what) && !one_in(random, 20));
  return event;
}

TEST(RandomEvents, NeverBreakTheWorld) {
  for (std::uint64_t seed = 1; seed <= tries(60); ++seed) {
    Random random(seed);
    World world;
    reduce(world, {0, kServerPid, 0, ServerLaunched{0}});
    for (int i = 0; i < 4000; ++i) {
      const Event event = anything(random);
      const Narration narration = narrate_listing(world, event);
      ASSERT_TRUE(!narration.said.empty() && narration.said.back() == '.') << narration.said;
      reduce(world, event);
      ASSERT_LE(world.anomalies.size(), 100u);
      ASSERT_LE(world.departed.size(), 2048u);
      ASSERT_LE(world.gone_clients.size(), 2048u);
      ASSERT_LE(world.expected.size(), world.process_count);
      if (i % 50 == 0) {
        ASSERT_EQ(broken_invariant(world), "") << "seed " << seed << ", step " << i << ": " << text_of(event);
      }
    }
    ASSERT_NO_THROW((void)world_as_json(world, 0).dump()) << seed;
    ASSERT_FALSE(world_as_table(world, 0).empty());
  }
}

TEST(RandomEvents, OfAnyValuesNeverBreakTheWorld) {
  Random random(1);
  World world;
  for (int round = 0; round < static_cast<int>(tries(300)); ++round)
    for (const Event& event : one_of_every_kind(random, one_in(random, 2) ? Values::kAny : Values::kTame)) {
      ASSERT_EQ(narrate_listing(world, event).said.back(), '.');
      reduce(world, event);
      ASSERT_EQ(broken_invariant(world), "") << text_of(event);
    }
  ASSERT_NO_THROW((void)world_as_json(world, 0).dump());
}

}  // namespace
}  // namespace forktable::test
