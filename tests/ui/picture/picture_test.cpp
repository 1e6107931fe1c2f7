// The picture at any number of clients, at any size: nothing overlaps, nothing is cut off, everything is said.
#include "ui/picture/picture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "tests/support/story.hpp"
#include "tests/ui/picture/told.hpp"
#include "ui/picture/slide.hpp"

namespace forktable::test {
namespace {

Scene picture_of(const Story& story, Size area = {1130, 820}) {
  return draw_picture({story.world, story.time, area, light_theme(), fonts()});
}

TEST(Picture, NothingOverlapsAndNothingIsCutOffAtAnyNumberOfClients) {
  Story story;
  for (int clients = 0; clients <= 260; ++clients) {
    if (clients > 0) story.client();
    if (clients > 24 && clients % 23 != 0) continue;
    for (const Size area : {Size{1130, 820}, Size{1024, 612}, Size{1024, 500}, Size{640, 400}, Size{1900, 1000}}) {
      SCOPED_TRACE(std::to_string(clients) + " clients on " + std::to_string(area.width) + "x" +
                   std::to_string(area.height));
      expect_sound(picture_of(story, area), 8);
      if (HasFailure()) return;
    }
  }
}

TEST(Picture, ThousandsOfClientsAreCountedWhereTheyCannotBeShown) {
  Story story;
  for (int i = 0; i < 5000; ++i) story.client();
  const Scene scene = picture_of(story, {1024, 500});
  EXPECT_TRUE(says(scene, "5000 like this"));
  EXPECT_TRUE(says(scene, "more"));
  expect_sound(scene, 8);
}

TEST(Picture, OneToSixClientsHaveCardsInFullAndEachReferenceHasItsArrow) {
  Story story;
  for (int clients = 1; clients <= 4; ++clients) {
    story.client();
    const Scene scene = picture_of(story);
    const auto arrows = std::count_if(scene.items.begin(), scene.items.end(),
                                      [](const Item& item) { return std::holds_alternative<Arrow>(item.what); });
    EXPECT_EQ(arrows, clients + 1);  // each child's connfd, and the parent's listenfd
    EXPECT_TRUE(says(scene, "serves client " + std::to_string(clients)));
  }
}

TEST(Picture, AnArrowEndsAtTheEdgeOfTheOpenFileItsDescriptorRefersTo) {
  Story story;
  story.client();
  story.client();
  const Scene scene = picture_of(story);
  for (const Item& item : scene.items) {
    const Arrow* arrow = std::get_if<Arrow>(&item.what);
    if (arrow == nullptr) continue;
    const bool arrives = std::any_of(scene.groups.begin(), scene.groups.end(), [&](const Group& group) {
      return group.subject.kind == Subject::kFile && std::abs(arrow->to.x - group.rect.x) < 3 &&
             arrow->to.y > group.rect.y && arrow->to.y < group.rect.bottom();
    });
    EXPECT_TRUE(arrives);
    EXPECT_GT(arrow->to.x, arrow->from.x);
  }
}

TEST(Picture, OneConnectionHasOneColourForItsClientItsFileItsDescriptorAndItsChild) {
  Story story;
  story.client();
  const Color color = light_theme().connection(1);
  const Scene scene = picture_of(story);
  std::map<Subject::Kind, bool> framed;
  std::map<Key, Subject::Kind> kinds;
  for (const Group& group : scene.groups) kinds[group.key] = group.subject.kind;
  for (const Item& item : scene.items)
    if (const Box* box = std::get_if<Box>(&item.what); box != nullptr && box->stroke == color)
      framed[kinds[item.group]] = true;
  EXPECT_TRUE(framed[Subject::kProcess] && framed[Subject::kFile] && framed[Subject::kClient]);
}

TEST(Picture, TheReferenceCountIsTheLargestTypeOnIt) {
  Story story;
  story.client();
  float largest_count = 0, largest_other = 0;
  for (const Item& item : picture_of(story).items)
    if (const Text* text = std::get_if<Text>(&item.what)) {
      float& largest = text->text == "1" && text->face == Face::kBold ? largest_count : largest_other;
      largest = std::max(largest, text->size);
    }
  EXPECT_GT(largest_count, 1.5f * largest_other);
}

TEST(Picture, AReferenceCountThatHasJustChangedSaysWhy) {
  Story story;
  story.connect_only();
  story.happens(Story::kServer, Accepted{3, 4, 40001});
  story.happens(Story::kServer, ForkCalled{1});
  story.happens(Story::kServer, Forked{1, 5000});
  EXPECT_TRUE(says(picture_of(story), "fork: 1 → 2"));
  story.happens(Story::kServer, Closed{4});
  EXPECT_TRUE(says(picture_of(story), "close: 2 → 1"));
  story.time += 10 * kSecond;
  const OpenFile& connection = story.world.files.back();
  EXPECT_NE(words_on(picture_of(story), {Subject::kFile, connection.id.value}).find("child 1\n"), std::string::npos);
}

TEST(Picture, ZombieReapedKilledAndOrphanLookDifferentInWordsAndInLines) {
  const auto look = [](const Story& story, Pid pid) {
    const Scene scene = picture_of(story);
    const Process* process = find_process(story.world, pid);
    const std::uint32_t id = process != nullptr ? process->id.value : story.world.departed.back().id.value;
    const Group* card = scene.find({Subject::kProcess, id});
    EXPECT_NE(card, nullptr);
    std::string all;
    for (const Item& item : scene.items) {
      if (card == nullptr || item.group != card->key) continue;
      if (const Text* text = std::get_if<Text>(&item.what)) all += text->text + ";";
      if (const Box* box = std::get_if<Box>(&item.what)) all += std::to_string(static_cast<int>(box->dash));
    }
    return all;
  };
  std::set<std::string> looks;
  Story alive;
  const Pid child = alive.client();
  looks.insert(look(alive, child));
  Story zombie = alive;
  zombie.happens(child, ExitCalled{0});
  looks.insert(look(zombie, child));
  EXPECT_NE(look(zombie, child).find("not reaped"), std::string::npos);
  Story reaped = zombie;
  reaped.happens(Story::kServer, Reaped{child, 0});
  looks.insert(look(reaped, child));
  EXPECT_NE(look(reaped, child).find("reaped: exited 0"), std::string::npos);
  Story killed = alive;
  killed.happens(Story::kServer, Reaped{child, 9});
  looks.insert(look(killed, child));
  EXPECT_NE(look(killed, child).find("KILLED"), std::string::npos);
  Story orphan = alive;
  orphan.happens(Story::kServer, Collected{9});
  looks.insert(look(orphan, child));
  EXPECT_NE(look(orphan, child).find("ORPHAN"), std::string::npos);
  EXPECT_EQ(looks.size(), 5u);
}

TEST(Picture, TheDeadStayForAWhileAndThenGo) {
  Story story;
  const Pid child = story.client();
  story.happens(child, ExitCalled{0});
  story.happens(Story::kServer, Reaped{child, 0});
  story.happens(0, ClientEnded{{1}, ClientEnd::kClosed, Call::kClose, 0});
  EXPECT_TRUE(says(picture_of(story), "reaped: exited 0"));
  story.time += 5 * kSecond;
  EXPECT_FALSE(says(picture_of(story), "reaped"));
}

TEST(Picture, WhoHasEndedLeavesWhereTheLivingNeedTheRoomTheOldestFirstAndIsCounted) {
  Story story;
  const Pid first = story.client(), second = story.client();
  story.leave(first);
  story.leave(second);
  const auto slide = [&] { return draw_slide({story.world, {"Said.", ""}, "step 1", slide_theme(), fonts()}); };
  EXPECT_TRUE(says(slide(), "child 1")) << "there is room";
  EXPECT_FALSE(says(slide(), "not shown"));
  story.client();
  story.client();
  const Scene crowded = slide();
  expect_sound(crowded, 15);
  EXPECT_TRUE(says(crowded, "2 reaped children and 2 closed clients are not shown"));
  EXPECT_FALSE(says(crowded, "serves client 1"));
  EXPECT_TRUE(says(crowded, "serves client 4"));
}

TEST(Picture, OfAHundredClientsTheOneThatDiffersStaysOutInFull) {
  Story story;
  for (int i = 0; i < 99; ++i) story.client();
  const Pid child = story.client();
  story.happens(child, ExitCalled{0});
  story.time += kSecond;  // not reaped for a second
  const Scene scene = picture_of(story);
  EXPECT_TRUE(says(scene, "NEEDS A LOOK"));
  EXPECT_TRUE(says(scene, "child 100"));
  EXPECT_TRUE(says(scene, "99 like this"));
  expect_sound(scene, 8);
}

TEST(Picture, ManyThatDifferLeaveRoomForTheRest) {
  Story story;
  for (int i = 0; i < 100; ++i) {
    const Pid child = story.client();
    if (i % 2 == 0) story.happens(child, ExitCalled{0});
  }
  story.time += kSecond;
  expect_sound(picture_of(story), 8);
  expect_sound(picture_of(story, {1024, 500}), 8);
}

TEST(Picture, ForktablesOwnDescriptorsAreHiddenUntilAskedFor) {
  Story story;
  story.happens(Story::kServer, PlumbingOpened{62});
  EXPECT_FALSE(says(picture_of(story), "62"));
  PictureRequest request{story.world, story.time, {1130, 820}, light_theme(), fonts()};
  request.show_plumbing = true;
  EXPECT_TRUE(says(draw_picture(request), "62"));
}

// Client 2's child has ended, and the parent still holds its connection.
Story leaking() {
  Story story;
  story.client();
  story.connect_only();
  const Pid child = Story::kServer + 2;
  story.happens(Story::kServer, Accepted{3, 4, 40002});
  story.happens(Story::kServer, ForkCalled{2});
  story.happens(Story::kServer, Forked{2, child});
  story.happens(Story::kServer, AcceptCalled{3});
  story.happens(0, ClientHalfClosed{{2}});
  story.happens(child, Closed{4});
  story.happens(child, ExitCalled{0});
  return story;
}

Diagnosis leak_of(const OpenFile& file) {
  return {"leaked-connfd", "Leak",     "The parent still holds it.", "It never closed it.", "Close(connfd);", 20, {},
          file.id,         file.client};
}

Diagnosis made_up(std::size_t number) {
  std::string text;
  for (std::size_t i = 0; i <= number * 7 % 40; ++i) text += "and this is so ";
  return {"zombies", "Zombies", text, "Nobody reaps.", std::string(number * 5 % 60, 'x'), number, {}, {}, {}};
}

TEST(Picture, NothingOverlapsWithManyZombiesAndNobodyServed) {
  Story story;
  for (int i = 0; i < 200; ++i) story.happens(story.client(), DeathSeen{});
  std::vector<Diagnosis> diagnoses{made_up(20)};
  for (const Size area : {Size{1024, 500}, Size{1024, 440}, Size{1160, 560}, Size{640, 400}}) {
    SCOPED_TRACE(std::to_string(area.width) + "x" + std::to_string(area.height));
    PictureRequest request{story.world, story.time, area, light_theme(), fonts()};
    request.diagnoses = diagnoses;
    const Scene scene = draw_picture(request);
    expect_sound(scene, 8);
    EXPECT_TRUE(says(scene, "NEEDS A LOOK"));
  }
}

TEST(Picture, NothingOverlapsWithAnyNumberOfDiagnosesAndStepButtons) {
  Story story = leaking();
  for (int clients = 0; clients < 24; ++clients) {
    for (const std::size_t count : {1, 2, 3, 9}) {
      std::vector<Diagnosis> diagnoses{leak_of(story.world.files[2])};
      for (std::size_t i = 1; i < count; ++i) diagnoses.push_back(made_up(i));
      for (const Size area : {Size{1100, 560}, Size{1024, 500}, Size{640, 400}, Size{1900, 1000}}) {
        SCOPED_TRACE(std::to_string(clients) + " more clients, " + std::to_string(count) + " diagnoses on " +
                     std::to_string(area.width) + "x" + std::to_string(area.height));
        PictureRequest request{story.world, story.time, area, light_theme(), fonts()};
        request.step_buttons = true;
        request.offer_client = true;
        request.diagnoses = diagnoses;
        const Scene scene = draw_picture(request);
        expect_sound(scene, 8);
        EXPECT_TRUE(says(scene, "Leak"));
        EXPECT_NE(scene.find({Subject::kStep, 20}), nullptr);
        if (HasFailure()) return;
      }
      expect_sound(
          draw_slide({story.world, {"Said.", "Meant."}, "step 1", slide_theme(), fonts(), false, false, diagnoses}), 9);
    }
    const Pid child = story.client();
    story.happens(child, GateReached{Call::kWrite, 4});
    if (clients % 2 == 0) story.happens(child, HoldChanged{1});
    if (clients % 5 == 0) story.happens(Story::kServer, GateReached{Call::kAccept, 3});
  }
}

TEST(Picture, AConnectionThatLeaksIsAlarmingAndSaysWhatTheCountMeans) {
  const Story story = leaking();
  const OpenFile& file = story.world.files.back();
  ASSERT_EQ(file.number, 2u);
  const std::vector<Diagnosis> diagnoses{leak_of(file)};
  PictureRequest request{story.world, story.time + 4100 * kMillisecond, {1100, 560}, light_theme(), fonts()};
  EXPECT_FALSE(says(draw_picture(request), "no FIN until this reaches 0"));
  request.diagnoses = diagnoses;
  const Scene scene = draw_picture(request);
  EXPECT_TRUE(says(scene, "no FIN until this reaches 0"));
  const Group* card = scene.find({Subject::kFile, file.id.value});
  ASSERT_NE(card, nullptr);
  const bool alarming = std::any_of(scene.items.begin(), scene.items.end(), [&](const Item& item) {
    const Box* box = std::get_if<Box>(&item.what);
    return box != nullptr && item.group == card->key && box->stroke == light_theme().alarm;
  });
  EXPECT_TRUE(alarming);
  EXPECT_TRUE(says(scene, "since step 20"));
  EXPECT_TRUE(says(scene, "waiting for end of file… 4.1 s"));
  request.elapsed = false;
  EXPECT_FALSE(says(draw_picture(request), "4.1 s"));
}

TEST(Picture, ADiagnosisOfManyLeaksMarksThoseThatTheirAcceptorKept) {
  const Story story = leaking();
  Diagnosis many = leak_of(story.world.files.back());
  many.file = {};
  many.process = story.world.server;
  const std::vector<Diagnosis> diagnoses{many};
  PictureRequest request{story.world, story.time, {1100, 560}, light_theme(), fonts()};
  request.diagnoses = diagnoses;
  const std::string words = words_of(draw_picture(request));
  const std::size_t first = words.find("no FIN");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(words.find("no FIN", first + 1), std::string::npos);  // connection 1 is not one of them
}

TEST(Picture, AProcessThatWaitsAtItsGateHasAStepButton) {
  Story story;
  const Pid child = story.client();
  story.happens(child, GateReached{Call::kWrite, 4});
  story.happens(child, HoldChanged{1});
  const std::uint32_t id = find_process(story.world, child)->id.value;
  PictureRequest request{story.world, story.time, {1100, 560}, light_theme(), fonts()};
  EXPECT_EQ(draw_picture(request).find({Subject::kStepProcess, id}), nullptr);
  request.step_buttons = true;
  const Scene scene = draw_picture(request);
  const Group* button = scene.find({Subject::kStepProcess, id});
  ASSERT_NE(button, nullptr);
  const Point middle{button->rect.x + button->rect.width / 2, button->rect.y + button->rect.height / 2};
  EXPECT_EQ(scene.at(middle), (Subject{Subject::kStepProcess, id}));
  EXPECT_EQ(scene.find({Subject::kStepProcess, story.world.server.value}), nullptr);
  EXPECT_TRUE(says(scene, "next: write(4)"));
  EXPECT_TRUE(says(scene, "HELD"));
}

TEST(Picture, ADescriptorIsSelectedWithItsArrowAndItsFile) {
  Story story;
  story.client();
  PictureRequest request{story.world, story.time, {1100, 560}, light_theme(), fonts()};
  const Subject listenfd{Subject::kDescriptor, story.world.server.value, 3};
  const Scene before = draw_picture(request);
  const Group* row = before.find(listenfd);
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(before.at({row->rect.x + 5, row->rect.y + 5}), listenfd);
  request.selected = listenfd;
  const Scene scene = draw_picture(request);
  const auto marked = [&](const Group* card) {
    return std::count_if(scene.items.begin(), scene.items.end(), [&](const Item& item) {
      const Box* box = std::get_if<Box>(&item.what);
      return box != nullptr && item.group == card->key && box->stroke == light_theme().panel_accent;
    });
  };
  EXPECT_EQ(marked(scene.find({Subject::kProcess, story.world.server.value})), 1);  // its row
  EXPECT_EQ(marked(scene.find({Subject::kFile, story.world.files[0].id.value})), 1);
  std::multiset<float> widths;
  for (const Item& item : scene.items)
    if (const Arrow* arrow = std::get_if<Arrow>(&item.what)) widths.insert(arrow->width);
  EXPECT_EQ(widths.count(*widths.rbegin()), 1u);
}

TEST(Picture, HostileWordsFromAClientStayInTheirCard) {
  Story story;
  story.client();
  story.happens(0, ClientSent{{1}, 31, ShortText("<b>\"W\tWWWWWWWWWWWWWWWWWWWWWWWW")});
  story.happens(0, OutsiderConnected{{2}, 50000});
  story.happens(777, OutsiderNamed{{2}, ShortText("WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW")});
  expect_sound(picture_of(story), 8);
}

TEST(Slide, HasThePictureItsCaptionAndNothingElse) {
  Story story;
  for (int clients = 0; clients <= 40; ++clients) {
    if (clients > 0) story.client();
    const Scene slide = draw_slide(
        {story.world, {"Something happened here.", "It means something."}, "step 9 of 61", slide_theme(), fonts()});
    expect_sound(slide, 9);
    EXPECT_TRUE(says(slide, "Something happened here."));
    EXPECT_TRUE(says(slide, "It means something."));
    if (HasFailure()) return;
  }
}

TEST(Slide, LeavesNoWordAloneOnTheLastLineOfItsCaption) {
  Story story;
  const Scene slide = draw_slide(
      {story.world,
       {"Now the semaphore's lines are switched on. Children 3 and 4 wait for clients 3 and 4, who are here.", ""},
       "step 1",
       slide_theme(),
       fonts()});
  std::vector<float> widths;
  for (const Item& item : slide.items)
    if (const Text* text = std::get_if<Text>(&item.what); text != nullptr && text->size >= 32 && text->at.y > 848)
      widths.push_back(fonts().width(text->face, text->size, text->text));
  ASSERT_EQ(widths.size(), 2u);
  EXPECT_GT(widths[1], widths[0] * 0.7f);
}

TEST(Slide, ALongCaptionIsWrappedAndFits) {
  Story story;
  std::string said, meaning;
  for (int i = 0; i < 60; ++i) said += "something happened ", meaning += "it means a lot ";
  expect_sound(draw_slide({story.world, {said, meaning}, "step 1", slide_theme(), fonts()}), 9);
}

}  // namespace
}  // namespace forktable::test
