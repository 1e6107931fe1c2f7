// An installed Forktable needs nothing of the folders that it was built in.
#include "tests/install/installation.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/text.hpp"

namespace forktable::test {
namespace {

namespace fs = std::filesystem;

TEST(Installed, RecordsALessonAndExportsAPictureOfIt) {
  const Installation installation;
  const TemporaryFolder folder;
  const std::string recording = folder.file("run.forktable"), picture = folder.file("step.png");
  const Outcome recorded = installation.forktable({"record", "--lesson", "4", "--port", "0", "-o", recording});
  ASSERT_EQ(recorded.status, 0) << recorded.err;
  const Outcome exported = installation.forktable({"export", recording, "--step", "telling", "-o", picture});
  ASSERT_EQ(exported.status, 0) << exported.err;
  EXPECT_TRUE(contents(picture).starts_with("\x89PNG"));
}

TEST(Installed, HasAllLessonsAndTheServerOfItsOwnWhereverItIsMovedTo) {
  const Installation installation;
  const TemporaryFolder elsewhere;
  const std::string program = elsewhere.file("opt/bin/forktable"), recording = elsewhere.file("run.forktable");
  fs::copy(installation.prefix(), elsewhere.file("opt"), fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  fs::remove_all(installation.file("share"));
  fs::remove_all(installation.file("libexec"));
  const Outcome lessons = run({{program, "lessons"}});
  EXPECT_EQ(lessons.status, 0) << lessons.err;
  for (const auto& file : fs::directory_iterator(FORKTABLE_SOURCES "/assets/lessons"))
    EXPECT_TRUE(contains(lessons.out, file.path().stem().string())) << file;
  EXPECT_EQ(run({{program, "record", "--clients", "1", "--port", "0", "-o", recording}}).status, 0);

  // What was taken away is missed, and isn't found anywhere else.
  EXPECT_EQ(installation.forktable({"lessons"}).status, 1);
  EXPECT_EQ(installation.forktable({"record", "--clients", "1", "--port", "0", "--force", "-o", recording}).status, 1);
}

TEST(Installed, NamesNoFolderThatItWasBuiltIn) {
  const Installation installation;
  int files = 0;
  for (const auto& file : fs::recursive_directory_iterator(installation.prefix())) {
    EXPECT_FALSE(file.is_symlink()) << file;
    if (!file.is_regular_file()) continue;
    ++files;
    EXPECT_FALSE(contains(contents(file.path().string()), FORKTABLE_SOURCES)) << file;
  }
  EXPECT_GT(files, 20);
}

TEST(Installed, TellsItsVersion) {
  const Installation installation;
  const std::string version = installation.forktable({"--version"}).out;
  EXPECT_TRUE(version == "forktable " FORKTABLE_VERSION "\n" ||
              version.starts_with("forktable " FORKTABLE_VERSION " ("))
      << version;
  const std::string packaging = FORKTABLE_SOURCES "/packaging/";
  EXPECT_TRUE(contents(packaging + "debian/changelog").starts_with("forktable (" FORKTABLE_VERSION ")"));
  EXPECT_TRUE(contains(contents(packaging + "man/forktable.1"), "\"Forktable " FORKTABLE_VERSION "\""));
  EXPECT_TRUE(contains(contents(packaging + kId + ".metainfo.xml"), "<release version=\"" FORKTABLE_VERSION "\""));
}

}  // namespace
}  // namespace forktable::test
