// What goes wrong in servers with threads, in those that wait for many descriptors at once, and where memory is shared.
#include <csignal>

#include "core/system/limits.hpp"
#include "tests/live/approach.hpp"
#include "tests/support/faults.hpp"

namespace forktable::test {
namespace {

// Main takes the next client and makes a thread for it, which waits before its first step.
Pid thread_for_next_client(Approach& live) {
  const std::uint64_t before = live.world.counts.threads;
  EXPECT_TRUE(live.step_over(live.server(), Call::kPthreadCreate));
  EXPECT_TRUE(live.until([&] { return live.world.counts.threads == before + 1; }));
  return live.latest();
}

TEST(Threads, ThatGetTheAddressOfOneVariableServeTheSameConnection) {
  Approach live(ServerKind::kThread, {Bug::kConnfdRace}, true);
  live.quiet();
  live.quiet();
  const Pid first = thread_for_next_client(live), second = thread_for_next_client(live);
  for (const Pid thread : {first, second}) ASSERT_TRUE(live.step_over(thread, Call::kLoad));
  EXPECT_EQ(live.process(first)->argument, 5);
  EXPECT_EQ(live.process(second)->argument, 5);
  EXPECT_EQ(live.process(first)->connection, 2u) << "nobody serves the first";
}

TEST(Threads, ThatGetACopyEachServeTheirOwn) {
  Approach live(ServerKind::kThread, {}, true);
  live.quiet();
  live.quiet();
  const Pid first = thread_for_next_client(live), second = thread_for_next_client(live);
  for (const Pid thread : {first, second}) ASSERT_TRUE(live.step_over(thread, Call::kLoad));
  EXPECT_EQ(live.process(first)->argument, 4);
  EXPECT_EQ(live.process(second)->argument, 5);
}

// A thread that has closed its descriptor, and is about to do so once more.
Pid about_to_close_again(Approach& live) {
  live.hello();
  const Pid thread = thread_for_next_client(live);
  EXPECT_TRUE(live.step_over(thread, Call::kClose));
  EXPECT_TRUE(live.until([&] { return live.is_before(thread, Call::kClose); }));
  return thread;
}

TEST(Threads, OneThatClosesTwiceClosesTheConnectionOfAnother) {
  Approach live(ServerKind::kThread, {Bug::kClosesTwice}, true);
  const Pid first = about_to_close_again(live);
  const ClientId victim = live.quiet();
  ASSERT_TRUE(live.step_over(live.server(), Call::kAccept));
  ASSERT_TRUE(live.until([&] { return live.world.counts.accepted == 2; }));
  ASSERT_NE(find_descriptor(live.server_process(), 4), nullptr) << "the number is used again";
  live.step(first);
  EXPECT_EQ(find_descriptor(live.server_process(), 4), nullptr);
  EXPECT_FALSE(live.client(victim).connection);
  EXPECT_TRUE(live.until([&] { return live.client(victim).state == Client::kClosed; }));
}

TEST(Threads, ThatReadKeepTheirConnectionOpenWhenAnotherThreadClosesItsDescriptor) {
  Approach live(ServerKind::kThread, {Bug::kClosesTwice}, true);
  const Pid first = about_to_close_again(live);
  const ClientId victim = live.quiet();
  const Pid second = thread_for_next_client(live);
  ASSERT_TRUE(live.step_over(second, Call::kRead));
  ASSERT_TRUE(live.step_over(live.server(), Call::kAccept));
  const FileId connection = live.client(victim).connection;
  live.step(first);
  EXPECT_EQ(find_descriptor(live.server_process(), 4), nullptr);
  EXPECT_EQ(count_references(live.world, connection), 1u);
  EXPECT_TRUE(live.kernel_agrees());
  EXPECT_EQ(live.client(victim).state, Client::kConnected) << "no FIN has come";
  live.session->clients().send_line(victim, "hello");
  EXPECT_TRUE(live.until([&] { return live.client(victim).state == Client::kClosed; }));
  EXPECT_TRUE(live.client(victim).saw_end_of_file);
  EXPECT_EQ(live.count<Read>(), 2u) << "read has returned what it said";
  EXPECT_EQ(find_file(live.world, connection), nullptr);
  EXPECT_TRUE(live.kernel_agrees());
}

TEST(Threads, ThatNobodyDetachesOrJoinsStayWhenTheyHaveEnded) {
  Approach live(ServerKind::kThread, {Bug::kThreadsNotDetached});
  for (int i = 0; i < 3; ++i) live.hello();
  ASSERT_TRUE(live.until([&] { return live.world.counts.ended_threads == 3; }));
  ASSERT_TRUE(live.until_gone());
  EXPECT_EQ(threads_of(live.world, live.server_process()).size(), 3u);
  EXPECT_TRUE(live.kernel_agrees()) << "there is nothing left of them in the kernel";
}

TEST(Threads, ThatMainJoinsAreGone) {
  Approach live(ServerKind::kThread, {Bug::kThreadsNotDetached, Bug::kThreadsJoined});
  live.hello();
  ASSERT_TRUE(live.until([&] { return live.world.counts.ended_threads == 1; }));
  live.quiet();  // main looks when it has accepted one
  ASSERT_TRUE(live.until([&] { return live.count<ThreadJoined>() == 1; }));
  ASSERT_TRUE(live.until_waiting(1));
  EXPECT_EQ(live.world.departed.size(), 1u);
  EXPECT_TRUE(live.kernel_agrees());
}

TEST(Threads, ThatCannotBeCreatedCostTheirClientTheConnectionAndNobodyElse) {
  if (!Faults::are_allowed()) GTEST_SKIP() << Faults::kWhyNot;
  const ServerSetup setup = with_server({.program = FORKTABLE_SERVER}, ServerKind::kThread);
  const Faults faults(setup.program, {.calls = "clone", .error = EAGAIN, .most = 1});
  LiveSession live;
  ASSERT_TRUE(live.start({.kind = ServerKind::kThread, .program = FORKTABLE_FAULT_INJECTOR}));
  const ClientId refused = live.session->launch_client(Behaviour::kQuiet);
  ASSERT_TRUE(live.until([&] { return live.client(refused).state == Client::kClosed; }));
  const auto failed = only<CallFailed>(live.events);
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].call, Call::kPthreadCreate);
  EXPECT_EQ(failed[0].error, EAGAIN);
  EXPECT_TRUE(live.world.expected.empty());
  EXPECT_EQ(find_process(live.world, live.world.server)->descriptors.size(), 3u) << "listenfd and Forktable's";
  const ClientId next = live.session->launch_client(Behaviour::kHello);
  EXPECT_TRUE(live.until([&] { return live.client(next).state == Client::kClosed && live.world.counts.threads == 1; }));
  EXPECT_EQ(live.client(next).received, live.client(next).sent);
}

