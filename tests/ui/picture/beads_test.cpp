// What travels from card to card when something happens.
#include "ui/picture/beads.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <vector>

#include "tests/support/story.hpp"
#include "ui/picture/picture.hpp"

namespace forktable::test {
namespace {

class ABead : public ::testing::Test {
 protected:
  // Of the story's latest event.
  std::vector<Bead> beads() {
    Stage stage;
    stage.slots = 2;
    PictureRequest request{story.world, story.time, {1100, 675}, light_theme(), *fonts};
    request.stage = stage;
    picture = draw_picture(request);
    return beads_of(story.events, story.world, picture, light_theme());
  }
  template <class What>
  std::vector<Bead> beads_after(Pid pid, const What& what) {
    story.happens(pid, what);
    return beads();
  }
  Rect card(Subject::Kind kind, std::uint32_t id) const { return picture.find({kind, id})->rect; }
  Rect card_of(Pid pid) const { return card(Subject::kProcess, find_process(story.world, pid)->id.value); }

  Fonts* fonts = loaded();
  Story story;
  Scene picture;

 private:
  static Fonts* loaded() {
    static const std::unique_ptr<Fonts> all = *Fonts::load();
    return all.get();
  }
};

constexpr ClientId kFirst{1};

TEST_F(ABead, OfBytesGoesFromTheClientToTheConnectionAndOnToTheProcessThatReadsThem) {
  const Pid child = story.client();
  const auto sent = beads_after(0, ClientSent{kFirst, 6, ShortText("again\n")});
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].word, "again\\n") << "six bytes";
  const Rect client = card(Subject::kClient, 1);
  EXPECT_FLOAT_EQ(sent[0].way.front().x, client.x);
  EXPECT_LT(sent[0].way.back().x, client.x);

  const auto read = beads_after(child, Read{4, 6, ShortText("again\n")});
  ASSERT_EQ(read.size(), 1u);
  EXPECT_TRUE(card_of(child).contains(read[0].way.back()));
  EXPECT_FALSE(card_of(child).contains(read[0].way.front()));

  const auto wrote = beads_after(child, Wrote{4, 6});
  ASSERT_EQ(wrote.size(), 1u);
  EXPECT_EQ(wrote[0].word, "6 bytes");
  EXPECT_TRUE(card_of(child).contains(wrote[0].way.front()));

  const auto echo = beads_after(0, ClientReceived{kFirst, 6, ShortText("again\n")});
  ASSERT_EQ(echo.size(), 1u);
  EXPECT_FLOAT_EQ(echo[0].way.back().x, client.x);
}

TEST_F(ABead, IsTheOneFinOfAClientThatShutsDownAndThenCloses) {
  story.client();
  const auto shut = beads_after(0, ClientHalfClosed{kFirst});
  ASSERT_EQ(shut.size(), 1u);
  EXPECT_EQ(shut[0].word, "FIN");
  EXPECT_FLOAT_EQ(shut[0].way.front().x, card(Subject::kClient, 1).x);
  EXPECT_TRUE(beads_after(0, ClientEnded{kFirst}).empty()) << "it has sent its FIN";
}

TEST_F(ABead, OfBytesForAClientThatHasClosedIsAnsweredByAReset) {
  const Pid child = story.client();
  story.happens(0, ClientEnded{kFirst});
  const auto wrote = beads_after(child, Wrote{4, 6});
  ASSERT_EQ(wrote.size(), 2u);
  EXPECT_EQ(wrote[1].word, "RST");
  EXPECT_GE(wrote[1].from, wrote[0].to) << "the answer comes after";
  EXPECT_FLOAT_EQ(wrote[1].way.front().x, card(Subject::kClient, 1).x);
}

TEST_F(ABead, OfSigchldGoesFromTheChildThatExitsToItsParent) {
  const Pid child = story.client();
  const auto exit = beads_after(child, ExitCalled{0});
  ASSERT_EQ(exit.size(), 1u);
  EXPECT_EQ(exit[0].word, "SIGCHLD");
  EXPECT_GT(exit[0].way.front().y, exit[0].way.back().y) << "the parent stands above";
}

TEST_F(ABead, IsNoneOfWhatStaysInAProcess) {
  const Pid child = story.client();
  EXPECT_TRUE(beads_after(child, ReadCalled{4}).empty());
  EXPECT_TRUE(beads_after(child, Closed{4}).empty());
}

TEST_F(ABead, IsOnItsWayFromEndToEndAndNowhereElse) {
  const std::vector<Bead> beads{{"FIN", Color{0, 0, 200, 255}, {{0, 0}, {100, 0}, {100, 100}}, 0.5f, 1}};
  const auto place = [&](float progress) -> std::optional<Point> {
    Scene scene;
    draw_beads(beads, progress, light_theme(), *fonts, scene);
    for (const Item& item : scene.items)
      if (const auto* box = std::get_if<Box>(&item.what))
        return Point{box->rect.x + box->rect.width / 2, box->rect.y + box->rect.height / 2};
    return std::nullopt;
  };
  EXPECT_FALSE(place(0.4f)) << "it hasn't left yet";
  EXPECT_NEAR(place(0.5f)->x, 0, 0.1f);
  EXPECT_NEAR(place(0.75f)->x, 100, 0.1f) << "half of the way is the corner";
  EXPECT_NEAR(place(0.75f)->y, 0, 0.1f);
  EXPECT_NEAR(place(1)->y, 100, 0.1f);
}

}  // namespace
}  // namespace forktable::test
