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

TEST(LessonEnds, KnowThreadsByNumberAndTheCounterOfEachAddressSpace) {
  Story story;
  story.connect_only();
  story.happens(Story::kServer, Accepted{3, 4, story.port()});
  story.happens(Story::kServer, ThreadCreateCalled{1});
  story.happens(Story::kServer, ThreadCreated{1});
  story.happens(Story::kServer + 1, ThreadStarted{Story::kServer, 1});
  story.happens(Story::kServer + 1, Counted{1});
  LessonEnds ends;
  ends.states = {{"server", "running"}, {"thread 1", "running"}};
  ends.values = {{"server", 1}, {"parent", 1}};
  EXPECT_EQ(differences(ends, story.world, story.time), Texts{});
  story.happens(Story::kServer + 1, ThreadDetached{});
  story.happens(Story::kServer + 1, ThreadEnded{});
  ends.states = {{"thread 1", "ended"}};
  EXPECT_EQ(differences(ends, story.world, story.time), Texts{});
  ends.values = {{"server", 2}, {"segment", 1}};
  const Texts expected{"the value of segment is not there, not 1", "the value of server is 1, not 2"};
  EXPECT_EQ(differences(ends, story.world, story.time), expected);
}

TEST(LessonEnds, KnowWhatIsInTheSegmentAndInTheSemaphore) {
  Story story;
  story.happens(Story::kServer, SegmentAttached{7, 4});
  story.happens(Story::kServer, SemaphoreMade{8, 1});
  story.happens(Story::kServer, SemaphoreTaken{8});
  story.happens(Story::kServer, Stored{5});
  LessonEnds ends;
  ends.values = {{"segment", 5}, {"semaphore", 0}};
  EXPECT_EQ(differences(ends, story.world, story.time), Texts{});
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
