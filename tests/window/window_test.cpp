// What a user sees and does, in a real window on a real X server, with a real server behind it.
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "tests/support/proc.hpp"
#include "tests/support/tcp_client.hpp"
#include "tests/window/desktop.hpp"

namespace forktable::test {
namespace {

namespace fs = std::filesystem;

constexpr int kOrange[] = {0xE6, 0x9F, 0x00}, kGreen[] = {0x00, 0x9E, 0x73}, kSky[] = {0x56, 0xB4, 0xE9};

int count_pixels(const Image& image, const int (&color)[3]) {
  int count = 0;
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x) {
      const unsigned char* pixel = image.at(x, y);
      count += pixel[0] == color[0] && pixel[1] == color[1] && pixel[2] == color[2] ? 1 : 0;
    }
  return count;
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none)) files.push_back(entry.path());
  return files;
}

bool is_whole_png(const fs::path& path) {
  const std::string bytes = contents(path);
  return bytes.size() > 100 && bytes.compare(0, 8, "\x89PNG\r\n\x1a\n", 8) == 0 &&
         bytes.find("IEND") == bytes.size() - 8;
}

TEST(Window, ANewcomerSeesTheServerWaitInAccept) {
  Desktop desktop(1600, 900);
  desktop.start();
  EXPECT_TRUE(desktop.shows("server (parent)"));
  EXPECT_TRUE(desktop.shows("blocked in accept(3)"));
  EXPECT_TRUE(desktop.shows("listening socket"));
  EXPECT_TRUE(desktop.shows("launch a client"));
  const auto processes = server_processes(desktop.pid());
  ASSERT_EQ(processes.size(), 1u);
  const int port = listening_port(processes[0]);
  EXPECT_TRUE(desktop.shows("127.0.0.1:" + std::to_string(port)));
  EXPECT_TRUE(desktop.shows("pid " + std::to_string(processes[0])));
}

TEST(Window, TheKeyCLaunchesAClientWithAChildAndAColourOfItsOwn) {
  Desktop desktop(1600, 900);
  desktop.start();
  ASSERT_TRUE(desktop.shows("listening socket"));
  EXPECT_EQ(count_pixels(desktop.look(), kGreen), 0);
  desktop.key("c");
  ASSERT_TRUE(desktop.has_children(1));
  desktop.key("c");
  ASSERT_TRUE(desktop.has_children(2));
  EXPECT_TRUE(desktop.shows("serves client 1"));
  EXPECT_TRUE(desktop.shows("serves client 2"));
  EXPECT_TRUE(desktop.shows("connection 2"));
  EXPECT_TRUE(desktop.shows("blocked in read(4)", 2));
  EXPECT_TRUE(desktop.shows("echo received"));
  EXPECT_TRUE(wait_until([&] { return count_pixels(desktop.look(), kOrange) > 1000; }));
  EXPECT_TRUE(wait_until([&] { return count_pixels(desktop.look(), kGreen) > 1000; })) << "once it is there in full";
  EXPECT_LT(count_pixels(desktop.look(), kSky), 1000);
}

TEST(Window, TenClientsAtOnceBecomeTilesAndNoneIsLeftOut) {
  Desktop desktop(1600, 900);
  ASSERT_TRUE(desktop.start_with_quiet_clients(10));
  EXPECT_TRUE(desktop.shows("10 like this"));
  for (int i = 1; i <= 10; ++i) EXPECT_TRUE(desktop.shows("client " + std::to_string(i)));
}

TEST(Window, AChildThatIsKilledFromOutsideIsToldTruly) {
  Desktop desktop(1600, 900);
  ASSERT_TRUE(desktop.start_with_quiet_clients(2));
  const int victim = server_processes(desktop.pid()).back();
  ASSERT_TRUE(desktop.shows("pid " + std::to_string(victim)));
  kill(victim, SIGKILL);
  EXPECT_TRUE(desktop.shows("killed by SIGKILL"));
  EXPECT_TRUE(desktop.shows("waitpid returns " + std::to_string(victim) + " and reaps child 2"));
  EXPECT_TRUE(desktop.has_children(1));
}

