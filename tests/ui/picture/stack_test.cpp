#include "ui/picture/stack.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/ui/picture/approaches.hpp"

namespace forktable::test {
namespace {

constexpr float kPhone = 366;

std::optional<Scene> stack_of(const Story& story, Stage stage = {}) {
  PictureRequest request{story.world, story.time, {kPhone, 0}, light_theme(), fonts()};
  request.stage = stage;
  return draw_stack(request);
}

std::vector<Rect> cards_of(const Scene& scene, Subject::Kind kind) {
  std::vector<Rect> cards;
  for (const Group& group : scene.groups)
    if (group.subject.kind == kind && group.rect.width > kPhone / 2) cards.push_back(group.rect);
  return cards;
}

TEST(TheStack, HasProcessesThenOpenFilesThenClientsEachAsWideAsTheScreen) {
  Story story;
  story.client();
  story.client();
  const std::optional<Scene> scene = stack_of(story);
  ASSERT_TRUE(scene);
  const auto processes = cards_of(*scene, Subject::kProcess), files = cards_of(*scene, Subject::kFile),
             clients = cards_of(*scene, Subject::kClient);
  ASSERT_EQ(processes.size(), 3u);
  ASSERT_EQ(files.size(), 3u);
  ASSERT_EQ(clients.size(), 2u);
  EXPECT_LT(processes.back().bottom(), files.front().y);
  EXPECT_LT(files.back().bottom(), clients.front().y);
  for (const auto& all : {processes, files, clients})
    for (const Rect& card : all) EXPECT_GT(card.width, kPhone * 0.95f);
}

TEST(TheStack, SaysToWhichOpenFileADescriptorRefersAsItHasNoArrows) {
  Story story;
  story.client();
  const std::optional<Scene> scene = stack_of(story);
  ASSERT_TRUE(scene);
  EXPECT_TRUE(says(*scene, "→ listening socket"));
  EXPECT_TRUE(says(*scene, "→ connection 1"));
}

TEST(TheStack, OverlapsNowhereAndHasNoSmallTypeWhateverTheServerIs) {
  for (int kind = 0; kind < kServerCount; ++kind) {
    SCOPED_TRACE(kind);
    Approach story(static_cast<ServerKind>(kind));
    for (int clients = 0; clients < 4; ++clients) {
      story.serve();
      const std::optional<Scene> scene = stack_of(story);
      ASSERT_TRUE(scene);
      expect_sound(*scene, 11);
    }
  }
}

TEST(TheStack, OfMoreClientsThanAnybodyWouldScrollThroughIsNone) {
  Story story;
  for (std::size_t i = 0; i < kMostStacked; ++i) story.client();
  EXPECT_TRUE(stack_of(story));
  story.client();
  EXPECT_FALSE(stack_of(story));
}

TEST(TheStack, InALessonShowsWhatTheLessonIsAboutAndWhatWasSaid) {
  Story story;
  const Pid child = story.client();
  story.happens(0, ClientHalfClosed{{1}});
  story.happens(child, EndOfFile{4});
  story.happens(0, TcpStateSeen{story.port(), 8080, TcpState::kFinWait2});
  Stage stage;
  stage.slots = 1;
  const std::optional<Scene> scene = stack_of(story, stage);
  ASSERT_TRUE(scene);
  expect_sound(*scene, 11);
  EXPECT_TRUE(says(*scene, "FIN_WAIT2"));
  EXPECT_TRUE(says(*scene, "hello"));
}

}  // namespace
}  // namespace forktable::test
