// What a lesson says of its end, compared with a World.
#include "core/lesson/ends.hpp"

#include <gtest/gtest.h>

#include <csignal>

#include "tests/support/story.hpp"

namespace forktable::test {
namespace {

using Texts = std::vector<std::string>;

LessonEnds as_story_ends() {
  LessonEnds ends;
  ends.diagnoses.emplace();
  ends.counts = {{"accepted", 1}, {"exited", 0}};
  ends.refcounts = {{"listening", 1}, {"connection 1", 1}, {"connection 2", 0}};
  ends.states = {{"parent", "blocked"}, {"child 1", "blocked"}, {"client 1", "echoed"}};
  return ends;
}

struct OneClient : Story {
  OneClient() { client(); }
};

TEST(LessonEnds, AreNoDifferentFromAWorldThatIsAsTheySay) {
  const OneClient story;
  EXPECT_EQ(differences(as_story_ends(), story.world, story.time), Texts{});
  EXPECT_EQ(differences({}, story.world, story.time), Texts{});
}

TEST(LessonEnds, AreToldWhereTheyDiffer) {
  const OneClient story;
  LessonEnds ends = as_story_ends();
  ends.counts["accepted"] = 2;
  ends.refcounts["connection 1"] = 2;
  ends.states["client 1"] = "closed";
  ends.states["child 2"] = "zombie";
  ends.diagnoses = Texts{"zombies"};
  const Texts expected{"accepted is 1, not 2", "refcnt of connection 1 is 1, not 2", "child 2 is not there, not zombie",
                       "client 1 is echoed, not closed", "what is diagnosed is none, not zombies"};
  EXPECT_EQ(differences(ends, story.world, story.time), expected);
}

TEST(LessonEnds, HaveDiagnosesInAnyOrder) {
  OneClient story;
  story.happens(Story::kServer + 1, Closed{4}, 18);
  story.happens(Story::kServer + 1, ExitCalled{0}, 19);
  LessonEnds ends;
  ends.diagnoses = Texts{"zombies", "zombies"};
  EXPECT_EQ(differences(ends, story.world, story.time + 10 * kSecond), Texts{});
}

}  // namespace
}  // namespace forktable::test
