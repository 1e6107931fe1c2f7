// What is wrong, found in the World alone. No story here tells which line is switched off.
#include "core/world/diagnose.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include "tests/support/effort.hpp"
#include "tests/support/story.hpp"
#include "tests/support/text.hpp"
#include "tests/world/told.hpp"

namespace forktable::test {
namespace {

constexpr Pid kServer = Story::kServer;

std::vector<Diagnosis> diagnoses_of(const Story& story) { return diagnose(story.world, story.world.now); }

std::string kinds_of(const std::vector<Diagnosis>& diagnoses) {
  std::string kinds;
  for (const Diagnosis& diagnosis : diagnoses) kinds += (kinds.empty() ? "" : " ") + std::string(diagnosis.kind);
  return kinds;
}
std::string kinds_of(const Story& story) { return kinds_of(diagnoses_of(story)); }

// The one there is.
Diagnosis diagnosis_of(const Story& story) {
  const auto diagnoses = diagnoses_of(story);
  EXPECT_EQ(diagnoses.size(), 1u) << kinds_of(diagnoses);
  return diagnoses.empty() ? Diagnosis{} : diagnoses.front();
}

// ---- a connection that the parent keeps ----

// The parent goes on to the next accept without closing what it accepted, as `connfd`. Returns the child.
Pid leak(Story& story, int connfd = 4) {
  const Pid child = story.connect_only();
  story.happens(kServer, Accepted{3, connfd, story.port()});
  story.happens(kServer, ForkCalled{story.clients});
  story.happens(kServer, Forked{story.clients, child});
  story.happens(child, ChildStarted{kServer, story.clients});
  story.happens(child, Closed{3});
  story.happens(child, ReadCalled{connfd});
  return child;
}

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
  EXPECT_EQ(
      leak.text,
      "The parent (4242) still holds connfd 4, which a child serves. refcnt(connection 1) = 2: when the child closes "
      "it, one reference will be left, and client 1 will wait for ever.");
  EXPECT_EQ(leak.fix, "Close(connfd);  // in the parent, right after Fork()");
  EXPECT_EQ(leak.since, story.world.step);
  EXPECT_EQ(leak.process, find_process(story.world, kServer)->id);
  EXPECT_EQ(leak.file, find_process(story.world, child)->accepted);
  EXPECT_EQ(leak.client, ClientId{1});
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
      "The parent (4242) still holds connfd 4 of a finished child. refcnt(connection 1) = 1, so the kernel sends no "
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
            "The parent (4242) still holds 2 connections of its children, first connfd 4. refcnt(connection 1) = 2: "
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
  story.connect_only();
  story.happens(kServer, Accepted{3, 4, story.port()});
  const Diagnosis zombies = diagnosis_of(story);
  EXPECT_EQ(zombies.kind, "zombies");
  EXPECT_EQ(zombies.text,
            "Child 4243 has ended, and the parent (4242) hasn't reaped it: a zombie keeps its pid and its place in the "
            "process table.");
  EXPECT_EQ(zombies.cause, "No SIGCHLD handler has run since.");
  EXPECT_EQ(zombies.fix, "Signal(SIGCHLD, reap_children);");
  EXPECT_EQ(zombies.since, since);
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
  EXPECT_EQ(
      zombies.text,
      "4 children (4244, 4245, 4246, ...) have ended, and the parent (4242) hasn't reaped them: a zombie keeps its "
      "pid and its place in the process table.");
  EXPECT_EQ(zombies.cause, "Signals do not queue: the handler ran once for several children, and reaped one.");
  EXPECT_EQ(zombies.fix, "while (waitpid(-1, 0, WNOHANG) > 0)");
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
  EXPECT_EQ(
      held.text,
      "Child 4243 still holds listenfd, and never calls accept. refcnt(listening socket) = 2: port 8080 would stay "
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
  EXPECT_EQ(
      diagnosis_of(story).text,
      "Child 4243 still holds listenfd, and never calls accept. refcnt(listening socket) = 1, though the server is "
      "gone: port 8080 is still taken, clients still connect and nobody accepts.");
}

TEST(HeldListening, GroupsManyChildren) {
  Story story;
  const Pid first = careless_child(story), second = careless_child(story);
  story.happens(second, ReadCalled{4});
  story.happens(first, ReadCalled{4});
  const Diagnosis held = diagnosis_of(story);
  EXPECT_TRUE(contains(held.text, "2 children (4243, 4244) still hold listenfd, and never call accept.")) << held.text;
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
  EXPECT_EQ(
      accepts.text,
      "Child 4243 calls accept, like the server: it should have ended with its client, and now takes clients away "
      "from it.");
  EXPECT_EQ(accepts.fix, "Exit(0);  // at the end of the child's branch");
  EXPECT_EQ(accepts.since, story.world.step);
  story.happens(child, ExitCalled{1});
  EXPECT_EQ(kinds_of(story), "");
}

// ---- limits ----

TEST(OutOfDescriptors, IsForeseenBeforeItHappens) {
  Story story;
  story.happens(kServer, LimitsKnown{10, 0});
  for (int connfd = 4; connfd < 7; ++connfd) {
    leak(story, connfd);
    story.happens(kServer, AcceptCalled{3});
    EXPECT_EQ(kinds_of(story), "leaked-connfd") << connfd;
  }
  leak(story, 7);
  story.happens(kServer, AcceptCalled{3});
  ASSERT_EQ(kinds_of(story), "leaked-connfd out-of-descriptors");
  const Diagnosis nearly = diagnoses_of(story).back();
  EXPECT_EQ(nearly.title, "Nearly out of descriptors");
  EXPECT_EQ(nearly.text,
            "The parent (4242) uses 8 of its 10 descriptors, 4 of them for connections. At 10, accept fails.");
  EXPECT_EQ(nearly.cause, "It never closes what it hands to its children: 4 connections leaked.");
  EXPECT_EQ(nearly.since, story.world.step);
}

TEST(OutOfDescriptors, DoesNotCountForktablesOwn) {
  Story story;
  story.happens(kServer, PlumbingOpened{62});
  story.happens(kServer, PlumbingOpened{63});
  story.happens(kServer, LimitsKnown{10, 0});
  for (int connfd = 4; connfd < 7; ++connfd) leak(story, connfd);
  EXPECT_EQ(kinds_of(story), "");
}

TEST(OutOfDescriptors, HasHappenedWhenAcceptFails) {
  Story story;
  story.happens(kServer, LimitsKnown{1024, 0});
  story.happens(kServer, CallFailed{Call::kAccept, 3, EMFILE});
  story.happens(kServer, ErrnoSeen{EMFILE});
  story.happens(kServer, BackedOff{100});
  const Diagnosis out = diagnosis_of(story);
  EXPECT_EQ(out.kind, "out-of-descriptors");
  EXPECT_EQ(
      out.text,
      "accept fails with EMFILE: the parent (4242) uses 4 of its 1024 descriptors. Clients still connect, and wait "
      "in the queue.");
  const std::uint64_t since = story.world.step - 2;
  EXPECT_EQ(out.since, since);
  story.happens(kServer, AcceptCalled{3});
  story.happens(kServer, CallFailed{Call::kAccept, 3, EMFILE});
  EXPECT_EQ(diagnosis_of(story).since, since) << "it began with the first";
  story.happens(kServer, CallFailed{Call::kAccept, 3, ENFILE});
  EXPECT_TRUE(contains(diagnosis_of(story).text, "the whole system is out of open files"));
  story.connect_only();
  story.happens(kServer, Accepted{3, 4, story.port()});
  EXPECT_EQ(kinds_of(story), "") << "it is over";
}

Story fork_fails() {
  Story story;
  story.happens(kServer, LimitsKnown{1024, 1});
  story.client();
  story.connect_only();
  story.happens(kServer, Accepted{3, 4, story.port()});
  story.happens(kServer, ForkCalled{2});
  story.happens(kServer, CallFailed{Call::kFork, -1, EAGAIN});
  return story;
}

TEST(OutOfProcesses, SaysWhatBecomesOfTheClient) {
  Story story = fork_fails();
  const Diagnosis out = diagnosis_of(story);
  EXPECT_EQ(out.kind, "out-of-processes");
  EXPECT_EQ(out.text,
            "fork fails with EAGAIN: the parent (4242) has 1 child and may have 1. Close(connfd) sends client 2 away; "
            "without it, the connection leaks.");
  EXPECT_EQ(out.cause, "There are as many processes as there may be.");
  EXPECT_EQ(out.since, story.world.step);
  EXPECT_EQ(out.client, ClientId{2});
  Story leaks = story;
  story.happens(kServer, Closed{4});
  EXPECT_TRUE(contains(diagnosis_of(story).text, "Client 2 was sent away.")) << diagnosis_of(story).text;
  leaks.happens(kServer, AcceptCalled{3});
  const auto both = diagnoses_of(leaks);
  ASSERT_EQ(kinds_of(both), "out-of-processes leaked-connfd") << "what fork didn't give to a child is leaked as well";
  EXPECT_TRUE(contains(both[0].text, "Connection 2 was not closed: it leaks, and client 2 waits for ever."));
  EXPECT_EQ(both[0].fix, "Close(connfd);  // also when Fork() fails");
}

TEST(OutOfProcesses, LastsUntilForkSucceedsOrAChildHasGone) {
  Story story = fork_fails();
  const std::uint64_t since = story.world.step;
  story.happens(kServer, Closed{4});
  story.connect_only();
  story.happens(kServer, Accepted{3, 4, story.port()});
  EXPECT_EQ(kinds_of(story), "out-of-processes") << "that accept succeeds proves nothing";
  story.happens(kServer, ForkCalled{3});
  story.happens(kServer, CallFailed{Call::kFork, -1, EAGAIN});
  EXPECT_EQ(diagnosis_of(story).since, since) << "it began with the first";
  Story reaped = story;
  reaped.happens(4243, ExitCalled{0});
  reaped.happens(kServer, SignalDelivered{SIGCHLD});
  reaped.happens(kServer, Reaped{4243, 0});
  EXPECT_EQ(kinds_of(reaped), "");
  story.happens(kServer, ForkCalled{4});
  story.happens(kServer, Forked{4, 4250});
  EXPECT_EQ(kinds_of(story), "");
}

TEST(OutOfProcesses, BlamesZombiesIfThereAreAny) {
  Story story = fork_fails();
  story.happens(4243, ExitCalled{0});
  story.happens(kServer, Closed{4});
  story.time += kSecond;
  story.happens(kServer, AcceptCalled{3});
  const auto diagnoses = diagnoses_of(story);
  ASSERT_EQ(kinds_of(diagnoses), "out-of-processes zombies");
  EXPECT_EQ(diagnoses[0].cause, "1 of them is not reaped: zombies take a place in the process table too.");
}

// ---- errno ----

void interrupt_accept(Story& story) {
  story.happens(kServer, SignalDelivered{SIGCHLD});
  story.happens(kServer, CallFailed{Call::kWaitpid, -1, ECHILD});
  story.happens(kServer, HandlerReturned{SIGCHLD});
  story.happens(kServer, CallFailed{Call::kAccept, 3, EINTR});
}

TEST(AcceptInterrupted, IsFoundWhenTheServerGivesUp) {
  Story story;
  interrupt_accept(story);
  const std::uint64_t since = story.world.step;
  EXPECT_EQ(kinds_of(story), "") << "it may call it again";
  story.happens(kServer, ErrnoSeen{EINTR});
  story.happens(kServer, GateReached{Call::kExit, -1});
  EXPECT_TRUE(contains(diagnosis_of(story).text, "The parent (4242) ends because")) << diagnosis_of(story).text;
  story.happens(kServer, ExitCalled{1});
  story.happens(kServer, Collected{1 << 8});
  const Diagnosis interrupted = diagnosis_of(story);
  EXPECT_EQ(interrupted.kind, "accept-interrupted");
  EXPECT_EQ(interrupted.text,
            "The parent (4242) has ended because a signal interrupted accept: no client can connect any more.");
  EXPECT_EQ(interrupted.fix, "if (errno == EINTR) continue;");
  EXPECT_EQ(interrupted.since, since);
}

TEST(AcceptInterrupted, IsNoneWhenTheServerCallsAcceptAgain) {
  Story story;
  interrupt_accept(story);
  story.happens(kServer, AcceptCalled{3});
  EXPECT_EQ(kinds_of(story), "");
  story.happens(0, StopAsked{});
  story.happens(kServer, Collected{SIGTERM});
  EXPECT_EQ(kinds_of(story), "") << "the user stopped it";
}

TEST(ErrnoClobbered, IsFoundWhenTheServerSeesAnotherOne) {
  Story story;
  story.happens(kServer, CallFailed{Call::kAccept, 3, EMFILE});
  const std::uint64_t since = story.world.step;
  story.happens(kServer, SignalDelivered{SIGCHLD});
  story.happens(kServer, CallFailed{Call::kWaitpid, -1, ECHILD});
  story.happens(kServer, HandlerReturned{SIGCHLD});
  EXPECT_EQ(kinds_of(story), "out-of-descriptors");
  story.happens(kServer, ErrnoSeen{ECHILD});
  story.happens(kServer, ExitCalled{1});
  story.happens(kServer, Collected{1 << 8});
  const Diagnosis clobbered = diagnosis_of(story);
  EXPECT_EQ(clobbered.kind, "errno-clobbered");
  EXPECT_EQ(clobbered.text, "accept failed with EMFILE, but the parent (4242) found ECHILD in errno, and gave up.");
  EXPECT_EQ(clobbered.fix, "errno = saved_errno;  // at the end of the handler");
  EXPECT_EQ(clobbered.since, since);
}

TEST(ErrnoClobbered, OfAnInterruptedAcceptIsNotAMissingCheck) {
  Story story;
  interrupt_accept(story);
  story.happens(kServer, ErrnoSeen{ECHILD});
  story.happens(kServer, ExitCalled{1});
  EXPECT_EQ(kinds_of(story), "errno-clobbered");
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
