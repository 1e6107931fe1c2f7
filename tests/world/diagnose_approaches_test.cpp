// What is wrong with servers that have one flow of control, run other programs, or share memory.
#include <csignal>

#include "tests/support/text.hpp"
#include "tests/world/approach.hpp"

namespace forktable::test {
namespace {

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
            "The server is blocked in read(4), and serves client 1 until it closes. Client 2 waits in the accept "
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

}  // namespace
}  // namespace forktable::test
