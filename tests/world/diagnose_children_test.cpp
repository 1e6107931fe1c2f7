// What is wrong with a parent that forks children beforehand, or keeps a list of them.
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <string>

#include "tests/support/text.hpp"
#include "tests/world/approach.hpp"

namespace forktable::test {
namespace {

// ---- children that are there before their clients ----

// Three children in accept, and the parent in waitpid.
struct Pool : Approach {
  Pool() : Approach(ServerKind::kPrefork) {
    for (std::uint32_t i = 1; i <= 3; ++i) forks(i);
    happens(kServer, WaitpidCalled{});
  }
  void forks(std::uint32_t fork) {
    const Pid pid = kServer + static_cast<Pid>(fork);
    happens(kServer, ForkCalled{fork});
    happens(kServer, Forked{fork, pid});
    happens(pid, ChildStarted{kServer, fork});
    happens(pid, AcceptCalled{3});
  }
};

TEST(Pool, HasNothingWrongWhileItsChildrenAcceptAndWhileOneIsReplaced) {
  Pool story;
  EXPECT_EQ(kinds_of(diagnose(story.world, story.world.now + kSecond)), "");
  story.happens(kOne, DeathSeen{});
  EXPECT_EQ(kinds_of(diagnose(story.world, story.world.now + kSecond)), "") << "its parent waits for it";
  story.happens(kServer, Reaped{kOne, 9});
  story.happens(kServer, GateReached{Call::kFork, -1});
  EXPECT_EQ(kinds_of(story), "");
  story.happens(kServer, ForkCalled{4});
  EXPECT_EQ(kinds_of(story), "");
  story.happens(kServer, Forked{4, kServer + 4});
  story.happens(kServer, WaitpidCalled{});
  EXPECT_EQ(kinds_of(story), "");
}

TEST(Pool, IsFullWhenEachOfItsChildrenHasAQuietClientAndAnotherOneWaits) {
  Pool story;
  for (Pid child = kServer + 1; child <= kServer + 3; ++child) {
    story.connects();
    story.happens(child, Accepted{3, 4, story.port()});
    story.happens(child, ReadCalled{4});
  }
  const std::uint64_t last = story.world.step;
  EXPECT_EQ(kinds_of(diagnose(story.world, story.world.now + kSecond)), "") << "nobody waits";
  story.connects();
  EXPECT_EQ(kinds_of(story), "") << "one of them may leave in a moment";
  const auto found = diagnose(story.world, story.world.now + kSecond);
  ASSERT_EQ(kinds_of(found), "pool-full");
  EXPECT_EQ(found[0].text,
            "Each of the 3 children serves one client until it closes. Client 4 waits in the accept queue.");
  EXPECT_EQ(found[0].fix, "constexpr int CHILDREN = 4;");
  EXPECT_EQ(found[0].since, last);
  story.happens(0, SteppingChanged{true});
  EXPECT_EQ(kinds_of(story), "pool-full");
  story.happens(0, ClientHalfClosed{{2}});
  EXPECT_EQ(kinds_of(diagnose(story.world, story.world.now + kSecond)), "") << "its child is about to read that";
}

TEST(Pool, ShrinksWhenTheParentWaitsAgainAndHasForkedNobody) {
  Pool story;
  story.happens(kOne, DeathSeen{});
  const std::uint64_t end = story.world.step;
  story.happens(kServer, Reaped{kOne, 9});
  EXPECT_EQ(kinds_of(story), "") << "it may fork yet";
  story.happens(kServer, WaitpidCalled{});
  Diagnosis found = diagnosis_of(story);
  EXPECT_EQ(found.kind, "not-replaced");
  EXPECT_EQ(found.text,
            "Child 1 has ended, and the parent has gone on to waitpid without forking another. 2 of 3 are left, so "
            "at most 2 clients can be served at the same time.");
  EXPECT_EQ(found.since, end);
  EXPECT_EQ(found.process, find_process(story.world, ProcessId{2})->id);
  for (const Pid child : {kTwo, kServer + 3}) {
    story.happens(child, DeathSeen{});
    story.happens(kServer, Reaped{child, 9});
    story.happens(kServer, child == kTwo ? What{WaitpidCalled{}} : What{BackedOff{1000}});
  }
  EXPECT_EQ(diagnosis_of(story).text,
            "3 children have ended, and the parent has gone on to waitpid without forking another. None is left: port "
            "8080 still listens, clients connect, and nobody accepts.");
}

TEST(Pool, IsSmallerThroughNoFaultOfItsParentWhereForkFails) {
  Pool story;
  story.happens(kServer, Reaped{kOne, 9});
  story.happens(kServer, ForkCalled{4});
  story.happens(kServer, CallFailed{Call::kFork, -1, EAGAIN});
  story.happens(kServer, WaitpidCalled{});
  EXPECT_EQ(kinds_of(story), "out-of-processes");
  EXPECT_EQ(diagnosis_of(story).text,
            "fork fails with EAGAIN: the parent has 2 children. It goes on with those that it has.");
}

// ---- a list of children ----

constexpr std::uint32_t kSigchldBit = 1u << (SIGCHLD - 1);

// The handler reaps that child and looks for it in the list.
void reap(Story& story, Pid child, int found) {
  story.happens(kServer, SignalDelivered{SIGCHLD});
  story.happens(kServer, Reaped{child, 0});
  story.happens(kServer, JobDeleted{child, found});
  story.happens(kServer, NothingToReap{});
  story.happens(kServer, HandlerReturned{SIGCHLD});
}

TEST(StaleJob, IsOneThatWasReapedBeforeItWasAdded) {
  Approach story(ServerKind::kProcessJobs);
  const Pid child = story.client();
  story.happens(child, ExitCalled{0});
  reap(story, child, 0);
  EXPECT_EQ(kinds_of(story), "");
  story.happens(kServer, JobAdded{child});
  const Diagnosis stale = diagnosis_of(story);
  EXPECT_EQ(stale.kind, "stale-job");
  EXPECT_EQ(stale.text,
            "The list of the parent has child 1 (" + std::to_string(child) +
                ") in it, which was reaped before it was added. Nothing will delete it, and its pid may become "
                "another's.");
  EXPECT_EQ(stale.fix, "Sigprocmask(SIG_BLOCK, &sigchld, nullptr);  // before Fork()");
  EXPECT_EQ(stale.since, story.world.step);
  const Pid next = story.client();
  story.happens(next, ExitCalled{0});
  reap(story, next, 0);
  story.happens(kServer, JobAdded{next});
  EXPECT_TRUE(diagnosis_of(story).text.starts_with("The list of the parent has 2 children in it, which were reaped"));
  EXPECT_EQ(diagnosis_of(story).since, stale.since);
}

TEST(StaleJob, IsNoneThatTheHandlerIsAboutToDelete) {
  Approach story(ServerKind::kProcessJobs);
  const Pid child = story.client();
  story.happens(kServer, JobAdded{child});
  story.happens(child, ExitCalled{0});
  story.happens(kServer, SignalDelivered{SIGCHLD});
  story.happens(kServer, Reaped{child, 0});
  EXPECT_EQ(kinds_of(story), "");
}

TEST(HeldListening, IsNotSaidOfAChildThatHasOnlyUnblockedASignal) {
  Approach story(ServerKind::kProcessJobs);
  const Pid child = story.connect_only();
  story.happens(kServer, MaskChanged{Masking::kBlock, kSigchldBit, 0, kSigchldBit});
  story.happens(kServer, Accepted{3, 4, story.port()});
  story.happens(kServer, ForkCalled{1});
  story.happens(kServer, Forked{1, child});
  story.happens(child, ChildStarted{kServer, 1});
  story.happens(child, MaskChanged{Masking::kUnblock, kSigchldBit, kSigchldBit, 0});
  EXPECT_EQ(kinds_of(story), "");
  story.happens(child, ReadCalled{4});
  EXPECT_EQ(kinds_of(story), "held-listening");
}

TEST(Zombie, OfAParentThatBlocksSigchldForAMomentIsNotNeglected) {
  Approach story(ServerKind::kProcessJobs);
  story.happens(0, SteppingChanged{1});
  story.happens(kServer, MaskChanged{Masking::kBlock, kSigchldBit, 0, kSigchldBit});
  const Pid child = story.client();
  story.happens(child, ExitCalled{0});
  for (int i = 0; i < 100; ++i) story.happens(kServer, JobAdded{child});
  EXPECT_EQ(kinds_of(story), "");
  story.happens(kServer, MaskChanged{Masking::kUnblock, kSigchldBit, kSigchldBit, 0});
  EXPECT_EQ(kinds_of(story), "") << "its handler is about to run";
}

}  // namespace
}  // namespace forktable::test
