// Servers and children that are killed, stopped, refused and restarted.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "core/world/describe.hpp"
#include "core/world/diagnose.hpp"
#include "tests/live/live_session.hpp"
#include "tests/support/proc.hpp"
#include "tests/support/tcp_client.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/user.hpp"

namespace forktable::test {
namespace {

// Stops a process of the server, and returns when it has stopped.
void stop(LiveSession& live, Pid pid) {
  live.session->send_signal(pid, SIGSTOP);
  ASSERT_TRUE(wait_until([&] { return state_of(pid) == 'T'; }));
}

TEST(Kill, OfAChildIsToldByItsReaping) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  const ClientId killed = live.session->launch_client(Behaviour::kQuiet),
                 other = live.session->launch_client(Behaviour::kQuiet);
  ASSERT_TRUE(live.until_children_wait(2));
  live.session->send_signal(live.child_of(killed), SIGKILL);
  ASSERT_TRUE(live.until([&] { return live.count<Reaped>() == 1 && live.world.clients.size() == 1; }));
  EXPECT_EQ(ending_of(only<Reaped>(live.events)[0].status), "killed by SIGKILL");
  EXPECT_EQ(live.world.clients[0].id, other) << "its client has seen end of file and gone";
  EXPECT_EQ(live.world.anomaly_count, 0u);
  ASSERT_TRUE(live.until_children_wait(1));
}

TEST(Kill, OfAChildWhileItsParentIsStoppedMakesAZombie) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  const ClientId client = live.session->launch_client(Behaviour::kQuiet);
  ASSERT_TRUE(live.until_children_wait(1));
  const Pid child = live.child_of(client);
  stop(live, live.server());
  live.session->send_signal(child, SIGKILL);
  ASSERT_TRUE(live.until([&] { return live.count<DeathSeen>() == 1; }));
  EXPECT_EQ(doing(live.world, *find_process(live.world, child)), "zombie: dead, not yet reaped");
  EXPECT_EQ(state_of(child), 'Z') << "so says the kernel";
  ASSERT_TRUE(live.until([&] { return live.world.clients.empty(); })) << "its connection is closed all the same";

  // A zombie can't be killed, and that is no anomaly.
  live.session->send_signal(child, SIGKILL);
  live.session->send_signal(live.server(), SIGCONT);
  ASSERT_TRUE(live.until_all_served());
  EXPECT_EQ(live.count<Reaped>(), 1u);
  EXPECT_EQ(live.count<DeathSeen>(), 1u);
  EXPECT_EQ(live.world.anomaly_count, 0u);
  EXPECT_EQ(live.world.counts.reaped, 1u);
}

TEST(Kill, OfTwoHundredChildrenAtOnceLeavesNoZombieAlthoughSignalsDoNotQueue) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  for (int i = 0; i < 200; ++i) live.session->launch_client(Behaviour::kQuiet);
  ASSERT_TRUE(live.until_children_wait(200));
  const Pid parent = live.server();
  stop(live, parent);
  for (const Pid child : live.children()) live.session->send_signal(child, SIGKILL);
  ASSERT_TRUE(live.until([&] { return live.count<DeathSeen>() == 200; }));
  live.session->send_signal(parent, SIGCONT);
  ASSERT_TRUE(live.until_all_served());
  EXPECT_EQ(live.world.counts.reaped, 200u);
  EXPECT_EQ(live.world.anomaly_count, 0u);
  EXPECT_LT(live.count<SignalDelivered>(), 200u) << "far fewer signals arrived than children ended";
  EXPECT_TRUE(children_of(parent).empty());
}

