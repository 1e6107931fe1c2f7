// A recording in a real window, by real keys: no server, no network.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "tests/support/proc.hpp"
#include "tests/window/desktop.hpp"

namespace forktable::test {
namespace {

namespace fs = std::filesystem;

// Forktable's own windows and recordings, in a home of the desktop's.
class ReplayWindow : public ::testing::Test {
 protected:
  std::string recording(const std::string& name, const std::string& what) {
    std::string path = desktop.folder() + "/" + name;
    const std::string said = run(std::string(FORKTABLE_PROGRAM) + " record --port 0 " + what + " -o " + path + " 2>&1");
    EXPECT_TRUE(fs::exists(path)) << said;
    return path;
  }
  void replay(const std::string& path) {
    desktop.prefer(R"({"reduced_motion": true})");
    desktop.start({"replay", path});
  }
  // Kinds of sockets that it has, but for those of the desktop itself.
  std::size_t sockets_but_local_ones() const {
    const std::string local = contents("/proc/net/unix");
    std::size_t count = 0;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator("/proc/" + std::to_string(desktop.pid()) + "/fd", none)) {
      const std::string target = fs::read_symlink(entry, none).string();
      if (target.rfind("socket:[", 0) != 0) continue;
      const std::string inode = target.substr(8, target.size() - 9);
      count += local.find(" " + inode) == std::string::npos ? 1 : 0;
    }
    return count;
  }

