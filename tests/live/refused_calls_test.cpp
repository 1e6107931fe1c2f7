// A system that has run out of something: the kernel refuses calls of the server and of Forktable.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#include "tests/live/live_session.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/forktable.hpp"
#include "tests/support/proc.hpp"

namespace forktable::test {
namespace {

class RefusedCalls : public testing::Test {
 protected:
  void SetUp() override {
    if (!Faults::are_allowed()) GTEST_SKIP() << Faults::kWhyNot;
  }
  // One client after the other says hello; returns how many were served.
  static int serve(LiveSession& live, int clients) {
    for (int i = 0; i < clients; ++i) {
      live.session->launch_client(Behaviour::kHello);
      const auto ended = static_cast<std::size_t>(i) + 1;
      EXPECT_TRUE(live.until([&] { return live.count<ClientEnded>() == ended; }) && live.until_all_served());
    }
    int served = 0;
    for (const Client& client : live.world.gone_clients) served += client.received == 6 ? 1 : 0;
    return served;
  }
};

const ServerSetup kFaulty{.program = FORKTABLE_FAULT_INJECTOR};

TEST_F(RefusedCalls, AnAcceptForWhichTheSystemLacksSomethingIsTriedAgainAfterAPause) {
  for (const int error : {ENFILE, EMFILE, ENOBUFS, ENOMEM}) {
    const Faults faults(FORKTABLE_SERVER, {.calls = "accept", .error = error, .most = 1});
    LiveSession live;
    ASSERT_TRUE(live.start(kFaulty));
    EXPECT_EQ(serve(live, 2), 2) << error;
    EXPECT_EQ(faults.count(), 1);
    const auto failed = only<CallFailed>(live.events);
    ASSERT_GE(failed.size(), 1u);
    EXPECT_EQ(failed[0].call, Call::kAccept);
    EXPECT_EQ(failed[0].error, error);
    EXPECT_EQ(live.count<BackedOff>(), 1u);
    const auto backed_off = live.events.begin() + static_cast<std::ptrdiff_t>(live.position<BackedOff>());
    const auto next = std::find_if(backed_off, live.events.end(),
                                   [](const Event& event) { return std::holds_alternative<AcceptCalled>(event.what); });
    EXPECT_GE(next->at - backed_off->at, 99 * kMillisecond);
    EXPECT_EQ(live.world.anomaly_count, 0u);
  }
}

TEST_F(RefusedCalls, AnAcceptWhoseConnectionHasGoneWrongIsTriedAgainAtOnce) {
  for (const int error : {ECONNABORTED, EPROTO, EPERM, ENETDOWN, EHOSTUNREACH, ENETUNREACH}) {
    const Faults faults(FORKTABLE_SERVER, {.calls = "accept", .error = error, .most = 3});
    LiveSession live;
    ASSERT_TRUE(live.start(kFaulty));
    EXPECT_EQ(serve(live, 1), 1) << error;
    EXPECT_EQ(faults.count(), 3);
    EXPECT_TRUE(live.session->server_alive());
    EXPECT_EQ(live.count<BackedOff>(), 0u);
    EXPECT_EQ(live.world.anomaly_count, 0u);
  }
}

TEST_F(RefusedCalls, AForkSendsItsClientAwayAndTheNextIsServed) {
  for (const int error : {EAGAIN, ENOMEM}) {
    const Faults faults(FORKTABLE_SERVER, {.calls = "clone", .error = error, .most = 2});
    LiveSession live;
    ASSERT_TRUE(live.start(kFaulty));
    EXPECT_EQ(serve(live, 5), 3);
    int failed = 0;
    for (const auto& call : only<CallFailed>(live.events))
      if (call.call == Call::kFork) {
        EXPECT_EQ(call.error, error);
        ++failed;
      }
    EXPECT_EQ(failed, 2);
    EXPECT_EQ(live.world.counts, (Counts{.accepted = 5, .forked = 3, .closed = 5, .exited = 3, .reaped = 3}));
    EXPECT_FALSE(live.world.trouble);
    EXPECT_EQ(live.world.anomaly_count, 0u);
  }
}

TEST_F(RefusedCalls, AReportThatFindsAPipeMadeNonBlockingFullWaitsLikeAnyOther) {
  const Faults faults(FORKTABLE_SERVER, {.calls = "write", .error = EAGAIN, .skip = 4, .most = 1});
  LiveSession live;
  ASSERT_TRUE(live.start(kFaulty));
  EXPECT_EQ(serve(live, 2), 2);
  EXPECT_EQ(faults.count(), 1);
  EXPECT_EQ(live.count<AcceptCalled>(), 3u) << "none is missing";
  EXPECT_EQ(live.count<ReportsLost>(), 0u);
  EXPECT_EQ(live.world.anomaly_count, 0u);
}

TEST_F(RefusedCalls, AReportForWhichTheKernelHasNoMemoryIsMissedAndTheNextOnesCome) {
  const Faults faults(FORKTABLE_SERVER, {.calls = "write", .error = ENOMEM, .skip = 4, .most = 1});
  LiveSession live;
  ASSERT_TRUE(live.start(kFaulty));
  live.session->launch_client(Behaviour::kHello);
  ASSERT_TRUE(live.until([&] { return live.count<Reaped>() == 1 && live.count<ReportsLost>() == 1; }));
  EXPECT_EQ(faults.count(), 1);
  EXPECT_EQ(only<ReportsLost>(live.events)[0].count, 1u);
}

TEST_F(RefusedCalls, AServerThatCannotBeForkedIsNamedWithTheReason) {
  const TemporaryFolder folder;
  const Faults faults(FORKTABLE_PROGRAM, {.calls = "clone", .error = EAGAIN, .most = 1});
  const Outcome outcome = run(
      {.words = {FORKTABLE_FAULT_INJECTOR, "record", "--clients", "1", "--port", "0", "-o", folder.file("x.jsonl")}});
  expect_one_line(outcome, "/process-server: Resource temporarily unavailable");
  EXPECT_EQ(faults.count(), 1);
  EXPECT_TRUE(folder.names().empty());
}

TEST_F(RefusedCalls, AFifoForWhichThereIsNoFolderIsNamedWithTheReasonAndTheRemedy) {
  const TemporaryFolder folder;
  const std::string path = folder.file("x.jsonl");
  for (const std::vector<std::string>& what :
       {std::vector<std::string>{"--server", "process-fifo", "--clients", "1"}, {"--lesson", "18"}})
    for (const int error : {EACCES, ENOSPC}) {
      const Faults faults(FORKTABLE_PROGRAM, {.calls = "mkdir", .error = error});
      Command command{.words = {FORKTABLE_FAULT_INJECTOR, "record", "--port", "0", "--force", "-o", path}};
      command.words.insert(command.words.end(), what.begin(), what.end());
      const Outcome outcome = run(command);
      expect_one_line(outcome, fmt::format("as mkfifo failed: {} (", strerrordesc_np(error)));
      EXPECT_TRUE(contains(outcome.err,
                           "needs a folder that it may write to, with room in it: the one that "
                           "XDG_RUNTIME_DIR names, or /tmp; "))
          << outcome.err;
      EXPECT_GE(faults.count(), 1);
    }
}

}  // namespace
}  // namespace forktable::test