TEST(Kill, OfChildrenAtAnyMomentIsNeverToldInTheWrongOrder) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  std::set<Pid> killed;
  for (std::size_t round = 0; round < 60; ++round) {
    for (int i = 0; i < 4; ++i) live.session->launch_client(Behaviour::kTalk);
    // Whatever they are just doing, and however many of them are there by now.
    ASSERT_TRUE(live.until([&] { return live.children().size() > round % 4; }));
    ASSERT_TRUE(live.until([&] {
      for (const Pid child : live.children())
        if (killed.insert(child).second) live.session->send_signal(child, SIGKILL);
      return live.count<Reaped>() == 4 * (round + 1);
    }));
  }
  ASSERT_TRUE(live.until_all_served());
  ASSERT_EQ(live.world.anomaly_count, 0u) << live.world.anomalies[0].text;
  EXPECT_EQ(live.world.counts, (Counts{.accepted = 240, .forked = 240, .closed = 240, .exited = 240, .reaped = 240}));
  // Pids come back only after thousands of others: here, each is one process.
  std::set<Pid> reaped;
  for (const Event& event : live.events) {
    if (const auto* what = std::get_if<Reaped>(&event.what)) reaped.insert(what->child);
    if (std::holds_alternative<DeathSeen>(event.what)) {
      EXPECT_FALSE(reaped.contains(event.pid)) << "dead after it was reaped";
    }
  }
}

TEST(Kill, OfTheServerLeavesOrphansThatGoOnEchoing) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  const ClientId first = live.session->launch_client(Behaviour::kQuiet),
                 second = live.session->launch_client(Behaviour::kQuiet);
  ASSERT_TRUE(live.until_children_wait(2));
  const Pid server = live.server(), child = live.child_of(first);
  live.session->send_signal(server, SIGKILL);
  ASSERT_TRUE(live.until([&] { return live.count<Collected>() == 1; }));
  EXPECT_FALSE(live.session->server_alive());
  EXPECT_EQ(ending_of(only<Collected>(live.events)[0].status), "killed by SIGKILL");
  EXPECT_TRUE(is_orphan(live.world, *find_process(live.world, child)));
  EXPECT_EQ(state_of(server), '-') << "Forktable has reaped it";

  live.session->clients().send_line(first, "still there?");
  ASSERT_TRUE(live.until([&] { return live.client(first).received == 13; }));
  live.session->clients().close(first);
  ASSERT_TRUE(live.until([&] { return live.count<Collected>() == 2; }));
  live.session->send_signal(live.child_of(second), SIGKILL);
  ASSERT_TRUE(live.until([&] { return live.count<Collected>() == 3 && live.world.clients.empty(); }));
  EXPECT_TRUE(live.world.processes.empty());
  EXPECT_TRUE(live.world.files.empty());
  EXPECT_EQ(live.world.anomaly_count, 0u);
  EXPECT_EQ(live.world.counts.reaped, 2u);
}

TEST(Stop, EndsEveryProcessOfTheServerAlsoThoseThatAreStopped) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  for (int i = 0; i < 5; ++i) live.session->launch_client(Behaviour::kQuiet);
  ASSERT_TRUE(live.until_children_wait(5));
  const Pid server = live.server();
  stop(live, live.children()[0]);
  stop(live, server);
  live.session->stop_server();
  EXPECT_TRUE(living_in_group(server).empty());
  EXPECT_FALSE(live.session->server_alive());
  EXPECT_EQ(live.count<StopAsked>(), 1u);
  EXPECT_TRUE(live.world.stop_asked);
  ASSERT_TRUE(live.until([&] { return live.world.clients.empty(); }));
  EXPECT_TRUE(live.world.processes.empty());
  EXPECT_TRUE(live.world.files.empty());
  EXPECT_EQ(live.world.anomaly_count, 0u);
  live.session->stop_server();
  EXPECT_EQ(live.count<StopAsked>(), 1u) << "nothing is left to be stopped";
}

