// What it takes to follow a recording is limited: far above what a run takes, and far below what a stranger can ask
// for.
#include <gtest/gtest.h>

#include "core/recording/recording.hpp"
#include "core/trace/trace.hpp"
#include "core/world/limits.hpp"
#include "core/world/reduce.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/text.hpp"

namespace forktable::test {
namespace {

constexpr Pid kServer = 100;

// Five hundred processes with a thousand descriptors each, in fifty kilobytes.
std::vector<Event> many_descriptors() {
  std::vector<Event> events{{0, kServer, 0, ServerLaunched{8080}}, {0, kServer, 0, Listened{3, 8080, 10}}};
  for (int fd = 4; fd < 1000; ++fd) events.push_back({0, kServer, 0, Accepted{3, fd, static_cast<Port>(fd)}});
  for (std::uint32_t i = 1; i <= 500; ++i) {
    events.push_back({0, kServer, 0, ForkCalled{i}});
    events.push_back({0, kServer, 0, Forked{i, kServer + static_cast<Pid>(i)}});
  }
  return events;
}

// A server that works: twenty clients at a time, each with its child.
std::vector<Event> run_of(std::uint32_t clients) {
  constexpr std::uint32_t kAtOnce = 20;
  std::vector<Event> events{{0, kServer, 0, ServerLaunched{8080}}, {0, kServer, 0, Listened{3, 8080, 10}}};
  const auto tell = [&](Pid pid, const What& what) { events.push_back({0, pid, 0, what}); };
  const auto child_of = [](std::uint32_t client) { return kServer + static_cast<Pid>(client); };
  for (std::uint32_t i = 1; i <= clients + kAtOnce; ++i) {
    if (i <= clients) {
      const Port port = static_cast<Port>(20'000 + i);
      tell(0, ClientConnecting{{i}, Behaviour::kHello, port});
      tell(0, ClientConnected{{i}});
      tell(kServer, Accepted{3, 4, port});
      tell(kServer, ForkCalled{i});
      tell(kServer, Forked{i, child_of(i)});
      tell(child_of(i), ChildStarted{kServer, i});
      tell(child_of(i), Closed{3});
      tell(kServer, Closed{4});
      tell(0, ClientSent{{i}, 6, ShortText("hello")});
      tell(child_of(i), Read{4, 6, ShortText("hello")});
    }
    if (i <= kAtOnce) continue;
    const std::uint32_t last = i - kAtOnce;
    tell(0, ClientEnded{{last}, ClientEnd::kClosed});
    tell(child_of(last), EndOfFile{4});
    tell(child_of(last), Closed{4});
    tell(child_of(last), ExitCalled{0});
    tell(kServer, Reaped{child_of(last), 0});
  }
  return events;
}

TEST(Effort, OfARunOfManyClientsIsATenthOfWhatIsAllowedAtEachOfItsSteps) {
  World world;
  for (const Event& event : run_of(10'000)) {
    reduce(world, event);
    ASSERT_LT(10 * world.work, kMostWork + world.step * kMostWorkForEach) << world.step;
  }
  EXPECT_EQ(world.counts.reaped, 10'000u);
  EXPECT_EQ(world.anomaly_count, 0u) << world.anomalies[0].text;
  EXPECT_LT(10 * world.work, kMostWork) << "and a long one does not live on what each event is allowed";
}

TEST(Effort, OfARunOfManyClientsAsATraceIsATenthOfWhatIsAllowed) {
  const std::vector<Event> events = run_of(10'000);
  World world;
  std::uint64_t present = 0;
  for (const Event& event : events) {
    reduce(world, event);
    present += present_in(world) + 8 * world.files.size();
  }
  EXPECT_LT(10 * present, kMostTraced) << "if it were counted at every step";
  EXPECT_TRUE(trace_of(run_of(1000)));
}

// Each accept and close look at half a million descriptors.
TEST(Effort, OfAFileOfAFewKilobytesThatAsksForTooMuchIsRefusedWithItsLine) {
  if (kSlowness > 1) GTEST_SKIP() << "gigabytes take a sanitizer longer than any test may wait";
  std::vector<Event> events = many_descriptors();
  const std::size_t harmless = events.size();
  for (int i = 0; i < 6000; ++i) {
    events.push_back({0, kServer, 0, Accepted{3, 2000, 50'000}});
    events.push_back({0, kServer, 0, Closed{2000}});
  }
  std::string text = line_of(RecordingHeader{});
  for (const Event& event : events) text += line_of(event);
  const TemporaryFolder folder;
  const std::string path = folder.file("stranger.jsonl");
  put(path, text);
  const auto read = read_recording(path);
  ASSERT_FALSE(read) << "four times as much as is allowed";
  const std::string said = read.error().message(), before = "can't read recording " + path + ": line ";
  ASSERT_TRUE(said.starts_with(before)) << said;
  const auto line = std::stoul(said.substr(before.size()));
  EXPECT_GT(line, harmless);
  EXPECT_LT(line, harmless + 4000);
  EXPECT_TRUE(contains(said, "takes too long")) << said;
  EXPECT_TRUE(contains(said, "of 501 processes with ")) << said;
  EXPECT_TRUE(contains(said, "keep the lines before it only")) << said;
}

TEST(Effort, OfATraceThatCountsTooMuchIsRefusedWithItsLine) {
  if (kSlowness > 1) GTEST_SKIP() << "gigabytes take a sanitizer longer than any test may wait";
  std::vector<Event> events = many_descriptors();
  for (int fd = 4000; fd < 8000; ++fd) events.push_back({0, kServer, 0, Accepted{3, fd, static_cast<Port>(fd)}});
  World world;
  for (const Event& event : events) reduce(world, event);
  ASSERT_FALSE(takes_too_long(world)) << "it can be followed";
  const auto trace = trace_of(events, 17);
  ASSERT_FALSE(trace) << "half a million descriptors, four thousand times";
  const std::string said = trace.error().message();
  ASSERT_TRUE(said.starts_with("step ")) << said;
  const auto step = std::stoul(said.substr(5));
  EXPECT_TRUE(contains(said, " (line " + std::to_string(step + 16) + " of the recording) is too much: ")) << said;
}

}  // namespace
}  // namespace forktable::test
