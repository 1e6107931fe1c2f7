// The server's own process ends, crashes or stands still.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <csignal>

#include "core/world/describe.hpp"
#include "tests/live/live_session.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/proc.hpp"

namespace forktable::test {
namespace {

TEST(ServerEnd, IsToldWithTheSignalThatWasItsCauseWithinAMoment) {
  auto fastest = std::chrono::steady_clock::duration::max();
  for (const auto& [signal, words] : std::vector<std::pair<int, std::string>>{{SIGKILL, "killed by SIGKILL"},
                                                                              {SIGABRT, "killed by SIGABRT"},
                                                                              {SIGSEGV, "killed by SIGSEGV"},
                                                                              {SIGTERM, "killed by SIGTERM"}}) {
    if (kSlowness > 1 && signal == SIGSEGV) continue;  // which a sanitizer takes for its own
    LiveSession live;
    ASSERT_TRUE(live.start());
    live.session->launch_client(Behaviour::kQuiet);
    ASSERT_TRUE(live.until_children_wait(1));
    const Pid server = live.server();
    const rlimit no_core{0, 0};
    prlimit(server, RLIMIT_CORE, &no_core, nullptr);
    kill(server, signal);
    const auto sent = std::chrono::steady_clock::now();
    ASSERT_TRUE(live.until([&] { return live.count<Collected>() == 1; }));
    fastest = std::min(fastest, std::chrono::steady_clock::now() - sent);
    EXPECT_EQ(ending_of(only<Collected>(live.events)[0].status), words);
    EXPECT_FALSE(live.session->server_alive());
    EXPECT_EQ(live.world.anomaly_count, 0u);
    // The next one serves as if nothing had been.
    ASSERT_TRUE(live.start());
    EXPECT_TRUE(living_in_group(server).empty());
    live.session->launch_client(Behaviour::kHello);
    ASSERT_TRUE(live.until([&] { return live.world.counts.reaped == 1; }));
  }
  EXPECT_LT(fastest, std::chrono::milliseconds(100));
}

TEST(StoppedServer, ServesTheQueueWhenItGoesOn) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  kill(-live.server(), SIGSTOP);
  ASSERT_TRUE(wait_until([&] { return state_of(live.server()) == 'T'; }));
  std::vector<ClientId> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(live.session->launch_client(Behaviour::kHello));
  ASSERT_TRUE(live.until([&] { return live.count<ClientSent>() == 20; }));
  EXPECT_EQ(live.count<Accepted>(), 0u);
  EXPECT_TRUE(live.session->server_alive());
  kill(-live.server(), SIGCONT);
  ASSERT_TRUE(live.until([&] { return live.count<Reaped>() == 20; }) && live.until_all_served());
  for (const ClientId client : clients) EXPECT_EQ(live.client(client).received, 6u);
  EXPECT_EQ(live.world.anomaly_count, 0u);
}

}  // namespace
}  // namespace forktable::test
