// The kernel's word in the picture: states and queues of sockets, signals, what is stopped, and where it disagrees.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include "core/world/describe.hpp"
#include "tests/support/story.hpp"
#include "tests/ui/picture/sound.hpp"
#include "ui/picture/kernel_verdict.hpp"
#include "ui/picture/picture.hpp"
#include "ui/picture/slide.hpp"
#include "ui/picture/sockets.hpp"

namespace forktable::test {
namespace {

constexpr Size kSizes[] = {{1130, 820}, {1100, 660}, {1024, 612}, {1024, 500},
                           {1024, 416}, {640, 400},  {800, 600},  {1900, 1000}};
constexpr std::uint32_t bit(int signal) { return 1u << (signal - 1); }

// A story in which the kernel has its say.
struct Told : Story {
  void state(Port port, Port peer, TcpState state) { happens(0, TcpStateSeen{port, peer, state}); }
  void queues(Port port, Port peer, std::uint32_t receive, std::uint32_t send) {
    happens(0, QueuesSeen{port, peer, receive, send});
  }
  // Of the latest client: the server's end and its own.
  void states(TcpState server, TcpState client) {
    state(8080, port(), server);
    state(port(), 8080, client);
  }
  void listens(std::uint32_t waiting, std::uint32_t most = 128) {
    state(8080, 0, TcpState::kListen);
    queues(8080, 0, waiting, most);
  }
  void differs(Pid pid, Differs in, int number, const char* ours, const char* kernel) {
    happens(pid, DifferenceSeen{in, number, ShortText(ours), ShortText(kernel)});
  }
  PictureRequest request(Size area = {1130, 820}) const { return {world, time, area, light_theme(), fonts()}; }
  Scene picture(Size area = {1130, 820}) const { return draw_picture(request(area)); }
};

std::string words_on(const Scene& scene, Subject subject) {
  const Group* card = scene.find(subject);
  EXPECT_NE(card, nullptr);
  std::string all;
  for (const Item& item : scene.items)
    if (const Text* text = std::get_if<Text>(&item.what); text != nullptr && card != nullptr && item.group == card->key)
      all += text->text + "\n";
  return all;
}

// The box behind these words, such as a chip.
Color color_behind(const Scene& scene, const std::string& words) {
  const Box* behind = nullptr;
  for (const Item& item : scene.items) {
    if (const Box* box = std::get_if<Box>(&item.what)) behind = box;
    if (const Text* text = std::get_if<Text>(&item.what); text != nullptr && text->text == words)
      return behind != nullptr ? behind->fill : kTransparent;
  }
  ADD_FAILURE() << words << " isn't said";
  return kTransparent;
}

std::vector<Box> boxes_of(const Scene& scene, Color stroke) {
  std::vector<Box> all;
  for (const Item& item : scene.items)
    if (const Box* box = std::get_if<Box>(&item.what); box != nullptr && box->stroke == stroke) all.push_back(*box);
  return all;
}

bool ends_with_ellipsis(const Scene& scene) { return says(scene, "…\n"); }

// ---- sockets ----

TEST(KernelInPicture, BothEndsOfAConnectionSayTheirStatesAndWhy) {
  Told story;
  story.client();
  story.happens(0, ClientHalfClosed{{1}});
  story.states(TcpState::kCloseWait, TcpState::kFinWait2);
  const Scene scene = story.picture();
  const std::string file = words_on(scene, {Subject::kFile, story.world.files[1].id.value});
  EXPECT_NE(file.find("CLOSE_WAIT"), std::string::npos);
  EXPECT_NE(file.find("FIN came"), std::string::npos);
  const std::string client = words_on(scene, {Subject::kClient, 1});
  EXPECT_NE(client.find("FIN_WAIT2"), std::string::npos);
  EXPECT_NE(client.find("waits for the other's FIN"), std::string::npos);
  EXPECT_TRUE(says(story.picture({1900, 1000}), "half closed"));
  EXPECT_TRUE(says(scene, "half\n")) << "in two lines, where there is less room";
  EXPECT_EQ(color_behind(scene, "CLOSE_WAIT"), light_theme().chip) << "the child may close it yet: nothing is wrong";
}

TEST(KernelInPicture, AStateThatNobodyKnowsHasNoChip) {
  Story story;
  story.client();
  const Scene scene = draw_picture({story.world, story.time, {1130, 820}, light_theme(), fonts()});
  EXPECT_FALSE(says(scene, "unknown"));
  EXPECT_FALSE(says(scene, "ESTABLISHED"));
  Told gone;
  gone.client();
  gone.states(TcpState::kGone, TcpState::kGone);
  EXPECT_FALSE(says(gone.picture(), "gone"));
}

TEST(KernelInPicture, CloseWaitIsAlarmingWhereTheConnectionLeaks) {
  Told story;
  const Pid child = story.connect_only() ? Story::kServer + 1 : 0;
  story.happens(Story::kServer, Accepted{3, 4, story.port()});
  story.happens(Story::kServer, ForkCalled{1});
  story.happens(Story::kServer, Forked{1, child});
  story.happens(Story::kServer, AcceptCalled{3});
  story.states(TcpState::kCloseWait, TcpState::kFinWait2);
  const FileId file = story.world.files[1].id;
  const std::vector<Diagnosis> diagnoses{
      {"leaked-connfd", "Leak", "It leaks.", "Nobody closes it.", "Close(connfd);", 5, {}, file, {}}};
  PictureRequest request = story.request();
  request.diagnoses = diagnoses;
  EXPECT_EQ(color_behind(draw_picture(request), "CLOSE_WAIT"), light_theme().alarm);
}

TEST(KernelInPicture, TheBacklogIsABarThatAlarmsWhenItIsFull) {
  const auto filled = [](const Told& story) {
    const Scene scene = story.picture();
    float width = 0;
    for (const Item& item : scene.items)
      if (const Box* box = std::get_if<Box>(&item.what);
          box != nullptr && box->rect.height < 12 &&
          (box->fill == light_theme().accent || box->fill == light_theme().alarm))
        width = std::max(width, box->rect.width);
    return width;
  };
  Told story;
  story.listens(0);
  EXPECT_TRUE(says(story.picture(), "backlog 0 of 128"));
  EXPECT_EQ(filled(story), 0);
  story.listens(1, 1024);
  EXPECT_TRUE(says(story.picture(), "backlog 1 of 1024"));
  const float one = filled(story);
  EXPECT_GE(one, 5) << "one can be seen, of however many";
  story.listens(64);
  EXPECT_GT(filled(story), 3 * one);
  EXPECT_TRUE(boxes_of(story.picture(), light_theme().alarm).empty());
  story.listens(129);
  EXPECT_TRUE(says(story.picture(), "backlog 129 of 128"));
  EXPECT_FALSE(boxes_of(story.picture(), light_theme().alarm).empty());
}

TEST(KernelInPicture, WhatWaitsIsSaidInBytesAndAnEndOfFileIsNone) {
  Told story;
  story.client();
  const auto said = [&](TcpState state, std::uint32_t receive, std::uint32_t send) {
    story.state(8080, story.port(), state);
    story.queues(8080, story.port(), receive, send);
    return words_on(story.picture(), {Subject::kFile, story.world.files[1].id.value});
  };
  EXPECT_EQ(said(TcpState::kEstablished, 0, 0).find("to be read"), std::string::npos);
  EXPECT_NE(said(TcpState::kEstablished, 6, 0).find("6 bytes to be read\n"), std::string::npos);
  EXPECT_NE(said(TcpState::kCloseWait, 7, 0).find("6 bytes to be read\n"), std::string::npos);
  EXPECT_NE(said(TcpState::kCloseWait, 1, 0).find("end of file to be read\n"), std::string::npos);
  EXPECT_EQ(said(TcpState::kCloseWait, 0, 0).find("to be read"), std::string::npos) << "it has been read";
  EXPECT_NE(said(TcpState::kEstablished, 89000, 2'500'000).find("2.5 MB on the way to the client\n"),
            std::string::npos);
  EXPECT_EQ(said(TcpState::kLastAck, 0, 1).find("on the way"), std::string::npos) << "nothing but the FIN is";
}

TEST(KernelInPicture, TheServersEndThatOutlivesItsDescriptorsIsSaidOnTheClientsCard) {
  Told story;
  const Pid child = story.client();
  story.happens(child, Closed{4});
  story.states(TcpState::kFinWait2, TcpState::kCloseWait);
  EXPECT_NE(words_on(story.picture(), {Subject::kClient, 1}).find("the server's end: FIN_WAIT2"), std::string::npos);
}

TEST(KernelInPicture, AClientThatHasEndedKeepsTheStateOfItsEndWhileItIsShown) {
  Told story;
  const Pid child = story.client();
  story.leave(child);
  story.state(story.port(), 8080, TcpState::kTimeWait);
  EXPECT_NE(words_on(story.picture(), {Subject::kClient, 1}).find("TIME_WAIT"), std::string::npos);
}

TEST(KernelInPicture, AStateThatCannotBeAnyMoreIsNotShown) {
  Told story;
  const Pid child = story.client();
  story.states(TcpState::kEstablished, TcpState::kEstablished);
  EXPECT_TRUE(says(story.picture(), "ESTABLISHED"));
  const float height = story.picture().find({Subject::kClient, 1})->rect.height;
  story.happens(0, ClientHalfClosed{{1}});
  EXPECT_FALSE(says(story.picture(), "ESTABLISHED")) << "the kernel hasn't been asked since";
  EXPECT_EQ(story.picture().find({Subject::kClient, 1})->rect.height, height) << "its place is kept for the next";
  story.leave(child);
  EXPECT_FALSE(says(story.picture(), "ESTABLISHED"));
}

TEST(KernelInPicture, TheLinkGoesByTheStatesOfBothEnds) {
  const auto kind = [](TcpState server, TcpState client) {
    Told story;
    story.client();
    story.states(server, client);
    return look_of_link(story.world.files[1], story.world.clients[0]).kind;
  };
  EXPECT_EQ(kind(TcpState::kUnknown, TcpState::kUnknown), LinkLook::kOpen);
  EXPECT_EQ(kind(TcpState::kEstablished, TcpState::kEstablished), LinkLook::kOpen);
  EXPECT_EQ(kind(TcpState::kCloseWait, TcpState::kFinWait2), LinkLook::kHalfClosed);
  EXPECT_EQ(kind(TcpState::kFinWait2, TcpState::kCloseWait), LinkLook::kHalfClosed);
  EXPECT_EQ(kind(TcpState::kLastAck, TcpState::kTimeWait), LinkLook::kClosed);
  EXPECT_EQ(kind(TcpState::kClose, TcpState::kUnknown), LinkLook::kBroken);
}

TEST(Sizes, AreSaidInTheUnitThatSuitsThem) {
  EXPECT_EQ(size_in_words(1), "1 byte");
  EXPECT_EQ(size_in_words(999), "999 bytes");
  EXPECT_EQ(size_in_words(1000), "1.0 kB");
  EXPECT_EQ(size_in_words(64'400), "64 kB");
  EXPECT_EQ(size_in_words(999'949), "1.0 MB");
  EXPECT_EQ(size_in_words(2'500'000), "2.5 MB");
  EXPECT_EQ(size_in_words(4'294'967'295), "4.3 GB");
}

// ---- processes ----

TEST(KernelInPicture, AStoppedProcessAndOneInADebuggerSaySoAndDifferFromOneThatIsHeld) {
  Told story;
  const Pid child = story.client();
  story.happens(child, HoldChanged{1});
  story.happens(child, StopSeen{0});
  const Subject card{Subject::kProcess, find_process(story.world, child)->id.value};
  EXPECT_NE(words_on(story.picture(), card).find("STOPPED"), std::string::npos);
  EXPECT_NE(color_behind(story.picture(), "STOPPED"), color_behind(story.picture(), "HELD"));
  story.happens(child, StopSeen{1});
  EXPECT_NE(words_on(story.picture(), card).find("TRACED"), std::string::npos);
  story.happens(child, ContinueSeen{});
  EXPECT_EQ(words_on(story.picture(), card).find("TRACED"), std::string::npos);
}

TEST(KernelInPicture, APendingSignalIsAChipAndACaughtOneIsNone) {
  Told story;
  story.happens(Story::kServer, SignalsSeen{0, bit(SIGCHLD)});
  EXPECT_FALSE(says(story.picture(), "SIGCHLD"));
  story.happens(Story::kServer, SignalsSeen{bit(SIGCHLD), bit(SIGCHLD)});
  story.happens(Story::kServer, StopSeen{0});
  EXPECT_TRUE(says(story.picture(), "SIGCHLD pending\n"));
  EXPECT_TRUE(says(story.picture(), "until it goes on\n"));
  story.happens(Story::kServer, SignalsSeen{bit(SIGCHLD) | bit(SIGTERM) | bit(SIGHUP) | bit(SIGUSR1), 0});
  EXPECT_TRUE(says(story.picture(), "and 2 more pending"));
}

// ---- differences ----

TEST(KernelInPicture, ADifferenceIsOnTheVeryRowWithBothValues) {
  Told story;
  const Pid child = story.client();
  story.differs(child, Differs::kDescriptor, 4, "connection 1", "closed");
  const Scene scene = story.picture();
  EXPECT_TRUE(says(scene, "kernel: closed"));
  const auto outlined = boxes_of(scene, light_theme().alarm);
  EXPECT_EQ(outlined.size(), 1u);
  const bool struck = std::any_of(scene.items.begin(), scene.items.end(), [](const Item& item) {
    const Text* text = std::get_if<Text>(&item.what);
    return text != nullptr && text->text == "connfd" && text->struck;
  });
  EXPECT_TRUE(struck);
  const bool dashed = std::any_of(scene.items.begin(), scene.items.end(), [](const Item& item) {
    const Arrow* arrow = std::get_if<Arrow>(&item.what);
    return arrow != nullptr && arrow->dash == Dash::kDashed;
  });
  EXPECT_TRUE(dashed) << "what was reported is still drawn";
  story.happens(child, DifferenceGone{Differs::kDescriptor, 4});
  EXPECT_TRUE(boxes_of(story.picture(), light_theme().alarm).empty());
}

TEST(KernelInPicture, ADescriptorThatNobodyReportedHasARowOfItsOwn) {
  Told story;
  const Pid child = story.client();
  story.differs(Story::kServer, Differs::kDescriptor, 7, "closed", "a pipe");
  story.differs(child, Differs::kDescriptor, 3, "closed", "listening socket");
  const Scene scene = story.picture();
  EXPECT_TRUE(says(scene, "not reported — kernel: a pipe\n"));
  EXPECT_TRUE(says(scene, "closed — kernel: listening socket\n"));
}

TEST(KernelInPicture, ADifferenceIsShownHoweverLongTheDescriptorTableIs) {
  Told story;
  for (int fd = 4; fd < 40; ++fd) story.happens(Story::kServer, Accepted{3, fd, static_cast<Port>(50000 + fd)});
  story.differs(Story::kServer, Differs::kDescriptor, 39, "connection 36", "closed");
  PictureRequest request = story.request({1900, 3000});
  Told few;
  for (int fd = 4; fd < 8; ++fd) few.happens(Story::kServer, Accepted{3, fd, static_cast<Port>(50000 + fd)});
  for (int fd = 10; fd < 30; ++fd) few.differs(Story::kServer, Differs::kDescriptor, fd, "closed", "a pipe");
  few.differs(Story::kServer, Differs::kDescriptor, 7, "connection 4", "closed");
  EXPECT_TRUE(says(few.picture({1900, 1600}), "kernel: closed"));
  EXPECT_TRUE(says(few.picture({1900, 1600}), "and 15 more descriptors"));
  EXPECT_TRUE(says(draw_picture(request), "fd 39: connection 36 — kernel: closed")) << "in a crowd";
}

TEST(KernelInPicture, DifferencesAboutProcessesAndSocketsAreOnTheirCards) {
  Told story;
  const Pid child = story.client();
  story.differs(child, Differs::kProcess, 0, "alive", "gone");
  story.differs(Story::kServer, Differs::kCall, 0, "accept(3)", "read(4)");
  story.differs(0, Differs::kSocket, 8080, "LISTEN", "gone");
  story.differs(0, Differs::kSocket, story.port(), "open", "gone");
  const Scene scene = story.picture();
  const auto on = [&](Subject subject) { return words_on(scene, subject); };
  EXPECT_NE(on({Subject::kProcess, find_process(story.world, child)->id.value}).find("reported: alive\nkernel: gone\n"),
            std::string::npos);
  EXPECT_NE(on({Subject::kProcess, story.world.server.value}).find("reported: accept(3)\nkernel: read(4)\n"),
            std::string::npos);
  EXPECT_NE(on({Subject::kFile, story.world.files[0].id.value}).find("reported: LISTEN\nkernel: gone\n"),
            std::string::npos);
  EXPECT_NE(on({Subject::kClient, 1}).find("reported: open\nkernel: gone\n"), std::string::npos);
}

TEST(KernelInPicture, OfAHundredClientsTheOneThatTheKernelDisagreesAboutStaysOutInFull) {
  Told story;
  std::vector<Pid> children;
  for (int i = 0; i < 100; ++i) children.push_back(story.client());
  EXPECT_FALSE(says(story.picture(), "NEEDS A LOOK"));
  story.differs(children[41], Differs::kDescriptor, 4, "connection 42", "closed");
  story.listens(128);
  const Scene scene = story.picture();
  EXPECT_TRUE(says(scene, "NEEDS A LOOK"));
  EXPECT_TRUE(says(scene, "child of client 42"));
  EXPECT_TRUE(says(scene, "fd 4: connection 42 — kernel: closed\n"));
  EXPECT_TRUE(says(scene, "99 like this"));
  EXPECT_TRUE(says(scene, "backlog 128 of 128"));
  story.happens(children[41], DifferenceGone{Differs::kDescriptor, 4});
  story.differs(0, Differs::kSocket, 40007, "open", "gone");
  EXPECT_TRUE(says(story.picture(), "connection 7\n"));
}

// ---- the mark ----

TEST(KernelsMark, SaysTheFiguresWhereTheKernelAgrees) {
  Told story;
  EXPECT_EQ(story.picture().find({Subject::kKernel}), nullptr) << "nobody has asked";
  story.client();
  story.happens(0, KernelChecked{4, 4, 3, 3});
  const Scene scene = story.picture();
  EXPECT_TRUE(says(scene, "The kernel agrees: 4 of 4 references, 3 of 3 sockets\n"));
  const Group* mark = scene.find({Subject::kKernel});
  ASSERT_NE(mark, nullptr);
  EXPECT_EQ(scene.at({mark->rect.x + 5, mark->rect.y + 5}), (Subject{Subject::kKernel}));
  for (const Group& group : scene.groups)
    if (group.subject.kind == Subject::kProcess) {
      EXPECT_GT(mark->rect.y, group.rect.bottom()) << "below the processes";
    }
}

TEST(KernelsMark, ClaimsNothingOfWhatHappenedSince) {
  Told story;
  const Pid child = story.client();
  story.happens(0, KernelChecked{4, 4, 3, 3});
  story.happens(child, Wrote{4, 6});
  EXPECT_EQ(verdict_of(story.world).kind, KernelVerdict::kUnasked);
  EXPECT_FALSE(says(story.picture(), "4 of 4"));
  EXPECT_TRUE(says(story.picture(), "Not compared with the kernel at this step"));
}

TEST(KernelsMark, StandsForAMomentWhileItIsLookedAtAgainAndNoLonger) {
  Told story;
  const Pid child = story.client();
  story.happens(0, KernelChecked{4, 4, 3, 3});
  const Nanoseconds moved = story.time + kMillisecond;
  for (int i = 0; i < 500; ++i) story.happens(child, Wrote{4, 6});
  EXPECT_EQ(verdict_of(story.world, moved + 200 * kMillisecond).kind, KernelVerdict::kAgrees);
  EXPECT_EQ(verdict_of(story.world, moved + 400 * kMillisecond).kind, KernelVerdict::kUnasked)
      << "also when things never come to rest";
  EXPECT_EQ(verdict_of(story.world).kind, KernelVerdict::kUnasked) << "a moment of the past was compared or it wasn't";
}

TEST(KernelsMark, SaysWhereTheKernelDisagrees) {
  Told story;
  const Pid child = story.client();
  story.differs(child, Differs::kDescriptor, 4, "connection 1", "closed");
  EXPECT_TRUE(says(story.picture(), "The kernel disagrees: 1 difference\n"));
  story.happens(0, KernelChecked{2, 3, 3, 3});
  EXPECT_EQ(verdict_of(story.world).words, "The kernel disagrees: 2 of 3 references agree, 3 of 3 sockets");
  story.differs(9999, Differs::kProcess, 0, "unknown", "alive");
  EXPECT_TRUE(says(story.picture(), "Process 9999: not reported, in the kernel alive\n")) << "it has no card";
}

TEST(KernelsMark, NamesWhatCannotBeCheckedHere) {
  Told story;
  story.client();
  story.happens(0, CheckDenied{Aspect::kSharing, 1});
  story.happens(0, KernelChecked{4, 4, 3, 3});
  const std::string words = words_on(story.picture(), {Subject::kKernel});
  EXPECT_NE(words.find("The kernel agrees"), std::string::npos);
  EXPECT_NE(verdict_of(story.world).unchecked.find("which descriptors share an open file"), std::string::npos);
  EXPECT_NE(words.find("Not checked here"), std::string::npos);
  EXPECT_NE(words.find("doctor"), std::string::npos);
}

TEST(KernelsMark, IsGoneWithTheServer) {
  Told story;
  story.happens(0, KernelChecked{1, 1, 1, 1});
  EXPECT_NE(story.picture().find({Subject::kKernel}), nullptr);
  story.happens(Story::kServer, Collected{0});
  EXPECT_EQ(story.picture().find({Subject::kKernel}), nullptr);
}

TEST(KernelsMark, ExplainsWhatWasComparedAndHow) {
  Told story;
  const Pid child = story.client();
  story.differs(child, Differs::kDescriptor, 4, "connection 1", "closed");
  std::string all;
  for (const std::string& paragraph : explain_verdict(story.world)) all += paragraph + "\n";
  for (const char* part : {"Descriptor 4", "reported connection 1, in the kernel closed", "kcmp", "sock_diag", "/proc"})
    EXPECT_NE(all.find(part), std::string::npos) << part;
}

TEST(KernelsMark, IsSmallAtTheFootOfASlideAndNotInItsPicture) {
  Told story;
  story.client();
  story.happens(0, KernelChecked{4, 4, 3, 3});
  const Scene agreed = draw_slide({story.world, {"Said.", ""}, "step 1", slide_theme(), fonts()});
  EXPECT_TRUE(says(agreed, "The kernel agrees: 4 of 4 references, 3 of 3 sockets"));
  EXPECT_EQ(agreed.find({Subject::kKernel}), nullptr);
  story.happens(0, ClientHalfClosed{{1}});
  EXPECT_FALSE(says(draw_slide({story.world, {"Said.", ""}, "step 1", slide_theme(), fonts()}), "The kernel"));
}

TEST(Slide, SaysWhatChangedAtItsStepThoughTheKernelHasSpokenSince) {
  Told story;
  story.connect_only();
  story.happens(Story::kServer, Accepted{3, 4, 40001});
  story.happens(Story::kServer, ForkCalled{1});
  story.happens(Story::kServer, Forked{1, 5000});
  const Nanoseconds forked = story.time;
  story.happens(0, KernelChecked{4, 4, 3, 3});
  SlideRequest request{story.world, {"Said.", ""}, "step 1", slide_theme(), fonts()};
  request.now = forked;
  EXPECT_TRUE(says(draw_slide(request), "fork: 1 → 2"));
}

// ---- all of it ----

// Everything that the kernel can say, about a story in which each connection is in another state.
void say_everything(Told& story, const std::vector<Pid>& children, bool differs) {
  constexpr TcpState kStates[] = {TcpState::kEstablished, TcpState::kCloseWait, TcpState::kFinWait1,
                                  TcpState::kFinWait2,    TcpState::kLastAck,   TcpState::kClosing,
                                  TcpState::kTimeWait,    TcpState::kClose,     TcpState::kSynReceived};
  for (std::size_t i = 0; i < children.size(); ++i) {
    const auto port = static_cast<Port>(40001 + i);
    story.state(8080, port, kStates[i % std::size(kStates)]);
    story.state(port, 8080, kStates[(i + 3) % std::size(kStates)]);
    story.queues(8080, port, 123'456'789, 999'949);
    story.queues(port, 8080, 65'536, 2);
    if (i % 3 == 0) story.happens(children[i], StopSeen{i % 2 == 0});
    if (i % 4 == 0) story.happens(children[i], HoldChanged{1});
    if (i % 5 == 0) story.happens(children[i], GateReached{Call::kWrite, 4});
    story.happens(children[i], SignalsSeen{bit(SIGVTALRM) | bit(SIGSTKFLT) | bit(SIGCHLD) | bit(SIGWINCH), 0});
    if (!differs || i % 7 != 0) continue;
    story.differs(children[i], Differs::kDescriptor, 4, "connection 1234", "listening socket");
    story.differs(children[i], Differs::kDescriptor, 3, "closed", "another socket");
    story.differs(children[i], Differs::kDescriptor, 1234, "closed", "a pipe of Forktable");
    story.differs(children[i], Differs::kCall, 0, "waitpid(1234)", "system call 1234");
    story.differs(0, Differs::kSocket, port, "open", "gone");
  }
  story.listens(1025, 1024);
  if (differs) {
    story.differs(Story::kServer, Differs::kDescriptor, 3, "listening socket", "connection 1234");
    story.differs(Story::kServer, Differs::kDescriptor, 9, "closed", "connection 1234");
    story.differs(99999, Differs::kProcess, 0, "unknown", "alive");
    story.differs(99998, Differs::kProcess, 0, "unknown", "zombie");
    story.differs(99997, Differs::kProcess, 0, "unknown", "alive");
    story.differs(0, Differs::kSocket, 8080, "LISTEN", "gone");
  }
  for (const Aspect aspect : {Aspect::kSharing, Aspect::kCalls, Aspect::kSockets})
    story.happens(0, CheckDenied{aspect, 1});
  story.happens(0, KernelChecked{1233, 1234, 1234, 1234});
}

TEST(KernelInPicture, NothingOverlapsWhateverTheKernelSaysAtAnyNumberOfClients) {
  for (const int clients : {0, 1, 2, 3, 4, 5, 6, 7, 10, 35, 100, 1000}) {
    for (const bool differs : {false, true}) {
      Told story;
      std::vector<Pid> children;
      for (int i = 0; i < clients; ++i) children.push_back(story.client());
      say_everything(story, children, differs);
      if (clients > 1) story.leave(children.back());
      for (const Size area : kSizes) {
        SCOPED_TRACE(std::to_string(clients) + " clients on " + std::to_string(area.width) + "x" +
                     std::to_string(area.height) + (differs ? ", with differences" : ""));
        PictureRequest request = story.request(area);
        request.offer_client = request.step_buttons = true;
        request.selected = {Subject::kKernel};
        const Scene scene = draw_picture(request);
        expect_sound(scene, 8);
        EXPECT_TRUE(says(scene, "backlog 1025 of 1024"));
        EXPECT_NE(scene.find({Subject::kKernel}), nullptr);
        if (HasFailure()) return;
      }
      SCOPED_TRACE(std::to_string(clients) + " clients on a slide");
      expect_sound(draw_slide({story.world, {"Said.", "Meant."}, "step 1", slide_theme(), fonts()}), 9);
      if (HasFailure()) return;
    }
  }
}

TEST(KernelInPicture, NoWordsAreCutOffInOrdinaryPictures) {
  for (const TcpState server : {TcpState::kEstablished, TcpState::kCloseWait, TcpState::kFinWait1, TcpState::kFinWait2,
                                TcpState::kLastAck, TcpState::kClosing, TcpState::kClose})
    for (const Size area : {Size{1130, 675}, Size{1024, 500}, Size{1024, 416}}) {
      Told story;
      story.client();
      story.states(server, server);
      story.queues(8080, story.port(), 123'456, 2'500'000);
      story.listens(2, 1024);
      story.happens(Story::kServer, SignalsSeen{bit(SIGCHLD), 0});
      story.happens(Story::kServer, StopSeen{0});
      story.happens(0, KernelChecked{24, 24, 30, 30});
      EXPECT_FALSE(ends_with_ellipsis(story.picture(area))) << name_of(server) << " " << area.width;
    }
}

}  // namespace
}  // namespace forktable::test
