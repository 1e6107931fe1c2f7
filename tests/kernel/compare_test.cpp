// What counts as agreement, what as a difference, and what is left out because it is in the middle of something. The
// facts are made up; that they are like this is tested with real processes.
#include "core/kernel/compare.hpp"

#include <gtest/gtest.h>
#include <sys/syscall.h>

#include <algorithm>
#include <csignal>

#include "tests/support/story.hpp"

namespace forktable::test {
namespace {

// A server and a child in conversation, and the kernel's facts just as the World has them.
class TheComparison : public testing::Test {
 protected:
  TheComparison() {
    story.happens(Story::kServer, PlumbingOpened{62});
    child = story.client();
    story.happens(Story::kServer, AcceptCalled{3}, 22);
    facts.sockets = {{{8080, 0}, TcpState::kListen, 0, 128, 500},
                     {{8080, story.port()}, TcpState::kEstablished, 0, 0, 501},
                     {{story.port(), 8080}, TcpState::kEstablished, 0, 0, 502}};
    facts.processes = {
        {.pid = Story::kServer,
         .state = 'S',
         .parent = 1,
         .call = CallFacts{SYS_accept4, 3},
         .descriptors = std::vector<DescriptorFacts>{null(0), null(1), null(2), socket(3, 500), pipe(62, 7, 1)},
         .children = {child}},
        {.pid = child,
         .state = 'S',
         .parent = Story::kServer,
         .call = CallFacts{SYS_read, 4},
         .descriptors = std::vector<DescriptorFacts>{null(0), null(1), null(2), socket(4, 501), pipe(62, 7, 1)}}};
  }
  static DescriptorFacts null(int fd) { return {fd, DescriptorFacts::kOther, 0, 9}; }
  static DescriptorFacts socket(int fd, std::uint64_t inode) { return {fd, DescriptorFacts::kSocket, inode, 0}; }
  static DescriptorFacts pipe(int fd, std::uint64_t inode, std::uint32_t file) {
    return {fd, DescriptorFacts::kPipe, inode, file};
  }
  ProcessFacts& server() { return facts.processes[0]; }
  ProcessFacts& of_child() { return facts.processes[1]; }
  DescriptorFacts& descriptor(ProcessFacts& process, int fd) {
    return *std::find_if(process.descriptors->begin(), process.descriptors->end(),
                         [=](const DescriptorFacts& one) { return one.fd == fd; });
  }
  void close(ProcessFacts& process, int fd) {
    std::erase_if(*process.descriptors, [=](const DescriptorFacts& one) { return one.fd == fd; });
  }

  Comparison now(std::uint64_t quiet_since = 0) const {
    return compare(story.world, facts, quiet_since != 0 ? quiet_since : story.world.step);
  }
  // The one difference that there is: "descriptor 4243 4: connection 1, closed".
  std::string difference() const {
    const auto found = now().differences;
    std::string text;
    for (const Difference& one : found)
      text += (text.empty() ? "" : "; ") + std::string(name_of(one.in)) + " " + std::to_string(one.pid) + " " +
              std::to_string(one.number) + ": " + std::string(one.ours.view()) + ", " + std::string(one.kernel.view());
    return text;
  }

