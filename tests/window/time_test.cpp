// Time in the window: pausing, stepping, going back, by keys and by mouse, on a real server.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <memory>

#include "tests/support/proc.hpp"
#include "tests/window/desktop.hpp"

namespace forktable::test {
namespace {

// Clients that say nothing, so that the screen comes to rest; nothing moves, so that it can be read at once.
constexpr const char* kStill = R"({"behaviour": "quiet", "reduced_motion": true})";

class Time : public ::testing::Test {
 protected:
  Time() {
    desktop.prefer(kStill);
    desktop.start();
  }
  // The server was in accept already: it returns with a client, and waits before fork.
  bool pauses_before_fork() {
    desktop.key("r");
    desktop.key("c");
    return desktop.shows("next: fork()");
  }
  // The number of the one that is shown, in the caption.
  std::string step() const {
    const auto& words = desktop.said().words;
    for (std::size_t i = 1; i < words.size(); ++i)
      if (words[i - 1].text == "STEP") return words[i].text;
    return {};
  }
  Desktop desktop{1600, 900};
};

TEST_F(Time, APausedServerTakesOneStepForEachPress) {
  ASSERT_TRUE(pauses_before_fork());
  EXPECT_TRUE(desktop.shows("connection 1"));
  EXPECT_EQ(server_processes(desktop.pid()).size(), 1u);
  desktop.key("space");
  ASSERT_TRUE(desktop.has_children(1));
  desktop.key("End");
  ASSERT_TRUE(desktop.shows("next: close(3)"));
  EXPECT_TRUE(desktop.shows("next: close(4)"));
}

TEST_F(Time, APausedWindowShowsWhatOthersDoToItsProcesses) {
  ASSERT_TRUE(pauses_before_fork());
  for (int i = 0; i < 40 && desktop.said().count("next: read(4)") == 0; ++i) {
    const std::string before = step();
    desktop.key("Next");
    ASSERT_TRUE(wait_until([&] { return step() != before; }));
  }
  desktop.key("End");
  ASSERT_TRUE(desktop.shows("next: read(4)"));
  const auto processes = server_processes(desktop.pid());
  ASSERT_EQ(processes.size(), 2u);
  kill(processes[1], SIGKILL);
  EXPECT_TRUE(desktop.shows("zombie"));
}

TEST_F(Time, AnEarlierStepIsShownAsItWasAndTheFutureIsMadeAtTheEnd) {
  desktop.key("c");
  ASSERT_TRUE(desktop.shows("blocked in read(4)"));
  desktop.key("r");
  desktop.key("Home");
  ASSERT_TRUE(desktop.hides("blocked in read(4)"));
  desktop.key("End");
  ASSERT_TRUE(desktop.shows("blocked in read(4)"));
  ASSERT_TRUE(desktop.shows("Paused: every process"));
  desktop.key("Prior");
  desktop.key("Prior");
  ASSERT_TRUE(desktop.hides("Paused: every process"));
  desktop.key("Next");
  desktop.key("Next");
  EXPECT_TRUE(desktop.shows("Paused: every process"));
}

TEST_F(Time, RunLetsThemAllGoOn) {
  ASSERT_TRUE(pauses_before_fork());
  desktop.key("r");
  EXPECT_TRUE(desktop.shows("blocked in accept(3)"));
  EXPECT_TRUE(desktop.shows("blocked in read(4)"));
}

TEST_F(Time, ThePaceOfRunIsTheUsersToChoose) {
  ASSERT_TRUE(pauses_before_fork());
  desktop.key("bracketleft");
  ASSERT_TRUE(wait_until([&] {
    return contents(desktop.folder() + "/.config/forktable/settings.json").find("\"speed\": 5") != std::string::npos;
  }));
  desktop.key("r");
  EXPECT_TRUE(desktop.shows("blocked in read(4)")) << "step by step, it gets there too";
}

TEST_F(Time, AProcessHasAStepButtonOfItsOwn) {
  ASSERT_TRUE(pauses_before_fork());
  ASSERT_TRUE(desktop.click_on("▶ step"));
  EXPECT_TRUE(desktop.has_children(1));
}

TEST_F(Time, AProcessIsSteppedAndHeldByTheKeyboardAlone) {
  ASSERT_TRUE(pauses_before_fork());
  desktop.key("Down");
  ASSERT_TRUE(desktop.shows("Hold (H)"));
  desktop.key("Return");
  ASSERT_TRUE(desktop.has_children(1));
  desktop.key("h");
  ASSERT_TRUE(desktop.shows("Let it run (H)"));
  desktop.key("r");
  EXPECT_TRUE(desktop.shows("blocked in read(4)")) << "the child runs";
  EXPECT_TRUE(desktop.shows("next: close(4)")) << "the parent doesn't";
}

TEST_F(Time, ABugIsSwitchedByAKeyAndFoundByTheDiagnosis) {
  desktop.key("1");
  ASSERT_TRUE(desktop.shows("left out"));
  desktop.key("c");
  EXPECT_TRUE(desktop.shows("Leak"));
  EXPECT_TRUE(desktop.shows("still holds connfd 4"));
  ASSERT_TRUE(desktop.click_on("since step"));
  EXPECT_TRUE(desktop.shows("calls accept(3) and blocks until"));
}

TEST_F(Time, ASteppedServerDiesWithTheWindow) {
  ASSERT_TRUE(pauses_before_fork());
  const auto processes = server_processes(desktop.pid());
  desktop.stop(SIGKILL);
  for (const int pid : processes) EXPECT_TRUE(wait_until([&] { return has_ended(pid); }));
}

TEST_F(Time, TheBlackScreenIsBlackAndComesBack) {
  // The X server may have a pointer on it.
  const auto is_black = [&] {
    const Image image = desktop.look();
    return std::count_if(image.rgb.begin(), image.rgb.end(), [](unsigned char byte) { return byte != 0; }) < 3000;
  };
  ASSERT_TRUE(desktop.shows("blocked in accept(3)"));
  desktop.key("b");
  EXPECT_TRUE(wait_until(is_black));
  kill(server_processes(desktop.pid()).at(0), SIGKILL);  // what happens behind it doesn't bring it back
  EXPECT_TRUE(wait_until([&] { return server_processes(desktop.pid()).empty(); }));
  EXPECT_TRUE(is_black());
  desktop.key("Next");
  EXPECT_TRUE(desktop.shows("killed by SIGKILL"));
}

TEST_F(Time, TheBlackboardHasThePictureAndTheCaptionAlone) {
  desktop.key("c");
  ASSERT_TRUE(desktop.shows("blocked in read(4)"));
  desktop.key("f");
  EXPECT_TRUE(desktop.hides("Forktable"));
  EXPECT_TRUE(desktop.hides("process_server.cpp"));
  EXPECT_TRUE(desktop.shows("blocked in read(4)"));
  desktop.key("Escape");
  EXPECT_TRUE(desktop.shows("process_server.cpp"));
}

TEST_F(Time, ThePresentersKeysWorkWhileALineIsTyped) {
  desktop.key("c");
  ASSERT_TRUE(desktop.shows("blocked in read(4)"));
  desktop.key("Tab");
  ASSERT_TRUE(desktop.shows("type a line"));
  desktop.type("half a line");
  for (int i = 0; i < 9; ++i) desktop.key("Prior");
  EXPECT_TRUE(desktop.hides("blocked in read(4)")) << "as it was before the fork";
}

TEST_F(Time, AMenuIsWorkedByTheKeyboardAlone) {
  desktop.key("F2");
  ASSERT_TRUE(desktop.shows("Bugs: lines left out, or put in"));
  desktop.key("Escape");
  EXPECT_TRUE(desktop.hides("Bugs: lines left out, or put in"));
  EXPECT_TRUE(desktop.shows("blocked in accept(3)"));
}

}  // namespace
}  // namespace forktable::test
