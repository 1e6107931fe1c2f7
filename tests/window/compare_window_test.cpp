// What each server costs, measured from a real window by its keys.
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "tests/support/temporary_folder.hpp"
#include "tests/window/desktop.hpp"

namespace forktable::test {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> saved_in(const Desktop& desktop, const std::string& ending) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(desktop.folder() + "/Pictures/Forktable", error))
    if (entry.path().extension() == ending) files.push_back(entry.path());
  return files;
}

TEST(Compare, MeasuresByEnterDrawsTheFiguresAndSavesThem) {
  Desktop desktop(1600, 900);
  desktop.start({"--port", "0", "--verbose"});
  ASSERT_TRUE(desktop.shows("listening socket"));
  desktop.key("v");
  ASSERT_TRUE(desktop.shows("Enter measures"));
  desktop.key("Return");
  ASSERT_TRUE(wait_until([&] { return desktop.errors().find("costs is measured") != std::string::npos; }))
      << desktop.errors();
  EXPECT_TRUE(desktop.shows("Memory per client"));
  EXPECT_TRUE(desktop.shows("the others wait"));
  EXPECT_TRUE(desktop.shows("a thread for each client"));
  desktop.key("s");
  EXPECT_TRUE(wait_until([&] { return saved_in(desktop, ".png").size() == 1; }));
  ASSERT_TRUE(desktop.click_on("PDF"));
  EXPECT_TRUE(wait_until([&] { return saved_in(desktop, ".pdf").size() == 1; }));
  desktop.key("Escape");
  EXPECT_TRUE(desktop.hides("Memory per client"));
  desktop.key("v");
  EXPECT_TRUE(desktop.shows("Memory per client")) << "the last result is kept";
  EXPECT_EQ(desktop.stop(SIGTERM), 0);
}

TEST(Compare, IsGivenUpByEscAndLeavesTheLiveServerOnly) {
  Desktop desktop(1024, 768);
  desktop.start({"--port", "0", "--verbose"});
  ASSERT_TRUE(desktop.shows("listening socket"));
  const auto servers = server_processes(desktop.pid());
  desktop.key("v");
  desktop.key("Return");
  ASSERT_TRUE(wait_until([&] { return server_processes(desktop.pid()).size() > servers.size(); }));
  desktop.key("Escape");
  EXPECT_TRUE(wait_until([&] { return desktop.errors().find("is given up") != std::string::npos; }));
  EXPECT_TRUE(wait_until([&] { return server_processes(desktop.pid()) == servers; }));
  EXPECT_TRUE(desktop.shows("Five servers run")) << "the panel stays";
}

TEST(Compare, EndsWithAWindowThatIsKilled) {
  Desktop desktop(1024, 768);
  desktop.start();
  ASSERT_TRUE(desktop.shows("listening socket"));
  desktop.key("v");
  desktop.key("Return");
  std::vector<int> measured;
  ASSERT_TRUE(wait_until([&] { return (measured = server_processes(desktop.pid())).size() > 1; }));
  desktop.stop(SIGKILL);
  for (const int pid : measured)
    EXPECT_TRUE(wait_until([&] { return !fs::exists("/proc/" + std::to_string(pid)); })) << pid;
}

}  // namespace
}  // namespace forktable::test
