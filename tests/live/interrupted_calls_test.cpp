// Signals at any moment: EINTR from every call that can have it.
#include <gtest/gtest.h>
#include <sys/time.h>

#include <csignal>

#include "core/server/gate.hpp"
#include "tests/live/live_session.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/forktable.hpp"
#include "tests/support/proc.hpp"

namespace forktable::test {
namespace {

void expect_all_served_and_told(LiveSession& live, std::size_t clients) {
  ASSERT_TRUE(live.until([&] { return live.count<ClientEnded>() == clients; }) && live.until_all_served());
  EXPECT_EQ(live.world.counts,
            (Counts{.accepted = clients, .forked = clients, .closed = clients, .exited = clients, .reaped = clients}));
  EXPECT_EQ(live.count<ReportsLost>(), 0u);
  EXPECT_EQ(live.count<GarbageSkipped>(), 0u);
  EXPECT_EQ(live.world.anomaly_count, 0u);
  for (const auto& ended : only<ClientEnded>(live.events)) ASSERT_EQ(ended.end, ClientEnd::kClosed);
}

TEST(InterruptedCalls, OfTheServerAreMadeAgain) {
  if (kSlowness > 1) GTEST_SKIP() << "a sanitizer and the loader know of no signals when they read";
  if (!Faults::are_allowed()) GTEST_SKIP() << Faults::kWhyNot;
  const Faults faults(FORKTABLE_SERVER, {.calls = "accept,read,write,futex", .error = EINTR, .every = 2});
  LiveSession live;
  ASSERT_TRUE(live.start({.program = FORKTABLE_FAULT_INJECTOR}));
  for (int i = 0; i < 20; ++i) live.session->launch_client(Behaviour::kHello);
  expect_all_served_and_told(live, 20);
  EXPECT_GT(faults.count(), 400);
  int of_accept = 0, of_read = 0, of_write = 0;
  for (const auto& failed : only<CallFailed>(live.events)) {
    if (failed.error != EINTR) continue;
    of_accept += failed.call == Call::kAccept ? 1 : 0;
    of_read += failed.call == Call::kRead ? 1 : 0;
    of_write += failed.call == Call::kWrite ? 1 : 0;
  }
  EXPECT_GT(of_accept, 0);
  EXPECT_GT(of_read, 0);
  EXPECT_GT(of_write, 0);
}

TEST(InterruptedCalls, OfASteppedServerAreNoStep) {
  if (!Faults::are_allowed()) GTEST_SKIP() << Faults::kWhyNot;
  const Faults faults(FORKTABLE_SERVER, {.calls = "futex", .error = EINTR, .most = 5});
  LiveSession live;
  ASSERT_TRUE(live.session->start_server({.program = FORKTABLE_FAULT_INJECTOR, .stepping = true}));
  const auto waits = [&] { return live.count<GateReached>() == 1 && faults.count() == 5; };
  ASSERT_TRUE(live.until(waits)) << faults.count();
  for (int i = 0; i < 10; ++i) live.session->pump(std::chrono::milliseconds(1));
  EXPECT_EQ(live.count<GateReached>(), 1u);
  EXPECT_EQ(live.count<AcceptCalled>(), 0u);
  live.session->step(live.server());
  ASSERT_TRUE(live.until([&] { return live.count<AcceptCalled>() == 1; }));
}

TEST(InterruptedCalls, OfForktableAreMadeAgain) {
  if (kSlowness > 1) GTEST_SKIP() << "a sanitizer and the loader know of no signals when they read";
  if (!Faults::are_allowed()) GTEST_SKIP() << Faults::kWhyNot;
  const TemporaryFolder folder;
  // The first calls are the loader's, which knows of no signals.
  const Faults faults(FORKTABLE_PROGRAM,
                      {.calls = "read,write,recv,send,epoll,futex", .error = EINTR, .skip = 100, .every = 2});
  const Outcome outcome = run(
      {.words = {FORKTABLE_FAULT_INJECTOR, "record", "--clients", "30", "--port", "0", "-o", folder.file("x.jsonl")}});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "30 clients")) << outcome.out;
  EXPECT_GT(faults.count(), 500);
}

// SIGALRM in this process, every half millisecond, with a handler that has calls fail with EINTR.
class Storm {
 public:
  Storm() {
    struct sigaction action {};
    action.sa_handler = [](int) { alarms = alarms + 1; };
    sigaction(SIGALRM, &action, &before_);
    const itimerval often{{0, 500}, {0, 500}};
    setitimer(ITIMER_REAL, &often, nullptr);
  }
  ~Storm() {
    const itimerval never{};
    setitimer(ITIMER_REAL, &never, nullptr);
    sigaction(SIGALRM, &before_, nullptr);
  }
  static inline volatile std::sig_atomic_t alarms = 0;

 private:
  struct sigaction before_ {};
};

TEST(StormOfSignals, LosesNothing) {
  constexpr std::size_t kClients = 200;
  LiveSession live;
  ASSERT_TRUE(live.start());
  const Storm storm;
  std::size_t launched = 0, sent = 0;
  ASSERT_TRUE(live.until([&] {
    for (; launched < kClients && live.session->clients().count() < 16; ++launched)
      live.session->launch_client(Behaviour::kHello);
    for (const int signal : {SIGCHLD, server::kSwitchSignal, SIGSTOP, SIGCONT, SIGCHLD})
      for (const Process& process : live.world.processes)
        sent += getpgid(process.pid) == live.server() && kill(process.pid, signal) == 0 ? 1 : 0;
    return launched == kClients && live.session->clients().count() == 0;
  }));
  expect_all_served_and_told(live, kClients);
  EXPECT_GT(sent, 500u);
  EXPECT_GT(Storm::alarms, 10);
}

}  // namespace
}  // namespace forktable::test