TEST(SlowHandler, StallsEverybodyWhereOneProcessServesAll) {
  for (const ServerKind kind : {ServerKind::kSelect, ServerKind::kEpoll}) {
    Approach live(kind, {Bug::kSlowHandler});
    live.hello();
    ASSERT_TRUE(live.until([&] { return live.count<Worked>() == 1; }));
    const ClientId other = live.hello();
    ASSERT_TRUE(live.until([&] { return live.client(other).state == Client::kAwaitingEcho; }));
    ASSERT_TRUE(live.until([&] { return live.count<Accepted>() == 2; }));
    EXPECT_GE(live.count<Wrote>(), 1u) << "it is accepted when the first has its answer";
  }
}

TEST(SlowHandler, StallsNobodyElseWhereEveryClientHasAThread) {
  Approach live(ServerKind::kThread, {Bug::kSlowHandler});
  live.hello();
  ASSERT_TRUE(live.until([&] { return live.count<Worked>() == 1; }));
  live.hello();
  ASSERT_TRUE(live.until([&] { return live.count<Accepted>() == 2; }));
  EXPECT_EQ(live.count<Wrote>(), 0u) << "the first still waits for its answer";
}

TEST(OutOfDescriptors, ServersWaitUntilAClientHasGone) {
  for (const ServerKind kind : {ServerKind::kSelect, ServerKind::kEpoll, ServerKind::kThread}) {
    const int taken = kind == ServerKind::kEpoll ? 5 : 4;  // 0, 1, 2, listenfd and the epoll instance
    Approach live(kind, {}, false, taken + 2);
    const ClientId first = live.quiet();
    live.quiet();
    ASSERT_TRUE(live.until([&] { return live.world.counts.accepted == 2; }));
    const ClientId late = live.hello();
    ASSERT_TRUE(live.until([&] { return live.count<BackedOff>() >= 2; }));
    EXPECT_EQ(only<CallFailed>(live.events)[0].error, EMFILE);
    EXPECT_EQ(live.client(late).connection_number, 0u);
    live.session->clients().half_close(first);
    EXPECT_TRUE(live.until([&] { return live.client(late).state == Client::kClosed; })) << name_of(kind);
    EXPECT_EQ(live.client(late).received, live.client(late).sent);
  }
}

