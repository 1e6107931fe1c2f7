// A parent's list of its children, and SIGCHLD: blocked until the list is right, or not.
#include <csignal>

#include "core/world/diagnose.hpp"
#include "tests/live/approach.hpp"
#include "tests/support/proc.hpp"

namespace forktable::test {
namespace {

// A child that ends before its parent, which is before the line that adds it, has taken a step.
class Jobs : public Approach {
 public:
  explicit Jobs(std::initializer_list<Bug> bugs = {}) : Approach(ServerKind::kProcessJobs, bugs, true) {
    const ClientId client = quiet();
    EXPECT_TRUE(step_over(server(), Call::kFork));
    EXPECT_TRUE(until([this] { return is_before(server(), Call::kAddJob) && world.counts.forked == 1; }));
    child = latest();
    EXPECT_TRUE(step_to(child, Call::kRead));
    step(child);
    session->clients().close(client);
    EXPECT_TRUE(step_over(child, Call::kExit));
    EXPECT_TRUE(until([this] { return state_of(child) == 'Z'; }));
    EXPECT_TRUE(until([this] { return has_signal(server_process().signals.pending, SIGCHLD); }));
  }
  std::vector<Pid> jobs() const {
    std::vector<Pid> pids;
    for (const Job& job : server_process().jobs) pids.push_back(job.pid);
    return pids;
  }
  bool until_it_accepts() { return step_to(server(), Call::kAccept); }
  std::string found() const {
    std::string kinds;
    for (const Diagnosis& one : diagnose(world, world.now + kSecond)) kinds += std::string(one.kind) + " ";
    return kinds;
  }

  Pid child = 0;
};

TEST(Jobs, OfAParentThatBlocksSigchldIsAddedBeforeTheHandlerDeletesIt) {
  Jobs live;
  EXPECT_TRUE(has_signal(live.server_process().blocked, SIGCHLD));
  live.step(live.server());
  ASSERT_EQ(live.count<JobAdded>(), 1u) << "that was the step, and no signal";
  EXPECT_EQ(live.jobs(), std::vector<Pid>{live.child});
  ASSERT_TRUE(live.until([&] { return live.is_before(live.server(), Call::kSigprocmask); }));
  EXPECT_TRUE(has_signal(live.server_process().signals.pending, SIGCHLD));
  EXPECT_EQ(live.found(), "") << "a zombie that will be reaped as soon as SIGCHLD is unblocked";
  live.step(live.server());
  ASSERT_TRUE(live.until([&] { return live.count<SignalDelivered>() == 1; }));
  ASSERT_TRUE(live.step_over(live.server(), Call::kDeleteJob));
  EXPECT_EQ(only<JobDeleted>(live.events).at(0).found, 1);
  EXPECT_TRUE(live.jobs().empty());
  ASSERT_TRUE(live.until_it_accepts());
  EXPECT_EQ(live.found(), "");
  EXPECT_EQ(live.server_process().blocked, 0u);
}

TEST(Jobs, OfAParentThatDoesNotBlockSigchldStaysInTheListForEver) {
  Jobs live({Bug::kSigchldNotBlocked});
  EXPECT_EQ(live.server_process().blocked, 0u);
  live.step(live.server());
  ASSERT_EQ(live.count<SignalDelivered>(), 1u) << "that was the step";
  ASSERT_TRUE(live.step_over(live.server(), Call::kDeleteJob));
  EXPECT_EQ(only<JobDeleted>(live.events).at(0).found, 0) << "it isn't there yet";
  ASSERT_TRUE(live.until_it_accepts());
  EXPECT_EQ(live.jobs(), std::vector<Pid>{live.child});
  EXPECT_EQ(state_of(live.child), '-') << "no such process";
  EXPECT_EQ(live.found(), "stale-job ");
  live.session->set_stepping(false);
  const ClientId next = live.hello();
  ASSERT_TRUE(live.until([&] { return live.client(next).state == Client::kClosed; }));
  ASSERT_TRUE(live.until_waiting());
  EXPECT_EQ(live.jobs().front(), live.child);
  EXPECT_TRUE(live.kernel_agrees());
}

TEST(Jobs, AChildInheritsThatItsParentBlocksSigchldAndUnblocksIt) {
  Approach live(ServerKind::kProcessJobs, {}, true);
  live.quiet();
  ASSERT_TRUE(live.step_over(live.server(), Call::kFork));
  ASSERT_TRUE(live.until([&] { return live.world.processes.size() == 2; }));
  const Pid child = live.latest();
  EXPECT_TRUE(has_signal(live.process(child)->blocked, SIGCHLD));
  ASSERT_TRUE(live.step_to(child, Call::kSigprocmask));
  live.step(child);
  const auto changed = only<MaskChanged>(live.events).back();
  EXPECT_TRUE(has_signal(changed.before, SIGCHLD)) << "in the kernel, too";
  EXPECT_FALSE(has_signal(changed.blocked, SIGCHLD));
  live.session->set_stepping(false);
  ASSERT_TRUE(live.until_waiting(1));
  EXPECT_TRUE(live.kernel_agrees()) << "what both block, too";
}

TEST(Jobs, OneThatIsKilledIsDeletedToo) {
  Approach live(ServerKind::kProcessJobs);
  live.quiet();
  ASSERT_TRUE(live.until_waiting(1));
  ASSERT_EQ(live.server_process().jobs.size(), 1u);
  live.session->send_signal(live.latest(), SIGKILL);
  ASSERT_TRUE(live.until([&] { return live.count<JobDeleted>() == 1; }));
  EXPECT_TRUE(live.server_process().jobs.empty());
}

TEST(Jobs, AServerThatCannotForkAddsNoneAndUnblocksSigchldAllTheSame) {
  LiveSession live;
  ASSERT_TRUE(live.start(with_server({.program = FORKTABLE_SERVER, .children_limit = 1}, ServerKind::kProcessJobs)));
  const ClientId first = live.session->launch_client(Behaviour::kQuiet);
  ASSERT_TRUE(live.until_children_wait(1));
  live.session->launch_client(Behaviour::kQuiet);
  ASSERT_TRUE(live.until([&] { return live.count<CallFailed>() == 1; }));
  const auto server = [&]() -> const Process& { return *find_process(live.world, live.world.server); };
  ASSERT_TRUE(live.until([&] { return is_blocked(server()) && server().activity.call == Call::kAccept; }));
  EXPECT_EQ(server().jobs.size(), 1u);
  EXPECT_EQ(server().blocked, 0u);
  live.session->clients().close(first);
  ASSERT_TRUE(live.until([&] { return live.count<JobDeleted>() == 1; })) << "its SIGCHLD is delivered";
  EXPECT_TRUE(server().jobs.empty());
}

}  // namespace
}  // namespace forktable::test