TEST(Window, ThemeAndSizeOfTypeAreRememberedFromOneRunToTheNext) {
  Desktop desktop(1600, 900);
  desktop.start();
  ASSERT_TRUE(desktop.shows("listening socket"));
  const int light = desktop.look().at(700, 600)[0];
  desktop.key("t");
  ASSERT_TRUE(wait_until([&] { return desktop.look().at(700, 600)[0] < 64; }));
  EXPECT_GT(light, 200);
  const auto before = desktop.find("PROCESSES");
  desktop.key("plus");
  desktop.key("plus");
  desktop.key("plus");
  ASSERT_TRUE(before.has_value());
  EXPECT_TRUE(wait_until([&] {
    const auto after = desktop.find("PROCESSES");
    return after && after->y > before->y + 10;
  }));
  EXPECT_EQ(desktop.stop(SIGTERM), 0);
  desktop.start();
  EXPECT_TRUE(wait_until([&] { return desktop.look().at(700, 600)[0] < 64; }));
  const auto again = desktop.find("PROCESSES");
  ASSERT_TRUE(again.has_value());
  EXPECT_GT(again->y, before->y + 10);
}

TEST(Window, CorruptSettingsAreToldAndDoNoHarm) {
  Desktop desktop(1600, 900);
  desktop.prefer("{\"dark\": tr");
  desktop.start();
  EXPECT_TRUE(desktop.shows("listening socket"));
  EXPECT_NE(desktop.errors().find("settings.json"), std::string::npos);
}

TEST(Window, TheQuestionMarkShowsTheKeysAndEscapeHidesThem) {
  Desktop desktop(1600, 900);
  desktop.start();
  ASSERT_TRUE(desktop.shows("listening socket"));
  desktop.key("question");
  EXPECT_TRUE(desktop.shows("launch ten clients"));
  desktop.key("Escape");
  EXPECT_TRUE(desktop.hides("launch ten clients"));
}

TEST(Window, TheKeySSavesASlideAndASecondOneDoesNotOverwriteIt) {
  Desktop desktop(1600, 900);
  ASSERT_TRUE(desktop.start_with_quiet_clients(1));
  const fs::path folder = desktop.folder() + "/Pictures/Forktable";
  desktop.key("s");
  ASSERT_TRUE(wait_until([&] { return files_in(folder).size() == 1; }));
  EXPECT_TRUE(wait_until([&] {
    const std::string told = contents(desktop.folder() + "/.local/state/forktable/forktable.log");
    return told.find("saved " + folder.string()) != std::string::npos;
  }));
  desktop.key("s");
  ASSERT_TRUE(wait_until([&] { return files_in(folder).size() == 2; }));
  for (const auto& file : files_in(folder)) {
    EXPECT_EQ(file.extension(), ".png");
    EXPECT_TRUE(wait_until([&] { return is_whole_png(file); })) << file;
  }
  desktop.key("shift+s");
  ASSERT_TRUE(wait_until([&] { return files_in(folder).size() == 3; }));
  desktop.key("ctrl+s");
  ASSERT_TRUE(wait_until([&] { return files_in(folder).size() == 4; }));
}

TEST(Window, APictureThatCannotBeSavedIsToldWithItsName) {
  Desktop desktop(1600, 900);
  std::ofstream(desktop.folder() + "/Pictures") << "a file where a folder should be";
  desktop.start();
  ASSERT_TRUE(desktop.shows("listening socket"));
  desktop.key("s");
  EXPECT_TRUE(desktop.shows("create folder"));
  EXPECT_NE(desktop.errors().find(desktop.folder() + "/Pictures"), std::string::npos);
}

TEST(Window, TheServerIsStoppedAndStartedFromItsMenu) {
  Desktop desktop(1600, 900);
  ASSERT_TRUE(desktop.start_with_quiet_clients(1));
  const auto before = server_processes(desktop.pid());
  ASSERT_TRUE(desktop.click_on("Server"));
  ASSERT_TRUE(desktop.click_on("Stop"));
  EXPECT_TRUE(desktop.shows("The server is stopped"));
  EXPECT_TRUE(server_processes(desktop.pid()).empty());
  ASSERT_TRUE(desktop.click_on("Start on port"));
  ASSERT_TRUE(wait_until([&] { return server_processes(desktop.pid()).size() == 1; }));
  EXPECT_NE(server_processes(desktop.pid())[0], before[0]);
  EXPECT_TRUE(desktop.shows("blocked in accept(3)"));
}

