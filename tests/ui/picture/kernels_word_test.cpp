// The kernel's word in the picture: states and queues of sockets, signals, what is stopped, and where it disagrees.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include "core/world/describe.hpp"
#include "tests/ui/picture/told.hpp"
#include "ui/picture/sockets.hpp"

namespace forktable::test {
namespace {

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
  EXPECT_NE(client.find("waits for a FIN"), std::string::npos);
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
    return look_of_link(story.world, story.world.files[1], story.world.clients[0]).kind;
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

TEST(KernelInPicture, TheReferencesThatTheKernelCountsAreOnTheCardOfTheOpenFile) {
  Told story;
  const Pid child = story.client();
  const auto card = [&](std::size_t file) {
    return words_on(story.picture(), {Subject::kFile, story.world.files[file].id.value});
  };
  story.differs(child, Differs::kDescriptor, 5, "closed", "connection 1");
  EXPECT_NE(card(1).find("kernel: 2\n"), std::string::npos) << card(1);
  story.differs(Story::kServer, Differs::kDescriptor, 3, "listening socket", "closed");
  EXPECT_NE(card(0).find("kernel: 0\n"), std::string::npos) << card(0);
  story.differs(child, Differs::kDescriptor, 4, "connection 1", "listening socket");
  EXPECT_EQ((card(0) + card(1)).find("kernel: "), std::string::npos) << "one is as good as the other";
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
  EXPECT_TRUE(says(scene, "child 42"));
  EXPECT_TRUE(says(scene, "fd 4: connection 42 — kernel: closed\n"));
  EXPECT_TRUE(says(scene, "99 like this"));
  EXPECT_TRUE(says(scene, "backlog 128 of 128"));
  story.happens(children[41], DifferenceGone{Differs::kDescriptor, 4});
  story.differs(0, Differs::kSocket, 40007, "open", "gone");
  EXPECT_TRUE(says(story.picture(), "connection 7\n"));
}

}  // namespace
}  // namespace forktable::test
