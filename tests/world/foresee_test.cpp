// What comes next, in plain words.
#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>

#include "core/event/traits.hpp"
#include "core/program/foresee_listing.hpp"
#include "core/world/describe.hpp"
#include "core/world/narrate.hpp"
#include "tests/support/story.hpp"
#include "tests/support/text.hpp"
#include "tests/world/told.hpp"

namespace forktable::test {
namespace {

constexpr Pid kServer = Story::kServer, kFirstChild = kServer + 1;

// After the latest event of the story.
std::string next(const Story& story) { return foresee_listing(story.world, story.events.back()); }

// The same when this happens as well.
std::string next_after(Story story, Pid pid, const What& what) {
  story.happens(pid, what);
  return next(story);
}

Story switched(std::initializer_list<Bug> bugs, Story story = {}) {
  story.happens(0, BugsSwitched{bugs_of(bugs)});
  return story;
}

TEST(Foresight, FollowsTheRunOfOneClient) {
  Story story;
  const auto expect = [&](Pid pid, const What& what, const char* then) {
    EXPECT_EQ(next_after(story, pid, what), then) << text_of(what);
    story.happens(pid, what);
  };
  EXPECT_EQ(next(story), "Next: a client connects.");
  expect(0, ClientConnecting{{1}, Behaviour::kTalk, 40001}, "Next: the kernel shakes hands for the server.");
  expect(0, ClientConnected{{1}}, "Next: accept returns in the parent.");
  expect(kServer, Accepted{3, 4, 40001}, "Next: the parent forks.");
  expect(kServer, ForkCalled{1}, "Next: a child starts, as a copy of the parent.");
  expect(kServer, Forked{1, kFirstChild}, "Next: child 1 starts, as a copy.");
  expect(kFirstChild, ChildStarted{kServer, 1}, "Next: child 1 closes its listenfd.");
  expect(kServer, Closed{4}, "Next: the parent calls accept again.");
  expect(kFirstChild, Closed{3}, "Next: child 1 reads what its client sends.");
  expect(kFirstChild, ReadCalled{4}, "Next: client 1 sends something, or ends.");
  expect(0, ClientSent{{1}, 6, ShortText("hello\n")}, "Next: read returns in child 1.");
  expect(kFirstChild, Read{4, 6, ShortText("hello\n")}, "Next: child 1 writes it back.");
  expect(kFirstChild, Wrote{4, 6}, "Next: client 1 receives the echo.");
  expect(kFirstChild, ReadCalled{4}, "Next: read returns what client 1 sent.");
  expect(0, ClientReceived{{1}, 6, ShortText("hello\n")}, "");
  expect(0, ClientHalfClosed{{1}}, "Next: read returns 0 in child 1.");
  expect(kFirstChild, EndOfFile{4}, "Next: child 1 counts.");
  expect(kFirstChild, Counted{1}, "Next: child 1 closes its connfd.");
  expect(kFirstChild, Closed{4}, "Next: child 1 exits.");
  expect(kFirstChild, ExitCalled{0}, "Next: the kernel sends SIGCHLD to the parent (4242).");
  expect(kServer, AcceptCalled{3}, "Next: a client connects.");
  expect(kServer, SignalDelivered{SIGCHLD}, "Next: the handler calls waitpid.");
  expect(kServer, Reaped{kFirstChild, 0}, "Next: the handler calls waitpid again.");
  expect(kServer, CallFailed{Call::kWaitpid, -1, ECHILD}, "Next: the handler returns.");
  expect(kServer, HandlerReturned{SIGCHLD}, "Next: a client connects.");
  expect(0, StopAsked{}, "");
}

Story of(ServerKind kind) {
  Story story;
  story.happens(0, ServerNamed{kind});
  return story;
}

TEST(Foresight, FollowsAServerThatWaitsForAllAtOnce) {
  Story story = of(ServerKind::kSelect);
  const auto expect = [&](Pid pid, const What& what, const char* then) {
    EXPECT_EQ(next_after(story, pid, what), then) << text_of(what);
    story.happens(pid, what);
  };
  expect(kServer, Listened{3, 8080, 128}, "Next: the server adds listenfd to those it waits for.");
  expect(kServer, Watched{3}, "Next: the server calls select.");
  expect(kServer, PollCalled{Call::kSelect, -1}, "Next: select returns, when a descriptor is ready.");
  expect(0, ClientConnecting{{1}, Behaviour::kTalk, 40001}, "Next: the kernel shakes hands for the server.");
  expect(0, ClientConnected{{1}}, "Next: select returns in the server: listenfd is ready.");
  expect(kServer, FoundReady{3}, "Next: the call returns.");
  expect(kServer, PollReturned{Call::kSelect, 1}, "Next: the server calls accept.");
  expect(kServer, Accepted{3, 4, 40001}, "Next: the server adds descriptor 4 to those it waits for.");
  expect(kServer, Watched{4}, "Next: the server calls select.");
  expect(kServer, PollCalled{Call::kSelect, -1}, "Next: select returns, when a descriptor is ready.");
  expect(0, ClientSent{{1}, 6, ShortText("hello\n")}, "Next: select returns in the server: 4 is ready.");
  expect(kServer, FoundReady{4}, "Next: the call returns.");
  expect(kServer, PollReturned{Call::kSelect, 1}, "Next: the server reads from 4, which is ready.");
  expect(kServer, Read{4, 6, ShortText("hello\n")}, "Next: the server writes it back.");
  expect(kServer, Wrote{4, 6}, "Next: client 1 receives the echo.");
  expect(kServer, EndOfFile{4}, "Next: the server counts.");
  expect(kServer, Counted{1}, "Next: the server takes its descriptor out of the set.");
  expect(kServer, Unwatched{4}, "Next: the server closes its connfd.");
  expect(kServer, Closed{4}, "Next: the server calls select.");
}

TEST(Foresight, FollowsAThread) {
  Story story = of(ServerKind::kThread);
  story.connect_only();
  const auto expect = [&](Pid pid, const What& what, const char* then) {
    EXPECT_EQ(next_after(story, pid, what), then) << text_of(what);
    story.happens(pid, what);
  };
  expect(kServer, Accepted{3, 4, story.port()}, "Next: the server creates a thread.");
  expect(kServer, ThreadCreateCalled{1}, "Next: a thread starts, in the same address space.");
  expect(kServer, ThreadCreated{1}, "Next: the server calls accept again.");
  expect(kFirstChild, ThreadStarted{kServer, 1}, "Next: thread 1 detaches itself.");
  expect(kFirstChild, ThreadDetached{}, "Next: thread 1 reads which descriptor is its own.");
  expect(kFirstChild, ArgumentRead{4}, "Next: thread 1 reads what its client sends.");
  expect(kFirstChild, EndOfFile{4}, "Next: thread 1 counts.");
  expect(kFirstChild, Counted{1}, "Next: thread 1 closes its connfd.");
  expect(kFirstChild, Closed{4}, "Next: thread 1 ends.");
}

TEST(Foresight, FollowsAChildIntoAnotherProgram) {
  Story story = of(ServerKind::kInetd);
  const auto expect = [&](Pid pid, const What& what, const char* then) {
    EXPECT_EQ(next_after(story, pid, what), then) << text_of(what);
    story.happens(pid, what);
  };
  expect(kServer, CloexecSet{3, 1}, "");
  story.connect_only();
  expect(kServer, Accepted{3, 4, story.port()}, "Next: the parent forks.");
  story.happens(kServer, ForkCalled{1});
  expect(kServer, Forked{1, kFirstChild}, "Next: child 1 starts, as a copy.");
  expect(kFirstChild, ChildStarted{kServer, 1}, "Next: child 1 makes connfd its standard input.");
  const auto at_gate = [&] {
    Story gated = story;
    gated.happens(kFirstChild, GateReached{Call::kDup2, 4});
    return doing(gated.world, process(gated.world, kFirstChild));
  };
  EXPECT_EQ(at_gate(), "next: dup2(4, 0)");
  expect(kFirstChild, Duplicated{4, 0}, "Next: child 1 makes it its standard output, too.");
  EXPECT_EQ(at_gate(), "next: dup2(4, 1)");
  expect(kFirstChild, Duplicated{4, 1}, "Next: child 1 closes its connfd.");
  expect(kFirstChild, Closed{4}, "Next: child 1 calls execve.");
  expect(kFirstChild, ExecCalled{ShortText("cat")}, "Next: child 1 goes on with the program cat.");
  EXPECT_EQ(next_after(story, kFirstChild, CallFailed{Call::kExec, -1, ENOENT}), "Next: child 1 exits.");
  expect(kFirstChild, Executed{ShortText("cat")}, "Next: child 1 reads its standard input.");
  expect(kFirstChild, EndOfFile{0}, "Next: child 1 exits.");
}

TEST(Foresight, FollowsTheCounterIntoSharedMemory) {
  Story story = of(ServerKind::kProcessShm);
  EXPECT_EQ(next_after(story, kServer, SegmentAttached{7, 4}), "Next: the parent makes a semaphore.");
  story.happens(kServer, SemaphoreMade{8, 1});
  EXPECT_EQ(next(story), "Next: the parent calls accept.");
  const Pid child = story.client();
  const auto expect = [&](const What& what, const char* then) {
    EXPECT_EQ(next_after(story, child, what), then) << text_of(what);
    story.happens(child, what);
  };
  expect(EndOfFile{4}, "Next: child 1 calls P.");
  expect(SemaphoreCalled{8}, "Next: P returns, and the semaphore is one less.");
  expect(SemaphoreTaken{8}, "Next: child 1 reads the shared counter.");
  EXPECT_EQ(next_after(story, child, SemaphoreCalled{8}), "Next: it waits, until another process calls V.");
  expect(Loaded{0}, "Next: child 1 writes 1.");
  expect(Stored{1}, "Next: child 1 calls V.");
  expect(SemaphoreGiven{8}, "Next: child 1 closes its connfd.");
  expect(Closed{4}, "Next: child 1 exits.");
}

TEST(Foresight, FollowsAJobIntoTheListAndOutOfIt) {
  Story story = of(ServerKind::kProcessJobs);
  story.connect_only();
  constexpr std::uint32_t kChld = 1u << (SIGCHLD - 1);
  const auto expect = [&](Pid pid, const What& what, const char* then) {
    EXPECT_EQ(next_after(story, pid, what), then) << text_of(what);
    story.happens(pid, what);
  };
  expect(kServer, Accepted{3, 4, story.port()}, "Next: the parent blocks SIGCHLD.");
  expect(kServer, MaskChanged{Masking::kBlock, kChld, 0, kChld}, "Next: the parent forks.");
  story.happens(kServer, ForkCalled{1});
  expect(kFirstChild, ChildStarted{kServer, 1}, "Next: child 1 unblocks SIGCHLD.");
  expect(kServer, Forked{1, kFirstChild}, "Next: the parent adds the child to its list.");
  expect(kFirstChild, MaskChanged{Masking::kUnblock, kChld, kChld, 0}, "Next: child 1 closes its listenfd.");
  story.happens(kFirstChild, ExitCalled{0});
  story.happens(kServer, GateReached{Call::kAddJob, -1});
  EXPECT_EQ(next(story), "Next: the parent adds the child to its list.") << "SIGCHLD is blocked";
  expect(kServer, JobAdded{kFirstChild}, "Next: the parent unblocks SIGCHLD.");
  expect(kServer, MaskChanged{Masking::kUnblock, kChld, kChld, 0}, "Next: SIGCHLD arrives in the parent.");
  story.happens(kServer, SignalDelivered{SIGCHLD});
  expect(kServer, Reaped{kFirstChild, 0}, "Next: the handler deletes the child from the list.");
  expect(kServer, JobDeleted{kFirstChild, 1}, "Next: the handler calls waitpid again.");
}

TEST(Foresight, FollowsAByteThroughTheFifo) {
  Story story = of(ServerKind::kProcessFifo);
  story.happens(kServer, FifoOpened{7});
  EXPECT_EQ(next(story), "Next: the parent calls accept.");
  const Pid child = story.client();
  EXPECT_EQ(next_after(story, child, EndOfFile{4}), "Next: child 1 closes its connfd.");
  EXPECT_EQ(next_after(story, child, Closed{4}), "Next: child 1 tells the parent through the FIFO.");
  EXPECT_EQ(next_after(story, child, Wrote{7, 1}), "Next: child 1 exits.");
  EXPECT_EQ(next_after(story, kServer, Read{7, 1, ShortText("1")}), "Next: the parent counts.");
}

TEST(Foresight, KnowsWhatIsDoneAtAGate) {
  Story story;
  story.connect_only();
  story.happens(kServer, Accepted{3, 4, story.port()});
  const Event accepted = story.events.back();
  story.happens(kServer, GateReached{Call::kFork, -1});
  EXPECT_EQ(next(story), "Next: the parent calls fork().");
  EXPECT_EQ(foresee_listing(story.world, accepted), next(story)) << "whether it has come there already or not";
  EXPECT_EQ(next_after(story, kServer, GateReached{Call::kErrno, -1}), "Next: the parent looks at errno.");
}

TEST(Foresight, KnowsThatASignalWaitsAtAGate) {
  Story story;
  const Pid child = story.client();
  story.happens(child, Closed{4});
  story.happens(child, ExitCalled{0});
  const auto at_gate = [](Story told) { return next_after(std::move(told), kServer, GateReached{Call::kAccept, 3}); };
  EXPECT_EQ(at_gate(story), "Next: SIGCHLD arrives in the parent.");
  EXPECT_EQ(at_gate(switched({Bug::kNoSigchldHandler}, story)), "Next: the parent calls accept(3).");
  story.happens(kServer, SignalDelivered{SIGCHLD});
  EXPECT_EQ(next_after(story, kServer, GateReached{Call::kWaitpid, -1}), "Next: the parent calls waitpid().");
  story.happens(kServer, HandlerReturned{SIGCHLD});
  EXPECT_EQ(at_gate(story), "Next: the parent calls accept(3).") << "it has been delivered";
}

TEST(Foresight, HeedsTheSwitches) {
  Story story;
  story.connect_only();
  story.happens(kServer, Accepted{3, 4, story.port()});
  story.happens(kServer, ForkCalled{1});
  const ChildStarted started{kServer, 1};
  EXPECT_EQ(next_after(switched({Bug::kChildKeepsListenfd}, story), kFirstChild, started),
            "Next: child 1 reads what its client sends.");
  story.happens(kFirstChild, started);
  const Forked forked{1, kFirstChild};
  EXPECT_EQ(next_after(story, kServer, forked), "Next: the parent closes its connfd.");
  EXPECT_EQ(next_after(switched({Bug::kParentKeepsConnfd}, story), kServer, forked),
            "Next: the parent calls accept again.");
  story.happens(kServer, forked);
  EXPECT_EQ(next_after(switched({Bug::kChildNeverExits}, story), kFirstChild, Closed{4}),
            "Next: child 1 goes on, to the parent's lines.");
  story.happens(kServer, AcceptCalled{3});
  EXPECT_EQ(next_after(switched({Bug::kNoSigchldHandler}, story), kFirstChild, ExitCalled{0}),
            "Next: the kernel sends SIGCHLD to the parent (4242), which has no handler for it.");
  story.happens(kServer, SignalDelivered{SIGCHLD});
  EXPECT_EQ(next_after(switched({Bug::kOneWaitpid}, story), kServer, Reaped{kFirstChild, 0}),
            "Next: the handler returns.");
  EXPECT_EQ(next_after(switched({Bug::kNoEintrCheck}, story), kServer, HandlerReturned{SIGCHLD}),
            "Next: accept fails with EINTR.");
}

TEST(Foresight, OfFailedCallsSaysWhatTheServerDoes) {
  const Story story;
  EXPECT_EQ(next_after(story, kServer, CallFailed{Call::kAccept, 3, EMFILE}), "Next: the parent looks at errno.");
  EXPECT_EQ(next_after(story, kServer, ErrnoSeen{EMFILE}), "Next: the parent waits a moment.");
  EXPECT_EQ(next_after(story, kServer, ErrnoSeen{ECHILD}), "Next: the parent exits.");
  EXPECT_EQ(next_after(story, kServer, BackedOff{100}), "Next: the parent calls accept again.");
  EXPECT_EQ(next_after(story, kServer, CallFailed{Call::kFork, -1, EAGAIN}), "Next: the parent closes its connfd.");
}

TEST(Foresight, OfAClientWhomNobodyWillAcceptSaysSo) {
  Story story;
  story.happens(kServer, Accepted{3, 4, 50000});
  EXPECT_EQ((story.connect_only(), foresee_listing(story.world, story.events[story.events.size() - 2])),
            "Next: it waits until accept is called.");
  story.happens(kServer, ForkCalled{1});
  story.happens(kServer, Forked{1, kFirstChild});
  story.happens(kServer, Collected{SIGKILL});
  story.connect_only();
  EXPECT_EQ(foresee_listing(story.world, story.events[story.events.size() - 2]),
            "Next: it waits in the queue, and nobody accepts.");
}

TEST(Foresight, IsASentenceOrNothing) {
  Random random(1);
  World world;
  for (int round = 0; round < 100; ++round)
    for (const Event& event : one_of_every_kind(random, Values::kTame)) {
      reduce(world, event);
      for (const World& any : {world, World{}}) {
        const std::string sentence = foresee_listing(any, event);
        ASSERT_TRUE(sentence.empty() || (sentence.starts_with("Next: ") && sentence.back() == '.')) << sentence;
      }
    }
}

TEST(Story, IsNotMadeOfHowItIsTold) {
  for (const What& what :
       std::vector<What>{PlumbingOpened{}, LimitsKnown{}, GateReached{}, LessonAsked{}, LessonStepped{}})
    EXPECT_FALSE(is_narrated({0, kServer, 0, what})) << text_of(what);
  for (const What& what :
       std::vector<What>{AcceptCalled{3}, ErrnoSeen{}, SteppingChanged{}, HoldChanged{}, BugsSwitched{}})
    EXPECT_TRUE(is_narrated({0, kServer, 0, what})) << text_of(what);
}

TEST(Foresight, FollowsAChildThatIsThereBeforeItsClients) {
  Story story = of(ServerKind::kPrefork);
  const auto expect = [&](Pid pid, const What& what, const char* then) {
    EXPECT_EQ(next_after(story, pid, what), then) << text_of(what);
    story.happens(pid, what);
  };
  EXPECT_EQ(next_after(story, kServer, Listened{3, 8080, 10}), "Next: the parent forks.");
  story.happens(kServer, ForkCalled{1});
  story.happens(kServer, Forked{1, kFirstChild});
  expect(kFirstChild, ChildStarted{kServer, 1}, "Next: child 1 calls accept.");
  for (const std::uint32_t fork : {2u, 3u}) {
    const Pid child = kServer + static_cast<Pid>(fork);
    story.happens(kServer, ForkCalled{fork});
    story.happens(child, ChildStarted{kServer, fork});
    story.happens(child, AcceptCalled{3});
    EXPECT_EQ(next_after(story, kServer, Forked{fork, child}),
              fork == 2 ? "Next: the parent forks again." : "Next: the parent calls waitpid.");
    story.happens(kServer, Forked{fork, child});
  }
  expect(kServer, WaitpidCalled{}, "Next: a child ends.");
  expect(kFirstChild, AcceptCalled{3}, "Next: a client connects.");
  expect(kFirstChild, Accepted{3, 4, 40001}, "Next: child 1 reads what its client sends.");
  expect(kFirstChild, EndOfFile{4}, "Next: child 1 counts.");
  expect(kFirstChild, Counted{1}, "Next: child 1 closes its connfd.");
  EXPECT_EQ(next_after(switched({Bug::kOneClientEach}, story), kFirstChild, Closed{4}), "Next: child 1 exits.");
  expect(kFirstChild, Closed{4}, "Next: child 1 calls accept again.");
  EXPECT_EQ(next_after(story, kFirstChild, ExitCalled{0}), "Next: waitpid returns in the parent (4242).");
  EXPECT_EQ(next_after(switched({Bug::kNotReplaced}, story), kServer, Reaped{kFirstChild, 0}),
            "Next: the parent calls waitpid again.");
  expect(kServer, Reaped{kFirstChild, 0}, "Next: the parent forks another.");
  EXPECT_EQ(next_after(story, kServer, CallFailed{Call::kWaitpid, -1, ECHILD}), "Next: the parent waits a moment.");
  EXPECT_EQ(next_after(story, kServer, BackedOff{1000}), "Next: the parent forks again.");
}

}  // namespace
}  // namespace forktable::test
