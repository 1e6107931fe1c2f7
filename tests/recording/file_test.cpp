// Recordings on the disk.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>

#include "core/recording/recording.hpp"
#include "tests/support/events.hpp"
#include "tests/support/proc.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/text.hpp"
#include "tests/support/user.hpp"

namespace forktable::test {
namespace {

TEST(RecordingFile, IsReadAsItWasWritten) {
  const TemporaryFolder folder;
  const std::string path = folder.file("lecture.jsonl");
  Random random(1);
  std::vector<Event> events;
  auto writer = RecordingWriter::create(path, {});
  ASSERT_TRUE(writer) << writer.error().message();
  // Much more than is read at once.
  while (events.size() < 20'000)
    for (const Event& event : one_of_every_kind(random)) {
      events.push_back(event);
      writer->append(event);
      if (one_in(random, 100)) {
        ASSERT_TRUE(writer->flush());
      }
    }
  ASSERT_TRUE(writer->finish());
  EXPECT_GT(contents(path).size(), std::size_t{1} << 20);

  const auto read = read_recording(path);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->events, events);
  EXPECT_FALSE(read->cut_short);
}

TEST(RecordingFile, KnowsWhenItWasStarted) {
  const TemporaryFolder folder;
  const std::string path = folder.file("lecture.jsonl");
  auto writer = RecordingWriter::create(path, head_of(ServerKind::kThread, nullptr));
  ASSERT_TRUE(writer && writer->finish());
  const auto read = read_recording(path);
  ASSERT_TRUE(read) << read.error().message();
  const std::string& started = read->header.started;
  std::string form = started;
  std::replace_if(
      form.begin(), form.end(), [](unsigned char c) { return std::isdigit(c) != 0; }, '9');
  EXPECT_EQ(form, "9999-99-99T99:99:99Z") << started;
}

TEST(RecordingFile, OfAProgramThatWasKilledIsGoodUpToItsLastFlush) {
  const TemporaryFolder folder;
  const std::string path = folder.file("lecture.jsonl");
  in_child([&] {
    auto writer = RecordingWriter::create(path, {});
    for (int i = 0; i < 10; ++i) writer->append({i, 100, 0, AcceptCalled{3}});
    if (!writer->flush()) return false;
    writer->append({11, 100, 0, Closed{3}});
    _exit(0);  // without finish(), and without what was appended last
  });
  const auto read = read_recording(path);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->events.size(), 10u);
}

TEST(RecordingFile, CutShortIsReadUpToItsLastWholeLine) {
  const TemporaryFolder folder;
  const std::string path = folder.file("lecture.jsonl");
  const std::string header = line_of(RecordingHeader{}), event = line_of(Event{1, 100, 0, Closed{3}});
  put(path, header + event + event + event.substr(0, 10));
  const auto read = read_recording(path);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->events.size(), 2u);
  EXPECT_TRUE(read->cut_short);
}

TEST(RecordingFile, TakesNobodysPlaceUnlessItIsTold) {
  const TemporaryFolder folder;
  const std::string path = folder.file("lecture.jsonl");
  put(path, "old");
  const auto refused = RecordingWriter::create(path, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message(), "can't write recording " + path + ": File exists");
  EXPECT_EQ(contents(path), "old");
}

