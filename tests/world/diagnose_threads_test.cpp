// What is wrong with a server that has threads.
#include <vector>

#include "tests/support/text.hpp"
#include "tests/world/approach.hpp"

namespace forktable::test {
namespace {

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

}  // namespace
}  // namespace forktable::test
