// Stepping: the server's processes wait at their gates, in the kernel, until they are let go on.
#include <sys/wait.h>

#include <csignal>

#include "core/world/describe.hpp"
#include "tests/live/live_session.hpp"
#include "tests/support/proc.hpp"

namespace forktable::test {
namespace {

class SteppedServer : public LiveSession {
 public:
  explicit SteppedServer(Bugs bugs = {}) {
    EXPECT_TRUE(start({.program = FORKTABLE_SERVER, .bugs = bugs, .stepping = true}));
  }

  const Process* process(Pid pid) const { return find_process(world, pid); }
  bool waits_before(Pid pid, Call call) {
    return until([=, this] {
      const Process* one = process(pid);
      return one != nullptr && one->gate && one->gate->call == call;
    });
  }
  // Lets it take steps until it waits before that call.
  bool step_to(Pid pid, Call call) {
    for (int steps = 0; steps < 20; ++steps) {
      if (!until([=, this] { return process(pid) == nullptr || process(pid)->gate; })) return false;
      if (process(pid) == nullptr) return false;
      if (process(pid)->gate->call == call) return true;
      step(pid);
    }
    return false;
  }
  // One step: returns when it waits at its next gate, or in a call, or is no more.
  void step(Pid pid) {
    const std::uint64_t before = process(pid)->acted_step;
    session->step(pid);
    until([=, this] { return process(pid) == nullptr || process(pid)->acted_step != before; });
  }
  ClientId quiet_client() { return session->launch_client(Behaviour::kQuiet); }
  // The parent forks for a new client; the child that it got.
  Pid fork_child() {
    const auto before = world.counts.forked;
    quiet_client();
    step_to(server(), Call::kFork);
    session->step(server());
    until([=, this] { return world.counts.forked == before + 1; });
    return world.processes.back().pid;
  }
  bool is_zombie(Pid pid) {
    return until([=] { return state_of(pid) == 'Z'; });
  }
};

TEST(Gates, TheServerWaitsBeforeItsFirstAcceptUntilItIsLetGoOn) {
  SteppedServer server;
  ASSERT_TRUE(server.waits_before(server.server(), Call::kAccept));
  EXPECT_EQ(server.count<AcceptCalled>(), 0u);
  server.session->step(server.server());
  EXPECT_TRUE(server.until([&] { return server.count<AcceptCalled>() == 1; }));
  EXPECT_FALSE(server.process(server.server())->gate);
}

TEST(Gates, OneStepIsOneCallOfOneProcess) {
  SteppedServer server;
  const Pid child = server.fork_child();
  ASSERT_TRUE(server.waits_before(server.server(), Call::kClose));
  ASSERT_TRUE(server.waits_before(child, Call::kClose));
  server.session->step(child);
  ASSERT_TRUE(server.waits_before(child, Call::kRead));
  EXPECT_EQ(find_descriptor(*server.process(child), 3), nullptr) << "the child has closed listenfd";
  EXPECT_NE(find_descriptor(*server.process(server.server()), 4), nullptr) << "and the parent has done nothing";
}

TEST(Gates, TheInterleavingIsTheUsersToChoose) {
  for (const bool child_first : {true, false}) {
    SteppedServer server;
    const Pid child = server.fork_child();
    const Pid first = child_first ? child : server.server(), second = child_first ? server.server() : child;
    ASSERT_TRUE(server.waits_before(first, Call::kClose) && server.waits_before(second, Call::kClose));
    server.step(first);
    server.step(second);
    EXPECT_LT(server.position<Closed>(first), server.position<Closed>(second));
  }
}

TEST(Gates, AStepGrantedTwiceBeforeTheGateIsReachedIsOneStep) {
  SteppedServer server;
  ASSERT_TRUE(server.waits_before(server.server(), Call::kAccept));
  server.session->step(server.server());
  ASSERT_TRUE(server.until([&] { return server.count<AcceptCalled>() == 1; }));
  server.quiet_client();
  EXPECT_TRUE(server.waits_before(server.server(), Call::kFork));
}

TEST(Gates, RunOpensAllOfThem) {
  SteppedServer server;
  server.fork_child();
  server.session->set_stepping(false);
  EXPECT_TRUE(server.until_children_wait(1));
  server.session->launch_client(Behaviour::kHello);
  EXPECT_TRUE(server.until([&] { return server.world.counts.reaped == 1; }));
}

TEST(Gates, PauseStopsARunningServerAtItsNextStep) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  const ClientId client = live.session->launch_client(Behaviour::kQuiet);
  ASSERT_TRUE(live.until_children_wait(1));
  live.session->set_stepping(true);
  live.session->clients().send_line(client, "hello");
  const Pid child = live.children()[0];
  ASSERT_TRUE(live.until([&] {
    const Process* one = find_process(live.world, child);
    return one != nullptr && one->gate && one->gate->call == Call::kWrite;
  }));
  EXPECT_EQ(live.client(client).received, 0u);
}

TEST(Gates, AHeldProcessWaitsWhileTheOthersRun) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  const ClientId first = live.session->launch_client(Behaviour::kQuiet);
  ASSERT_TRUE(live.until_children_wait(1));
  const Pid held = live.child_of(first);
  live.session->hold_process(held, true);
  live.session->clients().send_line(first, "hello");
  live.session->launch_client(Behaviour::kHello);
  ASSERT_TRUE(live.until([&] { return live.world.counts.reaped == 1; })) << "the other is served";
  ASSERT_TRUE(live.until([&] { return find_process(live.world, held)->gate.has_value(); }));
  EXPECT_EQ(live.client(first).received, 0u);
  live.session->hold_process(held, false);
  EXPECT_TRUE(live.until([&] { return live.client(first).received == 6; }));
}

TEST(Gates, SignalsThatComeWhileAProcessWaitsArePendingAndDoNotQueue) {
  SteppedServer server;
  const Pid first = server.fork_child();
  ASSERT_TRUE(server.step_to(server.server(), Call::kAccept));
  const Pid second = server.fork_child();
  ASSERT_TRUE(server.step_to(server.server(), Call::kAccept));
  for (const Pid child : {first, second}) {
    server.session->send_signal(child, SIGKILL);
    ASSERT_TRUE(server.is_zombie(child));
  }
  EXPECT_EQ(server.count<SignalDelivered>(), 0u);
  ASSERT_TRUE(server.waits_before(server.server(), Call::kAccept));
  server.session->step(server.server());
  ASSERT_TRUE(server.waits_before(server.server(), Call::kWaitpid));
  EXPECT_EQ(server.count<SignalDelivered>(), 1u) << "two children have died";
  server.session->set_stepping(false);
  EXPECT_TRUE(server.until([&] { return server.count<Reaped>() == 2; }));
  EXPECT_EQ(server.count<SignalDelivered>(), 1u);
}

TEST(Gates, AServerThatWaitsAtItsGateDiesWithTheSession) {
  Pid parent = 0;
  {
    SteppedServer server;
    const Pid child = server.fork_child();
    parent = server.server();
    ASSERT_TRUE(server.waits_before(child, Call::kClose));
  }
  EXPECT_TRUE(living_in_group(parent).empty());
}

TEST(Gates, TakeNoDescriptorInTheServer) {
  SteppedServer server;
  ASSERT_TRUE(server.waits_before(server.server(), Call::kAccept));
  EXPECT_EQ(open_descriptors(server.server()), (std::set<int>{0, 1, 2, 3, 62, 63}));
}

}  // namespace
}  // namespace forktable::test
