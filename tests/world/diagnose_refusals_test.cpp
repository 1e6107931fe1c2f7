// What is wrong when the system refuses something, or interrupts: descriptors, processes, errno.
#include <cerrno>
#include <csignal>
#include <memory>

#include "tests/support/text.hpp"
#include "tests/world/diagnosed.hpp"

namespace forktable::test {
namespace {

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
  EXPECT_EQ(nearly.text, "The parent uses 8 of its 10 descriptors, 4 of them for connections. At 10, accept fails.");
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
  EXPECT_EQ(out.text,
            "accept fails with EMFILE: the parent uses 4 of its 1024 descriptors. Clients still connect, and wait "
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
  EXPECT_EQ(
      out.text,
      "fork fails with EAGAIN: the parent has 1 child and may have no more than 1. Close(connfd) sends client 2 away; "
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

TEST(OutOfProcesses, MayComeOfAnotherLimitThanItsOwn) {
  Story story;
  story.happens(kServer, LimitsKnown{1024, 3});
  story.connect_only();
  story.happens(kServer, Accepted{3, 4, story.port()});
  story.happens(kServer, ForkCalled{1});
  story.happens(kServer, CallFailed{Call::kFork, -1, EAGAIN});
  const Diagnosis out = diagnosis_of(story);
  EXPECT_EQ(out.kind, "out-of-processes");
  EXPECT_TRUE(contains(out.text, "the parent has 0 children and may have no more than 3.")) << out.text;
  EXPECT_EQ(out.cause, "It may have more, but its user may not: RLIMIT_NPROC, as prlimit(1) shows it.");
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
  EXPECT_TRUE(contains(diagnosis_of(story).text, "The parent ends because")) << diagnosis_of(story).text;
  story.happens(kServer, ExitCalled{1});
  story.happens(kServer, Collected{1 << 8});
  const Diagnosis interrupted = diagnosis_of(story);
  EXPECT_EQ(interrupted.kind, "accept-interrupted");
  EXPECT_EQ(interrupted.text, "The parent has ended because a signal interrupted accept: nobody accepts any more.");
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
  EXPECT_EQ(clobbered.text, "accept failed with EMFILE, but the parent found ECHILD in errno, and gave up.");
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

// ---- SIGPIPE ----

// A signal kills the child of the latest client.
void killed_by(int signal, Story& story, Pid child) {
  story.happens(child, DeathSeen{});
  story.happens(kServer, SignalDelivered{SIGCHLD});
  story.happens(kServer, Reaped{child, signal});
  story.happens(kServer, NothingToReap{});
  story.happens(kServer, HandlerReturned{SIGCHLD});
}

TEST(KilledBySigpipe, IsWhoWasWritingWhenItEnded) {
  Story story;
  const Pid child = story.client();
  story.client();
  story.happens(0, ClientEnded{{1}, ClientEnd::kClosed, Call::kClose, 0});
  story.happens(child, WriteCalled{4});
  const std::uint64_t since = story.world.step + 1;
  killed_by(SIGPIPE, story, child);
  const Diagnosis killed = diagnosis_of(story);
  EXPECT_EQ(killed.kind, "killed-by-sigpipe");
  EXPECT_EQ(killed.text, "Child 1 was killed in write: client 1 had gone, and SIGPIPE wasn't ignored.");
  EXPECT_EQ(killed.fix, "Signal(SIGPIPE, SIG_IGN);  // write then returns -1, with EPIPE");
  EXPECT_EQ(killed.since, since);
  EXPECT_EQ(killed.client, ClientId{1});
  const Pid other = child + 1;
  story.happens(other, WriteCalled{4});
  killed_by(SIGPIPE, story, other);
  EXPECT_EQ(diagnosis_of(story).text,
            "Children 1 and 2 were killed in write: their clients had gone, and SIGPIPE wasn't ignored.");
  EXPECT_EQ(diagnosis_of(story).since, since);
  story.happens(kServer + 9, ServerLaunched{8080});
  EXPECT_EQ(kinds_of(story), "") << "another server";
}

TEST(KilledBySigpipe, IsNobodyWhoWasKilledOtherwise) {
  Story story;
  const Pid reading = story.client(), writing = story.client();
  killed_by(SIGPIPE, story, reading);
  EXPECT_EQ(kinds_of(story), "") << "somebody sent it";
  story.happens(writing, WriteCalled{4});
  killed_by(SIGKILL, story, writing);
  EXPECT_EQ(kinds_of(story), "");
}

TEST(KilledBySigpipe, IsAServerOfOneProcessWithAllItsClients) {
  Story story;
  story.happens(kServer, WriteCalled{4});
  story.happens(kServer, Collected{SIGPIPE});
  EXPECT_EQ(kinds_of(story), "killed-by-sigpipe");
}

}  // namespace
}  // namespace forktable::test
