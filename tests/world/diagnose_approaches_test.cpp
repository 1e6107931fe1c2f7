// What is wrong with servers that have one flow of control, threads, or shared memory.
#include <cerrno>
#include <csignal>
#include <memory>

#include "tests/support/text.hpp"
#include "tests/world/diagnosed.hpp"

namespace forktable::test {
namespace {

constexpr Pid kOne = kServer + 1, kTwo = kServer + 2;

struct Approach : Story {
  explicit Approach(ServerKind kind) { happens(kServer, ServerNamed{kind}); }

  // The next client connects and says nothing.
  ClientId connects() {
    ++clients;
    happens(0, ClientConnecting{{clients}, Behaviour::kQuiet, port()});
    happens(0, ClientConnected{{clients}});
    return {clients};
  }
  void accepts(int connfd) { happens(kServer, Accepted{3, connfd, port()}); }
};

// ---- one flow of control ----

// Client 1 is served, has its echo, and says nothing. Client 2 has connected.
Approach at_lunch() {
  Approach story(ServerKind::kIterative);
  story.connects();
  story.accepts(4);
  story.happens(kServer, ReadCalled{4});
  story.connects();
  return story;
}

TEST(Stalled, AreThoseWhoWaitWhileTheServerReadsFromAQuietClient) {
  Approach story = at_lunch();
  EXPECT_EQ(kinds_of(story), "") << "client 1 may say something in a moment";
  const auto found = diagnose(story.world, story.world.now + kSecond);
  ASSERT_EQ(kinds_of(found), "stalled");
  EXPECT_EQ(found[0].text,
            "The server is blocked in read(4), and serves client 1 until that closes. Client 2 waits in the accept "
            "queue.");
  EXPECT_EQ(found[0].process, find_process(story.world, kServer)->id);
  EXPECT_EQ(found[0].client, ClientId{1});
  story.connects();
  EXPECT_TRUE(contains(diagnose(story.world, story.world.now + kSecond)[0].text, "2 clients wait in the accept queue"));
}

TEST(Stalled, IsSeenAtOnceWhenTheServerIsStepped) {
  Approach story = at_lunch();
  story.happens(0, SteppingChanged{true});
  EXPECT_EQ(kinds_of(story), "stalled");
}

TEST(Stalled, IsNobodyWhoseServerHasSomethingToRead) {
  Approach story = at_lunch();
  story.happens(0, ClientSent{{1}, 6, ShortText("hello\n")});
  EXPECT_EQ(kinds_of(diagnose(story.world, story.world.now + kSecond)), "") << "read returns at any moment";
}

TEST(Stalled, IsNobodyWithAProcessForEachClient) {
  Story story;
  story.client();
  story.connect_only();
  EXPECT_EQ(kinds_of(diagnose(story.world, story.world.now + kSecond)), "");
}

TEST(Stalled, AreThoseWhoWaitWhileAnEventServerWorks) {
  Approach story(ServerKind::kSelect);
  for (const int connfd : {4, 5}) {
    story.connects();
    story.accepts(connfd);
    story.happens(kServer, Watched{connfd});
    story.happens(0, ClientSent{{story.clients}, 6, ShortText("hello\n")});
  }
  story.happens(kServer, Read{4, 6, ShortText("hello\n")});
  EXPECT_EQ(kinds_of(story), "");
  story.happens(kServer, Worked{2000});
  const Diagnosis stalled = diagnosis_of(story);
  EXPECT_EQ(stalled.kind, "stalled");
  EXPECT_EQ(stalled.text,
            "The server works for one client, and does nothing else until that is done. Another one waits.");
  EXPECT_EQ(stalled.since, story.world.step);
  story.happens(kServer, GateReached{Call::kWrite, 4});
  EXPECT_EQ(diagnosis_of(story).text,
            "The server has worked for one client, and did nothing else meanwhile. Another one waits.");
  story.happens(kServer, WriteCalled{4});
  EXPECT_EQ(kinds_of(story), "");
}

TEST(Stalled, IsNobodyWhoIsAlone) {
  Approach story(ServerKind::kEpoll);
  story.connects();
  story.accepts(4);
  story.happens(0, ClientSent{{1}, 6, ShortText("hello\n")});
  story.happens(kServer, Read{4, 6, ShortText("hello\n")});
  story.happens(kServer, Worked{2000});
  EXPECT_EQ(kinds_of(story), "");
}

// ---- threads ----

struct Threads : Approach {
  Threads() : Approach(ServerKind::kThread) {}
  // The next client is accepted, and its thread created, which hasn't done anything.
  Pid thread(int connfd) {
    connects();
    accepts(connfd);
    const Pid made = kServer + static_cast<Pid>(clients);
    happens(kServer, ThreadCreateCalled{clients});
    happens(kServer, ThreadCreated{clients});
    happens(made, ThreadStarted{kServer, clients});
    return made;
  }
  Pid serving(int connfd) {
    const Pid made = thread(connfd);
    happens(made, ThreadDetached{});
    happens(made, ArgumentRead{connfd});
    happens(made, ReadCalled{connfd});
    happens(kServer, AcceptCalled{3});
    return made;
  }
};

TEST(ConnfdRace, IsAConnectionThatItsThreadHasMissed) {
  Threads story;
  story.thread(4);
  story.happens(kServer, AcceptCalled{3});
  story.thread(5);
  EXPECT_EQ(kinds_of(story), "") << "nobody has looked yet";
  story.happens(kOne, ArgumentRead{5});
  const Diagnosis race = diagnosis_of(story);
  EXPECT_EQ(race.kind, "connfd-race");
  EXPECT_EQ(race.text, "No thread serves connection 1: client 1 waits for ever.");
  EXPECT_EQ(race.since, story.world.step);
  EXPECT_EQ(race.client, ClientId{1});
  story.happens(kTwo, ArgumentRead{5});
  EXPECT_EQ(diagnosis_of(story).text,
            "No thread serves connection 1: client 1 waits for ever. Connection 2 is served by 2 threads.");
  EXPECT_EQ(diagnosis_of(story).since, race.since);
  story.happens(0, ClientEnded{{1}, ClientEnd::kClosed, Call::kClose, 0});
  EXPECT_TRUE(contains(diagnosis_of(story).text, "client 1 has gone, and the descriptor stays taken"));
}

TEST(ConnfdRace, IsWhyOneOfTwoThreadsHasClosedTheConnectionOfBoth) {
  Threads story;
  story.thread(4);
  story.happens(kServer, AcceptCalled{3});
  story.thread(5);
  for (const Pid thread : {kOne, kTwo}) story.happens(thread, ArgumentRead{5});
  story.happens(kOne, Closed{5});
  const Diagnosis race = diagnosis_of(story);
  EXPECT_EQ(race.kind, "connfd-race");
  EXPECT_EQ(race.text,
            "No thread serves connection 1: client 1 waits for ever. Thread 1 has closed connection 2, which thread 2 "
            "serves as well.");
  EXPECT_EQ(race.fix, "int* argument = Copied(connfd);  // one for each thread");
  EXPECT_EQ(race.client, ClientId{1});
  story.happens(kTwo, ThreadEnded{});
  EXPECT_EQ(diagnosis_of(story).text, "No thread serves connection 1: client 1 waits for ever.");
}

TEST(ClosedByAnother, IsAThreadWhoseDescriptorIsClosedTwice) {
  Threads story;
  story.serving(4);
  story.happens(kOne, Closed{4});
  EXPECT_EQ(kinds_of(story), "");
  story.serving(4);
  story.happens(kOne, Closed{4});
  const Diagnosis robbed = diagnosis_of(story);
  EXPECT_EQ(robbed.kind, "closed-by-another");
  EXPECT_EQ(robbed.text,
            "Thread 2 serves client 2 over descriptor 4, and thread 1 has closed that. Its next call fails with "
            "EBADF.");
  EXPECT_EQ(robbed.since, story.world.step);
  EXPECT_EQ(robbed.process, find_process(story.world, kTwo)->id);
  story.serving(4);
  EXPECT_TRUE(contains(diagnosis_of(story).text, "The number is connection 3 by now."));
  story.happens(kTwo, ThreadEnded{});
  EXPECT_EQ(kinds_of(story), "");
}

TEST(ClosedByAnother, IsNoAnomalyForTheCallThatWasUnderWay) {
  Threads story;
  story.serving(4);
  story.happens(kOne, Closed{4});
  story.serving(4);
  story.happens(kOne, Closed{4});
  story.happens(kTwo, Read{4, 6, ShortText("hello\n")});
  EXPECT_EQ(story.world.anomaly_count, 0u);
}

TEST(UnjoinedThread, IsOneThatEndedAndThatMainHasPassedOver) {
  Threads story;
  story.thread(4);
  story.happens(kServer, AcceptCalled{3});
  story.happens(kOne, ArgumentRead{4});
  story.happens(kOne, Closed{4});
  story.happens(kOne, ThreadEnded{});
  const std::uint64_t since = story.world.step;
  EXPECT_EQ(kinds_of(story), "") << "not yet, and it is no zombie either";
  EXPECT_EQ(kinds_of(diagnose(story.world, story.world.now + kSecond)), "unjoined-thread");
  story.thread(4);
  EXPECT_EQ(kinds_of(story), "") << "main may be on its way";
  story.happens(kServer, AcceptCalled{3});
  const Diagnosis unjoined = diagnosis_of(story);
  EXPECT_EQ(unjoined.kind, "unjoined-thread");
  EXPECT_EQ(unjoined.text, "Thread 1 has ended, and nobody has joined it: its stack stays in memory.");
  EXPECT_EQ(unjoined.since, since);
  story.happens(kServer, ThreadJoined{kOne});
  EXPECT_EQ(kinds_of(diagnose(story.world, story.world.now + kSecond)), "");
}

TEST(UnjoinedThread, IsNoneThatDetachedItselfOrThatMainWillComeTo) {
  Threads story;
  story.serving(4);
  story.happens(kOne, Closed{4});
  story.happens(kOne, ThreadEnded{});
  EXPECT_EQ(kinds_of(diagnose(story.world, story.world.now + kSecond)), "") << "detached";

  Threads joining;
  for (const Pid thread : {kOne, kTwo}) {
    joining.thread(4);
    joining.happens(kServer, AcceptCalled{3});
    joining.happens(thread, ArgumentRead{4});
    joining.happens(thread, Closed{4});
    joining.happens(thread, ThreadEnded{});
    if (thread == kOne) joining.happens(kServer, ThreadJoined{kOne});
  }
  EXPECT_EQ(kinds_of(diagnose(joining.world, joining.world.now + kSecond)), "") << "main joins what has ended";
}

TEST(ThreadServer, RightlyKeepsEveryConnfdInItsTable) {
  Threads story;
  for (const int connfd : {4, 5, 6}) story.serving(connfd);
  EXPECT_EQ(kinds_of(diagnose(story.world, story.world.now + kSecond)), "");
}

// ---- other programs ----

// A child runs cat, with its connection as standard input and output.
Approach running_cat(bool cloexec) {
  Approach story(ServerKind::kInetd);
  if (cloexec) story.happens(kServer, CloexecSet{3, 1});
  story.connects();
  story.accepts(4);
  story.happens(kServer, ForkCalled{1});
  story.happens(kServer, Forked{1, kOne});
  for (const int standard : {0, 1}) story.happens(kOne, Duplicated{4, standard});
  story.happens(kServer, Closed{4});
  story.happens(kServer, AcceptCalled{3});
  story.happens(kOne, Closed{4});
  EXPECT_EQ(kinds_of(story), "") << "execve may close it yet";
  story.happens(kOne, ExecCalled{ShortText("cat")});
  story.happens(kOne, Executed{ShortText("cat")});
  return story;
}

TEST(HeldOverExec, IsAListeningSocketThatWasNotCloseOnExec) {
  EXPECT_EQ(kinds_of(running_cat(true)), "");
  Approach story = running_cat(false);
  const Diagnosis held = diagnosis_of(story);
  EXPECT_EQ(held.kind, "held-over-exec");
  EXPECT_EQ(held.text,
            "Child 1 runs cat, and holds the listening socket. refcnt(listening socket) = 2: if the server "
            "ended, port 8080 would stay taken until child 1 ends.");
  EXPECT_EQ(held.since, story.world.step);
  EXPECT_EQ(held.process, find_process(story.world, kOne)->id);
  story.happens(kServer, Collected{SIGTERM});
  EXPECT_EQ(diagnosis_of(story).text,
            "Child 1 runs cat, and holds the listening socket. refcnt(listening socket) = 1, though the server "
            "is gone: until child 1 ends, bind fails with EADDRINUSE on port 8080.");
  story.happens(kOne, ExitCalled{0});
  EXPECT_EQ(kinds_of(story), "");
}

// ---- shared memory ----

TEST(LostUpdate, IsACounterThatIsLessThanWhatWasCounted) {
  Approach story(ServerKind::kProcessShm);
  story.happens(kServer, SegmentAttached{7, 4});
  story.happens(kServer, Stored{1});
  EXPECT_EQ(kinds_of(story), "");
  story.happens(kServer, Stored{1});
  const Diagnosis lost = diagnosis_of(story);
  EXPECT_EQ(lost.kind, "lost-update");
  EXPECT_EQ(lost.text, "The shared counter has been counted up 2 times, and is 1.");
  EXPECT_EQ(lost.since, story.world.step);
  story.happens(kServer, Stored{2});
  EXPECT_EQ(diagnosis_of(story).since, lost.since) << "what is lost stays lost";
}

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
            "Each of the 3 children serves one client until that closes. Client 4 waits in the accept queue.");
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
