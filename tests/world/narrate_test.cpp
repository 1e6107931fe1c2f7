// Every event in plain words.

#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>
#include <memory>

#include "core/program/narrate_listing.hpp"
#include "core/world/failed_call.hpp"
#include "core/world/reduce.hpp"
#include "tests/support/story.hpp"
#include "tests/support/text.hpp"
#include "tests/world/told.hpp"

namespace forktable::test {
namespace {

struct Spoken {
  Pid pid;
  What what;
  const char* said;
  const char* meaning;
};

void expect_words(World world, const std::vector<Spoken>& run) {
  for (const auto& [pid, what, said, meaning] : run) {
    const Event event{world.now + 1, pid, 0, what};
    const Narration narration = narrate_listing(world, event);
    EXPECT_EQ(narration.said, said);
    EXPECT_EQ(narration.meaning, meaning);
    reduce(world, event);
    EXPECT_EQ(world.anomaly_count, 0u) << text_of(what);
  }
}

Narration words_for(const World& world, Pid pid, const What& what) {
  return narrate_listing(world, {world.now + 1, pid, 0, what});
}

World one_child() {
  return told({{kServerPid, Listened{3, 8080, 1024}},
               {0, ClientConnecting{{1}, Behaviour::kHello, 40001}},
               {kServerPid, Accepted{3, 4, 40001}},
               {kServerPid, ForkCalled{1}},
               {kServerPid, Forked{1, kChild}},
               {kChild, ChildStarted{kServerPid, 1}}});
}

TEST(Narration, TellsTheRunOfOneClient) {
  const ClientId client{1};
  const ShortText hello("hello\n");
  expect_words(
      {}, {{kServerPid, ServerLaunched{0}, "Forktable starts the server: process 100.",
            "It is a program of its own, and runs for real."},
           {kServerPid, PlumbingOpened{62}, "Descriptor 62 of the server is Forktable's own.",
            "It is hidden in the picture, being no part of the lesson."},
           {kServerPid, Listened{3, 8080, 1024}, "The parent listens on 127.0.0.1:8080: listenfd is descriptor 3.",
            "From now on the kernel completes connections for it. Up to 1024 may wait for accept."},
           {kServerPid, AcceptCalled{3}, "The parent calls accept(3) and blocks until a client connects.",
            "A blocked process uses no processor time: the kernel wakes it when there is a connection."},
           {0, ClientConnecting{client, Behaviour::kHello, 40001}, "Client 1 calls connect, from port 40001.",
            "The kernel chose that port: with it, this connection differs from all others."},
           {0, ClientConnected{client}, "Client 1 is connected: the kernel has shaken hands for the server.",
            "The connection waits in the accept queue until accept returns it."},
           {0, ClientSent{client, 6, hello}, "Client 1 sends “hello”.",
            "The kernel keeps it for the server until a process reads it."},
           {kServerPid, Accepted{3, 4, 40001}, "accept returns connfd 4: connection 1, from client 1.",
            "refcnt(connection 1) = 1. listenfd 3 goes on listening for others."},
           {kServerPid, ForkCalled{1}, "The parent is about to fork.",
            "The child gets a copy of its descriptor table, and every open file in it one more reference."},
           {kServerPid, Forked{1, kChild}, "fork returns 101 in the parent: the pid of its child.",
            "Both hold connfd: refcnt(connection 1) = 2. It is closed when nobody holds it any more."},
           {kChild, ChildStarted{kServerPid, 1},
            "Child 1 starts, where fork returns 0, with a copy of the descriptor table of the parent.",
            "Both hold connfd: refcnt(connection 1) = 2. It is closed when nobody holds it any more."},
           {kServerPid, Closed{4}, "The parent closes connfd 4 (important!). refcnt(connection 1): 2 → 1.",
            "Not 0: child 1 still holds descriptor 4, so it stays open."},
           {kChild, Closed{3}, "Child 1 closes listenfd 3. refcnt(listening socket): 2 → 1.",
            "Not 0: the parent still holds descriptor 3, so it stays open."},
           {kChild, ReadCalled{4}, "Child 1 calls read(4) and blocks until client 1 sends something.",
            "Only this process waits. The others go on: that is why there is one for each client."},
           {kChild, Read{4, 6, hello}, "Child 1 reads 6 bytes from client 1: “hello”.",
            "The other children know nothing of it: each has its own copy of every variable."},
           {kChild, WriteCalled{4}, "Child 1 calls write(4), to client 1.",
            "write returns when the kernel has taken the bytes, not when they have arrived."},
           {kChild, Wrote{4, 6}, "Child 1 has written 6 bytes back to client 1.",
            "The echo loop goes on: it reads again, until end of file."},
           {0, ClientReceived{client, 6, hello}, "Client 1 receives “hello”.", "Its own line has come back: the echo."},
           {0, ClientHalfClosed{client}, "Client 1 will send nothing more: shutdown(SHUT_WR).",
            "The server reads end of file. The client waits for the server's end of file in turn."},
           {kChild, EndOfFile{4}, "Child 1 reads end of file: client 1 sends nothing more.",
            "read returns 0, and the echo loop ends."},
           {kChild, Closed{4}, "Child 1 closes connfd 4. refcnt(connection 1): 1 → 0.",
            "Nobody holds it any more: the kernel closes the connection, and client 1 sees end of file."},
           {0, ClientSawEndOfFile{client}, "Client 1 sees end of file.",
            "The last reference to the connection is gone on the server's side."},
           {0, ClientEnded{client, ClientEnd::kClosed, Call::kClose, 0}, "Client 1 closes its socket.",
            "For the client, the conversation is over."},
           {kChild, ExitCalled{0}, "Child 1 exits.",
            "It is a zombie now: only its exit status is left, until its parent asks for it with waitpid."},
           {kServerPid, AcceptCalled{3}, "The parent calls accept(3) and blocks until a client connects.",
            "A blocked process uses no processor time: the kernel wakes it when there is a connection."},
           {kServerPid, SignalDelivered{SIGCHLD}, "SIGCHLD arrives in the parent: its handler runs.",
            "At least one child has ended. Signals do not queue: it may be more than one."},
           {kServerPid, Reaped{kChild, 0}, "waitpid returns 101 and reaps child 1: exited 0.",
            "The zombie is gone, and its pid may be used again."},
           {kServerPid, CallFailed{Call::kWaitpid, -1, ECHILD},
            "waitpid fails with ECHILD: there are no children left.", "The loop in the handler is done."},
           {kServerPid, HandlerReturned{SIGCHLD}, "The SIGCHLD handler returns, and accept(3) goes on waiting.",
            "SA_RESTART makes the kernel start the interrupted call again."}});
}

TEST(Narration, TellsOfTrouble) {
  expect_words(
      one_child(),
      {{kServerPid, CallFailed{Call::kAccept, 3, EMFILE},
        "accept(3) fails in the parent: Too many open files (EMFILE).",
        "Its descriptor table is full. The client waits in the queue until one is closed."},
       {kServerPid, BackedOff{100}, "The parent waits 100 ms before it calls accept again.",
        "Trying again at once would only burn the processor. The clients wait in the queue."},
       {kServerPid, CallFailed{Call::kFork, -1, EAGAIN},
        "fork fails in the parent: Resource temporarily unavailable (EAGAIN).",
        "There may be no more processes: nobody will serve this client."},
       {kChild, CallFailed{Call::kWrite, 4, EPIPE}, "write(4) fails in child 1: Broken pipe (EPIPE).",
        "The client reads no more. Without ignoring SIGPIPE, this would have killed the process."},
       {kChild, CallFailed{Call::kRead, 4, ECONNRESET},
        "read(4) fails in child 1: Connection reset by peer (ECONNRESET).", "The client has reset the connection."},
       {kChild, SignalSent{SIGKILL}, "Forktable sends SIGKILL to child 1.", ""},
       {kChild, DeathSeen{}, "Child 1 is dead, says the kernel.",
        "It told nothing of it. It is a zombie until its parent reaps it."},
       {kChild, SignalSent{SIGKILL}, "Forktable sends SIGKILL to child 1.", "It is dead already: nothing happens."},
       {kServerPid, Reaped{kChild, SIGKILL}, "waitpid returns 101 and reaps child 1: killed by SIGKILL.",
        "It never got to close anything itself: the kernel closed what it held."},
       {0, ClientEnded{{1}, ClientEnd::kFailed, Call::kReceive, ECONNRESET}, "Receive fails for client 1: ECONNRESET.",
        ""},
       {kServerPid, NothingToReap{}, "waitpid returns 0: no other child has ended.",
        "The loop in the handler is done."},
       {0, StopAsked{}, "The server is asked to stop: all its processes get SIGTERM.", ""},
       {kServerPid, Collected{SIGTERM}, "The server has ended: killed by SIGTERM.", "What it still held is closed."}});
  EXPECT_EQ(words_for(one_child(), kServerPid, Collected{SIGKILL}).meaning,
            "What it still held is closed. The children that it leaves behind go on as orphans.");
}

TEST(Narration, OfADisagreementDoesNotSayThatTheKernelAgrees) {
  World world = one_child();
  EXPECT_EQ(words_for(world, 0, KernelChecked{4, 4, 3, 3}).said,
            "The kernel agrees: 4 of 4 references, 3 of 3 sockets.");
  EXPECT_EQ(words_for(world, 0, KernelChecked{3, 4, 3, 3}).said,
            "The kernel disagrees: 3 of 4 references agree, 3 of 3 sockets.");
  tell(world, kChild, DifferenceSeen{Differs::kDescriptor, 5, ShortText("closed"), ShortText("connection 1")});
  EXPECT_EQ(words_for(world, 0, KernelChecked{4, 4, 3, 3}).said, "The kernel disagrees: 1 difference.");
}

TEST(Narration, OfABindThatFailsSaysWhatToDo) {
  const World world = told({});
  EXPECT_EQ(words_for(world, kServerPid, CallFailed{Call::kBind, 3, EADDRINUSE}).meaning,
            "Another program listens on that port. Choose another port, or 0 for any free one.");
  EXPECT_EQ(words_for(world, kServerPid, CallFailed{Call::kBind, 3, EACCES}).meaning,
            "Ports below 1024 are for root. Choose another one.");
}

TEST(Narration, OfAFifoThatCannotBeMadeSaysWhereOneCanBeMade) {
  const World world = told({});
  for (const int error : {EACCES, EROFS, ENOSPC, ENOENT})
    EXPECT_EQ(words_for(world, kServerPid, CallFailed{Call::kMkfifo, -1, error}).meaning,
              "It needs a folder that it may write to, with room in it: the one that XDG_RUNTIME_DIR names, or /tmp.");
}

TEST(Narration, OfAServerThatHasGivenUpSaysWhichCallFailed) {
  World world = told({{kServerPid, Listened{3, 8080, 1024}}, {kServerPid, CallFailed{Call::kMkfifo, -1, EROFS}}});
  EXPECT_EQ(why_it_gave_up(world), "") << "it is alive";
  tell(world, kServerPid, Collected{1 << 8});
  EXPECT_EQ(why_it_gave_up(world),
            "mkfifo failed: Read-only file system (EROFS). It needs a folder that it may write to, with "
            "room in it: the one that XDG_RUNTIME_DIR names, or /tmp");
  World killed = told({{kServerPid, CallFailed{Call::kAccept, 3, EMFILE}}, {kServerPid, Collected{SIGKILL}}});
  EXPECT_EQ(why_it_gave_up(killed), "");
}

TEST(Narration, OfAnOrphanSaysWhoReapedIt) {
  World world = one_child();
  tell(world, kServerPid, Collected{SIGKILL});
  EXPECT_EQ(words_for(world, kChild, Collected{0}).said, "Child 1, an orphan, has ended: exited 0.");
  EXPECT_EQ(words_for(world, kChild, DeathSeen{}).said, "Child 1 is gone, says the kernel.");
  EXPECT_EQ(words_for(world, 4711, Collected{SIGKILL}).said,
            "Process 4711 has ended before it could say a word: killed by SIGKILL.");
}

TEST(Narration, OfAHandlerThatRunsInsideForkDoesNotSayThatForkWaits) {
  World world =
      told({{kServerPid, Listened{3, 8080, 10}}, {kServerPid, Accepted{3, 4, 40001}}, {kServerPid, ForkCalled{1}}});
  tell(world, kServerPid, SignalDelivered{SIGCHLD});
  tell(world, kServerPid, Reaped{kChild, SIGKILL});
  const Narration narration = words_for(world, kServerPid, HandlerReturned{SIGCHLD});
  EXPECT_EQ(narration.said, "The SIGCHLD handler returns.");
  EXPECT_EQ(narration.meaning, "");
}

TEST(Narration, OfAChildThatIsHeardOfLateIsStillTrue) {
  World world =
      told({{kServerPid, Listened{3, 8080, 10}}, {kServerPid, Accepted{3, 4, 40001}}, {kServerPid, ForkCalled{1}}});
  const Narration child_first = words_for(world, kChild, ChildStarted{kServerPid, 1});
  EXPECT_TRUE(contains(child_first.meaning, "refcnt(connection 1) = 2")) << child_first.meaning;
  tell(world, kChild, ChildStarted{kServerPid, 1});
  tell(world, kChild, Closed{4});
  const Narration parent_late = words_for(world, kServerPid, Forked{1, kChild});
  EXPECT_EQ(parent_late.meaning, "One of the two has closed connfd already.");
}

TEST(Narration, OfAChildThatIsHeardOfAfterTheNextAcceptTellsOfItsOwnConnection) {
  World world = told({{kServerPid, Listened{3, 8080, 10}},
                      {kServerPid, Accepted{3, 4, 40001}},
                      {kServerPid, ForkCalled{1}},
                      {kServerPid, Forked{1, kChild}}});
  World kept = world;
  tell(kept, kServerPid, Accepted{3, 5, 40002});
  const std::string meaning = words_for(kept, kChild, ChildStarted{kServerPid, 1}).meaning;
  EXPECT_TRUE(contains(meaning, "refcnt(connection 1) = 2")) << meaning;
  tell(world, kServerPid, Closed{4});
  tell(world, kServerPid, Accepted{3, 4, 40002});
  EXPECT_EQ(words_for(world, kChild, ChildStarted{kServerPid, 1}).meaning, "One of the two has closed connfd already.");
}

TEST(Narration, OfManyHoldersNamesOneAndCountsTheRest) {
  World world = one_child();  // the parent has not closed connfd
  for (std::uint32_t fork = 2; fork <= 4; ++fork) {
    tell(world, kServerPid, ForkCalled{fork});
    tell(world, kServerPid, Forked{fork, static_cast<Pid>(100 + fork)});
  }
  EXPECT_EQ(words_for(world, kServerPid, Closed{4}).meaning,
            "Not 0: child 1 still holds descriptor 4 and 3 more, so it stays open.");
}

TEST(Narration, OfAnExitWithOpenDescriptorsTellsEachCountAndWhoHoldsOn) {
  const Narration narration = words_for(one_child(), kChild, ExitCalled{1});
  EXPECT_EQ(narration.said,
            "Child 1 exits with status 1. refcnt(listening socket): 2 → 1. refcnt(connection 1): 2 → 1.");
  EXPECT_EQ(narration.meaning, "Not 0: the parent still holds descriptor 4.");
}

TEST(Narration, OfDup2AndExecveTellsWhatTheyOpenAndClose) {
  World world = one_child();
  tell(world, kServerPid, Closed{4});
  tell(world, kChild, CloexecSet{3, 1});
  EXPECT_EQ(words_for(world, kChild, Duplicated{4, 0}).said,
            "Child 1 calls dup2(4, 0). Descriptor 0 refers to connection 1 now. refcnt(connection 1): 1 → 2.");
  tell(world, kChild, Duplicated{4, 0});
  tell(world, kChild, Duplicated{4, 1});
  EXPECT_EQ(words_for(world, kChild, Closed{4}).meaning,
            "Not 0: child 1 still holds descriptors 0 and 1, so it stays open.");
  tell(world, kChild, Closed{4});
  EXPECT_EQ(words_for(world, kChild, Executed{ShortText("cat")}).said,
            "Child 1 runs cat now. execve has closed listenfd 3. refcnt(listening socket): 2 → 1.");
  World keeps = world;
  tell(keeps, kChild, CloexecSet{3, 0});
  EXPECT_EQ(words_for(keeps, kChild, Executed{ShortText("cat")}).meaning,
            "It holds the listening socket, as descriptor 3, and knows nothing of it.");
  tell(world, kChild, Executed{ShortText("cat")});
  const Narration exit = words_for(world, kChild, ExitCalled{0});
  EXPECT_EQ(exit.said, "Child 1 exits. refcnt(connection 1): 2 → 0.");
  EXPECT_EQ(exit.meaning,
            "It is a zombie now: only its exit status is left, until its parent asks for it with waitpid.");
}

TEST(Narration, OfAnExitThatFreesEverythingSaysWhatIsLeft) {
  World world = one_child();
  tell(world, kServerPid, Closed{4});
  const Narration narration = words_for(world, kChild, ExitCalled{0});
  EXPECT_EQ(narration.said, "Child 1 exits. refcnt(listening socket): 2 → 1. refcnt(connection 1): 1 → 0.");
  EXPECT_EQ(narration.meaning,
            "It is a zombie now: only its exit status is left, until its parent asks for it with waitpid.");
}

TEST(Narration, OfAServerThatExitsNamesTheChildThatStillListens) {
  World world = one_child();
  tell(world, kServerPid, Closed{4});
  const Narration narration = words_for(world, kServerPid, ExitCalled{1});
  EXPECT_EQ(narration.said, "The parent exits with status 1. refcnt(listening socket): 2 → 1.");
  EXPECT_EQ(narration.meaning, "Not 0: child 1 still holds descriptor 3.");
}

TEST(Narration, OfAnAcceptSaysWhatTheParentStillHolds) {
  EXPECT_EQ(words_for(one_child(), kServerPid, AcceptCalled{3}).meaning,
            "It still holds connfd 4: while it does, refcnt(connection 1) can't become 0.");
  EXPECT_EQ(words_for(one_child(), kChild, AcceptCalled{3}).meaning,
            "Only the parent should: this child has left its branch and is in the parent's loop.");
}

TEST(Narration, OfAHandlerWithoutSaRestartDoesNotClaimARestart) {
  World world = one_child();
  tell(world, 0, BugsSwitched{bugs_of({Bug::kNoEintrCheck})});
  tell(world, kServerPid, AcceptCalled{3});
  tell(world, kServerPid, SignalDelivered{SIGCHLD});
  const Narration returned = words_for(world, kServerPid, HandlerReturned{SIGCHLD});
  EXPECT_EQ(returned.said, "The SIGCHLD handler returns.");
  EXPECT_EQ(returned.meaning, "Without SA_RESTART, accept(3) isn't started again: it fails with EINTR.");
  tell(world, kServerPid, HandlerReturned{SIGCHLD});
  EXPECT_EQ(words_for(world, kServerPid, CallFailed{Call::kAccept, 3, EINTR}).meaning,
            "A signal interrupted the call. Nothing is wrong: it only has to be called again.");
  tell(world, kServerPid, CallFailed{Call::kAccept, 3, EINTR});
  EXPECT_EQ(words_for(world, kServerPid, ErrnoSeen{EINTR}).meaning,
            "It is not one of those that the server knows to pass: it gives up.");
}

TEST(Narration, OfAHandlerThatAsksOnceCountsWhoIsLeft) {
  World world = one_child();
  tell(world, 0, BugsSwitched{bugs_of({Bug::kOneWaitpid})});
  tell(world, kServerPid, ForkCalled{2});
  tell(world, kServerPid, Forked{2, kChild + 1});
  tell(world, kChild, ExitCalled{0});
  tell(world, kChild + 1, DeathSeen{});
  tell(world, kServerPid, SignalDelivered{SIGCHLD});
  tell(world, kServerPid, Reaped{kChild, 0});
  EXPECT_EQ(words_for(world, kServerPid, HandlerReturned{SIGCHLD}).meaning,
            "It asked once, and 1 zombie is left: signals do not queue.");
  EXPECT_EQ(words_for(world, kServerPid, NothingToReap{}).meaning, "The handler is done.");
}

TEST(Narration, OfADescriptorThatIsClosedTwiceSaysHowThatCame) {
  EXPECT_EQ(words_for(one_child(), kChild, CallFailed{Call::kClose, 4, EBADF}).meaning,
            "That descriptor isn't open: the child closed it already, and has come to the parent's line.");
  EXPECT_EQ(words_for(one_child(), kServerPid, CallFailed{Call::kClose, 4, EBADF}).meaning,
            "That descriptor isn't open.");
}

TEST(Narration, QuotesTheFirstLineAndShowsThatThereIsMore) {
  const auto said = [](std::string_view text, std::uint32_t bytes) {
    return words_for({}, 0, ClientSent{{1}, bytes, ShortText(text)}).said;
  };
  EXPECT_EQ(said("hello\n", 6), "Client 1 sends “hello”.");
  EXPECT_EQ(said("hello\r\n", 7), "Client 1 sends “hello”.");
  EXPECT_EQ(said("hello", 5), "Client 1 sends “hello”.");
  EXPECT_EQ(said("one\ntwo\n", 8), "Client 1 sends “one…”.");
  EXPECT_EQ(said(std::string(31, 'x'), 5000), "Client 1 sends “" + std::string(31, 'x') + "…”.");
  EXPECT_EQ(said("\n", 1), "Client 1 sends “”.");
  EXPECT_EQ(said("", 0), "Client 1 sends “”.");
  EXPECT_EQ(said("é → 😀\n", 11), "Client 1 sends “é → 😀”.");
  EXPECT_EQ(said("a\tb\x1b[2J\x7f\xC2\x9B", 9), "Client 1 sends “a.b.[2J..”.") << "nothing reaches the terminal";
}

TEST(Narration, OfAnOutsiderNamesItsProgramAndKeepsItOffTheTerminal) {
  const auto said = [](std::string_view program) {
    return words_for({}, 77, OutsiderNamed{{3}, ShortText(program)}).said;
  };
  EXPECT_EQ(said("nc"), "Client 3 is nc, process 77.");
  EXPECT_EQ(said("\x1b]0;x\a"), "Client 3 is .]0;x., process 77.");
  EXPECT_EQ(said(""), "Client 3 is a program without a name, process 77.");
}

TEST(Narration, OfAnOutsiderTellsWhereItCallsFromAndWhatBecomesOfIt) {
  World world;
  const auto said = [&](Pid pid, const What& what) {
    std::string words = narrate_listing(world, {0, pid, 0, what}).said;
    tell(world, pid, what);
    return words;
  };
  EXPECT_EQ(said(0, OutsiderConnected{{3}, 40001}),
            "Client 3 is none of Forktable's: it connected from outside, port 40001.");
  EXPECT_EQ(said(0, OutsiderConnected{{4}, {Ipv4{0x7F000002}, 40001}}),
            "Client 4 is none of Forktable's: it connected from outside, 127.0.0.2, port 40001.");
  EXPECT_EQ(said(0, OutsiderUnnamed{{3}, Unnamed::kGone}),
            "Client 3 was gone before it could be asked which program it is.");
  EXPECT_EQ(said(0, OutsiderUnnamed{{3}, Unnamed::kForbidden}),
            "Client 3 is another user's: this user may not see which program it is.");
  EXPECT_EQ(said(77, OutsiderNamed{{4}, ShortText("bash")}), "Client 4 is bash, process 77.");
  EXPECT_EQ(said(77, OutsiderNamed{{4}, ShortText("nc")}), "Client 4 is now nc, process 77.");
  EXPECT_EQ(said(0, TcpStateSeen{{Ipv4{0x7F000002}, 40001}, 8080, TcpState::kGone}),
            "The socket 127.0.0.2:40001 → 8080 is gone.");
}

TEST(Narration, OfEveryEventIsASentenceEvenInAnEmptyWorld) {
  Random random(1);
  for (int round = 0; round < 100; ++round)
    for (const Event& event : one_of_every_kind(random)) {
      const Narration narration = narrate_listing({}, event);
      ASSERT_FALSE(narration.said.empty()) << event;
      EXPECT_EQ(narration.said.back(), '.') << narration.said;
      EXPECT_TRUE(narration.meaning.empty() || narration.meaning.back() == '.') << narration.meaning;
      for (const char c : narration.said) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << narration.said;
    }
}

TEST(Narration, OfAnAcceptWithAClientInTheQueueDoesNotSayThatItBlocks) {
  Story story;
  story.connect_only();
  EXPECT_EQ(narrate_listing(story.world, Event{1, Story::kServer, 22, AcceptCalled{3}}).said,
            "The parent calls accept(3): client 1 is waiting already.");
}

TEST(Narration, OfAReadSaysThatItBlocksOnlyWhereItMay) {
  Story story;
  const Pid child = story.client();
  const Event read{1, child, 12, ReadCalled{4}};
  EXPECT_EQ(narrate_listing(story.world, read).said,
            "Child 1 calls read(4) and blocks until client 1 sends something.");
  story.world.files[1].socket.receive = 6;
  EXPECT_EQ(narrate_listing(story.world, read).said, "Child 1 calls read(4): client 1 has sent something already.");
  story.happens(0, ClientHalfClosed{{1}});
  EXPECT_EQ(narrate_listing(story.world, read).said, "Child 1 calls read(4). Client 1 has said that it sends no more.");
}

TEST(Narration, TellsOfAChildThatIsThereBeforeItsClients) {
  World world = told({{kServerPid, ServerNamed{ServerKind::kPrefork}}, {kServerPid, Listened{3, 8080, 10}}});
  const Pid second = kChild + 1;
  expect_words(
      world,
      {{kServerPid, ForkCalled{1}, "The parent is about to fork.",
        "The child gets a copy of its descriptor table, and every open file in it one more reference."},
       {kChild, ChildStarted{kServerPid, 1},
        "Child 1 starts, where fork returns 0, with a copy of the descriptor table of the parent.",
        "Parent and child hold the same open files."},
       {kChild, AcceptCalled{3}, "Child 1 calls accept(3) and blocks until a client connects.",
        "A blocked process uses no processor time: the kernel wakes it when there is a connection."},
       {kServerPid, Forked{1, kChild}, "fork returns 101 in the parent: the pid of its child.",
        "Parent and child hold the same open files."},
       {kServerPid, ForkCalled{2}, "The parent is about to fork.",
        "The child gets a copy of its descriptor table, and every open file in it one more reference."},
       {kServerPid, Forked{2, second}, "fork returns 102 in the parent: the pid of its child.",
        "Parent and child hold the same open files."},
       {second, AcceptCalled{3}, "Child 2 calls accept(3) and blocks until a client connects.",
        "2 of them wait there, on one socket. A connection goes to one of them."},
       {kServerPid, WaitpidCalled{}, "The parent calls waitpid and blocks until a child ends.",
        "It serves nobody itself: it only sees to it that there are children who do."},
       {kChild, Accepted{3, 4, 40001}, "accept returns connfd 4 in child 1: connection 1, from a client.",
        "refcnt(connection 1) = 1: it was forked before, and no other process has this descriptor."},
       {kChild, ReadCalled{4}, "Child 1 calls read(4) and blocks until its client sends something.",
        "Only this child waits. The others go on, and serve a client each."},
       {kServerPid, CallFailed{Call::kWaitpid, -1, ECHILD}, "waitpid fails with ECHILD: there are no children left.",
        "There is nobody to wait for."},
       {kServerPid, BackedOff{1000}, "The parent waits 1000 ms before it goes on.",
        "It has no children. Trying again at once would only burn the processor, and nobody accepts meanwhile."}});
}

}  // namespace
}  // namespace forktable::test
