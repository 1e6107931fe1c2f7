// What a desktop's user-dirs.dirs says of the folder for pictures.
#include "core/system/user_dirs.hpp"

#include <gtest/gtest.h>

namespace forktable::test {
namespace {

std::string pictures(const std::string& text) {
  return user_dir(text, "XDG_PICTURES_DIR", "/home/a").value_or("nothing");
}

TEST(UserDirs, NameAFolderAtHomeOrAnAbsoluteOne) {
  EXPECT_EQ(pictures("# a comment\nXDG_MUSIC_DIR=\"$HOME/Music\"\nXDG_PICTURES_DIR=\"$HOME/Bilder\"\n"),
            "/home/a/Bilder");
  EXPECT_EQ(pictures("XDG_PICTURES_DIR=\"/media/pictures\""), "/media/pictures");
  EXPECT_EQ(pictures("  XDG_PICTURES_DIR = \"/media/pictures/\" \r\n"), "/media/pictures");
}

TEST(UserDirs, NameTheHomeItselfWhereThereIsNoSuchFolder) {
  EXPECT_EQ(pictures("XDG_PICTURES_DIR=\"$HOME/\"\n"), "/home/a");
  EXPECT_EQ(pictures("XDG_PICTURES_DIR=\"$HOME\"\n"), "/home/a");
}

TEST(UserDirs, PutABackslashBeforeWhatAShellWouldMind) {
  EXPECT_EQ(pictures("XDG_PICTURES_DIR=\"$HOME/\\\"my\\\" \\$pictures\\\\\"\n"), "/home/a/\"my\" $pictures\\");
}

TEST(UserDirs, AreReadToTheLastLineAboutTheFolder) {
  EXPECT_EQ(pictures("XDG_PICTURES_DIR=\"/a\"\nXDG_PICTURES_DIR=\"/b\"\n"), "/b");
  EXPECT_EQ(pictures("XDG_PICTURES_DIR=\"/a\"\nXDG_PICTURES_DIR=nonsense\n"), "/a");
}

TEST(UserDirs, NameNothingWhereALineCantBeUnderstood) {
  for (const char* text :
       {"", "\n", "XDG_PICTURES_DIR", "XDG_PICTURES_DIR=", "XDG_PICTURES_DIR=/a", "#XDG_PICTURES_DIR=\"/a\"",
        "XDG_PICTURES_DIR=\"a\"", "XDG_PICTURES_DIR=\"\"", "XDG_PICTURES_DIR=\"/a", "XDG_PICTURES_DIR=\"/a\\",
        "XDG_PICTURES_DIR=\"$HOMER/a\"", "XDG_PICTURES_DIR=\"$(touch /tmp/a)\"", "XDG_PICTURES_DIRECTORY=\"/a\"",
        "XDG_VIDEOS_DIR=\"/a\""})
    EXPECT_EQ(pictures(text), "nothing") << text;
}

}  // namespace
}  // namespace forktable::test