TEST(Restart, OnTheSamePortWorksWhileConnectionsAreOpen) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  const Port port = live.session->port();
  for (int round = 0; round < 3; ++round) {
    std::vector<ClientId> clients;
    for (int i = 0; i < 5; ++i) clients.push_back(live.session->launch_client(Behaviour::kTalk));
    ASSERT_TRUE(live.until([&] {
      for (const ClientId client : clients)
        if (live.client(client).state != Client::kEchoed) return false;
      return true;
    }));
    ASSERT_TRUE(live.start({.program = FORKTABLE_SERVER, .port = port}));
    EXPECT_EQ(live.session->port(), port);
    ASSERT_TRUE(live.until([&] { return live.world.clients.empty(); })) << "their server has gone";
    EXPECT_EQ(live.world.counts, Counts{});
    EXPECT_EQ(live.world.processes.size(), 1u);
  }
  EXPECT_EQ(live.world.anomaly_count, 0u);
}

TEST(Restart, InTheMiddleOfEverythingLeavesNothingOfTheOldRun) {
  LiveSession live;
  for (int round = 0; round < 30; ++round) {
    ASSERT_TRUE(live.start());
    for (int i = 0; i < 20; ++i) live.session->launch_client(Behaviour::kHello);
    // As many steps as it happens to get done.
    for (int i = 0; i < round; ++i) live.session->pump(std::chrono::milliseconds(1));
  }
  live.session->stop_server();
  ASSERT_TRUE(live.until([&] { return live.session->clients().count() == 0; }));
  EXPECT_TRUE(live.world.processes.empty()) << doing(live.world, live.world.processes[0]);
  EXPECT_EQ(live.world.anomaly_count, 0u) << live.world.anomalies[0].text;
}

TEST(Port, ThatIsTakenIsToldAsTheCallThatFailed) {
  const Listener taken;
  LiveSession live;
  ASSERT_TRUE(live.session->start_server({.program = FORKTABLE_SERVER, .port = taken.port}));
  ASSERT_TRUE(live.until([&] { return !live.session->server_alive(); }));
  const auto failed = only<CallFailed>(live.events);
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].call, Call::kBind);
  EXPECT_EQ(failed[0].error, EADDRINUSE);
  ASSERT_TRUE(live.world.trouble);
  EXPECT_EQ(ending_of(only<Collected>(live.events).at(0).status), "exited 1");
  EXPECT_EQ(live.session->port(), 0);
  ASSERT_TRUE(live.start()) << "another attempt is possible";
}

TEST(DescriptorLimit, WhenReachedIsToldAndTheClientIsServedOnceThereIsOneAgain) {
  LiveSession live;
  // Room for listenfd, and for no connfd.
  ASSERT_TRUE(live.start({.program = FORKTABLE_SERVER, .descriptor_limit = 4}));
  const ClientId client = live.session->launch_client(Behaviour::kHello);
  ASSERT_TRUE(live.until([&] { return live.count<BackedOff>() >= 2; })) << "it tries again and again";
  for (const auto& failed : only<CallFailed>(live.events)) {
    EXPECT_EQ(failed.call, Call::kAccept);
    EXPECT_EQ(failed.fd, 3);
    EXPECT_EQ(failed.error, EMFILE);
  }
  EXPECT_LE(live.count<AcceptCalled>(), live.count<BackedOff>() + 1) << "each time after a pause";
  ASSERT_TRUE(live.world.trouble);
  EXPECT_EQ(live.client(client).connection_number, 0u) << "it waits in the queue";

  rlimit descriptors{};
  ASSERT_EQ(prlimit(live.server(), RLIMIT_NOFILE, nullptr, &descriptors), 0);
  descriptors.rlim_cur = 5;
  ASSERT_EQ(prlimit(live.server(), RLIMIT_NOFILE, &descriptors, nullptr), 0);
  ASSERT_TRUE(live.until([&] { return live.world.clients.empty() && live.count<Reaped>() == 1; }) &&
              live.until_all_served());
  EXPECT_EQ(live.client(client).received, 6u);
  EXPECT_FALSE(live.world.trouble);
  EXPECT_EQ(live.world.anomaly_count, 0u);
}

// The limit on processes is for ordinary users. Lets `body` change it for a process of theirs.
bool limit_processes(Pid pid, rlim_t limit) {
  return as_ordinary_user([&] {
    rlimit processes{};
    if (prlimit(pid, RLIMIT_NPROC, nullptr, &processes) != 0) return false;
    processes.rlim_cur = std::min(limit, processes.rlim_max);
    return prlimit(pid, RLIMIT_NPROC, &processes, nullptr) == 0;
  });
}

