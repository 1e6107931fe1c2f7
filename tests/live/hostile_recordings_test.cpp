// Recordings made up to do harm, given to the program itself: an answer within the deadline of every test, in bounded
// memory, and nothing but text on the terminal.
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/program/narrate_listing.hpp"
#include "core/recording/recording.hpp"
#include "core/world/inspect.hpp"
#include "core/world/reduce.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/events.hpp"
#include "tests/support/forktable.hpp"
#include "tests/support/temporary_folder.hpp"

namespace forktable::test {
namespace {

// The most memory that any program took which this test has run.
long peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  return usage.ru_maxrss / 1024;
}

// A sanitizer's own memory is not what is measured.
void expect_peak_below(long megabytes) {
  if (kSlowness == 1) {
    EXPECT_LT(peak_megabytes(), megabytes);
  }
}

class HostileRecording : public ::testing::Test {
 protected:
  HostileRecording() {
    file_ << line_of(RecordingHeader{});
    tell(100, ServerLaunched{8080});
    tell(100, Listened{3, 8080, 10});
  }
  void tell(Pid pid, const What& what) { file_ << line_of(Event{++at_, pid, 0, what}); }
  // All that can be asked of it; each has to be answered.
  std::string looked_at() {
    file_.flush();
    const Outcome json = run(forktable({"inspect", path_, "--json"}));
    EXPECT_EQ(json.status, 0) << json.err << " signal " << json.signal;
    EXPECT_TRUE(nlohmann::json::accept(json.out));
    const Outcome picture =
        run(forktable({"export", path_, "--scale", "0.25", "--force", "-o", folder_.file("x.png")}));
    EXPECT_EQ(picture.status, 0) << picture.err << " signal " << picture.signal;
    const Outcome telling = run(
        forktable({"export", path_, "--step", "telling", "--scale", "0.25", "--force", "-o", folder_.file("y.png")}));
    EXPECT_EQ(telling.status, 0) << telling.err << " signal " << telling.signal;
    const Outcome table = run(forktable({"inspect", path_}));
    EXPECT_EQ(table.status, 0) << table.err << " signal " << table.signal;
    return table.out;
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.file("stranger.jsonl");
  std::ofstream file_{path_};
  Nanoseconds at_ = 0;
};

TEST_F(HostileRecording, OfOneLineOfAGigabyteIsRefusedAtOnce) {
  file_.flush();
  ASSERT_EQ(truncate(path_.c_str(), off_t{1} << 30), 0);
  expect_one_line(run(forktable({"inspect", path_})), path_ + ": line 4: a line too long");
  expect_peak_below(64);
}

TEST_F(HostileRecording, OfTenThousandDescriptorsInheritedAThousandTimesShowsWhatItCan) {
  for (int fd = 4; fd < static_cast<int>(tries(10'000)); ++fd) tell(100, Accepted{3, fd, static_cast<Port>(fd)});
  for (Pid child = 1000; child < 1000 + static_cast<Pid>(tries(10'000)) / 10; ++child) {
    tell(100, ForkCalled{static_cast<std::uint32_t>(child)});
    tell(100, Forked{static_cast<std::uint32_t>(child), child});
  }
  const std::string table = looked_at();
  EXPECT_TRUE(contains(table, "the most that can be shown is 524288") || kSlowness > 1);
  expect_peak_below(700);
}

TEST_F(HostileRecording, WhoseServerOfManyDescriptorsEndsIsToldInOneLook) {
  for (int fd = 4; fd < static_cast<int>(tries(30'000)); ++fd) tell(100, Accepted{3, fd, static_cast<Port>(fd)});
  for (Pid child = 1000; child < 1010; ++child) {
    tell(100, ForkCalled{static_cast<std::uint32_t>(child)});
    tell(100, Forked{static_cast<std::uint32_t>(child), child});
  }
  tell(100, ExitCalled{0});
  looked_at();
}

TEST_F(HostileRecording, OfProcessesAndClientsWithoutEndShowsWhatItCan) {
  for (Pid child = 1000; child < 1000 + static_cast<Pid>(tries(60'000)); ++child) {
    tell(100, ForkCalled{static_cast<std::uint32_t>(child)});
    tell(child, ChildStarted{100, static_cast<std::uint32_t>(child)});
    tell(0, ClientConnecting{{static_cast<std::uint32_t>(child)}, Behaviour::kHello, static_cast<Port>(child)});
  }
  const std::string table = looked_at();
  EXPECT_TRUE(contains(table, "ANOMALY") || kSlowness > 1);
  expect_peak_below(600);
}

TEST_F(HostileRecording, OfMoreEventsThanThereIsMemoryForIsRefused) {
  if (kSlowness > 1) GTEST_SKIP() << "four million lines take a sanitizer longer than any test may wait";
  const std::string line = line_of(Event{1, 0, 0, StopAsked{}});
  for (std::size_t i = 0; i < kMostEvents; ++i) file_ << line;
  file_.flush();
  expect_one_line(run(forktable({"inspect", path_})), "more than 4194304 events");
  expect_peak_below(600);
}

TEST_F(HostileRecording, WithNumbersAndTimesAtTheirLimitsIsShown) {
  constexpr int kLeast = std::numeric_limits<int>::min(), kMost = std::numeric_limits<int>::max();
  for (const int fd : {kLeast, -1, 0, 1 << 20, kMost}) {
    tell(100, Accepted{3, fd, 65535});
    tell(100, ReadCalled{fd});
    tell(100, CallFailed{Call::kRead, fd, fd});
    tell(100, SignalDelivered{fd});
    tell(100, HandlerReturned{fd});
    tell(100, BackedOff{fd});
    tell(100, LimitsKnown{fd, fd});
    tell(100, GateReached{Call::kClose, fd});
    tell(100, Reaped{fd, fd});
  }
  at_ = std::numeric_limits<Nanoseconds>::max() - 1;
  tell(100, ForkCalled{4294967295});
  at_ = 0;  // and back again
  tell(kMost, ChildStarted{100, 4294967295});
  tell(kMost, ExitCalled{kLeast});
  tell(0, LessonStepped{4294967295});
  tell(0, BugsSwitched{{4294967295}});
  looked_at();
}

TEST_F(HostileRecording, OfControlBytesAndMarkupDoesNothingToTheTerminal) {
  tell(100, Accepted{3, 4, 40001});
  tell(0, OutsiderConnected{{1}, 40001});
  tell(4711, OutsiderNamed{{1}, ShortText("\x1b]0;o\a\x9b\xC2\x9B<b>&amp;\r\n%s")});
  tell(100, Read{4, 9, ShortText("<i>\x1b[31m\xE2\x80\xAE")});
  const std::string table = looked_at();
  for (const char control : {'\x1b', '\a', '\r', '\x9b'}) EXPECT_FALSE(contains(table, std::string(1, control)));
  const std::string drawing = folder_.file("x.svg");
  ASSERT_EQ(run(forktable({"export", path_, "-o", drawing})).status, 0);
  EXPECT_FALSE(contains(table, "\u202E") || contains(contents(drawing), "\u202E")) << "it turns the text around";
  // Its name, too.
  const std::string name = folder_.file("\x1b]0;owned\a.jsonl");
  put(name, "hello\n");
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"inspect", name},
                                             {"export", name, "-o", folder_.file("x.png")},
                                             {"record", "--lesson", name + ".yaml", "-o", path_}}) {
    const Outcome outcome = run(forktable(arguments));
    EXPECT_NE(outcome.status, 0);
    EXPECT_TRUE(contains(outcome.err, "owned")) << outcome.err;
    EXPECT_FALSE(contains(outcome.err, "\x1b") || contains(outcome.err, "\a")) << outcome.err;
  }
}

TEST_F(HostileRecording, CutAtAnyByteIsTheEventsBeforeOrAnError) {
  const TemporaryFolder folder;
  const std::string whole_path = folder.file("whole.jsonl"), cut_path = folder.file("cut.jsonl");
  ASSERT_EQ(run(forktable({"record", "--clients", "2", "--port", "0", "-o", whole_path})).status, 0);
  const std::string whole = contents(whole_path);
  const std::size_t events = parse_recording(whole, "whole")->events.size();
  std::size_t whole_events = 0;  // that end in what is left
  std::size_t line = 0;          // where it begins
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    if (length > 0 && whole[length - 1] == '\n') {
      whole_events += contains(std::string_view(whole).substr(line, length - line), "\"event\"") ? 1 : 0;
      line = length;
    }
    const auto cut = parse_recording(whole.substr(0, length), "cut");
    if (length < whole.find('\n') + 1) {
      EXPECT_FALSE(cut) << length;
      continue;
    }
    ASSERT_TRUE(cut) << length;
    EXPECT_EQ(cut->events.size(), whole_events) << length;
  }
  EXPECT_GT(events, 40u);
  // And the program itself, at some of them.
  for (std::size_t length = 0; length < whole.size(); length += whole.size() / 10) {
    put(cut_path, whole.substr(0, length));
    EXPECT_EQ(run(forktable({"inspect", cut_path})).status, length == 0 ? 1 : 0) << length;
  }
}

TEST_F(HostileRecording, WithAnyBitTurnedIsReadOrRefusedAndNeverDoesHarm) {
  ASSERT_EQ(run(forktable({"record", "--clients", "1", "--port", "0", "--force", "-o", path_})).status, 0);
  std::string text = contents(path_);
  int read = 0, refused = 0;
  for (std::size_t at = 0; at < text.size(); at += kSlowness)
    for (int bit = 0; bit < 8; ++bit) {
      text[at] = static_cast<char>(text[at] ^ (1 << bit));
      if (const auto recording = parse_recording(text, "turned")) {
        World world;
        for (const Event& event : recording->events) {
          (void)narrate_listing(world, event);
          reduce(world, event);
        }
        ASSERT_FALSE(world_as_table(world, 0).empty());
        ++read;
      } else {
        ASSERT_TRUE(contains(recording.error().message(), ": line ")) << recording.error().message();
        ++refused;
      }
      text[at] = static_cast<char>(text[at] ^ (1 << bit));
    }
  EXPECT_GT(read, 0);
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace forktable::test