TEST(RecordingFile, TakesAnothersPlaceOnlyWhenItIsWhole) {
  const TemporaryFolder folder;
  const std::string path = folder.file("lecture.jsonl");
  put(path, std::string(100'000, 'x'));
  ASSERT_EQ(chmod(path.c_str(), 0600), 0);
  auto writer = RecordingWriter::create(path, {}, IfThere::kReplace);
  ASSERT_TRUE(writer && writer->flush());
  EXPECT_EQ(contents(path), std::string(100'000, 'x'));
  ASSERT_TRUE(writer->finish());
  EXPECT_TRUE(read_recording(path));
  EXPECT_EQ(folder.names(), std::vector<std::string>{"lecture.jsonl"});
  struct stat status;
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u) << "and is as private as that was";
}

TEST(RecordingFile, OfARunThatIsLeftStaysBesideTheOneItWasToReplace) {
  const TemporaryFolder folder;
  const std::string path = folder.file("lecture.jsonl");
  put(path, "old");
  auto writer = RecordingWriter::create(path, {}, IfThere::kReplace);
  ASSERT_TRUE(writer && writer->leave());
  EXPECT_NE(writer->where(), path);
  EXPECT_EQ(writer->so_far(), writer->where() + " holds the run so far, and " + path + " is as it was");
  EXPECT_TRUE(read_recording(writer->where()));
  EXPECT_EQ(contents(path), "old");
}

TEST(RecordingFile, ThroughALinkReplacesTheFileAndLeavesTheLink) {
  const TemporaryFolder folder;
  put(folder.file("lecture.jsonl"), "old");
  ASSERT_EQ(symlink("lecture.jsonl", folder.file("link").c_str()), 0);
  auto writer = RecordingWriter::create(folder.file("link"), {}, IfThere::kReplace);
  ASSERT_TRUE(writer && writer->finish());
  EXPECT_TRUE(read_recording(folder.file("lecture.jsonl")));
  struct stat status;
  ASSERT_EQ(lstat(folder.file("link").c_str(), &status), 0);
  EXPECT_TRUE(S_ISLNK(status.st_mode));
}

TEST(RecordingFile, ThatIsMissingOrNoFileIsNamedWithTheReason) {
  const TemporaryFolder folder;
  const auto missing = read_recording(folder.file("none.jsonl"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message(),
            "can't read recording " + folder.file("none.jsonl") + ": No such file or directory");
  const auto directory = read_recording(folder.path());
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().message(), "can't read recording " + folder.path() + ": Is a directory");
}

TEST(RecordingFile, ThatMayNotBeReadIsNamedWithTheReason) {
  const TemporaryFolder folder;
  const std::string path = folder.file("secret.jsonl");
  put(path, line_of(RecordingHeader{}));
  ASSERT_EQ(chmod(path.c_str(), 0), 0);
  EXPECT_TRUE(as_ordinary_user([&] {
    const auto read = read_recording(path);
    return !read && read.error().message() == "can't read recording " + path + ": Permission denied";
  }));
}

TEST(RecordingFile, NamesTheLineThatIsWrong) {
  const TemporaryFolder folder;
  const std::string path = folder.file("lecture.jsonl");
  std::string text = line_of(RecordingHeader{});
  for (int i = 0; i < 30'000; ++i) text += line_of(Event{1, 100, 0, Closed{3}});
  put(path, text + "{\"t\":1}\n" + line_of(Event{1, 100, 0, Closed{3}}));
  const auto read = read_recording(path);
  ASSERT_FALSE(read);
  EXPECT_TRUE(contains(read.error().message(), path + ": line 30002: ")) << read.error().message();
}

TEST(RecordingFile, OfOneEndlessLineIsRefusedBeforeItFillsTheMemory) {
  const auto read = read_recording("/dev/zero");
  ASSERT_FALSE(read);
  EXPECT_TRUE(contains(read.error().message(), "too long")) << read.error().message();
}

TEST(RecordingFile, OnAFullDiskFailsWithTheReasonAtOnce) {
  const auto writer = RecordingWriter::create("/dev/full", {});
  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error().message(), "can't write recording /dev/full: No space left on device");
}

TEST(RecordingFile, OnADiskThatFillsUpFailsWithTheReasonLater) {
  const TemporaryFolder folder;
  const std::string path = folder.file("lecture.jsonl");
  auto writer = RecordingWriter::create(path, {});
  ASSERT_TRUE(writer);
  // The same descriptor, and the disk behind it is full from here on.
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  for (const int fd : open_descriptors(getpid()))
    if (descriptor_target(getpid(), fd) == path) {
      ASSERT_EQ(dup3(full, fd, O_CLOEXEC), fd);
    }
  close(full);
  writer->append({1, 100, 0, Closed{3}});
  const auto flushed = writer->flush();
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().message(), "can't write recording " + path + ": No space left on device");
}

TEST(RecordingFile, InAFolderThatIsMissingOrReadOnlyFailsWithTheReason) {
  const TemporaryFolder folder;
  const auto missing = RecordingWriter::create(folder.file("none/lecture.jsonl"), {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message(),
            "can't write recording " + folder.file("none/lecture.jsonl") + ": No such file or directory");
  ASSERT_EQ(chmod(folder.path().c_str(), 0555), 0);
  EXPECT_TRUE(as_ordinary_user([&] {
    const auto writer = RecordingWriter::create(folder.file("lecture.jsonl"), {});
    return !writer &&
           writer.error().message() == "can't write recording " + folder.file("lecture.jsonl") + ": Permission denied";
  }));
  EXPECT_TRUE(folder.names().empty());
}

TEST(RecordingFile, CanBeAPipe) {
  const TemporaryFolder folder;
  const std::string path = folder.file("pipe");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const UniqueFd reader(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  auto writer = RecordingWriter::create(path, {});
  ASSERT_TRUE(writer) << writer.error().message();
  EXPECT_TRUE(writer->finish()) << "a pipe has nothing to sync, and that is no failure";
}

}  // namespace
}  // namespace forktable::test
