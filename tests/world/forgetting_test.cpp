// A World that holds and remembers next to nothing (FORKTABLE_TINY_MEMORY): what is forgotten after thousands of events
// is forgotten after dozens here, so that all that is said of a run has to do without it.
#include <gtest/gtest.h>

#include "core/recording/loading.hpp"
#include "core/trace/trace.hpp"
#include "core/world/diagnose.hpp"
#include "core/world/history.hpp"
#include "core/world/limits.hpp"
#include "core/world/reduce.hpp"
#include "tests/fuzz/retold.hpp"
#include "tests/support/deadline.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/text.hpp"
#include "tests/ui/picture/sound.hpp"
#include "tests/world/generated_run.hpp"
#include "ui/picture/picture.hpp"
#include "ui/picture/timeline_scene.hpp"

namespace forktable::test {
namespace {

constexpr Pid kChild = 101;

class Crafted {
 public:
  void happens(Pid pid, const What& what) {
    time_ += kMillisecond;
    events.push_back({time_, pid, 0, what});
  }
  void serves_a_child() {
    happens(kServerPid, ServerLaunched{8080});
    happens(kServerPid, Listened{3, 8080, 10});
    happens(kServerPid, Accepted{3, 4, 40001});
    happens(kServerPid, ForkCalled{1});
    happens(kServerPid, Forked{1, kChild});
  }
  // So many servers come and go that nobody remembers what was before.
  void is_forgotten() {
    for (Pid pid = 1000; pid < 1000 + static_cast<Pid>(3 * kRemembered); ++pid) {
      happens(pid, ServerLaunched{8080});
      happens(pid, Collected{0});
    }
  }

  std::vector<Event> events;

 private:
  Nanoseconds time_ = 0;
};

// All there is to be said and drawn of it, after each event.
void tell_and_draw(const std::vector<Event>& events) {
  fuzz::retell(events);
  (void)trace_of(events);
  World world;
  for (const Event& event : events) {
    reduce(world, event);
    for (const Size area : {Size{1130, 820}, Size{400, 300}}) {
      const std::vector<Diagnosis> found = diagnose(world, world.now);
      PictureRequest request{world, world.now, area, light_theme(), fonts()};
      request.diagnoses = found;
      request.step_buttons = request.show_plumbing = true;
      ASSERT_FALSE(draw_picture(request).items.empty());
    }
  }
}

TEST(ForgottenWorld, IsOneThatIsSoonForgotten) { EXPECT_LE(kRemembered, 4u); }

TEST(ForgottenWorld, TakesTheDeathOfAChildWhoseParentNobodyRemembers) {
  Crafted run;
  run.serves_a_child();
  run.happens(kServerPid, Collected{0});
  run.is_forgotten();
  run.happens(kChild, DeathSeen{});
  tell_and_draw(run.events);
}

TEST(ForgottenWorld, TakesAnyReportOfAChildWhoseParentAndClientNobodyRemembers) {
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    Random random(kind);
    Crafted run;
    run.serves_a_child();
    run.happens(kChild, ChildStarted{kServerPid, 1});
    run.happens(0, ClientConnecting{{1}, Behaviour::kHello, 40001});
    run.happens(kChild, ReadCalled{4});
    run.happens(kServerPid, Collected{0});
    for (std::uint32_t id = 2; id < 2 + 3 * kRemembered; ++id) {
      run.happens(0, ClientConnecting{{id}, Behaviour::kHello, 50000});
      run.happens(0, ClientEnded{{id - 1}, ClientEnd::kClosed, Call::kClose, 0});
    }
    run.is_forgotten();
    run.happens(kChild, random_what(random, kind, Values::kTame));
    tell_and_draw(run.events);
  }
}

TEST(ForgottenWorld, TakesRunsOfServersThatWork) {
  for (std::uint64_t seed = 1; seed <= tries(12); ++seed) {
    Random random(seed);
    const GeneratedRun run = generate_run(random, {.clients = 12, .gates = seed % 2 == 0, .steps = 400});
    tell_and_draw(random_order(run, random));
  }
}

TEST(ForgottenWorld, TakesWhateverHappens) {
  for (std::uint64_t seed = 1; seed <= tries(12); ++seed) {
    Random random(seed);
    Crafted run;
    run.serves_a_child();
    for (int i = 0; i < 300; ++i) {
      const auto kind = static_cast<std::size_t>(number_between(random, 0, kKinds - 1));
      run.happens(static_cast<Pid>(number_between(random, 100, 106)), random_what(random, kind, Values::kTame));
    }
    tell_and_draw(run.events);
  }
}

// The server accepts and closes, over and over, and each time all others are asked whether they hold that connection.
TEST(RecordingThatTakesTooLong, IsRefusedWithTheLineFromWhichOnItDoes) {
  const TemporaryFolder folder;
  const std::string path = folder.file("stranger.jsonl");
  Crafted run;
  run.serves_a_child();
  for (std::uint32_t fork = 2; fork < 12; ++fork) {
    run.happens(kServerPid, ForkCalled{fork});
    run.happens(kServerPid, Forked{fork, 200 + static_cast<Pid>(fork)});
  }
  for (int i = 0; i < 300; ++i) {
    run.happens(kServerPid, Accepted{3, 5, 40002});
    run.happens(kServerPid, Closed{5});
  }
  std::string text = line_of(RecordingHeader{});
  World world;
  std::size_t line = 0;  // from which on it takes too long
  std::size_t good = 0;  // bytes before it
  for (std::size_t i = 0; i < run.events.size(); ++i) {
    text += line_of(run.events[i]);
    reduce(world, run.events[i]);
    if (line == 0 && takes_too_long(world)) line = i + 2;
    if (line == 0) good = text.size();
  }
  ASSERT_GT(line, 50u);
  put(path, text);
  const std::string expected = ": line " + std::to_string(line) + ": it takes too long";
  const auto read = read_recording(path);
  ASSERT_FALSE(read);
  EXPECT_TRUE(contains(read.error().message(), expected)) << read.error().message();
  Loading loading(path, [] {});
  ASSERT_TRUE(wait_until([&] { return loading.done(); }));
  const auto loaded = loading.take();
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().message(), read.error().message());
  put(path, text.substr(0, good));
  EXPECT_TRUE(read_recording(path)) << "up to there it can be followed";
}

}  // namespace
}  // namespace forktable::test
