// Files are written whole or not at all.
#include "core/system/file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <sys/wait.h>

#include <csignal>

#include "tests/support/temporary_folder.hpp"
#include "tests/support/text.hpp"
#include "tests/support/user.hpp"

namespace forktable::test {
namespace {

using Names = std::vector<std::string>;

// From here on, this process can't make a file larger than so many bytes: much like a disk that fills up.
void limit_file_size(rlim_t bytes) {
  signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{bytes, bytes};
  setrlimit(RLIMIT_FSIZE, &limit);
}

std::string megabyte() { return std::string(1 << 20, 'x'); }

TEST(WriteFile, PutsAllOfItUnderItsNameAndLeavesNothingElse) {
  const TemporaryFolder folder;
  const std::string path = folder.file("picture.svg");
  ASSERT_TRUE(write_file(path, "first", "can't save picture"));
  EXPECT_EQ(contents(path), "first");
  ASSERT_TRUE(write_file(path, megabyte(), "can't save picture"));
  EXPECT_EQ(contents(path), megabyte());
  ASSERT_TRUE(write_file(path, "", "can't save picture"));
  EXPECT_EQ(contents(path), "");
  EXPECT_EQ(folder.names(), Names{"picture.svg"});
}

TEST(WriteFile, OnADiskThatFillsUpTheOldFileStaysAsItWas) {
  const TemporaryFolder folder;
  const std::string path = folder.file("picture.svg");
  put(path, "old");
  EXPECT_TRUE(in_child([&] {
    limit_file_size(4096);
    const auto written = write_file(path, megabyte(), "can't save picture");
    return !written && written.error().message() == "can't save picture " + path + ": File too large";
  }));
  EXPECT_EQ(contents(path), "old");
  EXPECT_EQ(folder.names(), Names{"picture.svg"}) << "no temporary file is left";
}

TEST(WriteFile, InAReadOnlyFolderFailsWithTheReasonAndTheOldFileStaysAsItWas) {
  const TemporaryFolder folder;
  const std::string path = folder.file("picture.svg");
  put(path, "old");
  chmod(path.c_str(), 0666);
  chmod(folder.path().c_str(), 0555);
  EXPECT_TRUE(as_ordinary_user([&] {
    const auto written = write_file(path, "new", "can't save picture");
    return !written && written.error().message() == "can't save picture " + path + ": Permission denied";
  }));
  EXPECT_EQ(contents(path), "old");
  EXPECT_EQ(folder.names(), Names{"picture.svg"});
}

TEST(WriteFile, ToAFullDeviceFailsWithTheReason) {
  const auto written = write_file("/dev/full", "x", "can't save picture");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message(), "can't save picture /dev/full: No space left on device");
  struct stat status;
  ASSERT_EQ(stat("/dev/full", &status), 0);
  EXPECT_TRUE(S_ISCHR(status.st_mode)) << "the device is still there";
}

TEST(WriteFile, ToAPipeOrADeviceWritesIntoIt) {
  const TemporaryFolder folder;
  const std::string path = folder.file("pipe");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const UniqueFd reader(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  ASSERT_TRUE(write_file(path, "through the pipe", "can't save picture"));
  char text[32] = {};
  EXPECT_EQ(read(reader.get(), text, sizeof text), 16);
  EXPECT_STREQ(text, "through the pipe");
  EXPECT_TRUE(write_file("/dev/null", "x", "can't save picture"));
  EXPECT_EQ(folder.names(), Names{"pipe"});
}

TEST(WriteFile, OverAFolderFailsWithTheReason) {
  const TemporaryFolder folder;
  const auto written = write_file(folder.path(), "x", "can't save picture");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message(), "can't save picture " + folder.path() + ": Is a directory");
}

TEST(WriteFile, InAFolderThatIsMissingFailsWithTheReason) {
  const TemporaryFolder folder;
  const auto written = write_file(folder.file("none/picture.svg"), "x", "can't save picture");
  ASSERT_FALSE(written);
  EXPECT_TRUE(contains(written.error().message(), "none/picture.svg: No such file or directory"));
}

TEST(WriteNewFile, WritesAFileThatIsNotThere) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_new_file(folder.file("new.svg"), "new", "can't save picture"));
  EXPECT_EQ(contents(folder.file("new.svg")), "new");
  EXPECT_EQ(folder.names(), Names{"new.svg"});
}

