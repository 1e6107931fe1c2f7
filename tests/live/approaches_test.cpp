// All the servers: each serves three clients of which one is quiet, is stepped, and is what the kernel says that it is.
#include <algorithm>
#include <csignal>

#include "tests/live/approach.hpp"
#include "tests/live/installed_lessons.hpp"
#include "tests/support/effort.hpp"

namespace forktable::test {
namespace {

class EveryServer : public testing::TestWithParam<ServerKind> {};

bool serves_one_at_a_time(ServerKind kind) { return kind == ServerKind::kIterative; }
bool has_one_process(ServerKind kind) { return kind == ServerKind::kSelect || kind == ServerKind::kEpoll; }

TEST_P(EveryServer, ServesThreeClientsOfWhichOneIsQuietAndCountsThem) {
  Approach live(GetParam());
  const ClientId quiet = live.quiet();
  ASSERT_TRUE(live.until([&] { return live.world.counts.accepted == 1; }));
  const ClientId others[] = {live.hello(), live.hello()};
  const auto all = [&](Client::State state) {
    return live.until([&] {
      return std::all_of(std::begin(others), std::end(others),
                         [&](ClientId id) { return live.client(id).state == state; });
    });
  };
  if (serves_one_at_a_time(GetParam())) {
    ASSERT_TRUE(all(Client::kAwaitingEcho)) << "they wait in the queue";
    EXPECT_EQ(live.world.counts.accepted, 1u);
  } else {
    ASSERT_TRUE(all(Client::kClosed));
    EXPECT_EQ(live.client(quiet).state, Client::kConnected) << "the quiet one is in nobody's way";
  }
  live.session->clients().half_close(quiet);
  ASSERT_TRUE(live.until_gone());
  ASSERT_TRUE(live.until_waiting());
  EXPECT_TRUE(all(Client::kClosed));
  EXPECT_TRUE(live.kernel_agrees());

  const World& world = live.world;
  const std::uint32_t counted = live.server_process().counter;
  switch (GetParam()) {
    case ServerKind::kPrefork: {
      EXPECT_EQ(counted, 0u) << "every child counts its own";
      std::uint32_t all_children = 0;
      for (const Process& child : world.processes) all_children += child.counter;
      EXPECT_EQ(all_children, 3u);
      break;
    }
    case ServerKind::kProcess:
    case ServerKind::kProcessJobs:
      EXPECT_TRUE(live.server_process().jobs.empty());
      EXPECT_EQ(counted, 0u) << "every child has counted its own";
      ASSERT_EQ(world.departed.size(), 3u);
      for (const Process& child : world.departed) EXPECT_EQ(child.counter, 1u);
      break;
    case ServerKind::kProcessShm:
      EXPECT_EQ(world.segment->value, 3);
      EXPECT_EQ(world.segment->attached, 1u) << "in the kernel, by the server alone";
      EXPECT_EQ(world.semaphore->seen->value, 1);
      break;
    case ServerKind::kInetd: EXPECT_EQ(live.count<Executed>(), 3u) << "and the program counts nothing"; break;
    default: EXPECT_EQ(counted, 3u);
  }
}

TEST_P(EveryServer, IsAsTheKernelSaysWhileThreeQuietClientsAreThere) {
  Approach live(GetParam());
  for (int i = 0; i < 3; ++i) live.quiet();
  const bool alone = has_one_process(GetParam()) || serves_one_at_a_time(GetParam());
  if (serves_one_at_a_time(GetParam()))
    ASSERT_TRUE(live.until([&] { return live.server_process().activity.call == Call::kRead; }));
  else
    ASSERT_TRUE(live.until([&] { return live.world.counts.accepted == 3; }) && live.until_waiting(alone ? 0 : 3));
  ASSERT_TRUE(live.kernel_agrees());
  const KernelChecked& check = *live.world.check;
  EXPECT_EQ(check.references_agreeing, check.references);
  EXPECT_EQ(check.sockets_agreeing, check.sockets);
  EXPECT_GE(check.references, serves_one_at_a_time(GetParam()) ? 2u : 4u);
  if (live.world.segment) {
    EXPECT_EQ(live.world.segment->attached, 4u);
  }
  if (GetParam() == ServerKind::kEpoll) {
    EXPECT_EQ(live.server_process().watched.size(), 4u);
  }
  if (GetParam() == ServerKind::kThread) {
    EXPECT_EQ(threads_of(live.world, live.server_process()).size(), 3u);
  }
}

TEST_P(EveryServer, WaitsAtEveryGateForOneStepAtATime) {
  Approach live(GetParam(), {}, true);
  live.hello();
  live.hello();
  ASSERT_TRUE(live.step_all_until([&] { return live.world.counts.accepted == 2 && live.world.clients.empty(); }));
  // A server that has others waits in accept; what those have left to do, they do.
  ASSERT_TRUE(live.step_all_until([&] { return live.world.processes.size() == live.without_clients(); }));
  EXPECT_TRUE(live.kernel_agrees());
  std::set<Call> expected = {Call::kAccept, Call::kRead, Call::kWrite, Call::kClose};
  if (shape_of(GetParam()).has(Shape::kForks)) expected.insert({Call::kFork, Call::kWaitpid, Call::kExit});
  switch (GetParam()) {
    case ServerKind::kPrefork: expected.insert({Call::kFork, Call::kWaitpid}); break;
    case ServerKind::kProcessShm: expected.insert({Call::kSemop, Call::kLoad, Call::kStore}); break;
    case ServerKind::kInetd: expected.insert({Call::kDup2, Call::kExec}); break;
    case ServerKind::kProcessJobs: expected.insert({Call::kSigprocmask, Call::kAddJob, Call::kDeleteJob}); break;
    case ServerKind::kSelect: expected.insert(Call::kSelect); break;
    case ServerKind::kEpoll: expected.insert({Call::kEpollCtl, Call::kEpollWait}); break;
    case ServerKind::kThread:
      expected.insert({Call::kPthreadCreate, Call::kPthreadDetach, Call::kLoad, Call::kPthreadExit});
      break;
    default: break;
  }
  EXPECT_EQ(live.stepped, expected);
}

TEST_P(EveryServer, GoesOnWhenABugIsSwitchedThatIsNoneOfIts) {
  Approach live(GetParam());
  ASSERT_TRUE(live.until_waiting());
  Bugs bugs;
  bugs.set(Bug::kParentKeepsConnfd, !shape_of(GetParam()).has(Shape::kForks));
  bugs.set(Bug::kThreadsNotDetached, shape_of(GetParam()).has(Shape::kForks));
  for (const Bugs& switched : {bugs, Bugs{}}) {
    live.session->switch_bugs(switched);
    const ClientId id = live.hello();
    ASSERT_TRUE(live.until([&] { return live.client(id).state == Client::kClosed; }));
    EXPECT_EQ(live.client(id).received, live.client(id).sent);
  }
  EXPECT_TRUE(live.until_waiting());
  EXPECT_TRUE(live.session->server_alive());
  EXPECT_TRUE(only<CallFailed>(live.events).empty() || shape_of(GetParam()).has(Shape::kForks))
      << "no call was interrupted";
}

TEST_P(EveryServer, NeverDiffersFromWhatTheKernelSaysWhileManyComeAndGo) {
  Approach live(GetParam());
  const std::uint64_t all = tries(GetParam() == ServerKind::kInetd ? 400 : 2000);  // execve takes its time
  std::uint64_t launched = 0;
  ASSERT_TRUE(live.until([&] {
    for (; launched < all && live.session->clients().count() < 8; ++launched) live.hello();
    return launched == all && live.session->clients().count() == 0;
  }));
  ASSERT_TRUE(live.until([&] { return live.world.counts.accepted == all && live.world.clients.empty(); }));
  ASSERT_TRUE(live.until_waiting());
  EXPECT_TRUE(live.kernel_agrees());
  EXPECT_GT(live.session->kernel_watch().complete_looks(), 0u);
  if (live.world.segment) {
    EXPECT_EQ(live.world.segment->value, static_cast<int>(all));
  }
}

INSTANTIATE_TEST_SUITE_P(Kind, EveryServer,
                         testing::Values(ServerKind::kProcess, ServerKind::kIterative, ServerKind::kProcessFifo,
                                         ServerKind::kProcessShm, ServerKind::kProcessJobs, ServerKind::kSelect,
                                         ServerKind::kEpoll, ServerKind::kThread, ServerKind::kPrefork,
                                         ServerKind::kInetd),
                         [](const auto& which) { return test_name(name_of(which.param)); });

TEST(Thread, GetsNoSignalOfItsOwnForItIsForTheWholeProcess) {
  Approach live(ServerKind::kThread);
  live.quiet();
  ASSERT_TRUE(live.until_waiting(1));
  const Process& thread = live.world.processes.back();
  ASSERT_TRUE(thread.thread_of);
  const Pid server = live.server_process().pid;
  live.session->send_signal(thread.pid, SIGKILL);
  ASSERT_TRUE(live.until([&] { return live.count<Collected>() == 1; }));
  const std::vector<Event> events = live.events;
  const auto sent = std::find_if(events.begin(), events.end(),
                                 [](const Event& event) { return std::holds_alternative<SignalSent>(event.what); });
  ASSERT_NE(sent, events.end());
  EXPECT_EQ(sent->pid, server) << "it is told of the process, which has got it";
  EXPECT_EQ(live.server_process().wait_status, SIGKILL);
}

}  // namespace
}  // namespace forktable::test
