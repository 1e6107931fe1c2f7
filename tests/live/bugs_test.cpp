// The bug switches: what each does to a real server.
#include <cerrno>
#include <csignal>
#include <vector>

#include "core/world/describe.hpp"
#include "tests/live/live_session.hpp"
#include "tests/support/proc.hpp"

namespace forktable::test {
namespace {

Bugs with(std::initializer_list<Bug> bugs) {
  Bugs all;
  for (const Bug bug : bugs) all.set(bug, true);
  return all;
}

class BuggyServer : public LiveSession {
 public:
  explicit BuggyServer(std::initializer_list<Bug> bugs, int descriptor_limit = 0, int children_limit = 0) {
    EXPECT_TRUE(start({.program = FORKTABLE_SERVER,
                       .descriptor_limit = descriptor_limit,
                       .children_limit = children_limit,
                       .bugs = with(bugs)}));
  }
  ClientId hello() { return session->launch_client(Behaviour::kHello); }
  ClientId quiet() { return session->launch_client(Behaviour::kQuiet); }
  bool until_accepting() {
    return until([this] {
      const Process* process = find_process(world, world.server);
      return is_blocked(*process) && process->activity.call == Call::kAccept;
    });
  }
  std::uint32_t references(std::uint32_t connection) const {
    for (const OpenFile& file : world.files)
      if (file.number == connection) return count_references(world, file.id);
    return 0;
  }
  bool is_zombie(Pid pid) {
    return until([=] { return state_of(pid) == 'Z'; });
  }
};

TEST(Bugs, AParentThatKeepsConnfdLeavesItsClientWaitingForEndOfFile) {
  BuggyServer server({Bug::kParentKeepsConnfd});
  const ClientId client = server.hello();
  ASSERT_TRUE(server.until([&] { return server.world.counts.reaped == 1; }));
  EXPECT_EQ(server.references(1), 1u);
  EXPECT_EQ(server.client(client).state, Client::kHalfClosed);
  EXPECT_EQ(open_descriptors(server.server()).count(4), 1u) << "in the kernel, too";
}

TEST(Bugs, AChildThatKeepsListenfdKeepsThePortWhenTheServerIsGone) {
  BuggyServer server({Bug::kChildKeepsListenfd});
  server.quiet();
  ASSERT_TRUE(server.until_children_wait(1));
  const Pid child = server.children()[0];
  EXPECT_EQ(open_descriptors(child).count(3), 1u);
  server.session->send_signal(server.server(), SIGKILL);
  ASSERT_TRUE(server.until([&] { return server.world.processes.size() == 1; }));
  const ClientId late = server.quiet();
  EXPECT_TRUE(server.until([&] { return server.client(late).state == Client::kConnected; }));
  EXPECT_EQ(server.client(late).connection_number, 0u);
}

TEST(Bugs, WithoutAHandlerExitedChildrenStayZombies) {
  BuggyServer server({Bug::kNoSigchldHandler});
  server.hello();
  ASSERT_TRUE(server.until([&] { return server.world.counts.exited == 1 && server.world.clients.empty(); }));
  ASSERT_TRUE(server.is_zombie(server.children().at(0)));
  EXPECT_EQ(server.count<SignalDelivered>(), 0u);
  EXPECT_EQ(server.world.counts.reaped, 0u);
}

TEST(Bugs, OneWaitpidLeavesZombiesWhenTwoChildrenDieAtOnce) {
  for (const bool bug : {true, false}) {
    BuggyServer server({});
    if (bug) server.session->switch_bugs(with({Bug::kOneWaitpid}));
    server.quiet();
    server.quiet();
    ASSERT_TRUE(server.until_children_wait(2));
    const auto children = server.children();
    server.session->send_signal(server.server(), SIGSTOP);
    ASSERT_TRUE(server.until([&] { return state_of(server.server()) == 'T'; }));
    for (const Pid child : children) server.session->send_signal(child, SIGKILL);
    for (const Pid child : children) ASSERT_TRUE(server.is_zombie(child));
    server.session->send_signal(server.server(), SIGCONT);
    ASSERT_TRUE(server.until([&] { return server.count<HandlerReturned>() == 1; }));
    EXPECT_EQ(server.world.counts.reaped, bug ? 1u : 2u);
    EXPECT_EQ(server.count<SignalDelivered>(), 1u);
  }
}

TEST(Bugs, WithoutRestartAndWithoutACheckADyingChildEndsTheServer) {
  BuggyServer server({Bug::kNoEintrCheck});
  server.hello();
  ASSERT_TRUE(server.until([&] { return server.count<Collected>() == 1; }));
  const auto failed = only<CallFailed>(server.events);
  ASSERT_FALSE(failed.empty());
  EXPECT_EQ(failed.back().call, Call::kAccept);
  EXPECT_EQ(failed.back().error, EINTR);
  EXPECT_EQ(WEXITSTATUS(only<Collected>(server.events)[0].status), 1);
}

TEST(Bugs, AChildThatNeverExitsAcceptsTheNextClientItself) {
  BuggyServer server({Bug::kChildNeverExits, Bug::kChildKeepsListenfd});
  server.hello();
  ASSERT_TRUE(server.until([&] { return server.world.counts.closed == 1 && server.children().size() == 1; }));
  const Pid child = server.children()[0];
  ASSERT_TRUE(server.until([&] { return server.position<AcceptCalled>(child) < server.events.size(); }));
  server.session->hold_process(server.server(), true);  // so that the child gets them
  server.hello();
  server.hello();
  EXPECT_TRUE(server.until([&] { return server.position<Accepted>(child) < server.events.size(); }));
}

TEST(Bugs, AChildThatNeverExitsEndsAtAcceptIfItHasClosedListenfd) {
  BuggyServer server({Bug::kChildNeverExits});
  server.hello();
  ASSERT_TRUE(server.until([&] { return server.world.counts.reaped == 1; }));
  EXPECT_EQ(WEXITSTATUS(only<Reaped>(server.events)[0].status), 1) << "accept failed with EBADF";
}

TEST(Bugs, WithoutIgnoringSigpipeTheSecondWriteToAClientThatHasGoneKillsTheChild) {
  for (const bool bug : {true, false}) {
    BuggyServer server({});
    if (bug) server.session->switch_bugs(with({Bug::kSigpipeKills}));
    const ClientId client = server.quiet(), other = server.quiet();
    ASSERT_TRUE(server.until_children_wait(2));
    const Pid child = server.child_of(client);
    const auto waits_before = [&](Call call) {
      return server.until([&] {
        const Process* process = find_process(server.world, child);
        return process->gate && process->gate->call == call;
      });
    };
    server.session->hold_process(child, true);
    server.session->clients().send_line(client, "hello");
    ASSERT_TRUE(waits_before(Call::kWrite));
    server.session->clients().send_line(client, "bye");
    server.session->clients().close(client);
    server.session->step(child);
    ASSERT_TRUE(waits_before(Call::kRead));
    server.session->hold_process(child, false);
    ASSERT_TRUE(server.until([&] { return server.world.counts.reaped == 1; }));
    EXPECT_EQ(server.count<Wrote>(), 1u) << "the first write returned as if all were well";
    EXPECT_EQ(ending_of(only<Reaped>(server.events)[0].status), bug ? "killed by SIGPIPE" : "exited 0");
    std::vector<int> errors;
    for (const CallFailed& failed : only<CallFailed>(server.events))
      if (failed.call == Call::kWrite) errors.push_back(failed.error);
    EXPECT_EQ(errors, bug ? std::vector<int>{} : std::vector<int>{EPIPE});
    server.session->clients().send_line(other, "hello");
    EXPECT_TRUE(server.until([&] { return server.client(other).state == Client::kEchoed; })) << "the others go on";
  }
}

TEST(Bugs, ALimitOfChildrenMakesForkFailAndSendsTheClientAway) {
  BuggyServer server({}, 0, 1);
  server.quiet();
  ASSERT_TRUE(server.until_children_wait(1));
  const ClientId refused = server.quiet();
  ASSERT_TRUE(server.until([&] { return server.client(refused).state == Client::kClosed; }));
  const auto failed = only<CallFailed>(server.events);
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].call, Call::kFork);
  EXPECT_EQ(failed[0].error, EAGAIN);
  server.session->send_signal(server.children()[0], SIGKILL);
  ASSERT_TRUE(server.until([&] { return server.world.counts.reaped == 1; }));
  server.quiet();
  EXPECT_TRUE(server.until([&] { return server.world.counts.forked == 2; })) << "there is room again";
}

