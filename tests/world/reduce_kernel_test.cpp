// What the kernel's word changes in the World, and what it leaves as it was reported.
#include <gtest/gtest.h>

#include <csignal>
#include <memory>
#include <optional>

#include "core/world/describe.hpp"
#include "core/world/limits.hpp"
#include "core/world/narrate.hpp"
#include "tests/support/story.hpp"
#include "tests/support/text.hpp"

namespace forktable::test {
namespace {

class TheKernelsWord : public testing::Test {
 protected:
  const Process& process(Pid pid) const { return *find_process(story.world, pid); }
  const OpenFile& connection() const { return story.world.files.back(); }
  const Client& client(std::uint32_t id) const { return *find_client(story.world, {id}); }
  std::string said(Pid pid, const What& what) const { return narrate(story.world, {story.time, pid, 0, what}).said; }

  Story story;
};

TEST_F(TheKernelsWord, StopsAProcessAndLeavesItInItsCall) {
  const Pid child = story.client();
  story.happens(child, StopSeen{0});
  EXPECT_EQ(doing(story.world, process(child)), "stopped in read(4)");
  EXPECT_TRUE(is_blocked(process(child)));
  story.happens(child, StopSeen{1});
  EXPECT_EQ(doing(story.world, process(child)), "held by a debugger in read(4)");
  story.happens(child, ContinueSeen{});
  EXPECT_EQ(doing(story.world, process(child)), "blocked in read(4)");
  story.happens(child, StopSeen{0});
  story.happens(child, DeathSeen{});
  EXPECT_FALSE(process(child).stopped) << "the dead are not stopped";
}

TEST_F(TheKernelsWord, ThatAProcessIsStoppedIsOverWithItsNextDeed) {
  const Pid child = story.client();
  story.happens(child, StopSeen{0});
  story.happens(child, Read{4, 6, ShortText("hello\n")}, 12);
  EXPECT_FALSE(process(child).stopped);
}

TEST_F(TheKernelsWord, OfBytesThatWaitIsOverWhenTheyAreRead) {
  const Pid child = story.client();
  story.happens(0, QueuesSeen{8080, story.port(), 7, 0});
  story.happens(child, Read{4, 6, ShortText("hello\n")}, 12);
  EXPECT_EQ(connection().socket.receive, 1u);
  story.happens(child, EndOfFile{4}, 12);
  EXPECT_EQ(connection().socket.receive, 0u);
}

TEST_F(TheKernelsWord, SaysHowAProcessWasKilledBeforeItsParentAsks) {
  const Pid child = story.client();
  story.happens(child, DeathSeen{});
  EXPECT_EQ(doing(story.world, process(child)), "zombie: dead, not yet reaped");
  EXPECT_EQ(said(child, EndingSeen{SIGPIPE}), "Child 1 was killed by SIGPIPE, says the kernel.");
  story.happens(child, EndingSeen{SIGPIPE});
  EXPECT_EQ(doing(story.world, process(child)), "zombie: killed by SIGPIPE, not yet reaped");
}

TEST_F(TheKernelsWord, LeavesTheExitStatusThatAProcessHasToldAsItIs) {
  const Pid child = story.client();
  story.happens(child, EndingSeen{SIGPIPE});
  EXPECT_EQ(process(child).wait_status, std::nullopt) << "it lives";
  story.happens(child, ExitCalled{1});
  story.happens(child, EndingSeen{SIGPIPE});
  EXPECT_EQ(process(child).wait_status, 1 << 8);
}

TEST_F(TheKernelsWord, OfAClientInTheQueueIsNotTakenForWhatIsLeftOfTheServersEnd) {
  story.connect_only();
  story.happens(0, TcpStateSeen{8080, story.port(), TcpState::kEstablished});
  EXPECT_EQ(client(1).left, TcpState::kUnknown);
}

TEST_F(TheKernelsWord, GivesEachEndOfAConnectionItsState) {
  story.client();
  story.happens(0, TcpStateSeen{8080, story.port(), TcpState::kCloseWait});
  story.happens(0, TcpStateSeen{story.port(), 8080, TcpState::kFinWait2});
  story.happens(0, QueuesSeen{8080, story.port(), 7, 0});
  story.happens(0, QueuesSeen{8080, 0, 2, 128});
  EXPECT_EQ(connection().socket, (Socket{TcpState::kCloseWait, 7, 0}));
  EXPECT_EQ(client(1).socket.state, TcpState::kFinWait2);
  EXPECT_EQ(story.world.files[0].socket.receive, 2u);
}

TEST_F(TheKernelsWord, FollowsTheServersEndWhenNoDescriptorRefersToItAnyMore) {
  const Pid child = story.client();
  const Port port = story.port();
  story.happens(child, DeathSeen{});
  ASSERT_EQ(story.world.files.size(), 1u) << "the connection's last reference is gone";
  story.happens(0, TcpStateSeen{8080, port, TcpState::kFinWait2});
  EXPECT_EQ(client(1).left, TcpState::kFinWait2);
  EXPECT_EQ(client(1).socket.state, TcpState::kUnknown) << "its own end is another one";
  story.happens(0, ClientSawEndOfFile{{1}});
  story.happens(0, ClientEnded{{1}});
  story.happens(0, TcpStateSeen{8080, port, TcpState::kTimeWait});
  EXPECT_EQ(client(1).left, TcpState::kTimeWait) << "longer than its client";
}

TEST_F(TheKernelsWord, OfAClientsEndIsOverWhenTheClientHasEndedAndThatOfTheOthersStays) {
  story.client();
  const Port first = story.port();
  story.client();
  story.happens(0, TcpStateSeen{first, 8080, TcpState::kEstablished});
  story.happens(0, QueuesSeen{first, 8080, 3, 0});
  story.happens(0, TcpStateSeen{story.port(), 8080, TcpState::kEstablished});
  story.happens(0, ClientEnded{{1}});
  EXPECT_EQ(client(1).socket, Socket{});
  EXPECT_EQ(client(2).socket.state, TcpState::kEstablished);
}

TEST_F(TheKernelsWord, OfAStrangersEndIsOverWhenTheServerHasClosedTheConnection) {
  story.happens(Story::kServer, Accepted{3, 4, 40001}, 22);
  story.happens(0, OutsiderConnected{{1}, 40001});
  story.happens(0, TcpStateSeen{40001, 8080, TcpState::kEstablished});
  story.happens(Story::kServer, Closed{4}, 33);
  EXPECT_EQ(client(1).socket, Socket{});
}

TEST_F(TheKernelsWord, IsNotKnownAnyMoreOfThoseWhoAreNotFollowedAnyMore) {
  const auto leaves_in = [&](TcpState state) {
    const Pid child = story.client();
    const Port port = story.port();
    story.leave(child);
    story.happens(0, TcpStateSeen{port, 8080, state});
    story.happens(0, TcpStateSeen{8080, port, TcpState::kGone});
    return port;
  };
  const Port first = leaves_in(TcpState::kTimeWait);
  leaves_in(TcpState::kGone);
  while (story.clients < kMostFollowed) leaves_in(TcpState::kTimeWait);
  EXPECT_EQ(client(1).socket.state, TcpState::kTimeWait);
  leaves_in(TcpState::kTimeWait);
  leaves_in(TcpState::kTimeWait);
  EXPECT_EQ(client(1).socket.state, TcpState::kUnknown);
  EXPECT_EQ(client(1).left, TcpState::kGone) << "what is gone stays gone";
  EXPECT_EQ(client(2).socket.state, TcpState::kGone);
  EXPECT_EQ(client(3).socket.state, TcpState::kTimeWait);
  story.happens(0, TcpStateSeen{first, 8080, TcpState::kTimeWait});
  EXPECT_EQ(client(1).socket.state, TcpState::kUnknown) << "that was about a look that is over";
}

TEST_F(TheKernelsWord, KeepsADifferenceUntilItIsGone) {
  const Pid child = story.client();
  const auto seen = [&](const char* kernel) {
    story.happens(child, DifferenceSeen{Differs::kDescriptor, 4, ShortText("connection 1"), ShortText(kernel)});
  };
  seen("closed");
  seen("a pipe");
  ASSERT_EQ(story.world.differences.size(), 1u) << "one for a descriptor, the latest";
  EXPECT_EQ(story.world.differences[0].kernel.view(), "a pipe");
  EXPECT_EQ(story.world.difference_count, 2u);
  EXPECT_NE(find_descriptor(process(child), 4), nullptr) << "what was reported stays";
  story.happens(child, DifferenceGone{Differs::kDescriptor, 5});
  EXPECT_EQ(story.world.differences.size(), 1u) << "that was another one";
  story.happens(child, DifferenceGone{Differs::kDescriptor, 4});
  EXPECT_TRUE(story.world.differences.empty());
}

TEST_F(TheKernelsWord, ForgetsDifferencesWithTheirProcessAndWithTheServer) {
  const Pid child = story.client();
  story.happens(child, DifferenceSeen{Differs::kCall, 0, ShortText("read(4)"), ShortText("accept(3)")});
  story.leave(child);
  EXPECT_TRUE(story.world.differences.empty());
  story.happens(0, DifferenceSeen{Differs::kSocket, 8080, ShortText("LISTEN"), ShortText("gone")});
  story.happens(0, KernelChecked{1, 1, 0, 1});
  story.happens(5000, ServerLaunched{8080});
  EXPECT_TRUE(story.world.differences.empty());
  EXPECT_FALSE(story.world.check);
}

TEST_F(TheKernelsWord, IsOfThisMomentUntilSomethingHappens) {
  EXPECT_FALSE(is_checked(story.world)) << "nobody has asked yet";
  story.happens(0, KernelChecked{1, 1, 1, 1});
  EXPECT_TRUE(is_checked(story.world));
  story.happens(0, TcpStateSeen{8080, 0, TcpState::kListen});
  story.happens(Story::kServer, GateReached{Call::kAccept, 3});
  story.happens(0, LessonStepped{1});
  EXPECT_TRUE(is_checked(story.world)) << "none of that changes what was asked about";
  story.connect_only();
  EXPECT_FALSE(is_checked(story.world));
}

TEST_F(TheKernelsWord, OfWhatIsNotThereChangesNothing) {
  const World before = story.world;
  story.happens(9999, StopSeen{0});
  story.happens(9999, ContinueSeen{});
  story.happens(9999, SignalsSeen{1, 1});
  story.happens(0, TcpStateSeen{1, 2, TcpState::kTimeWait});
  story.happens(0, QueuesSeen{1, 2, 3, 4});
  story.happens(0, DifferenceGone{Differs::kProcess, 0});
  EXPECT_EQ(story.world.anomaly_count, before.anomaly_count);
  EXPECT_EQ(story.world.processes.size(), before.processes.size());
}

TEST_F(TheKernelsWord, IsToldInSentences) {
  const Pid child = story.client();
  EXPECT_EQ(said(child, StopSeen{0}), "Child 1 is stopped, says the kernel.");
  EXPECT_EQ(said(child, SignalsSeen{1u << 16, 0}), "Pending for child 1: SIGCHLD.");
  EXPECT_EQ(said(0, TcpStateSeen{8080, 40001, TcpState::kCloseWait}),
            "The socket 8080 → 40001 is in state CLOSE_WAIT.");
  EXPECT_EQ(said(0, QueuesSeen{8080, 0, 1, 128}), "1 connection waits for accept, of at most 128.");
  EXPECT_EQ(said(child, DifferenceSeen{Differs::kDescriptor, 4, ShortText("connection 1"), ShortText("closed")}),
            "The kernel disagrees about descriptor 4 of child 1: reported connection 1, in the kernel closed.");
  EXPECT_EQ(said(0, CheckDenied{Aspect::kSharing, 1}),
            "This machine doesn't let Forktable check: which descriptors share an open file.");
}

}  // namespace
}  // namespace forktable::test
