// Where things are kept, whatever the environment says.
#include "core/system/folders.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/support/temporary_folder.hpp"

namespace forktable::test {
namespace {

class Folders : public ::testing::Test {
 protected:
  Folders() {
    for (const char* variable : {"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_PICTURES_DIR"}) unsetenv(variable);
    setenv("HOME", "/home/a", 1);
  }
};

TEST_F(Folders, AreInTheHomeFolder) {
  EXPECT_EQ(settings_folder(), "/home/a/.config/forktable");
  EXPECT_EQ(state_folder(), "/home/a/.local/state/forktable");
  EXPECT_EQ(pictures_folder(), "/home/a/Pictures/Forktable");
}

TEST_F(Folders, AreWhereTheEnvironmentSaysIfThatIsAnAbsolutePath) {
  setenv("XDG_CONFIG_HOME", "/elsewhere", 1);
  EXPECT_EQ(settings_folder(), "/elsewhere/forktable");
  for (const char* relative : {"", ".", "config", "~/config", "../etc"}) {
    setenv("XDG_CONFIG_HOME", relative, 1);
    EXPECT_EQ(settings_folder(), "/home/a/.config/forktable") << relative;
  }
}

TEST_F(Folders, PicturesAreInTheFolderThatTheDesktopHasForThem) {
  const TemporaryFolder settings;
  put(settings.file("user-dirs.dirs"), "XDG_PICTURES_DIR=\"$HOME/Bilder\"\n");
  setenv("XDG_CONFIG_HOME", settings.path().c_str(), 1);
  EXPECT_EQ(pictures_folder(), "/home/a/Bilder/Forktable");
  setenv("XDG_PICTURES_DIR", "/elsewhere", 1);
  EXPECT_EQ(pictures_folder(), "/elsewhere/Forktable");
}

TEST_F(Folders, WithoutAHomeAreNeverRelative) {
  for (const char* home : {static_cast<const char*>(nullptr), "", "home", "."}) {
    if (home == nullptr)
      unsetenv("HOME");
    else
      setenv("HOME", home, 1);
    const auto folder = settings_folder();
    EXPECT_TRUE(!folder || folder->starts_with('/')) << *folder;
    EXPECT_TRUE(pictures_folder().starts_with('/')) << pictures_folder();
  }
}

}  // namespace
}  // namespace forktable::test
