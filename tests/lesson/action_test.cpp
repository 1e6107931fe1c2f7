// What a lecturer may write into `do`.
#include "core/lesson/action.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <utility>

#include "tests/support/text.hpp"

namespace forktable::test {
namespace {

template <class T>
T parsed(std::string_view text) {
  const auto action = parse_action(text);
  EXPECT_TRUE(action) << action.error();
  if (!action || !std::holds_alternative<T>(action->what)) {
    ADD_FAILURE() << text << " is of another kind";
    return {};
  }
  EXPECT_EQ(action->text, text);
  return std::get<T>(action->what);
}

void expect_mistake(std::string_view text, std::string_view about) {
  const auto action = parse_action(text);
  ASSERT_FALSE(action) << text;
  EXPECT_TRUE(contains(action.error(), about)) << action.error();
}

TEST(Action, OfTheParentAndOfAChildSaysWhoDoesWhat) {
  const auto accepts = parsed<ProcessDoes>("parent accepts");
  EXPECT_EQ(accepts.who.child, 0u);
  EXPECT_EQ(accepts.deed, Deed::kAccepts);
  const auto end = parsed<ProcessDoes>("child 12 reads end of file");
  EXPECT_EQ(end.who.child, 12u);
  EXPECT_EQ(end.deed, Deed::kReadsEndOfFile);
}

TEST(Action, OfAProcessCanBeAnyOfItsDeeds) {
  const std::pair<const char*, Deed> all[] = {{"parent forks", Deed::kForks},
                                              {"parent reads", Deed::kReads},
                                              {"parent writes", Deed::kWrites},
                                              {"parent exits", Deed::kExits},
                                              {"parent is killed", Deed::kIsKilled},
                                              {"parent gets SIGCHLD", Deed::kGetsSigchld},
                                              {"parent reaps", Deed::kReaps},
                                              {"parent blocks SIGCHLD", Deed::kBlocksSigchld},
                                              {"parent unblocks SIGCHLD", Deed::kUnblocksSigchld},
                                              {"parent adds a job", Deed::kAddsJob},
                                              {"parent deletes a job", Deed::kDeletesJob},
                                              {"parent finds nothing to reap", Deed::kFindsNothingToReap},
                                              {"parent returns from the handler", Deed::kReturnsFromHandler},
                                              {"parent fails", Deed::kFails},
                                              {"parent looks at errno", Deed::kLooksAtErrno},
                                              {"parent backs off", Deed::kBacksOff}};
  for (const auto& [text, deed] : all) EXPECT_EQ(parsed<ProcessDoes>(text).deed, deed) << text;
}

TEST(Action, MayNameACallADescriptorOrANumberOfSteps) {
  EXPECT_EQ(parsed<ProcessDoes>("parent calls accept").call, Call::kAccept);
  EXPECT_EQ(parsed<ProcessDoes>("parent fails in fork").call, Call::kFork);
  EXPECT_EQ(parsed<ProcessDoes>("child 1 waits before waitpid").call, Call::kWaitpid);
  EXPECT_EQ(parsed<ProcessDoes>("parent closes connfd").fd, kConnfd);
  EXPECT_EQ(parsed<ProcessDoes>("child 1 closes listenfd").fd, kListenfd);
  EXPECT_EQ(parsed<ProcessDoes>("parent closes 5").fd, 5);
  EXPECT_EQ(parsed<ProcessDoes>("parent steps").times, 1);
  EXPECT_EQ(parsed<ProcessDoes>("parent steps 3 times").times, 3);
}

TEST(Action, CallsTheParentTheServerWhereItHasNoChildren) {
  EXPECT_TRUE(parsed<ProcessDoes>("server accepts").who.is_server());
  EXPECT_TRUE(parsed<SendSignal>("kill server").who.is_server());
}

TEST(Action, OfAThreadSaysWhichOne) {
  const auto ends = parsed<ProcessDoes>("thread 3 ends");
  EXPECT_EQ(ends.who.thread, 3u);
  EXPECT_EQ(ends.who.child, 0u);
  EXPECT_EQ(ends.deed, Deed::kEnds);
  EXPECT_FALSE(ends.who.is_server());
}

TEST(Action, CanBeWhatOnlySomeServersDo) {
  const std::pair<const char*, Deed> all[] = {{"server creates a thread", Deed::kCreatesThread},
                                              {"thread 1 detaches itself", Deed::kDetachesItself},
                                              {"thread 1 reads its argument", Deed::kReadsArgument},
                                              {"server joins", Deed::kJoins},
                                              {"server works", Deed::kWorks},
                                              {"thread 1 counts", Deed::kCounts},
                                              {"child 1 calls P", Deed::kCallsP},
                                              {"child 1 waits for the semaphore", Deed::kWaitsForSemaphore},
                                              {"child 1 takes the semaphore", Deed::kTakesSemaphore},
                                              {"child 1 calls V", Deed::kGivesSemaphore},
                                              {"child 1 gives the semaphore", Deed::kGivesSemaphore},
                                              {"child 1 loads", Deed::kLoads},
                                              {"child 1 stores", Deed::kStores},
                                              {"child 1 execs", Deed::kExecs}};
  for (const auto& [text, deed] : all) EXPECT_EQ(parsed<ProcessDoes>(text).deed, deed) << text;
}

TEST(Action, DuplicatesConnfdToANumber) {
  const auto duplicates = parsed<ProcessDoes>("child 1 duplicates connfd to 0");
  EXPECT_EQ(duplicates.deed, Deed::kDuplicates);
  EXPECT_EQ(duplicates.fd, 0);
  EXPECT_EQ(parsed<ProcessDoes>("child 1 waits before dup2").call, Call::kDup2);
  EXPECT_EQ(parsed<ProcessDoes>("child 1 waits before execve").call, Call::kExec);
  EXPECT_EQ(parsed<ProcessDoes>("child 1 fails in execve").call, Call::kExec);
}

TEST(Action, WaitsForManyDescriptorsAtOnce) {
  EXPECT_EQ(parsed<ProcessDoes>("server calls select").call, Call::kSelect);
  EXPECT_EQ(parsed<ProcessDoes>("server waits before epoll_ctl").call, Call::kEpollCtl);
  EXPECT_EQ(parsed<ProcessDoes>("server returns from epoll_wait").call, Call::kEpollWait);
  const auto finds = parsed<ProcessDoes>("server finds 2 ready");
  EXPECT_EQ(finds.deed, Deed::kFindsReady);
  EXPECT_EQ(finds.times, 2);
  const auto watches = parsed<ProcessDoes>("server watches 4");
  EXPECT_EQ(watches.deed, Deed::kWatches);
  EXPECT_EQ(watches.fd, 4);
  EXPECT_EQ(parsed<ProcessDoes>("server watches listenfd").fd, kListenfd);
  const auto no_longer = parsed<ProcessDoes>("server no longer watches 5");
  EXPECT_EQ(no_longer.deed, Deed::kUnwatches);
  EXPECT_EQ(no_longer.fd, 5);
}

TEST(Action, OfAClientSaysWhatItDoesAndItsWordsAreKeptAsTheyAre) {
  EXPECT_EQ(parsed<ClientDoes>("client 2 connects").client, 2u);
  EXPECT_EQ(parsed<ClientDoes>("client 1 half-closes").deed, ClientDeed::kHalfCloses);
  EXPECT_EQ(parsed<ClientDoes>("client 1 comes and goes").deed, ClientDeed::kComesAndGoes);
  EXPECT_EQ(parsed<ClientDoes>("client 1 is refused").deed, ClientDeed::kIsRefused);
  EXPECT_EQ(parsed<ClientDoes>("client 1 says  says  hello, you").words, "says  hello, you");
}

TEST(Action, OfNobodySwitchesKillsStopsOrRuns) {
  EXPECT_EQ(parsed<SwitchBug>("switch one-waitpid off").bug, Bug::kOneWaitpid);
  EXPECT_FALSE(parsed<SwitchBug>("switch one-waitpid off").on);
  EXPECT_TRUE(parsed<SwitchBug>("switch child-never-exits on").on);
  EXPECT_EQ(parsed<SendSignal>("kill child 2").who.child, 2u);
  EXPECT_EQ(parsed<SendSignal>("kill parent").signal, SIGKILL);
  EXPECT_EQ(parsed<SendSignal>("stop the server").signal, SIGTERM);
  parsed<forktable::Run>("run");
}

TEST(Action, ThatIsNoneIsToldWithWhatWasExpected) {
  expect_mistake("", "an action is missing");
  expect_mistake("parrot accepts", "begins with one of: parent, server, child 1, thread 1");
  expect_mistake("parent acepts", "can't do \"acepts\"; expected one of: accepts, forks");
  expect_mistake("parent", "can't do \"\"");
  expect_mistake("child exits", "\"child\" has no number");
  expect_mistake("child 0 exits", "\"child\" has no number");
  expect_mistake("thread ends", "\"thread\" has no number: \"thread 1\" is the first");
  expect_mistake("kill thread 1", "wants a process");
  expect_mistake("server finds 0 ready", "can't do \"finds 0 ready\"");
  expect_mistake("server returns from read", "one of: select, epoll_wait");
  expect_mistake("server watches", "finds 2 ready, closes 4, watches 4, no longer watches 4");
  expect_mistake("client one connects", "\"client\" has no number");
  expect_mistake("client 1 conects", "one of: connects, is refused");
  expect_mistake("client 1 says", "wants a line of words");
  expect_mistake("parent calls close", "one of: accept, fork, read, write");
  expect_mistake("parent waits before lunch", "\"lunch\" isn't a call");
  expect_mistake("parent steps 0 times", "can't do \"steps 0 times\"");
  expect_mistake("switch one-waitpit off", "unknown bug \"one-waitpit\"; expected one of: parent-keeps-connfd");
  expect_mistake("switch one-waitpid", "and on or off");
  expect_mistake("kill client 1", "wants a process");
  expect_mistake("kill child 1 softly", "unknown action");
  expect_mistake("run fast", "unknown action");
}

}  // namespace
}  // namespace forktable::test