TEST(Bugs, AreSwitchedWhileTheServerWaitsInAccept) {
  BuggyServer server({});
  ASSERT_TRUE(server.until_accepting());
  server.session->switch_bugs(with({Bug::kNoSigchldHandler, Bug::kParentKeepsConnfd}));
  server.hello();
  ASSERT_TRUE(server.until([&] { return server.world.counts.exited == 1; }));
  ASSERT_TRUE(server.is_zombie(server.children().at(0)));
  EXPECT_EQ(server.references(1), 1u);
  server.session->switch_bugs({});
  server.hello();
  EXPECT_TRUE(server.until([&] { return server.world.counts.reaped == 2; })) << "the mended handler reaps both";
  for (const CallFailed& failed : only<CallFailed>(server.events)) EXPECT_EQ(failed.call, Call::kWaitpid);
}

TEST(Bugs, AreTheSameAfterARestart) {
  BuggyServer server({Bug::kParentKeepsConnfd});
  EXPECT_EQ(server.world.bugs, with({Bug::kParentKeepsConnfd}));
  server.start({.program = FORKTABLE_SERVER, .bugs = with({Bug::kParentKeepsConnfd})});
  server.hello();
  ASSERT_TRUE(server.until([&] { return server.world.counts.reaped == 1; }));
  EXPECT_EQ(server.references(1), 1u);
}

}  // namespace
}  // namespace forktable::test