TEST(Select, ClosesConnectionsBeyondWhatASetCanHold) {
  raise_descriptor_limit();
  Approach live(ServerKind::kSelect, {}, false, 1100);
  constexpr int kClients = 1030, kRoom = 1024 - 4 - 2;  // 0, 1, 2, listenfd, and Forktable's two
  ClientId first;
  for (int i = 0; i < kClients; ++i) {
    const ClientId id = live.quiet();
    if (i == 0) first = id;
    ASSERT_TRUE(live.until([&] { return live.world.counts.accepted == static_cast<std::uint64_t>(i) + 1; }));
  }
  ASSERT_TRUE(live.until([&] { return live.world.gone_clients.size() == kClients - kRoom; }));
  EXPECT_EQ(live.world.clients.size(), static_cast<std::size_t>(kRoom));
  EXPECT_EQ(live.server_process().watched.back(), 1023);
  live.session->clients().half_close(first);
  ASSERT_TRUE(live.until([&] { return live.client(first).state == Client::kClosed; }));
  const ClientId next = live.hello();
  EXPECT_TRUE(live.until([&] { return live.client(next).state == Client::kClosed; }));
  EXPECT_EQ(live.client(next).received, live.client(next).sent);
}

class SharedCounter : public testing::Test {
 protected:
  // A child for a client that has said hello and gone, which waits before that.
  static Pid child_before(Approach& live, Call call) {
    const std::uint64_t before = live.world.counts.forked;
    live.hello();
    EXPECT_TRUE(live.step_over(live.server(), Call::kFork));
    EXPECT_TRUE(live.until([&] { return live.world.counts.forked == before + 1; }));
    const Pid child = live.latest();
    EXPECT_TRUE(live.step_to(child, call));
    return child;
  }
};

TEST_F(SharedCounter, WithoutASemaphoreLosesAnUpdate) {
  Approach live(ServerKind::kProcessShm, {Bug::kNoSemaphore}, true);
  const Pid first = child_before(live, Call::kLoad), second = child_before(live, Call::kLoad);
  for (const Pid child : {first, second}) ASSERT_TRUE(live.step_over(child, Call::kLoad));
  for (const Pid child : {first, second}) ASSERT_TRUE(live.step_over(child, Call::kStore));
  EXPECT_EQ(live.world.segment->stores, 2u);
  EXPECT_EQ(live.world.segment->value, 1);
  EXPECT_NE(live.world.segment->lost_step, 0u);
}

TEST_F(SharedCounter, BehindASemaphoreIsChangedByOneWhileTheOtherWaits) {
  Approach live(ServerKind::kProcessShm, {}, true);
  const Pid first = child_before(live, Call::kSemop), second = child_before(live, Call::kSemop);
  live.step(first);
  ASSERT_TRUE(live.until([&] { return live.is_before(first, Call::kLoad); }));
  live.step(second);
  ASSERT_TRUE(live.until([&] { return live.world.semaphore->seen && live.world.semaphore->seen->waiting == 1; }));
  EXPECT_EQ(live.world.semaphore->seen->value, 0);
  EXPECT_TRUE(is_blocked(*live.process(second)));
  EXPECT_TRUE(live.kernel_agrees());
  ASSERT_TRUE(live.step_over(first, Call::kStore));
  ASSERT_TRUE(live.step_over(first, Call::kSemop));
  ASSERT_TRUE(live.until([&] { return live.is_before(second, Call::kLoad); }));
  ASSERT_TRUE(live.step_over(second, Call::kStore));
  EXPECT_EQ(live.world.segment->value, 2);
  EXPECT_EQ(live.world.segment->lost_step, 0u);
}

TEST_F(SharedCounter, IsFreedByTheKernelWhenAChildIsKilledThatHasTakenTheSemaphore) {
  Approach live(ServerKind::kProcessShm, {}, true);
  const Pid first = child_before(live, Call::kLoad), second = child_before(live, Call::kSemop);
  EXPECT_EQ(live.world.semaphore->value, 0);
  live.step(second);
  live.session->send_signal(first, SIGKILL);
  ASSERT_TRUE(live.until([&] { return live.is_before(second, Call::kLoad); })) << "it has got it";
  ASSERT_TRUE(live.until([&] { return live.world.semaphore->value == 0; })) << "the first one's death is told too";
  live.session->send_signal(second, SIGKILL);
  ASSERT_TRUE(live.until([&] { return live.world.semaphore->value == 1; }));
  EXPECT_TRUE(live.until([&] { return live.world.semaphore->seen && live.world.semaphore->seen->value == 1; }));
  live.session->set_stepping(false);
  live.hello();
  ASSERT_TRUE(live.until([&] { return live.world.segment->stores == 1; }));
  EXPECT_TRUE(live.until_waiting());
  EXPECT_TRUE(live.kernel_agrees());
}

}  // namespace
}  // namespace forktable::test
