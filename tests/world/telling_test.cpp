// Which step of a run says most.
#include "core/world/telling.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/world/diagnose.hpp"
#include "tests/support/story.hpp"

namespace forktable::test {
namespace {

World at(const Story& story, std::uint64_t step) {
  World world;
  for (std::uint64_t i = 0; i < step; ++i) reduce(world, story.events[i]);
  return world;
}

bool finds(const World& world, std::string_view kind) {
  const auto found = diagnose(world, world.now);
  return std::any_of(found.begin(), found.end(), [&](const Diagnosis& one) { return one.kind == kind; });
}

// An event server with three clients works for one of them, while the others wait.
Story works_for_one() {
  Story story;
  story.happens(Story::kServer, ServerNamed{ServerKind::kSelect});
  for (int fd = 4; fd < 7; ++fd) {
    story.connect_only();
    story.happens(Story::kServer, Accepted{3, fd, story.port()});
  }
  story.happens(Story::kServer, Read{4, 6, ShortText("hello\n")});
  story.happens(Story::kServer, Worked{2000});
  for (int fd = 4; fd < 7; ++fd) story.happens(Story::kServer, Wrote{fd, 6});
  for (std::uint32_t client = 1; client <= 3; ++client)
    story.happens(0, ClientReceived{{client}, 6, ShortText("hello\n")});
  return story;
}

TEST(TellingStep, IsOneAtWhichWhatIsWrongCanBeSeen) {
  const Story story = works_for_one();
  ASSERT_FALSE(finds(at(story, story.events.size()), "stalled")) << "it is over at the end";
  EXPECT_TRUE(finds(at(story, most_telling_step(story.events)), "stalled"));
}

// The parent forgets to close connfd.
void serve_and_keep(Story& story, int connfd) {
  const Pid child = story.connect_only();
  story.happens(Story::kServer, Accepted{3, connfd, story.port()});
  story.happens(Story::kServer, ForkCalled{story.clients});
  story.happens(Story::kServer, Forked{story.clients, child});
  story.happens(child, ChildStarted{Story::kServer, story.clients});
  story.happens(Story::kServer, AcceptCalled{3});
}

TEST(TellingStep, IsNotBesideALessonsQuestionWhichHidesWhatIsWrong) {
  Story story;
  for (int i = 0; i < 3; ++i) {
    serve_and_keep(story, 4 + i);
    if (i < 2) continue;
    ASSERT_TRUE(finds(story.world, "leaked-connfd"));
    story.happens(0, LessonAsked{2});
    story.happens(0, LessonStepped{2});
  }
  const World world = at(story, most_telling_step(story.events));
  EXPECT_TRUE(finds(world, "leaked-connfd"));
  EXPECT_FALSE(world.lesson_asks);
}

TEST(TellingStep, OfALessonIsOneAtWhichAChildHasCountedAndItsParentHasNot) {
  Story story;
  const Pid child = story.client();
  story.happens(child, Counted{1});
  story.happens(0, LessonStepped{1});
  const std::uint64_t counted = story.events.size();
  story.client();
  story.happens(child, ExitCalled{0});
  story.happens(0, LessonStepped{2});
  EXPECT_EQ(most_telling_step(story.events), counted);
}

TEST(TellingStep, OfALongRunIsFoundInTime) {
  Story story;
  for (int i = 0; i < 300; ++i) serve_and_keep(story, 4 + i);
  EXPECT_TRUE(finds(at(story, most_telling_step(story.events)), "leaked-connfd"));
}

}  // namespace
}  // namespace forktable::test
