// A program that is started gets what it was meant to get and nothing else of ours.
#include "core/system/spawn.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "core/system/unique_fd.hpp"
#include "tests/support/deadline.hpp"
#include "tests/support/proc.hpp"
#include "tests/support/text.hpp"
#include "tests/support/user.hpp"

namespace forktable::test {
namespace {

struct BlockingPipe {
  BlockingPipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return;
    read = UniqueFd(ends[0]);
    write = UniqueFd(ends[1]);
  }
  UniqueFd read, write;
};

std::string rest_of(UniqueFd& fd) {
  std::string text;
  char buffer[4096];
  ssize_t got;
  while ((got = read(fd.get(), buffer, sizeof buffer)) > 0) text.append(buffer, static_cast<std::size_t>(got));
  return text;
}

// What a shell script writes to descriptor 5.
std::string output_of(const std::string& script, Program program = {}) {
  BlockingPipe pipe;
  program.path = "/bin/sh";
  program.arguments = {"-c", script};
  program.descriptors.emplace_back(pipe.write.get(), 5);
  const auto pid = spawn(program);
  if (!pid) return pid.error().message();
  pipe.write.close();
  std::string text = rest_of(pipe.read);
  waitpid(*pid, nullptr, 0);
  return text;
}

TEST(Spawn, StartsTheProgramInAProcessGroupOfItsOwn) {
  BlockingPipe pipe;
  const auto pid = spawn({.path = "/bin/sh",
                          .arguments = {"-c", "read line <&5"},
                          .environment = {},
                          .descriptors = {{pipe.read.get(), 5}}});
  ASSERT_TRUE(pid) << pid.error().message();
  EXPECT_EQ(getpgid(*pid), *pid);
  EXPECT_NE(getpgrp(), *pid);
  pipe.write.close();
  waitpid(*pid, nullptr, 0);
}

TEST(Spawn, StandardInputAndOutputAreTheNullDevice) {
  EXPECT_EQ(output_of("found=$(readlink /proc/$$/fd/0 /proc/$$/fd/1); echo \"$found\" >&5"), "/dev/null\n/dev/null\n");
}

TEST(Spawn, StandardErrorIsOurs) {
  BlockingPipe pipe;
  const UniqueFd before(dup(STDERR_FILENO));
  ASSERT_GE(dup2(pipe.write.get(), STDERR_FILENO), 0);
  const auto pid =
      spawn({.path = "/bin/sh", .arguments = {"-c", "echo said >&2"}, .environment = {}, .descriptors = {}});
  dup2(before.get(), STDERR_FILENO);
  pipe.write.close();
  ASSERT_TRUE(pid) << pid.error().message();
  EXPECT_EQ(rest_of(pipe.read), "said\n");
  waitpid(*pid, nullptr, 0);
}

TEST(Spawn, NoSignalIsBlockedOrIgnoredInTheProgramEvenIfItIsHere) {
  // In a child, as dispositions belong to the whole process.
  BlockingPipe pipe;
  ASSERT_TRUE(in_child([&] {
    for (int signal = 1; signal < NSIG; ++signal)
      if (signal != SIGCHLD) std::signal(signal, SIG_IGN);
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, nullptr);
    const std::string text = output_of("grep -E 'Sig(Blk|Ign)' /proc/self/status >&5");
    return write(pipe.write.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
  }));
  pipe.write.close();
  const std::string masks = rest_of(pipe.read);
  EXPECT_TRUE(contains(masks, "SigBlk:\t0000000000000000")) << masks;
  const auto ignored = std::stoull(masks.substr(masks.find("SigIgn:") + 7), nullptr, 16);
  EXPECT_EQ(ignored & ~(std::uint64_t{3} << 31), 0u) << "but for 32 and 33, which are the C library's own";
}

TEST(Spawn, DescriptorsArriveUnderTheirNumbersAndOthersStayHere) {
  BlockingPipe extra;
  BlockingPipe pipe;
  Program program{.path = "/bin/sh",
                  .arguments = {"-c", "ls /proc/$$/fd >&9"},
                  .environment = {},
                  .descriptors = {{extra.read.get(), 8}, {pipe.write.get(), 9}}};
  const auto pid = spawn(program);
  ASSERT_TRUE(pid) << pid.error().message();
  pipe.write.close();
  const std::string listed = rest_of(pipe.read);
  waitpid(*pid, nullptr, 0);
  for (const char* fd : {"0\n", "1\n", "2\n", "8\n", "9\n"}) EXPECT_TRUE(contains(listed, fd)) << listed;
  EXPECT_TRUE(open_descriptors(getpid()).contains(extra.read.get())) << "ours stays open here";
}

TEST(Spawn, NothingElseThatIsOpenHereIsInherited) {
  // Not close-on-exec, as the files of a library or of whoever started us may be.
  const UniqueFd low(open("/dev/null", O_RDONLY)), high(fcntl(low.get(), F_DUPFD, 100));
  BlockingPipe pipe;
  const auto pid = spawn({.path = "/bin/cat",
                          .arguments = {},
                          .environment = {},
                          .descriptors = {{pipe.read.get(), STDIN_FILENO}, {pipe.read.get(), 50}}});
  ASSERT_TRUE(pid) << pid.error().message();
  EXPECT_TRUE(wait_until([&] {
    return open_descriptors(*pid) == std::set<int>{0, 1, 2, 50};
  })) << testing::PrintToString(open_descriptors(*pid));
  kill(*pid, SIGKILL);
  waitpid(*pid, nullptr, 0);
}

TEST(Spawn, AProgramThatMayOutliveUsKeepsNothingOfOursBusy) {
  BlockingPipe pipe;
  const auto pid = spawn({.path = "/bin/cat",
                          .arguments = {},
                          .environment = {},
                          .descriptors = {{pipe.read.get(), STDIN_FILENO}},
                          .may_outlive_us = true});
  ASSERT_TRUE(pid) << pid.error().message();
  EXPECT_EQ(descriptor_target(*pid, STDERR_FILENO), "/dev/null");
  EXPECT_EQ(std::filesystem::read_symlink("/proc/" + std::to_string(*pid) + "/cwd"), "/");
  kill(*pid, SIGKILL);
  waitpid(*pid, nullptr, 0);
}

TEST(Spawn, DescriptorsArriveEvenWhenTheirNumbersThereAreTakenHere) {
  // Ours are 40 and 41, and there each is to be where the other one is here.
  BlockingPipe first, second;
  const UniqueFd forty(fcntl(first.write.get(), F_DUPFD_CLOEXEC, 40));
  const UniqueFd next(fcntl(second.write.get(), F_DUPFD_CLOEXEC, forty.get() + 1));
  const auto pid = spawn({.path = "/bin/sh",
                          .arguments = {"-c", "echo first >/proc/self/fd/" + std::to_string(next.get()) +
                                                  "; echo second >/proc/self/fd/" + std::to_string(forty.get())},
                          .environment = {},
                          .descriptors = {{forty.get(), next.get()}, {next.get(), forty.get()}}});
  ASSERT_TRUE(pid) << pid.error().message();
  waitpid(*pid, nullptr, 0);
  first.write.close();
  second.write.close();
  EXPECT_TRUE(open_descriptors(getpid()).contains(next.get()));
  const_cast<UniqueFd&>(forty).close();
  const_cast<UniqueFd&>(next).close();
  EXPECT_EQ(rest_of(first.read), "first\n");
  EXPECT_EQ(rest_of(second.read), "second\n");
}

TEST(Spawn, ADescriptorKeepsItsNumberWhenItIsTheSameHereAndThere) {
  BlockingPipe pipe;
  const int fd = pipe.write.get();
  const auto pid = spawn({.path = "/bin/sh",
                          .arguments = {"-c", "echo kept >/proc/self/fd/" + std::to_string(fd)},
                          .environment = {},
                          .descriptors = {{fd, fd}}});
  ASSERT_TRUE(pid) << pid.error().message();
  pipe.write.close();
  EXPECT_EQ(rest_of(pipe.read), "kept\n");
  waitpid(*pid, nullptr, 0);
}

TEST(Spawn, TheEnvironmentIsOursAndWhatWasAddedWins) {
  ASSERT_EQ(setenv("FORKTABLE_TEST_KEPT", "kept", 1), 0);
  ASSERT_EQ(setenv("FORKTABLE_TEST_BOTH", "ours", 1), 0);
  const std::string seen = output_of("env | grep '^FORKTABLE_TEST_' | sort >&5; echo $FORKTABLE_TEST_BOTH >&5",
                                     {.path = {},
                                      .arguments = {},
                                      .environment = {"FORKTABLE_TEST_BOTH=added", "FORKTABLE_TEST_NEW=new"},
                                      .descriptors = {}});
  unsetenv("FORKTABLE_TEST_KEPT");
  unsetenv("FORKTABLE_TEST_BOTH");
  EXPECT_EQ(seen, "FORKTABLE_TEST_BOTH=added\nFORKTABLE_TEST_KEPT=kept\nFORKTABLE_TEST_NEW=new\nadded\n");
}

TEST(Spawn, AProgramThatIsMissingOrNoneIsNamedWithTheReason) {
  const auto missing = spawn({.path = "/nowhere/echo-server", .arguments = {}, .environment = {}, .descriptors = {}});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message(), "can't start /nowhere/echo-server: No such file or directory");
  const auto folder = spawn({.path = "/tmp", .arguments = {}, .environment = {}, .descriptors = {}});
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().message(), "can't start /tmp: Permission denied");
  EXPECT_TRUE(children_of(getpid()).empty()) << "no process is left of a failed start";
}

}  // namespace
}  // namespace forktable::test
