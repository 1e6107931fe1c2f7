// The picture at any number of clients, at any size: nothing overlaps, nothing is cut off, everything is said.
#include "ui/picture/picture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "tests/support/story.hpp"
#include "ui/picture/slide.hpp"

namespace forktable::test {
namespace {

const Fonts& fonts() {
  static const auto loaded = Fonts::load();
  EXPECT_TRUE(loaded.has_value()) << loaded.error().message();
  return **loaded;
}

std::string words_of(const Scene& scene) {
  std::string all;
  for (const Item& item : scene.items)
    if (const Text* text = std::get_if<Text>(&item.what)) all += text->text + "\n";
  return all;
}

bool says(const Scene& scene, const std::string& words) { return words_of(scene).find(words) != std::string::npos; }

Rect bounds_of(const Text& text) {
  const float width = fonts().width(text);
  const float left = text.at.x - (text.align == Align::kCenter ? width / 2 : text.align == Align::kRight ? width : 0);
  return {left, text.at.y - text.size * 0.75f, width, text.size * 0.95f};
}

bool overlap(const Rect& a, const Rect& b) {
  constexpr float kTouching = 0.6f;
  return a.x + kTouching < b.right() && b.x + kTouching < a.right() && a.y + kTouching < b.bottom() &&
         b.y + kTouching < a.bottom();
}

void expect_sound(const Scene& scene, float smallest_type) {
  for (std::size_t i = 0; i < scene.groups.size(); ++i) {
    const Rect& card = scene.groups[i].rect;
    EXPECT_GE(card.x, 0);
    EXPECT_GE(card.y, 0);
    EXPECT_LE(card.right(), scene.size.width + 0.5f);
    EXPECT_LE(card.bottom(), scene.size.height + 0.5f);
    for (std::size_t j = i + 1; j < scene.groups.size(); ++j)
      EXPECT_FALSE(overlap(card, scene.groups[j].rect)) << "cards " << i << " and " << j;
  }
  std::map<Key, Rect> cards;
  for (const Group& group : scene.groups) cards[group.key] = group.rect;
  std::vector<std::pair<Rect, std::string>> texts;
  std::set<Key> keys;
  for (const Item& item : scene.items) {
    EXPECT_TRUE(keys.insert(item.key).second) << "two items with one key";
    const Text* text = std::get_if<Text>(&item.what);
    if (text == nullptr) continue;
    EXPECT_GE(text->size, smallest_type) << text->text;
    const Rect bounds = bounds_of(*text);
    EXPECT_LE(bounds.right(), scene.size.width + 1) << text->text;
    EXPECT_LE(bounds.bottom(), scene.size.height + 1) << text->text;
    if (const auto card = cards.find(item.group); card != cards.end()) {
      EXPECT_GE(bounds.x, card->second.x) << text->text;
      EXPECT_LE(bounds.right(), card->second.right()) << text->text;
      EXPECT_GE(bounds.y, card->second.y - 1) << text->text;
      EXPECT_LE(bounds.bottom(), card->second.bottom()) << text->text;
    }
    texts.emplace_back(bounds, text->text);
  }
  if (texts.size() > 2500) return;  // a comparison of each with each
  for (std::size_t i = 0; i < texts.size(); ++i)
    for (std::size_t j = i + 1; j < texts.size(); ++j)
      EXPECT_FALSE(overlap(texts[i].first, texts[j].first)) << texts[i].second << " over " << texts[j].second;
}

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
    EXPECT_TRUE(says(scene, "child of client " + std::to_string(clients)));
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
  EXPECT_TRUE(says(picture_of(story), "child 5000"));
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
  EXPECT_NE(look(zombie, child).find("zombie: exited 0, not yet reaped"), std::string::npos);
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

TEST(Picture, OfAHundredClientsTheOneThatDiffersStaysOutInFull) {
  Story story;
  for (int i = 0; i < 99; ++i) story.client();
  const Pid child = story.client();
  story.happens(child, ExitCalled{0});
  story.time += kSecond;  // not reaped for a second
  const Scene scene = picture_of(story);
  EXPECT_TRUE(says(scene, "NEEDS A LOOK"));
  EXPECT_TRUE(says(scene, "child of client 100"));
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

TEST(Slide, ALongCaptionIsWrappedAndFits) {
  Story story;
  std::string said, meaning;
  for (int i = 0; i < 60; ++i) said += "something happened ", meaning += "it means a lot ";
  expect_sound(draw_slide({story.world, {said, meaning}, "step 1", slide_theme(), fonts()}), 9);
}

}  // namespace
}  // namespace forktable::test
