// What is exported from a real window, by its keys.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <map>
#include <system_error>

#include "core/system/programs.hpp"
#include "tests/support/proc.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/text.hpp"
#include "tests/window/desktop.hpp"
#include "tests/window/processes.hpp"

namespace forktable::test {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(folder, error))
    if (entry.is_regular_file()) files.push_back(entry.path());
  return files;
}

TEST(Export, IsChosenByKeysAndRememberedForTheNextTime) {
  Desktop desktop(1600, 900);
  ASSERT_TRUE(desktop.start_with_quiet_clients(2));
  desktop.key("x");
  ASSERT_TRUE(desktop.shows("a handout to leaf through"));
  desktop.key("Down");  // from PDF to HTML
  desktop.key("Return");
  const fs::path folder = desktop.folder() + "/Pictures/Forktable";
  const auto whole = [&] {
    const auto files = files_below(folder);
    return files.size() == 1 && files[0].extension() == ".html";
  };
  ASSERT_TRUE(wait_until(whole));
  const fs::path saved = files_below(folder)[0];
  EXPECT_NE(contents(saved).find("</html>"), std::string::npos) << "it is there when it is whole";
  EXPECT_TRUE(desktop.hides("a handout to leaf through")) << "done: the panel makes place for the picture";
  EXPECT_EQ(desktop.stop(SIGTERM), 0);
  EXPECT_NE(contents(desktop.folder() + "/.config/forktable/settings.json").find(R"("export_format": ".html")"),
            std::string::npos);
}

TEST(Export, OfManyPicturesHasAFolderOfItsOwn) {
  Desktop desktop(1024, 768);
  const std::string folder = desktop.folder() + "/my slides";
  desktop.prefer(R"({"export_format": ".svg", "export_folder": ")" + folder + R"("})");
  desktop.start({"--port", "0", "--verbose"});
  ASSERT_TRUE(desktop.shows("listening socket"));
  desktop.key("x");
  desktop.key("Return");
  ASSERT_TRUE(wait_until([&] { return desktop.errors().find(" pictures in ") != std::string::npos; }))
      << desktop.errors();
  const auto files = files_below(folder);
  ASSERT_GE(files.size(), 2u);
  EXPECT_EQ(files[0].parent_path().parent_path(), folder);
}

TEST(Export, IntoAFolderThatCannotBeMadeIsToldAndThePanelStays) {
  Desktop desktop(1024, 768);
  desktop.prefer(R"({"export_folder": "/proc/no/where"})");
  desktop.start();
  ASSERT_TRUE(desktop.shows("listening socket"));
  desktop.key("x");
  ASSERT_TRUE(desktop.shows("a handout to leaf through"));
  desktop.key("Return");
  EXPECT_TRUE(desktop.shows("can't create folder"));
  EXPECT_TRUE(desktop.shows("a handout to leaf through")) << "another folder can be typed";
  desktop.key("Escape");
  EXPECT_TRUE(desktop.hides("a handout to leaf through"));
}

// What libraries open isn't ours to mark: the drivers of OpenGL have devices and memory, and the X server and whoever
// starts the test may leave more. spawn() closes it in each program that is started: so the clipboard's holder, below,
// has none of it, and Spawn.NothingElseThatIsOpenHereIsInherited is the rule.
TEST(TheWindow, OpensNothingOfItsOwnThatAProgramItStartsWouldGet) {
  Desktop desktop(1024, 768);
  ASSERT_TRUE(desktop.start_with_quiet_clients(2));
  std::map<int, std::string> left_open;  // they keep their numbers
  for (const int fd : open_descriptors(getpid()))
    if (fd > STDERR_FILENO && !is_close_on_exec(getpid(), fd)) left_open[fd] = descriptor_target(getpid(), fd);
  const auto is_a_librarys = [&](int fd, const std::string& target) {
    return target.starts_with("/dev/dri/") || target.starts_with("/dev/udmabuf") || contains(target, "mesa") ||
           left_open[fd] == target;
  };
  std::size_t marked = 0;
  for (const int fd : open_descriptors(desktop.pid())) {
    if (fd <= STDERR_FILENO) continue;
    const std::string target = descriptor_target(desktop.pid(), fd);
    const bool closes = is_close_on_exec(desktop.pid(), fd);
    marked += closes ? 1 : 0;
    EXPECT_TRUE(closes || is_a_librarys(fd, target)) << fd << " is " << target;
  }
  EXPECT_GT(marked, 5u) << "pipes, an epoll instance, the clients, the display";
}

TEST(Export, ToTheClipboardIsAPictureThatOthersPaste) {
  ASSERT_TRUE(find_program("xclip")) << "xclip isn't installed; scripts/test installs what the tests need";
  Desktop desktop(1024, 768);
  desktop.start();
  ASSERT_TRUE(desktop.shows("listening socket"));
  desktop.key("ctrl+c");
  const auto pasted = [&] {
    return run("DISPLAY=" + desktop.display() + " xclip -selection clipboard -target image/png -out 2>/dev/null");
  };
  ASSERT_TRUE(wait_until([&] { return pasted().starts_with("\x89PNG"); })) << desktop.errors();

  // Whoever closes the window can still paste, and what serves the picture holds nothing of the window's.
  const Pid holder = process_of(desktop.pid(), "xclip");
  ASSERT_GT(holder, 0);
  EXPECT_EQ(desktop.stop(SIGTERM), 0);
  EXPECT_TRUE(pasted().starts_with("\x89PNG"));
  for (const int fd : open_descriptors(holder)) {
    const std::string target = descriptor_target(holder, fd);
    EXPECT_TRUE(fd == STDIN_FILENO    ? contains(target, "/memfd:picture")
                : fd <= STDERR_FILENO ? target == "/dev/null"
                                      : contains(target, "socket:"))
        << fd << " is " << target;
  }
  kill(holder, SIGKILL);
}

}  // namespace
}  // namespace forktable::test
