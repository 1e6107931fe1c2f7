// What only some servers have: descriptors that are ready, counters, shared memory, other programs, lists of children.
#include "tests/ui/picture/approaches.hpp"

#include <algorithm>
#include <csignal>

#include "core/world/diagnose.hpp"
#include "core/world/telling.hpp"
#include "ui/picture/slide.hpp"

namespace forktable::test {
namespace {

constexpr ServerKind kKinds[] = {ServerKind::kProcess,    ServerKind::kIterative,   ServerKind::kProcessFifo,
                                 ServerKind::kProcessShm, ServerKind::kProcessJobs, ServerKind::kSelect,
                                 ServerKind::kEpoll,      ServerKind::kThread,      ServerKind::kPrefork,
                                 ServerKind::kInetd};
constexpr Pid kServer = Story::kServer;

bool has_chip(const Scene& scene, const std::string& words) {
  const Box* behind = nullptr;
  for (const Item& item : scene.items) {
    const Text* text = std::get_if<Text>(&item.what);
    if (text != nullptr && text->text == words) return behind != nullptr;
    behind = std::get_if<Box>(&item.what);
  }
  return false;
}

TEST(Approaches, NothingOverlapsAndNothingIsCutOffInAnyOfThemAtAnyNumberOfClients) {
  for (const ServerKind kind : kKinds) {
    Approach story(kind);
    for (int clients = 0; clients <= 130; ++clients) {
      if (clients > 0) story.serve();
      if (clients == 5) story.happens(kServer, Counted{3});
      if (clients > 14 && clients % 29 != 0) continue;
      for (const Size area : {Size{1130, 820}, Size{1024, 612}, Size{512, 640}, Size{640, 400}, Size{1900, 1000}}) {
        SCOPED_TRACE(std::string(name_of(kind)) + ", " + std::to_string(clients) + " clients on " +
                     std::to_string(area.width) + "x" + std::to_string(area.height));
        PictureRequest request = story.request(area);
        request.step_buttons = request.offer_client = true;
        expect_sound(draw_picture(request), 8);
        expect_sound(draw_slide({story.world, {"Said.", "Meant."}, "step 1", slide_theme(), fonts()}), 9);
        if (HasFailure()) return;
      }
    }
  }
}

// As two servers side by side in a small window have it.
TEST(Approaches, SayInANarrowPictureWhatMatters) {
  for (const ServerKind kind : kKinds) {
    Approach story(kind);
    for (int i = 0; i < 3; ++i) story.serve();
    const Scene scene = story.picture({512, 640});
    for (const char* words : {"listening socket", "client 3", ":8080"})
      EXPECT_TRUE(says(scene, words)) << words << " in " << name_of(kind);
    EXPECT_EQ(says(scene, "thread 3, serves client 3"), kind == ServerKind::kThread);
    EXPECT_EQ(says(scene, "0 stores, attached by 4 processes"), kind == ServerKind::kProcessShm);
  }
}

TEST(Approaches, ThePictureThatTellsMostIsOfAllClientsBeingServed) {
  for (const ServerKind kind : {ServerKind::kSelect, ServerKind::kEpoll, ServerKind::kThread}) {
    Approach story(kind);
    for (int i = 0; i < 3; ++i) story.serve();
    World world;
    for (std::uint64_t step = 0; step < most_telling_step(story.events); ++step) reduce(world, story.events[step]);
    const auto connections = std::count_if(world.files.begin(), world.files.end(),
                                           [](const OpenFile& file) { return file.kind == FileKind::kConnection; });
    EXPECT_EQ(connections, 3) << name_of(kind);
    EXPECT_EQ(threads_of(world, *find_process(world, world.server)).size(), kind == ServerKind::kThread ? 3u : 0u);
  }
}

std::size_t count_rows(const Scene& scene, Subject card, const std::string& word) {
  const std::string words = words_on(scene, card);
  std::size_t count = 0;
  for (std::size_t at = 0; (at = words.find("\n" + word + "\n", at)) != std::string::npos; ++at) ++count;
  return count;
}

TEST(Readiness, IsMarkedAtEachDescriptorThatIsWatched) {
  Approach story(ServerKind::kSelect);
  for (int i = 0; i < 3; ++i) story.serve();
  EXPECT_TRUE(says(story.picture(), "select waits for 4 descriptors"));
  EXPECT_EQ(count_rows(story.picture(), card_of(story.world), "watched"), 4u);
  EXPECT_FALSE(has_chip(story.picture(), "ready"));
  story.happens(kServer, FoundReady{3});
  story.happens(kServer, FoundReady{5});
  story.happens(kServer, PollReturned{Call::kSelect, 2});
  const Scene scene = story.picture();
  EXPECT_TRUE(says(scene, "select found ready: 3, 5"));
  EXPECT_EQ(count_rows(scene, card_of(story.world), "ready"), 2u);
  EXPECT_TRUE(has_chip(scene, "ready"));
  EXPECT_TRUE(says(scene, "PROCESS\n"));
}

TEST(Readiness, IsNotWaitedForWhileTheServerDoesSomethingElse) {
  for (const ServerKind kind : {ServerKind::kSelect, ServerKind::kEpoll}) {
    Approach story(kind);
    const bool epoll = kind == ServerKind::kEpoll;
    story.serve();
    story.happens(kServer, GateReached{epoll ? Call::kEpollWait : Call::kSelect, epoll ? 4 : -1});
    const Scene scene = story.picture();
    EXPECT_TRUE(
        says(scene, epoll ? "not in epoll_wait, epfd has 2 descriptors" : "not in select, read_set has 2 descriptors"));
    EXPECT_EQ(count_rows(scene, card_of(story.world), "watched"), 0u);
    EXPECT_EQ(count_rows(scene, card_of(story.world), epoll ? "in epfd" : "in read_set"), 2u);
  }
}

TEST(Readiness, OfManyDescriptorsIsShownInTheStripWhichHoldsThemAll) {
  Approach story(ServerKind::kSelect);
  for (int i = 0; i < 60; ++i) story.serve();
  story.happens(kServer, FoundReady{7});
  story.happens(kServer, PollReturned{Call::kSelect, 1});
  const Scene scene = story.picture({1024, 612});
  expect_sound(scene, 8);
  EXPECT_TRUE(says(scene, "descriptor table: 61 open; served 0; select found ready: 7"));
  for (int fd = 3; fd < 64; ++fd)
    EXPECT_NE(scene.find({Subject::kDescriptor, story.world.server.value, static_cast<std::uint32_t>(fd)}), nullptr);
  EXPECT_TRUE(says(scene, "60 like this: a descriptor, its client"));
}

TEST(Helpers, AreOpenFilesButNoSockets) {
  for (const ServerKind kind : {ServerKind::kEpoll, ServerKind::kProcessFifo}) {
    Approach story(kind);
    story.serve();
    story.time += 10 * kSecond;
    const Scene scene = story.picture();
    const auto helper = std::find_if(story.world.files.begin(), story.world.files.end(), [](const OpenFile& file) {
      return file.kind == FileKind::kEpoll || file.kind == FileKind::kFifo;
    });
    ASSERT_NE(helper, story.world.files.end());
    const std::string words = words_on(scene, {Subject::kFile, helper->id.value});
    EXPECT_EQ(words, kind == ServerKind::kEpoll ? "epoll instance\n1\nwatches 2 descriptors\n"
                                                : "FIFO\n2\nheld by 2 processes\n");
  }
}

// The fill of the cell with how many this process has served.
Color cell_of(const Scene& scene, Subject process) {
  const Group* card = scene.find(process);
  bool named = false;
  for (const Item& item : scene.items) {
    if (const Box* box = std::get_if<Box>(&item.what); named && box != nullptr) return box->fill;
    const Text* text = std::get_if<Text>(&item.what);
    named = card != nullptr && item.group == card->key && text != nullptr && text->text == "served";
  }
  ADD_FAILURE() << "it has none";
  return kTransparent;
}

TEST(Execve, IsShownByTheProgramThatAProcessRunsAndByWhatItHasClosed) {
  Approach story(ServerKind::kInetd);
  EXPECT_TRUE(says(story.picture(), "close-on-exec")) << "listenfd, in the server";
  const Pid child = story.serve();
  const Subject card{Subject::kProcess, story.id_of(child)};
  const Scene scene = story.picture();
  const std::string words = words_on(scene, card);
  for (const char* word : {"runs cat", "stdin", "stdout", "listenfd", "connfd"})
    EXPECT_NE(words.find(word), std::string::npos) << word << " in " << words;
  EXPECT_EQ(count_arrows(scene), 3u) << "two from the child, and listenfd of the server";
}

TEST(Counter, IsShownForEachAddressSpaceFromTheStart) {
  Approach story(ServerKind::kProcess);
  const Pid first = story.serve(), second = story.serve();
  const Scene before = story.picture();
  EXPECT_NE(words_on(before, card_of(story.world)).find("served\n0\n"), std::string::npos);
  EXPECT_NE(words_on(before, {Subject::kProcess, story.id_of(first)}).find("served\n0\n"), std::string::npos);
  EXPECT_FALSE(says(Approach(ServerKind::kProcessShm).picture(), "served")) << "its counter is in the segment";
  Approach inetd(ServerKind::kInetd);
  inetd.serve();
  EXPECT_FALSE(says(inetd.picture(), "served")) << "it has no counter";
  story.happens(first, Counted{1});
  const Scene scene = story.picture();
  EXPECT_NE(words_on(scene, card_of(story.world)).find("served\n0\n"), std::string::npos);
  EXPECT_NE(words_on(scene, {Subject::kProcess, story.id_of(first)}).find("served\n1\n"), std::string::npos);
  EXPECT_NE(words_on(scene, {Subject::kProcess, story.id_of(second)}).find("served\n0\n"), std::string::npos);
  for (const Group& group : before.groups) EXPECT_EQ(scene.find(group.subject)->rect, group.rect) << "costs no room";
  const Subject counted{Subject::kProcess, story.id_of(first)};
  EXPECT_EQ(cell_of(scene, counted), light_theme().accent) << "it has just changed";
  story.happens(first, ReadCalled{4});
  EXPECT_NE(cell_of(story.picture(), counted), light_theme().accent);
}

TEST(EventServer, SaysForWhomItWorksAndMarksTheDescriptorThatItHasRead) {
  for (const ServerKind kind : {ServerKind::kSelect, ServerKind::kEpoll}) {
    Approach story(kind);
    for (int i = 0; i < 3; ++i) story.serve();
    const int second = story.next_fd - 2;
    story.happens(kServer, FoundReady{second});
    story.happens(kServer, PollReturned{kind == ServerKind::kSelect ? Call::kSelect : Call::kEpollWait, 1});
    story.happens(kServer, ReadCalled{second});
    story.happens(kServer, Read{second, 6, ShortText("hello\n")});
    EXPECT_FALSE(says(story.picture(), "working on it"));
    story.happens(kServer, Worked{2000});
    const std::string words = words_on(story.picture(), card_of(story.world));
    EXPECT_NE(words.find("busy with a request of client 2"), std::string::npos) << words;
    EXPECT_NE(words.find("working on it"), std::string::npos) << words;
    story.happens(kServer, GateReached{Call::kWrite, second});
    EXPECT_FALSE(says(story.picture(), "working on it"));
  }
}

TEST(Approaches, ClientsThatHaveGoneStayInAPictureThatKeepsThemWhileThereIsRoom) {
  Approach story(ServerKind::kIterative);
  const auto come_and_go = [&] {
    story.connect_only();
    const int fd = story.next_fd;
    story.happens(kServer, Accepted{3, fd, story.port()});
    story.happens(kServer, Closed{fd});
    story.happens(0, ClientEnded{{story.clients}});
    story.happens(kServer, AcceptCalled{3});
  };
  for (int i = 0; i < 3; ++i) come_and_go();
  story.time += 60 * kSecond;
  EXPECT_FALSE(says(story.picture(), "client 1"));
  PictureRequest request = story.request();
  request.keeps_ended = true;
  EXPECT_TRUE(says(draw_picture(request), "client 1"));
  EXPECT_TRUE(says(draw_picture(request), "client 3"));
  for (int i = 0; i < 20; ++i) story.serve();
  PictureRequest full = story.request();
  full.keeps_ended = true;
  EXPECT_FALSE(says(draw_picture(full), "client 3"));
}

TEST(Approaches, OfChildrenThePidsAreAllShownOrNone) {
  Approach story(ServerKind::kPrefork);
  const Pid busy = story.serve();
  story.happens(busy, EndOfFile{4});
  story.happens(busy, Counted{1});
  bool all = false, none = false;
  for (float width = 900; width <= 1500; width += 20) {
    PictureRequest request = story.request({width, 900});
    request.largest_scale = request.smallest_scale = 1;
    request.stage.slots = kPoolSize;
    const Scene scene = draw_picture(request);
    std::size_t shown = 0, children = 0;
    for (const Process& process : story.world.processes)
      if (process.parent) {
        ++children;
        if (says(scene, "pid " + std::to_string(process.pid))) ++shown;
      }
    ASSERT_EQ(children, kPoolSize);
    EXPECT_TRUE(shown == 0 || shown == children) << shown << " at " << width;
    all |= shown == children;
    none |= shown == 0;
  }
  EXPECT_TRUE(all && none);
}

TEST(Approaches, BesideAnotherServerItIsToldWhoWasServedAndHowLongThatTook) {
  Approach story(ServerKind::kIterative);
  for (int i = 0; i < 9; ++i) {
    story.connect_only();
    const int fd = story.next_fd;
    story.happens(kServer, Accepted{3, fd, story.port()});
    story.happens(kServer, Read{fd, 6, ShortText("hello\n")});
    story.time += 40 * kMillisecond;
    story.happens(kServer, Wrote{fd, 6});
    story.happens(0, ClientReceived{{story.clients}, 6, ShortText("hello\n")});
    story.happens(kServer, Closed{fd});
    story.happens(0, ClientEnded{{story.clients}});
    story.happens(kServer, AcceptCalled{3});
  }
  story.time += 60 * kSecond;
  PictureRequest request = story.request();
  request.keeps_ended = true;
  const Scene scene = draw_picture(request);
  expect_sound(scene, 7);
  const std::string latest = words_on(scene, {Subject::kClient, 9});
  for (const char* words : {"→ hello", "← hello", "after 44 ms"})
    EXPECT_NE(latest.find(words), std::string::npos) << words << " in " << latest;
  PictureRequest low = request;
  low.area = {800, 420};
  const Scene few = draw_picture(low);
  expect_sound(few, 7);
  EXPECT_TRUE(says(few, "not shown")) << "the first ones, where there is no room for all";
  EXPECT_NE(words_on(few, {Subject::kClient, 9}).find("after 44 ms"), std::string::npos);
  EXPECT_FALSE(says(draw_picture(story.request()), "client 9")) << "alone, what is over goes";
}

TEST(Diagnoses, AreSaidInFullBesideWhatIsLowWhereThereIsNoRoomBelowTheClients) {
  Approach story(ServerKind::kSelect);
  for (int i = 0; i < 3; ++i) story.serve();
  story.happens(kServer, Read{4, 6, ShortText("hello\n")});
  story.happens(kServer, Worked{2000});
  const std::vector<Diagnosis> diagnoses = diagnose(story.world, story.time);
  ASSERT_FALSE(diagnoses.empty());
  for (const float height : {460.f, 480.f, 500.f, 520.f, 600.f}) {
    PictureRequest request = story.request({800, height});
    request.diagnoses = diagnoses;
    const Scene scene = draw_picture(request);
    expect_sound(scene, 7);
    EXPECT_TRUE(says(scene, "Fix:")) << height;
  }
}

TEST(Diagnoses, BreakAFixThatIsTooLongForALine) {
  Approach story(ServerKind::kIterative);
  for (int i = 0; i < 3; ++i) story.serve();
  Diagnosis diagnosis;
  diagnosis.title = "Leak";
  diagnosis.fix = "if (Fork() == 0) { echo(connfd); Exit(0); } Close(connfd); Finally(connfd, listenfd);";
  PictureRequest request = story.request({800, 900});
  request.diagnoses = {&diagnosis, 1};
  const std::string words = words_of(draw_picture(request));
  for (const char* word : {"if (Fork()", "Exit(0);", "Finally(connfd, listenfd);"})
    EXPECT_NE(words.find(word), std::string::npos) << words;
}

TEST(Counter, OfThreadsIsOne) {
  Approach story(ServerKind::kThread);
  story.happens(story.serve(), Counted{1});
  story.happens(story.serve(), Counted{2});
  const std::string words = words_of(story.picture());
  EXPECT_NE(words.find("served\n2\n"), std::string::npos);
  EXPECT_EQ(words.find("served"), words.rfind("served"));
}

TEST(SharedMemory, ShowsItsValueWhoIsAttachedAndWhoHoldsTheSemaphore) {
  Approach story(ServerKind::kProcessShm);
  const Pid first = story.serve(), second = story.serve();
  EXPECT_TRUE(says(story.picture(), "attached by 3 processes"));
  EXPECT_TRUE(says(story.picture(), "held by nobody"));
  for (const Pid child : {first, second}) story.happens(child, SemaphoreCalled{7});
  story.happens(first, SemaphoreTaken{7});
  story.happens(first, Loaded{4});
  const Scene scene = story.picture();
  EXPECT_TRUE(says(scene, "segment 983044"));
  EXPECT_TRUE(says(scene, "held by child 1\n1 blocked in P"));
  EXPECT_TRUE(says(scene, "blocked in P, semop()"));
  EXPECT_NE(words_on(scene, {Subject::kProcess, story.id_of(first)}).find("n = 4"), std::string::npos);
  story.happens(first, GateReached{Call::kSemop, -1});
  story.happens(0, SegmentSeen{983044, 2});
  EXPECT_TRUE(says(story.picture(), "next: V, semop()"));
  EXPECT_TRUE(says(story.picture(), "attached by 3, kernel: 2"));
  story.happens(first, SemaphoreGiven{7});
  EXPECT_TRUE(says(story.picture(), "held by nobody"));
}

TEST(SharedMemory, IsAlarmingOnceAnUpdateIsLost) {
  Approach story(ServerKind::kProcessShm);
  const Pid first = story.serve(), second = story.serve();
  for (const Pid child : {first, second}) story.happens(child, Loaded{0});
  story.happens(first, Stored{1});
  EXPECT_FALSE(says(story.picture(), "lost"));
  EXPECT_TRUE(boxes_of(story.picture(), light_theme().alarm).empty());
  story.happens(second, Stored{1});
  EXPECT_TRUE(says(story.picture(), "2 stores, value 1:\nan update is lost"));
  EXPECT_FALSE(boxes_of(story.picture(), light_theme().alarm).empty());
}

TEST(SharedMemory, StaysAsLongAsAnOrphanHasIt) {
  Approach story(ServerKind::kProcessShm);
  const Pid child = story.serve();
  story.happens(Story::kServer, Collected{SIGKILL});
  EXPECT_TRUE(says(story.picture(), "attached by 1 process"));
  story.happens(child, Collected{SIGKILL});
  EXPECT_FALSE(says(story.picture(), "segment 983044"));
}

TEST(Fifo, ShowsWhatHasBeenWrittenAndNotRead) {
  Approach story(ServerKind::kProcessFifo);
  const Pid child = story.serve();
  story.happens(child, Wrote{4, 1});
  EXPECT_TRUE(says(story.picture(), "1 byte to be read"));
  story.happens(Story::kServer, Read{4, 1, ShortText("1")});
  EXPECT_FALSE(says(story.picture(), "to be read"));
  // The report of a write may come after that of the read.
  story.happens(Story::kServer, Read{4, 1, ShortText("1")});
  story.happens(child, Wrote{4, 1});
  EXPECT_FALSE(says(story.picture(), "to be read"));
}

TEST(SharedMemory, IsThereInACrowdToo) {
  Approach story(ServerKind::kProcessShm);
  for (int i = 0; i < 40; ++i) story.serve();
  const Scene scene = story.picture({1024, 612});
  expect_sound(scene, 8);
  EXPECT_TRUE(says(scene, "segment 983044"));
  EXPECT_TRUE(says(scene, "semaphore 7"));
  EXPECT_TRUE(says(scene, "40 like this: a child"));
}

TEST(Jobs, AreInTheCardOfTheParentByTheirPidsAndOneThatIsGoneIsMarked) {
  Approach story(ServerKind::kProcessJobs);
  EXPECT_TRUE(says(story.picture(), "jobs\nempty"));
  const Pid first = story.serve(), second = story.serve();
  const auto card = [&] { return words_on(story.picture(), {Subject::kProcess, story.id_of(kServer)}); };
  const std::string both = std::to_string(first) + "\nchild 1\n" + std::to_string(second) + "\nchild 2\n";
  EXPECT_NE(card().find(both), std::string::npos) << card();
  story.happens(first, ExitCalled{0});
  story.happens(kServer, Reaped{first, 0});
  story.happens(kServer, JobDeleted{first, 1});
  EXPECT_EQ(card().find("child 1"), std::string::npos);
  story.happens(kServer, JobAdded{first});
  EXPECT_NE(card().find(std::to_string(first) + "\nchild 1, reaped"), std::string::npos);
  EXPECT_EQ(color_behind(story.picture(), std::to_string(first)), light_theme().card);
  expect_sound(story.picture(), 9);
}

TEST(Jobs, AsManyAreShownAsThereIsRoomForAndTheOthersAreCounted) {
  Approach story(ServerKind::kProcessJobs);
  for (int i = 0; i < 3; ++i) story.serve();
  for (int i = 0; i < 40; ++i) story.happens(kServer, JobAdded{1'000'000 + i});
  const Scene scene = story.picture();
  expect_sound(scene, 9);
  const std::string card = words_on(scene, card_of(story.world));
  int shown = 0;
  for (const Job& job : find_process(story.world, kServer)->jobs)
    shown += card.find(std::to_string(job.pid) + "\n") != std::string::npos ? 1 : 0;
  EXPECT_GT(shown, 2);
  EXPECT_NE(card.find("+" + std::to_string(43 - shown) + "\n"), std::string::npos) << card;
}

TEST(Mask, IsInTheCardOfAProcessWhileItBlocksSigchld) {
  constexpr std::uint32_t kChld = 1u << (SIGCHLD - 1);
  Approach story(ServerKind::kProcessJobs);
  story.serve();
  EXPECT_FALSE(says(story.picture(), "SIGCHLD"));
  story.happens(kServer, MaskChanged{Masking::kBlock, kChld, 0, kChld});
  EXPECT_TRUE(says(story.picture(), "SIGCHLD\nblocked\npending\n"));
  story.happens(kServer, MaskChanged{Masking::kUnblock, kChld, kChld, 0});
  EXPECT_FALSE(says(story.picture(), "SIGCHLD"));
}

TEST(Iterative, ClientsThatWaitAreInTheQueueAndTheBacklogCountsThem) {
  Approach story(ServerKind::kIterative);
  for (int i = 0; i < 3; ++i) story.serve();
  const Scene scene = story.picture();
  EXPECT_TRUE(says(scene, "backlog 2 of 128"));
  EXPECT_TRUE(says(scene, "queued, no echo yet"));
  EXPECT_EQ(count_arrows(scene), 2u);
}

}  // namespace
}  // namespace forktable::test