TEST(ProcessLimit, WhenReachedSendsTheClientAwayAndTheNextIsServed) {
  // Where an ordinary user can run them, whoever runs this test.
  const TemporaryFolder folder;
  const std::string server = folder.file("process-server"), starter = folder.file("as-ordinary-user");
  std::filesystem::copy_file(FORKTABLE_SERVER, server);
  std::filesystem::copy_file(FORKTABLE_AS_ORDINARY_USER, starter);
  if (!as_ordinary_user([&] { return access(starter.c_str(), X_OK) == 0; }))
    GTEST_SKIP() << "an ordinary user may not run anything below " << folder.path();
  ASSERT_EQ(setenv("FORKTABLE_TEST_PROGRAM", server.c_str(), 1), 0);
  LiveSession live;
  const bool listens = live.start({.program = starter});
  unsetenv("FORKTABLE_TEST_PROGRAM");
  ASSERT_TRUE(listens);
  if (!limit_processes(live.server(), 0))
    GTEST_SKIP() << "an ordinary user may not set the limit of its own process here";

  const ClientId refused = live.session->launch_client(Behaviour::kHello);
  ASSERT_TRUE(live.until([&] { return live.world.clients.empty() && live.count<CallFailed>() > 0; }) &&
              live.until_all_served());
  const auto failed = only<CallFailed>(live.events);
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].call, Call::kFork);
  EXPECT_EQ(failed[0].error, EAGAIN);
  EXPECT_EQ(live.client(refused).received, 0u);
  EXPECT_EQ(live.world.counts, (Counts{.accepted = 1, .forked = 0, .closed = 1, .exited = 0, .reaped = 0}));
  ASSERT_TRUE(live.world.trouble);

  ASSERT_TRUE(limit_processes(live.server(), RLIM_INFINITY));
  const ClientId served = live.session->launch_client(Behaviour::kHello);
  ASSERT_TRUE(live.until([&] { return live.world.clients.empty() && live.count<Reaped>() == 1; }) &&
              live.until_all_served());
  EXPECT_EQ(live.client(served).received, 6u);
  EXPECT_FALSE(live.world.trouble);
  EXPECT_EQ(live.world.anomaly_count, 0u);
}

TEST(ProcessLimit, SetFromOutsideIsNoticedThoughTheLessonAllowsMoreChildren) {
  LiveSession live;
  ASSERT_TRUE(live.start({.program = FORKTABLE_SERVER, .children_limit = 3}));
  const rlimit none{0, 0};
  if (!as_ordinary_user([&] { return prlimit(live.server(), RLIMIT_NPROC, &none, nullptr) == 0; }))
    GTEST_SKIP() << "an ordinary user may not set the limit of its own process here";
  live.session->launch_client(Behaviour::kHello);
  ASSERT_TRUE(live.until([&] { return live.world.clients.empty() && live.count<CallFailed>() > 0; }) &&
              live.until_all_served());
  const auto found = diagnose(live.world, live.world.now);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind, "out-of-processes");
  EXPECT_EQ(found[0].cause, "It may have more, but its user may not: RLIMIT_NPROC, as prlimit(1) shows it.");
}

TEST(Signal, GoesOnlyToProcessesOfTheServer) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  const pid_t bystander = fork();
  if (bystander == 0)
    for (;;) pause();
  for (const Pid pid : {bystander, Pid{0}, Pid{-1}, -bystander}) live.session->send_signal(pid, SIGKILL);
  EXPECT_EQ(live.count<SignalSent>(), 0u);
  kill(bystander, SIGUSR1);
  int status = 0;
  waitpid(bystander, &status, 0);
  EXPECT_EQ(WTERMSIG(status), SIGUSR1) << "it was alive until now";
}

}  // namespace
}  // namespace forktable::test