  Story story;
  Pid child = 0;
  KernelFacts facts;
};

TEST_F(TheComparison, CountsReferencesAndSocketsThatAgree) {
  const Comparison found = now();
  EXPECT_TRUE(found.complete);
  EXPECT_EQ(difference(), "");
  EXPECT_EQ(found.figures, (KernelChecked{2, 2, 3, 3})) << "Forktable's own pipe is compared, and not counted";
}

TEST_F(TheComparison, NamesADescriptorThatIsClosedInTheKernel) {
  close(of_child(), 4);
  EXPECT_EQ(difference(), "descriptor 4243 4: connection 1, closed");
  EXPECT_EQ(now().figures.references_agreeing, 1u);
}

TEST_F(TheComparison, NamesADescriptorThatNobodyReported) {
  of_child().descriptors->insert(of_child().descriptors->begin() + 4, pipe(9, 8, 2));
  EXPECT_EQ(difference(), "descriptor 4243 9: closed, a pipe");
}

TEST_F(TheComparison, NamesAStandardDescriptorThatIsAReferenceToAConnection) {
  descriptor(of_child(), 1) = socket(1, 501);
  EXPECT_EQ(difference(), "descriptor 4243 1: something else, connection 1");
  descriptor(of_child(), 1) = socket(1, 999);
  EXPECT_EQ(difference(), "") << "Forktable may have been started with a socket there";
  descriptor(of_child(), 1) = pipe(1, 7, 1);
  EXPECT_EQ(difference(), "descriptor 4243 1: something else, a pipe of Forktable");
}

TEST_F(TheComparison, AgreesOnAStandardDescriptorThatDup2MadeAReference) {
  descriptor(of_child(), 1) = socket(1, 501);
  story.happens(child, Duplicated{4, 1}, 30);
  story.happens(child, ReadCalled{4}, 12);
  EXPECT_EQ(difference(), "");
  descriptor(of_child(), 1) = null(1);
  EXPECT_EQ(difference(), "descriptor 4243 1: connection 1, another file");
}

TEST_F(TheComparison, NamesAConnectionThatTheServerHasClosedAndAnotherProcessHolds) {
  story.happens(child, Closed{4}, 30);
  story.happens(child, ReadCalled{4}, 12);
  close(of_child(), 4);
  EXPECT_EQ(difference(), "socket 0 40001: closed by the server, held by another process");
  facts.sockets[1].inode = 0;
  EXPECT_EQ(difference(), "") << "the kernel keeps it for a while without a descriptor";
}

TEST_F(TheComparison, NamesADescriptorThatRefersToSomethingElse) {
  descriptor(of_child(), 4) = socket(4, 500);
  EXPECT_EQ(difference(), "descriptor 4243 4: connection 1, listening socket");
  descriptor(of_child(), 4) = socket(4, 777);
  EXPECT_EQ(difference(), "descriptor 4243 4: connection 1, another socket");
  descriptor(of_child(), 4) = null(4);
  EXPECT_EQ(difference(), "descriptor 4243 4: connection 1, another file");
}

TEST_F(TheComparison, NamesAPipeThatIsNotTheOneThatWasInherited) {
  descriptor(of_child(), 62).file = 3;
  EXPECT_EQ(difference(), "descriptor 4243 62: a pipe of Forktable, a pipe");
  descriptor(of_child(), 62).file = 0;
  EXPECT_EQ(difference(), "") << "without kcmp it can't be told";
}

TEST_F(TheComparison, HoldsAResetConnectionWithoutPortsForTheOneThatItsDescriptorsShare) {
  facts.sockets[1] = {{8080, story.port()}, TcpState::kGone, 0, 0, 0};
  EXPECT_EQ(difference(), "");
  EXPECT_EQ(now().figures, (KernelChecked{2, 2, 3, 3}));
}

TEST_F(TheComparison, NamesAProcessThatWaitsInAnotherCall) {
  of_child().call = CallFacts{SYS_read, 5};
  EXPECT_EQ(difference(), "call 4243 0: read(4), read(5)");
  of_child().call = CallFacts{SYS_accept4, 3};
  EXPECT_EQ(difference(), "call 4243 0: read(4), accept(3)");
  of_child().call = CallFacts{9999, 0};
  EXPECT_EQ(difference(), "call 4243 0: read(4), system call 9999");
  of_child().call = CallFacts{SYS_restart_syscall, 0};
  EXPECT_EQ(difference(), "") << "the kernel goes on with the call that a stop had interrupted";
  of_child().call.reset();
  EXPECT_EQ(difference(), "") << "not known";
}

TEST_F(TheComparison, NamesAProcessThatIsGoneOrDeadOrAnother) {
  of_child() = {.pid = child, .state = '-'};
  EXPECT_EQ(difference(), "process 4243 0: alive, gone");
  of_child() = {.pid = child, .state = 'Z', .parent = Story::kServer};
  EXPECT_EQ(difference(), "process 4243 0: alive, zombie");
  of_child() = {.pid = child, .state = 'S', .parent = 4000};
  EXPECT_EQ(difference(), "process 4243 0: alive, another process");
}

TEST_F(TheComparison, NamesAZombieThatIsGoneOnceItsParentHasSaidAll) {
  facts.sockets[1].inode = 0;  // nobody holds its connection
  story.happens(child, ExitCalled{0}, 31);
  of_child() = {.pid = child, .state = '-'};
  EXPECT_EQ(difference(), "process 4243 0: zombie, gone");
  server().ran = true;
  EXPECT_EQ(difference(), "") << "it may have reaped it, and be about to tell";
}

TEST_F(TheComparison, NamesAChildThatNobodyReported) {
  facts.processes.push_back({.pid = 4300, .state = 'S', .parent = Story::kServer});
  EXPECT_EQ(difference(), "process 4300 0: unknown, alive");
  server().ran = true;
  EXPECT_EQ(difference(), "") << "its parent is about to tell of it";
}

TEST_F(TheComparison, LeavesOutAProcessThatIsInTheMiddleOfSomething) {
  close(of_child(), 4);
  of_child().ran = true;
  EXPECT_EQ(difference(), "") << "it ran while it was looked at";
  EXPECT_FALSE(now().complete);
  of_child().ran = false;
  of_child().state = 'R';
  EXPECT_EQ(difference(), "") << "it runs";
  of_child().state = 'S';
  story.happens(child, ReadCalled{4}, 12);
  EXPECT_NE(difference(), "");
  EXPECT_TRUE(now(story.world.step - 1).differences.empty()) << "it has told something since the kernel was asked";
  story.happens(child, Read{4, 1, ShortText("x")}, 12);
  EXPECT_EQ(difference(), "") << "it is between two calls";
  story.happens(child, GateReached{Call::kWrite, 4}, 13);
  EXPECT_EQ(difference(), "descriptor 4243 4: connection 1, closed") << "at its gate, it isn't";
}

TEST_F(TheComparison, NamesSocketsThatAreNotThere) {
  facts.sockets[0].state = TcpState::kGone;
  EXPECT_EQ(difference(), "socket 0 8080: LISTEN, gone");
  facts.sockets[0].state = TcpState::kListen;
  facts.sockets[2].state = TcpState::kGone;
  EXPECT_EQ(difference(), "socket 0 40001: open, gone");
  EXPECT_EQ(now().figures.sockets_agreeing, 2u);
}

// A server with a thread for its client, which waits for it in read(2).
class TheComparisonOfThreads : public TheComparison {
 protected:
  TheComparisonOfThreads() {
    story = Story();
    story.happens(0, ClientConnecting{{1}, Behaviour::kTalk, 40001});
    story.happens(0, ClientConnected{{1}});
    story.happens(Story::kServer, Accepted{3, 4, 40001}, 22);
    story.happens(Story::kServer, ThreadCreateCalled{1}, 23);
    story.happens(Story::kServer, ThreadCreated{1}, 23);
    story.happens(Story::kServer, AcceptCalled{3}, 22);
    facts.sockets.erase(facts.sockets.begin() + 1, facts.sockets.end());
    facts.sockets.push_back({{8080, 40001}, TcpState::kEstablished, 0, 0, 501});
    facts.sockets.push_back({{40001, 8080}, TcpState::kEstablished, 0, 0, 502});
    facts.processes = {
        {.pid = Story::kServer,
         .state = 'S',
         .parent = 1,
         .call = CallFacts{SYS_accept4, 3},
         .descriptors = std::vector<DescriptorFacts>{null(0), null(1), null(2), socket(3, 500), socket(4, 501)},
         .threads = {kThread}},
        {.pid = kThread, .thread_of = Story::kServer, .state = 'S', .parent = 1, .call = CallFacts{SYS_read, 4}}};
  }
  void start() {
    story.happens(kThread, ThreadStarted{Story::kServer, 1}, 23);
    story.happens(kThread, ReadCalled{4}, 12);
  }
  ProcessFacts& thread() { return facts.processes[1]; }

