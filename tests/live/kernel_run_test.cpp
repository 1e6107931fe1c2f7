// Ten thousand connections, each bug switched on for its share of them: the kernel is asked again and again, and never
// says anything else than what was reported.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "core/system/clock.hpp"
#include "tests/live/installed_lessons.hpp"
#include "tests/live/live_session.hpp"
#include "tests/support/effort.hpp"

namespace forktable::test {
namespace {

constexpr int kShare = 10'000 / (kBugCount + 1);
constexpr int kPerServer = 125;  // one that leaks needs a descriptor for each
constexpr std::size_t kAtOnce = 8;

class KernelRun : public testing::TestWithParam<int> {  // which bug; kBugCount: none
 protected:
  // Clients say hello, some at a time, until so many have come or the server has died of its bug. One whose server
  // never closes gives up in the end.
  void serve(int clients) {
    const std::size_t goal = launched_ + static_cast<std::size_t>(clients);
    ASSERT_TRUE(live.until([&] {
      live.session->ask_kernel();
      for (; launched_ < goal && live.session->clients().count() < kAtOnce; ++launched_)
        live.session->launch_client(Behaviour::kHello);
      for (const Client& client : live.world.clients) {
        const bool waits_in_vain = client.state == Client::kHalfClosed &&
                                   monotonic_now() - live.session->began() - client.since > 5 * kMillisecond;
        if (waits_in_vain) given_up_.push_back(client.id);
      }
      for (const ClientId id : std::exchange(given_up_, {})) live.session->clients().close(id);
      return !live.session->server_alive() || (launched_ == goal && live.session->clients().count() == 0);
    }));
  }

  LiveSession live;
  std::size_t launched_ = 0;
  std::vector<ClientId> given_up_;
};

TEST_P(KernelRun, NeverDiffersFromTheReports) {
  Bugs bugs;
  if (GetParam() < kBugCount) bugs.set(static_cast<Bug>(GetParam()), true);
  const std::size_t share = tries(kShare);
  while (launched_ < share && !HasFatalFailure()) {
    ASSERT_TRUE(live.start({.program = FORKTABLE_SERVER, .bugs = bugs}));
    serve(static_cast<int>(std::min<std::size_t>(kPerServer, share - launched_)));
    // A bug may end it at any moment.
    EXPECT_TRUE(live.until([&] { return is_checked(live.world) || !live.session->server_alive(); }));
    live.session->stop_server();
    ASSERT_TRUE(live.until([&] { return live.world.processes.empty(); }));
    live.session->dismiss_clients();
    for (const DifferenceSeen& one : only<DifferenceSeen>(live.events)) ADD_FAILURE() << text_of(one);
    live.events.clear();
  }
  EXPECT_EQ(live.world.difference_count, 0u);
  const KernelWatch& watch = live.session->kernel_watch();
  EXPECT_GT(watch.complete_looks(), 0u);
  EXPECT_GT(watch.references_compared(), 0u);
  std::cout << launched_ << " connections, " << watch.complete_looks() << " complete looks, "
            << watch.references_compared() << " references compared\n";
}

INSTANTIATE_TEST_SUITE_P(WithEachBug, KernelRun, testing::Range(0, kBugCount + 1), [](const auto& which) {
  return which.param == kBugCount ? "none" : test_name(name_of(static_cast<Bug>(which.param)));
});

}  // namespace
}  // namespace forktable::test