TEST(Window, AServerThatIsKilledLeavesOrphansThatAreShown) {
  Desktop desktop(1600, 900);
  ASSERT_TRUE(desktop.start_with_quiet_clients(1));
  ASSERT_TRUE(desktop.shows("blocked in read(4)"));
  kill(server_processes(desktop.pid()).at(0), SIGKILL);
  EXPECT_TRUE(desktop.shows("The server has ended: killed by SIGKILL"));
  EXPECT_TRUE(desktop.shows("orphan, blocked in read(4)"));
}

TEST(Window, ABusyPortIsToldAndAFreeOneOffered) {
  const Listener taken;
  const std::string port = std::to_string(taken.port);
  Desktop desktop(1600, 900);
  desktop.start({"--port", port});
  ASSERT_TRUE(desktop.shows("Port " + port + " is in use"));
  ASSERT_TRUE(desktop.click_on("Use a free port"));
  EXPECT_TRUE(desktop.shows("blocked in accept(3)"));
}

TEST(Window, NothingSurvivesAWindowThatIsKilled) {
  Desktop desktop(1600, 900);
  ASSERT_TRUE(desktop.start_with_quiet_clients(10));
  const auto processes = server_processes(desktop.pid());
  const int port = listening_port(processes[0]);
  kill(processes.back(), SIGSTOP);  // not even one that is stopped
  EXPECT_EQ(desktop.stop(SIGKILL), -SIGKILL);
  for (const int pid : processes) EXPECT_TRUE(wait_until([&] { return has_ended(pid); })) << pid << " is still there";
  EXPECT_TRUE(can_listen_on(static_cast<Port>(port)));
}

TEST(Window, StartedWithNohupOutlivesItsTerminal) {
  Desktop desktop(1600, 900);
  std::signal(SIGHUP, SIG_IGN);
  desktop.start();
  std::signal(SIGHUP, SIG_DFL);
  kill(desktop.pid(), SIGHUP);
  desktop.key("c");
  EXPECT_TRUE(desktop.has_children(1));
  EXPECT_EQ(desktop.stop(SIGTERM), 0);
}

TEST(Window, AnIdleWindowUsesNoProcessorTime) {
  Desktop desktop(1600, 900);
  desktop.start();
  ASSERT_TRUE(desktop.shows("blocked in accept(3)"));
  EXPECT_TRUE(desktop.comes_to_rest());
}

TEST(Window, TheWheelZoomsAndZeroShowsTheWholePictureAgain) {
  Desktop desktop(1600, 900);
  desktop.start();
  const auto before = desktop.find("listening socket");
  ASSERT_TRUE(before.has_value());
  desktop.move_to({300, 140});
  desktop.wheel(3);
  EXPECT_TRUE(desktop.shows("Whole picture"));
  desktop.key("0");
  EXPECT_TRUE(desktop.hides("Whole picture"));
  const auto after = desktop.find("listening socket");
  ASSERT_TRUE(after.has_value());
  EXPECT_NEAR(after->x, before->x, 3);
  EXPECT_NEAR(after->y, before->y, 3);
}

TEST(Window, ASmallScreenShowsEverythingThatCanBeClickedAndRead) {
  Desktop desktop(1024, 768);
  ASSERT_TRUE(desktop.start_with_quiet_clients(3));
  for (const char* words : {"Client", "10", "Server", "Export", "View", "server (parent)", "listening socket",
                            "child 3", "connection 3", "client 3"})
    EXPECT_TRUE(desktop.shows(words)) << words;
}

TEST(Window, WithoutADisplayOneLineSaysSoAndNamesTheCommandThatWorks) {
  const std::string output =
      run("env -u DISPLAY -u WAYLAND_DISPLAY HOME=/nonexistent " FORKTABLE_PROGRAM " 2>&1 >/dev/null; echo status $?");
  EXPECT_NE(output.find("can't open a window"), std::string::npos) << output;
  EXPECT_NE(output.find("forktable record"), std::string::npos) << output;
  EXPECT_NE(output.find("status 1"), std::string::npos) << output;
}

}  // namespace
}  // namespace forktable::test