  Desktop desktop{1600, 900};
};

TEST_F(ReplayWindow, ARecordingIsShownFromItsFirstStepToItsLastAndBack) {
  replay(recording("three.forktable", "--clients 3"));
  EXPECT_TRUE(desktop.has_title("three.forktable - Forktable"));
  EXPECT_TRUE(desktop.shows("Forktable starts the server"));
  EXPECT_TRUE(desktop.shows("process_server.cpp"));
  EXPECT_TRUE(desktop.hides("launch a client"));
  desktop.key("End");
  EXPECT_TRUE(desktop.shows("served client 3"));
  EXPECT_TRUE(desktop.shows("reaped: exited 0"));
  desktop.key("Next");
  EXPECT_TRUE(desktop.shows("Home goes back to the first"));
  desktop.key("Home");
  EXPECT_TRUE(desktop.shows("Forktable starts the server"));
  desktop.key("Next");
  EXPECT_TRUE(desktop.shows("The parent listens on"));
  EXPECT_EQ(desktop.stop(SIGTERM), 0);
}

TEST_F(ReplayWindow, NoProcessIsStartedAndNoSocketOpened) {
  replay(recording("three.forktable", "--clients 3"));
  ASSERT_TRUE(desktop.has_title("three.forktable - Forktable"));
  desktop.key("c");
  EXPECT_TRUE(desktop.shows("nothing in it can be changed"));
  desktop.key("l");
  desktop.key("F2");
  desktop.key("1");
  EXPECT_TRUE(server_processes(desktop.pid()).empty());
  EXPECT_EQ(sockets_but_local_ones(), 0u);
  EXPECT_TRUE(desktop.hides("Zombies: nobody reaps"));
}

TEST_F(ReplayWindow, TheKeyRPlaysItToTheEndAndStops) {
  replay(recording("three.forktable", "--clients 3"));
  ASSERT_TRUE(desktop.has_title("three.forktable - Forktable"));
  desktop.key("r");
  EXPECT_TRUE(desktop.shows("served client 3"));
  EXPECT_TRUE(desktop.shows("Run"));
  EXPECT_TRUE(desktop.hides("Pause"));
}

TEST_F(ReplayWindow, ALessonGoesFromStopToStopWithItsCaptionsAndItsQuestion) {
  replay(recording("lesson.forktable", "--lesson 4"));
  EXPECT_TRUE(desktop.has_title("lesson.forktable - Forktable"));
  EXPECT_TRUE(desktop.shows("One line of this server is switched off"));
  EXPECT_TRUE(desktop.shows("left out"));
  for (int i = 0; i < 5; ++i) desktop.key("Next");
  EXPECT_TRUE(desktop.shows("Predict"));
  EXPECT_TRUE(desktop.shows("Think first"));
  desktop.key("End");
  EXPECT_TRUE(desktop.shows("Client 2 fares no better"));
  EXPECT_TRUE(desktop.shows("still holds 2 connections"));
  desktop.key("Next");
  EXPECT_TRUE(desktop.shows("Seen in the wild"));
}

TEST_F(ReplayWindow, ALongRecordingIsReadWithProgressAndEscapeGivesItUp) {
  const std::string path = recording("many.forktable", "--clients 2000");
  // As long as a lecture of a year: the same once more, many times.
  const std::string text = contents(path);
  const auto events = text.substr(text.find("\n{\"t\"") + 1);
  std::ofstream longer(path, std::ios::app);
  for (int i = 0; i < 60; ++i) longer << events;
  longer.close();
  replay(path);
  EXPECT_TRUE(desktop.shows("Opening many.forktable"));
  desktop.key("Escape");
  EXPECT_TRUE(desktop.shows("It was not read to its end"));
  EXPECT_EQ(desktop.stop(SIGTERM), 0);
}

TEST_F(ReplayWindow, AFileThatIsDroppedOnALiveWindowIsShownAndTheServerGoesOnBehindIt) {
  const std::string path = recording("three.forktable", "--clients 3");
  ASSERT_TRUE(desktop.start_with_quiet_clients(1));
  ASSERT_TRUE(desktop.shows("blocked in read(4)"));
  const auto before = server_processes(desktop.pid());
  ASSERT_TRUE(desktop.drop(path));
  EXPECT_TRUE(desktop.has_title("three.forktable - Forktable"));
  desktop.key("End");
  EXPECT_TRUE(desktop.shows("served client 3"));
  EXPECT_EQ(server_processes(desktop.pid()), before);
  kill(before.back(), SIGKILL);
  desktop.key("Escape");
  EXPECT_TRUE(desktop.has_title("Forktable"));
  EXPECT_TRUE(desktop.shows("killed by SIGKILL")) << "what has happened meanwhile is known";
  desktop.key("c");
  EXPECT_TRUE(desktop.has_children(1)) << "and it is the live server again";
}

TEST_F(ReplayWindow, AnotherFileThatIsDroppedOnItTakesItsPlaceAndOneThatIsNoRecordingIsTold) {
  replay(recording("three.forktable", "--clients 3"));
  ASSERT_TRUE(desktop.drop(recording("lesson.forktable", "--lesson 4")));
  EXPECT_TRUE(desktop.has_title("lesson.forktable - Forktable"));
  EXPECT_TRUE(desktop.shows("One line of this server is switched off"));
  const std::string photo = desktop.folder() + "/photo.png";
  std::ofstream(photo) << "\x89PNG\r\n";
  ASSERT_TRUE(desktop.drop(photo));
  EXPECT_TRUE(desktop.shows("not a Forktable recording"));
  EXPECT_TRUE(desktop.has_title("lesson.forktable - Forktable"));
}

TEST_F(ReplayWindow, AFileThatIsNoRecordingIsToldBeforeAnyWindow) {
  const std::string path = desktop.folder() + "/photo.png";
  std::ofstream(path) << "\x89PNG\r\n";
  const std::string output = run(std::string(FORKTABLE_PROGRAM) + " replay " + path + " 2>&1; echo status $?");
  EXPECT_NE(output.find("not a Forktable recording"), std::string::npos) << output;
  EXPECT_NE(output.find("status 1"), std::string::npos) << output;
  EXPECT_EQ(std::count(output.begin(), output.end(), '\n'), 2) << output;
}

TEST_F(ReplayWindow, AFileThatIsBrokenInTheMiddleIsToldInTheWindow) {
  const std::string path = recording("broken.forktable", "--clients 3");
  std::ofstream(path, std::ios::app) << "{\"t\":1,\"event\":\"nonsense\"}\n";
  replay(path);
  EXPECT_TRUE(desktop.shows("No recording is shown"));
  EXPECT_TRUE(desktop.shows("nonsense"));
  EXPECT_TRUE(desktop.shows("Drop another recording"));
}

TEST_F(ReplayWindow, WithoutADisplayOneLineNamesTheCommandsThatWork) {
  const std::string path = recording("one.forktable", "--clients 1");
  const std::string output = run("env -u DISPLAY -u WAYLAND_DISPLAY " + std::string(FORKTABLE_PROGRAM) + " replay " +
                                 path + " 2>&1; echo status $?");
  EXPECT_NE(output.find("forktable inspect " + path), std::string::npos) << output;
  EXPECT_NE(output.find("forktable export " + path), std::string::npos) << output;
  EXPECT_NE(output.find("status 1"), std::string::npos) << output;
}

TEST_F(ReplayWindow, AnIdleReplayUsesNoProcessorTime) {
  replay(recording("lesson.forktable", "--lesson 4"));
  ASSERT_TRUE(desktop.has_title("lesson.forktable - Forktable"));
  desktop.key("End");
  ASSERT_TRUE(desktop.shows("Client 2 fares no better"));
  EXPECT_TRUE(desktop.comes_to_rest());
}

TEST_F(ReplayWindow, WhatIsSavedFromItIsTheSameRecording) {
  const std::string path = recording("lesson.forktable", "--lesson 4");
  replay(path);
  ASSERT_TRUE(desktop.has_title("lesson.forktable - Forktable"));
  desktop.key("ctrl+s");
  const fs::path folder = desktop.folder() + "/Pictures/Forktable";
  std::string saved;
  EXPECT_TRUE(wait_until([&] {
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(folder, none))
      if (entry.path().extension() == ".forktable") saved = entry.path();
    return !saved.empty();
  }));
  EXPECT_EQ(contents(saved), contents(path));
}

}  // namespace
}  // namespace forktable::test
