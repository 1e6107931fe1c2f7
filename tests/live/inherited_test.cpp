// Whoever starts Forktable may have closed, ignored, blocked or limited things before.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "core/recording/recording.hpp"
#include "core/world/reduce.hpp"
#include "tests/support/deadline.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/events.hpp"
#include "tests/support/forktable.hpp"
#include "tests/support/proc.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/user.hpp"

namespace forktable::test {
namespace {

// `forktable record`, in a process that `prepare` has had its way with. Returns its wait status.
template <class Prepare>
int record_after(const std::string& path, int clients, Prepare prepare) {
  const std::string number = std::to_string(clients);
  const pid_t child = fork();
  if (child == 0) {
    prepare();
    execl(FORKTABLE_PROGRAM, FORKTABLE_PROGRAM, "record", "--clients", number.c_str(), "--port", "0", "-o",
          path.c_str(), nullptr);
    _exit(kCouldNotRun);
  }
  int status = -1;
  EXPECT_TRUE(wait_until([&] { return waitpid(child, &status, WNOHANG) == child; }));
  return status;
}

std::vector<Event> events_in(const std::string& path) {
  const auto recording = read_recording(path);
  EXPECT_TRUE(recording) << recording.error().message();
  return recording ? recording->events : std::vector<Event>{};
}

TEST(Inherited, ClosedStandardDescriptorsAreTakenByNothingElse) {
  for (int closed = 1; closed < 8; ++closed) {
    const TemporaryFolder folder;
    const std::string path = folder.file("x.jsonl");
    const int status = record_after(path, 2, [&] {
      for (int fd = 0; fd < 3; ++fd)
        if ((closed & (1 << fd)) != 0) close(fd);
    });
    const bool can_print = (closed & 2) == 0;
    EXPECT_EQ(status, can_print ? 0 : W_EXITCODE(1, 0)) << "it says where the recording is, if it can";
    const auto events = events_in(path);
    ASSERT_EQ(only<Listened>(events).size(), 1u);
    EXPECT_EQ(only<Listened>(events)[0].fd, 3) << closed;
    ASSERT_EQ(only<Accepted>(events).size(), 2u);
    EXPECT_EQ(only<Accepted>(events)[0].connfd, 4) << closed;
    EXPECT_EQ(only<Reaped>(events).size(), 2u);
  }
}

TEST(Inherited, ClosedStandardDescriptorsOfAPlainServerAreTakenByNothingElse) {
  const pid_t server = fork();
  if (server == 0) {
    close_range(0, ~0u, 0);
    execl(FORKTABLE_SERVER, FORKTABLE_SERVER, "0", nullptr);
    _exit(kCouldNotRun);
  }
  EXPECT_TRUE(wait_until([&] { return contains(descriptor_target(server, 3), "socket:"); }));
  EXPECT_EQ(open_descriptors(server), (std::set{0, 1, 2, 3}));
  kill(server, SIGKILL);
  waitpid(server, nullptr, 0);
}

// A recording of many clients that is under way in a process that `prepare` has had its way with.
class Underway {
  TemporaryFolder folder_;

