// A recording that is read while the window stays as it is. Built with ThreadSanitizer too.
#include "core/recording/loading.hpp"

#include <gtest/gtest.h>

#include "core/world/inspect.hpp"
#include "core/world/reduce.hpp"
#include "tests/support/deadline.hpp"
#include "tests/support/story.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/text.hpp"

namespace forktable::test {
namespace {

class Loaded : public ::testing::Test {
 protected:
  // A recording of a run with so many clients, which come and go.
  void record(int clients) {
    for (int i = 0; i < clients; ++i) story.leave(story.client());
    std::string text = line_of(RecordingHeader{});
    for (const Event& event : story.events) text += line_of(event);
    put(path, text);
  }

  TemporaryFolder folder;
  const std::string path = folder.file("lecture.forktable");
  Story story;
};

TEST_F(Loaded, ARecordingEndsInTheWorldThatWasRecorded) {
  record(2000);
  std::atomic<int> news = 0;
  Loading loading(path, [&] { ++news; });
  ASSERT_TRUE(wait_until([&] { return loading.done(); }));
  EXPECT_EQ(loading.part(), 1.0);
  EXPECT_EQ(loading.events(), story.events.size());
  EXPECT_GT(news, 0);
  auto loaded = loading.take();
  ASSERT_TRUE(loaded) << loaded.error().message();
  EXPECT_TRUE(loaded->recording.events.empty()) << "they are in the history, once";
  EXPECT_EQ(loaded->history.size(), story.events.size());
  EXPECT_EQ(loaded->timeline.steps(), story.events.size());
  EXPECT_EQ(loaded->history.latest().counts, story.world.counts);
  EXPECT_EQ(loaded->history.at(5000).step, 5000u);
}

TEST_F(Loaded, ARecordingThatIsBrokenInTheMiddleIsToldWithItsLine) {
  record(10);
  put(path, contents(path) + "{\"t\":1,\"event\":\"nonsense\"}\n");
  Loading loading(path, [] {});
  ASSERT_TRUE(wait_until([&] { return loading.done(); }));
  const auto loaded = loading.take();
  ASSERT_FALSE(loaded);
  const std::string line = "line " + std::to_string(story.events.size() + 2) + ": ";
  EXPECT_TRUE(contains(loaded.error().message(), path + ": " + line)) << loaded.error().message();
}

TEST_F(Loaded, ARecordingIsGivenUpHalfWay) {
  record(4000);
  std::atomic<int> news = 0;
  {
    const Loading loading(path, [&] { ++news; });
  }
  SUCCEED() << "and nobody waits for the rest";
}

TEST_F(Loaded, AFileThatIsNotThereIsToldWithItsName) {
  Loading loading(folder.file("none"), [] {});
  ASSERT_TRUE(wait_until([&] { return loading.done(); }));
  EXPECT_TRUE(contains(loading.take().error().message(), folder.file("none")));
}

}  // namespace
}  // namespace forktable::test
