// The log: whatever is in its place, and whoever reads it no more.
#include "ui/window/log.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>

#include "tests/support/proc.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/text.hpp"
#include "tests/support/user.hpp"

namespace forktable::test {
namespace {

class Log : public testing::Test {
 protected:
  Log() { std::filesystem::create_directory(folder.file("forktable")); }
  // In a process of its own, as a program has one log; its standard error goes to a file.
  bool in_program(const std::function<bool()>& body) const {
    return in_child([&] {
      setenv("XDG_STATE_HOME", folder.path().c_str(), 1);
      dup2(open(errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
      return body();
    });
  }
  std::string name(const char* ending) const { return folder.file("forktable/forktable") + ending; }

  const TemporaryFolder folder;
  const std::string errors = folder.file("errors");
};

const Event kLaunched{0, 4711, 0, ServerLaunched{}};

TEST_F(Log, IsAFileThatNoOtherProgramInherits) {
  EXPECT_TRUE(in_program([&] {
    start_log(false);
    log(kLaunched);
    for (const int fd : open_descriptors(getpid()))
      if (descriptor_target(getpid(), fd) == name(".log")) return (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;
    return false;
  }));
  EXPECT_TRUE(contains(contents(name(".log")), "server started, process 4711"));
  EXPECT_EQ(contents(errors), "");
}

TEST_F(Log, WhoseNameAFifoHasIsToldAndKeepsNobodyWaiting) {
  ASSERT_EQ(mkfifo(name(".log").c_str(), 0600), 0);
  EXPECT_TRUE(in_program([] {
    alarm(20);  // it would wait for ever
    start_log(false);
    log(kLaunched);
    return log_file().empty() && contains(latest_log_lines().back(), "server started");
  }));
  EXPECT_TRUE(contains(contents(errors), "no log file: can't write " + name(".log") + ": it is not a regular file"))
      << contents(errors);
}

TEST_F(Log, ThatNobodyReadsOnStandardErrorAnyMoreGoesOnInTheFile) {
  EXPECT_TRUE(in_program([] {
    int ends[2];
    if (pipe(ends) != 0) return false;
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    start_log(true);
    log(kLaunched);
    return true;
  }));
  EXPECT_TRUE(contains(contents(name(".log")), "server started"));
}

TEST_F(Log, BeginsAnotherFileWhenOneIsFull) {
  put(name(".log"), std::string(1 << 20, 'x'));
  put(name(".1.log"), "the one before");
  EXPECT_TRUE(in_program([] {
    start_log(false);
    log(kLaunched);
    return true;
  }));
  EXPECT_TRUE(contains(contents(name(".log")), "server started"));
  EXPECT_LT(contents(name(".log")).size(), 1000u);
  EXPECT_EQ(contents(name(".1.log")).size(), 1u << 20);
  EXPECT_EQ(contents(name(".2.log")), "the one before");
}

}  // namespace
}  // namespace forktable::test