TEST(WriteNewFile, DoesNotReplaceWhatIsThere) {
  const TemporaryFolder folder;
  const std::string path = folder.file("there.svg");
  put(path, "old");
  ASSERT_EQ(symlink("nowhere", folder.file("dangling.svg").c_str()), 0);
  for (const std::string& taken : {path, folder.file("dangling.svg"), folder.path()}) {
    const auto written = write_new_file(taken, "new", "can't save picture");
    ASSERT_FALSE(written) << taken;
    EXPECT_EQ(written.error().number, EEXIST) << taken;
  }
  EXPECT_EQ(contents(path), "old");
  EXPECT_EQ(folder.names(), (Names{"dangling.svg", "there.svg"})) << "no temporary file is left";
}

TEST(WriteNewFile, OnADiskThatFillsUpLeavesNothing) {
  const TemporaryFolder folder;
  EXPECT_TRUE(in_child([&] {
    limit_file_size(4096);
    return !write_new_file(folder.file("new.svg"), megabyte(), "can't save picture");
  }));
  EXPECT_TRUE(folder.names().empty());
}

TEST(WriteAll, GoesOnAfterASignalAndAfterAPartOfIt) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  UniqueFd read_end(ends[0]), write_end(ends[1]);
  const std::string sent = megabyte() + "the end";
  const pid_t writer = fork();
  if (writer == 0) {
    // No SA_RESTART: write(2) returns early, with EINTR or with a part of it.
    struct sigaction action {};
    action.sa_handler = [](int) {};
    sigaction(SIGUSR1, &action, nullptr);
    _exit(write_all(write_end.get(), sent) ? 0 : 1);
  }
  write_end.close();
  std::string got;
  char buffer[4096];
  ssize_t count;
  // The first bytes show that it is on its way; from then on it is interrupted again and again.
  while ((count = read(read_end.get(), buffer, sizeof buffer)) > 0) {
    got.append(buffer, static_cast<std::size_t>(count));
    kill(writer, SIGUSR1);
  }
  int status = -1;
  waitpid(writer, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(got == sent);
}

TEST(ReadFile, GivesTheWholeFileUpToTheLimit) {
  const TemporaryFolder folder;
  const std::string path = folder.file("lesson.yaml");
  put(path, megabyte());
  const auto whole = read_file(path, 1 << 20);
  ASSERT_TRUE(whole) << whole.error().message();
  EXPECT_EQ(*whole, megabyte());
  const auto refused = read_file(path, (1 << 20) - 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message(), "can't read " + path + ": it is too large");
  EXPECT_FALSE(read_file("/dev/zero", 1 << 20)) << "endless";
}

TEST(ReadFile, ThatIsMissingOrAFolderIsNamedWithTheReason) {
  const TemporaryFolder folder;
  const auto missing = read_file(folder.file("none"), 100);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message(), "can't read " + folder.file("none") + ": No such file or directory");
  const auto directory = read_file(folder.path(), 100);
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().message(), "can't read " + folder.path() + ": Is a directory");
}

TEST(ReadFile, DoesNotWaitForAPipeNorReadADevice) {
  const TemporaryFolder folder;
  const std::string pipe = folder.file("pipe.yaml");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  for (const std::string& path : {pipe, std::string("/dev/zero"), std::string("/dev/null")}) {
    const auto refused = read_file(path, 1 << 20);
    ASSERT_FALSE(refused) << path;
    EXPECT_EQ(refused.error().message(), "can't read " + path + ": it is not a regular file");
  }
}

TEST(MakeFolder, MakesThoseAboveItToo) {
  const TemporaryFolder folder;
  ASSERT_TRUE(make_folder(folder.file("a/b/c")));
  ASSERT_TRUE(make_folder(folder.file("a/b/c"))) << "and is content when it is there";
  put(folder.file("a/b/c/file"), "x");
  const auto blocked = make_folder(folder.file("a/b/c/file/d"));
  ASSERT_FALSE(blocked);
  EXPECT_EQ(blocked.error().message(), "can't create folder " + folder.file("a/b/c/file/d") + ": Not a directory");
}

}  // namespace
}  // namespace forktable::test