  static constexpr Pid kThread = Story::kServer + 1;
};

TEST_F(TheComparisonOfThreads, CountsADescriptorOnceHoweverManyThreadsUseIt) {
  start();
  EXPECT_EQ(difference(), "");
  EXPECT_TRUE(now().complete);
  EXPECT_EQ(now().figures, (KernelChecked{2, 2, 3, 3}));
}

TEST_F(TheComparisonOfThreads, WaitsForAThreadThatHasNotSaidAWordYet) { EXPECT_EQ(difference(), ""); }

TEST_F(TheComparisonOfThreads, NamesAThreadThatNobodyReported) {
  start();
  facts.processes.push_back({.pid = 4300, .thread_of = Story::kServer, .state = 'S', .parent = 1});
  EXPECT_EQ(difference(), "process 4300 0: unknown, alive");
}

TEST_F(TheComparisonOfThreads, NamesAThreadThatIsGoneOrAnotherProcesss) {
  start();
  thread() = {.pid = kThread, .state = '-'};
  EXPECT_EQ(difference(), "process 4243 0: alive, gone");
  thread() = {.pid = kThread, .state = 'S', .parent = Story::kServer};
  EXPECT_EQ(difference(), "process 4243 0: alive, another thread");
}

TEST_F(TheComparisonOfThreads, AgreesThatNothingIsLeftOfOneThatHasEndedAndThatNobodyJoined) {
  start();
  story.happens(kThread, EndOfFile{4}, 12);
  story.happens(kThread, ThreadEnded{}, 23);
  thread().call.reset();
  EXPECT_EQ(difference(), "process 4243 0: ended, alive");
  thread() = {.pid = kThread, .state = '-'};
  EXPECT_EQ(difference(), "");
  EXPECT_TRUE(now().complete);
}

TEST_F(TheComparisonOfThreads, LeavesTheDescriptorsOutWhileAThreadIsInTheMiddleOfSomething) {
  start();
  close(server(), 4);
  EXPECT_EQ(difference(), "descriptor 4242 4: connection 1, closed");
  thread().ran = true;
  EXPECT_EQ(difference(), "");
}

TEST_F(TheComparisonOfThreads, AgreesOnAnOpenFileThatACallKeepsAndNoDescriptorRefersTo) {
  start();
  story.happens(Story::kServer, Closed{4}, 33);
  story.happens(Story::kServer, AcceptCalled{3}, 22);
  close(server(), 4);
  EXPECT_EQ(difference(), "");
  EXPECT_EQ(now().figures, (KernelChecked{1, 1, 3, 3}));
  story.happens(kThread, Read{4, 6, ShortText("hello\n")}, 12);
  story.happens(kThread, GateReached{Call::kWrite, 4}, 13);
  EXPECT_EQ(difference(), "socket 0 40001: closed by the server, held by another process");
}

TEST_F(TheComparison, NamesWhatAnEpollInstanceWatchesAndWhatItDoesNot) {
  story.happens(Story::kServer, EpollOpened{5}, 20);
  story.happens(Story::kServer, Watched{3}, 21);
  story.happens(Story::kServer, PollCalled{Call::kEpollWait, 5}, 22);
  server().descriptors->insert(server().descriptors->begin() + 4, {5, DescriptorFacts::kEpoll, 0, 3});
  server().call = CallFacts{SYS_epoll_pwait, 5};
  server().watched = {3};
  EXPECT_EQ(difference(), "");
  server().watched = {4};
  EXPECT_EQ(difference(), "watched 4242 3: watched, not watched; watched 4242 4: not watched, watched");
}

TEST_F(TheComparison, NamesAnotherAttachCountAndAnotherValueOnceEverybodyRests) {
  story.happens(Story::kServer, SegmentAttached{7, 4}, 20);
  story.happens(Story::kServer, SemaphoreMade{8, 1}, 21);
  story.happens(Story::kServer, AcceptCalled{3}, 22);
  facts.segment = SegmentSeen{7, 2};
  facts.semaphore = SemaphoreSeen{8, 1, 0};
  EXPECT_EQ(difference(), "");
  facts.segment->attached = 3;
  facts.semaphore->value = 0;
  EXPECT_EQ(difference(), "segment 0 7: attached by 2, attached by 3; semaphore 0 8: 1, 0");
  of_child().ran = true;
  EXPECT_EQ(difference(), "");
}

TEST_F(TheComparison, NamesAProcessThatBlocksSigchldWithoutHavingToldSo) {
  constexpr std::uint32_t kChld = 1u << (SIGCHLD - 1);
  story.happens(0, ServerNamed{ServerKind::kProcessJobs});
  server().blocked = kChld;
  EXPECT_EQ(difference(), "mask 4242 0: SIGCHLD not blocked, blocked");
  story.happens(Story::kServer, MaskChanged{Masking::kBlock, kChld, 0, kChld}, 20);
  story.happens(Story::kServer, AcceptCalled{3}, 22);
  EXPECT_EQ(difference(), "");
  story.happens(Story::kServer, MaskChanged{Masking::kUnblock, kChld, kChld, 0}, 20);
  story.happens(Story::kServer, GateReached{Call::kAccept, 3}, 22);
  EXPECT_EQ(difference(), "") << "at a gate, what has a handler is blocked";
}

TEST_F(TheComparison, SaysNothingOfWhatCannotBeAsked) {
  of_child().descriptors.reset();
  EXPECT_EQ(difference(), "");
  EXPECT_EQ(now().figures.references, 1u);
  facts.sockets.clear();
  facts.denied[static_cast<std::size_t>(Aspect::kSockets)] = 2;
  EXPECT_EQ(now().figures.sockets, 0u);
  facts.denied[static_cast<std::size_t>(Aspect::kProcesses)] = 13;
  of_child() = {.pid = child, .state = '-'};
  EXPECT_EQ(difference(), "");
}

}  // namespace
}  // namespace forktable::test