 public:
  template <class Prepare>
  explicit Underway(Prepare prepare) : pid(fork()) {
    if (pid == 0) {
      dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
      prepare();
      execl(FORKTABLE_PROGRAM, FORKTABLE_PROGRAM, "record", "--clients", "100000", "--port", "0", "-o", path.c_str(),
            nullptr);
      _exit(kCouldNotRun);
    }
    EXPECT_TRUE(
        wait_until([this] { return std::filesystem::exists(path) && std::filesystem::file_size(path) > 10'000; }));
    // Up to its first event only: the whole would be longer each time that it is read.
    std::ifstream file(path);
    std::string until_first;
    for (std::string line; !contains(line, "\"event\"") && std::getline(file, line);) until_first += line + "\n";
    const auto begun = parse_recording(until_first, path);
    EXPECT_TRUE(begun && begun->events.size() == 1);
    if (begun) server = begun->events.at(0).pid;
  }
  ~Underway() {
    if (pid == 0) return;
    kill(pid, SIGKILL);
    while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  // Its exit status; -1 if it doesn't end, or by a signal.
  int ends() {
    int status = -1;
    if (!wait_until([&] { return waitpid(pid, &status, WNOHANG) == pid; })) return -1;
    pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  std::string path = folder_.file("x.jsonl");
  Pid pid, server = 0;
};

TEST(Inherited, ClosedStandardDescriptorsStayOfNoUse) {
  const Underway recording([] { close_range(0, 2, 0); });
  for (int fd = 0; fd < 3; ++fd) EXPECT_EQ(descriptor_target(recording.pid, fd), "/dev/null");
}

TEST(Inherited, AnIgnoredSigchldHidesNoDeath) {
  Underway recording([] { std::signal(SIGCHLD, SIG_IGN); });
  kill(recording.server, SIGKILL);
  EXPECT_EQ(recording.ends(), 1);
  const auto collected = only<Collected>(events_in(recording.path));
  ASSERT_GE(collected.size(), 1u);
  EXPECT_EQ(collected[0].status, SIGKILL);
}

TEST(Inherited, BlockedSignalsAreUnblocked) {
  Underway recording([] {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, nullptr);
  });
  kill(recording.pid, SIGTERM);
  EXPECT_EQ(recording.ends(), 1) << "it can be interrupted";
  EXPECT_TRUE(wait_until([&] { return living_in_group(recording.server).empty(); }));
}

TEST(Inherited, WhatNohupAndAShellsBackgroundIgnoreStaysIgnored) {
  Underway recording([] {
    std::signal(SIGHUP, SIG_IGN);
    std::signal(SIGINT, SIG_IGN);
  });
  kill(recording.pid, SIGHUP);
  kill(recording.pid, SIGINT);
  const std::size_t before = contents(recording.path).size();
  EXPECT_TRUE(wait_until([&] { return contents(recording.path).size() > before + 100'000; })) << "it goes on";
  kill(recording.pid, SIGTERM);
  EXPECT_EQ(recording.ends(), 1);
}

Outcome record_limited(const std::string& limit, const TemporaryFolder& folder, int clients) {
  return run({.words = {"/usr/bin/prlimit", limit, FORKTABLE_PROGRAM, "record", "--clients", std::to_string(clients),
                        "--port", "0", "-o", folder.file("x.jsonl")}});
}

TEST(InheritedLimit, OnTheSizeOfFilesIsAnErrorLikeAFullDisk) {
  {
    const TemporaryFolder folder;
    expect_one_line(record_limited("--fsize=20000", folder, 1), "File too large");
  }
  const TemporaryFolder folder;
  expect_one_line(record_limited("--fsize=200000", folder, 300), folder.file("x.jsonl") + ": File too large");
  World world;
  for (const Event& event : events_in(folder.file("x.jsonl"))) reduce(world, event);
  EXPECT_EQ(world.anomaly_count, 0u) << "what is there is good";
}

TEST(InheritedLimit, OnDescriptorsIsToldOrIsEnough) {
  int served = 0;
  for (int limit = 4; limit <= 16; ++limit) {
    const TemporaryFolder folder;
    const Outcome outcome = record_limited("--nofile=" + std::to_string(limit), folder, 1);
    if (outcome.status == kCouldNotRun || outcome.status == 127) continue;  // not even the loader can do with so few
    if (outcome.status == 0)
      ++served;
    else
      expect_one_line(outcome, limit < 13 ? "" : "Too many open files");
  }
  EXPECT_GT(served, 0);
}

TEST(InheritedLimit, OnMemoryIsEnoughIfItIsSmall) {
  if (kSlowness > 1) GTEST_SKIP() << "a sanitizer takes terabytes of addresses";
  const TemporaryFolder folder;
  EXPECT_EQ(record_limited("--as=64000000", folder, 100).status, 0);
}

TEST(InheritedLimit, OnProcessesIsToldAsWhatItIs) {
  const TemporaryFolder folder;
  chmod(folder.path().c_str(), 0777);
  const std::string path = folder.file("x.jsonl");
  // AddressSanitizer looks for leaks in a process of its own, which it could not have.
  Command command{.words = {"/usr/bin/env", "ASAN_OPTIONS=detect_leaks=0", "/usr/bin/prlimit", "--nproc=0",
                            FORKTABLE_PROGRAM, "record", "--clients", "1", "--port", "0", "-o", path}};
  command.ordinary_user = true;
  const Outcome outcome = run(command);
  if (outcome.status == kCouldNotRun) GTEST_SKIP() << "an ordinary user may not run " << FORKTABLE_PROGRAM;
  expect_one_line(outcome, "/process-server: Resource temporarily unavailable");
  EXPECT_TRUE(folder.names().empty());
}

}  // namespace
}  // namespace forktable::test
