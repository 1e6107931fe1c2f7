// What is wrong, found in the World alone. No story here tells which line is switched off.
#include <algorithm>
#include <cerrno>
#include <csignal>

#include "tests/support/effort.hpp"
#include "tests/support/text.hpp"
#include "tests/world/diagnosed.hpp"
#include "tests/world/told.hpp"

namespace forktable::test {
namespace {

// ---- a connection that the parent keeps ----

void end(Story& story, Pid child, int connfd = 4) {
  story.happens(child, EndOfFile{connfd});
  story.happens(child, Closed{connfd});
  story.happens(child, ExitCalled{0});
  story.happens(kServer, SignalDelivered{SIGCHLD});
  story.happens(kServer, Reaped{child, 0});
  story.happens(kServer, NothingToReap{});
  story.happens(kServer, HandlerReturned{SIGCHLD});
}

TEST(LeakedConnfd, IsFoundWhenTheParentAcceptsAgain) {
  Story story;
  const Pid child = leak(story);
  EXPECT_EQ(kinds_of(story), "") << "it may still close it";
  story.happens(kServer, AcceptCalled{3});
  const Diagnosis leak = diagnosis_of(story);
  EXPECT_EQ(leak.kind, "leaked-connfd");
  EXPECT_EQ(leak.title, "Leak");
  EXPECT_EQ(leak.text,
            "The parent still holds connfd 4, which a child serves. refcnt(connection 1) = 2: when the child closes "
            "it, one reference will be left, and client 1 will wait for ever.");
  EXPECT_EQ(leak.fix, "Close(connfd);  // in the parent, right after Fork()");
  EXPECT_EQ(leak.since, story.world.step);
  EXPECT_EQ(leak.process, find_process(story.world, kServer)->id);
  EXPECT_EQ(leak.file, find_process(story.world, child)->accepted);
  EXPECT_EQ(leak.client, ClientId{1});
}

TEST(LeakedConnfd, IsNoneIfTheKernelSaysThatItIsClosed) {
  Story story;
  leak(story);
  story.happens(kServer, AcceptCalled{3});
  ASSERT_EQ(kinds_of(story), "leaked-connfd");
  story.happens(kServer, DifferenceSeen{Differs::kDescriptor, 4, ShortText("connection 1"), ShortText("closed")});
  EXPECT_EQ(kinds_of(story), "") << "a debugger has closed it";
}

TEST(LeakedConnfd, OfAFinishedChildLeavesTheClientWaiting) {
  Story story;
  const Pid child = leak(story);
  story.happens(kServer, AcceptCalled{3});
  const std::uint64_t since = story.world.step;
  story.happens(0, ClientHalfClosed{{1}});
  end(story, child);
  EXPECT_EQ(
      diagnosis_of(story).text,
      "The parent still holds connfd 4, and no child does any more. refcnt(connection 1) = 1, so the kernel sends no "
      "FIN and client 1 waits for ever.");
  EXPECT_EQ(diagnosis_of(story).since, since);
  story.happens(0, ClientEnded{{1}, ClientEnd::kClosed, Call::kClose, 0});
  EXPECT_TRUE(contains(diagnosis_of(story).text, "client 1 has gone, and the descriptor stays taken"));
}

TEST(LeakedConnfd, OfManyAreCountedAndTheFirstIsNamed) {
  Story story;
  const Pid first = leak(story, 4);
  story.happens(kServer, AcceptCalled{3});
  const std::uint64_t since = story.world.step;
  leak(story, 5);
  story.happens(kServer, AcceptCalled{3});
  end(story, first, 4);
  const Diagnosis leak = diagnosis_of(story);
  EXPECT_EQ(leak.text,
            "The parent still holds 2 connections of its children: descriptors 4 and 5. refcnt(connection 1) = 2: "
            "younger children have inherited it, and client 1 waits for ever.");
  EXPECT_EQ(leak.since, since);
  EXPECT_EQ(leak.client, ClientId{}) << "it is about many";
}

TEST(LeakedConnfd, IsNoneOnceItIsClosedOrItsHolderIsDead) {
  Story story;
  leak(story);
  story.happens(kServer, AcceptCalled{3});
  Story closed = story;
  closed.happens(kServer, Closed{4});
  EXPECT_EQ(kinds_of(closed), "");
  story.happens(kServer, Collected{SIGKILL});
  EXPECT_EQ(kinds_of(story), "");
}

// ---- zombies ----

// So many clients whose children have ended, at the same time.
Story ended(int children) {
  Story story;
  std::vector<Pid> pids;
  for (int i = 0; i < children; ++i) pids.push_back(story.client());
  for (const Pid pid : pids) {
    story.happens(pid, Closed{4});
    story.happens(pid, ExitCalled{0});
  }
  return story;
}

std::string kinds_after(const Story& story, Nanoseconds time) {
  return kinds_of(diagnose(story.world, story.world.now + time));
}

TEST(Zombies, AreNoneUntilTheParentHasHadTheTime) {
  const Story story = ended(1);
  EXPECT_EQ(kinds_after(story, 0), "");
  EXPECT_EQ(kinds_after(story, 299 * kMillisecond), "");
  EXPECT_EQ(kinds_after(story, 300 * kMillisecond), "zombies");
}

TEST(Zombies, AreFoundWhenTheParentGoesOnWithoutAHandler) {
  Story story = ended(1);
  const std::uint64_t since = story.world.step;
  story.happens(kServer, SignalsSeen{0, 1u << (SIGUSR1 - 1)});
  story.happens(0, KernelChecked{});
  story.connect_only();
  story.happens(kServer, Accepted{3, 4, story.port()});
  const Diagnosis zombies = diagnosis_of(story);
  EXPECT_EQ(zombies.kind, "zombies");
  EXPECT_EQ(zombies.text,
            "Child 1 has ended, and the parent hasn't reaped it: a zombie keeps its pid and its place in the "
            "process table.");
  EXPECT_EQ(zombies.cause, "No SIGCHLD handler has run since.");
  EXPECT_EQ(zombies.fix, "Signal(SIGCHLD, reap_children);");
  EXPECT_EQ(zombies.since, since);
}

TEST(Zombies, AreFoundAtOnceWhenTheParentSleepsWithoutAHandler) {
  Story story = ended(2);
  story.happens(kServer, AcceptCalled{3});
  EXPECT_EQ(kinds_after(story, 0), "") << "the kernel hasn't been asked since";
  story.happens(0, KernelChecked{});
  EXPECT_EQ(kinds_after(story, 0), "zombies");
  EXPECT_EQ(diagnosis_of(story).zombies.size(), 2u);
}

// Between a child's last report and its death, a busy machine leaves the parent time for many a step.
TEST(Zombies, AreNotFoundWhenTheParentGoesOnAndItsHandlerMayStillRun) {
  Story story = ended(1);
  story.connect_only();
  story.happens(kServer, Accepted{3, 4, story.port()});
  EXPECT_EQ(kinds_after(story, 0), "") << "the kernel hasn't told of a handler, or of none";
  story.happens(kServer, SignalsSeen{0, 1u << (SIGCHLD - 1)});
  story.happens(0, KernelChecked{});
  EXPECT_EQ(kinds_after(story, 0), "");
}

TEST(Zombies, AreNotFoundByWhatTheKernelToldBeforeTheServerInstalledItsHandler) {
  Story story;
  story.happens(kServer, SignalsSeen{0, 1u << (SIGSEGV - 1)});
  story.happens(0, KernelChecked{});
  const Pid child = story.client();
  story.happens(child, Closed{4});
  story.happens(child, ExitCalled{0});
  story.connect_only();
  story.happens(kServer, Accepted{3, 4, story.port()});
  EXPECT_EQ(kinds_after(story, 0), "");
}

TEST(Zombies, AreNotTheFaultOfAHandlerThatRunsOrHasNotBeenReachedYet) {
  Story story = ended(2);
  story.happens(kServer, GateReached{Call::kAccept, 3});
  EXPECT_EQ(kinds_after(story, kSecond), "") << "SIGCHLD is pending at a gate";
  story.happens(kServer, SignalDelivered{SIGCHLD});
  story.happens(kServer, GateReached{Call::kWaitpid, -1});
  story.happens(kServer, Reaped{4243, 0});
  EXPECT_EQ(kinds_after(story, kSecond), "") << "the handler may ask again";
  story.happens(kServer, Reaped{4244, 0});
  story.happens(kServer, CallFailed{Call::kWaitpid, -1, ECHILD});
  story.happens(kServer, HandlerReturned{SIGCHLD});
  EXPECT_EQ(kinds_after(story, kSecond), "");
}

TEST(Zombies, AreFoundWhenTheHandlerReturnsWithoutHavingAskedForAll) {
  Story story = ended(5);
  story.happens(kServer, SignalDelivered{SIGCHLD});
  story.happens(kServer, Reaped{4243, 0});
  story.happens(kServer, HandlerReturned{SIGCHLD});
  story.happens(kServer, GateReached{Call::kAccept, 3});
  const Diagnosis zombies = diagnosis_of(story);
  EXPECT_EQ(zombies.text,
            "4 children (2, 3, 4, ...) have ended, and the parent hasn't reaped them: a zombie keeps its "
            "pid and its place in the process table.");
  EXPECT_EQ(zombies.cause, "Signals do not queue: the handler ran once for several children, and reaped one.");
  EXPECT_EQ(zombies.fix, "while (Waitpid(-1, nullptr, WNOHANG) > 0) {}");
}

TEST(Zombies, AreNotTheFaultOfAHandlerThatAskedForAllBeforeTheChildWasReallyDead) {
  Story story = ended(1);  // its last report comes before its end
  story.happens(kServer, SignalDelivered{SIGCHLD});
  story.happens(kServer, NothingToReap{});
  story.happens(kServer, HandlerReturned{SIGCHLD});
  story.connect_only();
  story.happens(kServer, Accepted{3, 4, story.port()});
  EXPECT_EQ(kinds_of(story), "");
}

TEST(Zombies, AreNotTheFaultOfAStoppedParent) {
  Story story = ended(1);
  story.happens(kServer, SignalSent{SIGSTOP});
  EXPECT_EQ(kinds_after(story, kSecond), "");
  story.happens(kServer, SignalSent{SIGCONT});
  EXPECT_EQ(kinds_after(story, kSecond), "zombies");
}

// ---- children that hold or do what isn't theirs ----

// A child that reads without having closed listenfd.
Pid careless_child(Story& story) {
  const Pid child = story.connect_only();
  story.happens(kServer, Accepted{3, 4, story.port()});
  story.happens(kServer, ForkCalled{story.clients});
  story.happens(child, ChildStarted{kServer, story.clients});
  story.happens(kServer, Forked{story.clients, child});
  story.happens(kServer, Closed{4});
  story.happens(kServer, AcceptCalled{3});
  story.happens(child, GateReached{Call::kRead, 4});
  EXPECT_EQ(kinds_of(story), "") << "it has done nothing yet";
  return child;
}

TEST(HeldListening, IsFoundWhenTheChildDoesSomethingElseFirst) {
  Story story;
  const Pid child = careless_child(story);
  story.happens(child, ReadCalled{4});
  const Diagnosis held = diagnosis_of(story);
  EXPECT_EQ(held.kind, "held-listening");
  EXPECT_EQ(held.text,
            "Child 1 still holds listenfd, and never calls accept. refcnt(listening socket) = 2: port 8080 would stay "
            "taken if the server ended.");
  EXPECT_EQ(held.fix, "Close(listenfd);  // in the child, right after Fork()");
  EXPECT_EQ(held.since, story.world.step);
  EXPECT_EQ(held.process, find_process(story.world, child)->id);
  story.happens(child, Closed{3});
  EXPECT_EQ(kinds_of(story), "");
}

TEST(HeldListening, OfADeadServerSaysThatNobodyAccepts) {
  Story story;
  story.happens(careless_child(story), ReadCalled{4});
  story.happens(kServer, Collected{SIGKILL});
  EXPECT_EQ(diagnosis_of(story).text,
            "Child 1 still holds listenfd, and never calls accept. refcnt(listening socket) = 1, though the server is "
            "gone: port 8080 is still taken, clients still connect and nobody accepts.");
}

TEST(HeldListening, GroupsManyChildren) {
  Story story;
  const Pid first = careless_child(story), second = careless_child(story);
  story.happens(second, ReadCalled{4});
  story.happens(first, ReadCalled{4});
  const Diagnosis held = diagnosis_of(story);
  EXPECT_TRUE(contains(held.text, "Children 1 and 2 still hold listenfd, and never call accept.")) << held.text;
  EXPECT_EQ(held.process, ProcessId{});
  EXPECT_EQ(held.since, story.world.step - 1) << "the earlier of the two";
}

TEST(ChildAccepts, IsFoundAndNotTakenForAHeldListeningSocket) {
  Story story;
  const Pid child = careless_child(story);
  story.happens(child, ReadCalled{4});
  story.happens(child, EndOfFile{4});
  story.happens(child, Closed{4});
  story.happens(child, CallFailed{Call::kClose, 4, EBADF});
  story.happens(child, AcceptCalled{3});
  const Diagnosis accepts = diagnosis_of(story);
  EXPECT_EQ(accepts.kind, "child-accepts");
  EXPECT_EQ(accepts.text,
            "Child 1 calls accept, like the server: it should have ended with its client, and now gets clients that "
            "the server should have.");
  EXPECT_EQ(accepts.fix, "Exit(0);  // at the end of the child's branch");
  EXPECT_EQ(accepts.since, story.world.step);
  story.happens(child, ExitCalled{1});
  EXPECT_EQ(kinds_of(story), "");
}

// ---- all of them ----

TEST(Diagnoses, OfACorrectServerAreNoneBeyondWhatTheSystemRefuses) {
  for (std::uint64_t seed = 1; seed <= tries(60); ++seed) {
    Random random(seed);
    World world;
    const GeneratedRun run = generate_run(random, {.clients = 6, .trouble = seed % 2 == 0, .gates = seed % 3 == 0});
    for (const Event& event : random_order(run, random)) {
      reduce(world, event);
      for (const Diagnosis& diagnosis : diagnose(world, world.now))
        ASSERT_TRUE(diagnosis.kind == "out-of-descriptors" || diagnosis.kind == "out-of-processes")
            << "seed " << seed << ", step " << world.step << ", " << text_of(event) << ": " << diagnosis.text;
    }
  }
}

TEST(Diagnoses, HaveAKnownKindAndEveryField) {
  Random random(1);
  World world;
  for (int i = 0; i < 20000; ++i) {
    Event event{world.now + kMillisecond, static_cast<Pid>(number_between(random, 100, 106)), 0, {}};
    event.what = random_what(random, static_cast<std::size_t>(number_between(random, 0, kKinds - 1)), Values::kTame);
    if (std::holds_alternative<ServerLaunched>(event.what) && i > 0 && !one_in(random, 20)) continue;
    reduce(world, event);
    for (const Diagnosis& diagnosis : diagnose(world, world.now)) {
      const auto& kinds = kDiagnosisKinds;
      ASSERT_NE(std::find(std::begin(kinds), std::end(kinds), diagnosis.kind), std::end(kinds)) << diagnosis.kind;
      ASSERT_FALSE(diagnosis.title.empty() || diagnosis.fix.empty()) << diagnosis.kind;
      ASSERT_EQ(diagnosis.text.back(), '.') << diagnosis.text;
      ASSERT_EQ(diagnosis.cause.back(), '.') << diagnosis.cause;
      ASSERT_TRUE(diagnosis.since >= 1 && diagnosis.since <= world.step) << diagnosis.kind << " " << diagnosis.since;
    }
  }
}

}  // namespace
}  // namespace forktable::test
