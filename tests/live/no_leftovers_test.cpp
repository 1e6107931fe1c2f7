// What the kernel keeps until somebody removes it: no semaphore, no segment and no FIFO is left of a server, however it
// or Forktable ends, and nobody who was to see to that.
#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "core/recording/recording.hpp"
#include "core/session/leftovers.hpp"
#include "core/system/unique_fd.hpp"
#include "tests/live/approach.hpp"
#include "tests/support/forktable.hpp"
#include "tests/support/proc.hpp"
#include "tests/support/program.hpp"
#include "tests/support/tcp_client.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/text.hpp"
#include "tests/support/user.hpp"

namespace forktable::test {
namespace {

bool is_semaphore(int id) { return semctl(id, 0, GETVAL) >= 0; }
bool is_segment(int id) {
  shmid_ds status;
  return shmctl(id, IPC_STAT, &status) >= 0;
}

class HeldApproach {
 public:
  explicit HeldApproach(ServerKind kind)
      : program({.words = {FORKTABLE_SESSION_HOLDER, FORKTABLE_SERVER, "3", std::string(name_of(kind))}}) {
    std::istringstream line(program.line_from_output());
    int port = 0;
    line >> port >> server >> semaphore >> segment;
    EXPECT_EQ(living_in_group(server).size(), 4u);
    for (const Pid child : children_of(program.pid()))
      if (child != server) keeper = child;
  }

  RunningProgram program;
  Pid server = 0, keeper = 0;
  int semaphore = -1, segment = -1;
};

TEST(NoLeftovers, WhenForktableEndsInWhateverWay) {
  for (const int signal : {SIGKILL, SIGTERM, SIGINT, SIGHUP, SIGSEGV}) {
    const HeldApproach held(ServerKind::kProcessShm);
    ASSERT_TRUE(is_semaphore(held.semaphore) && is_segment(held.segment));
    ASSERT_GT(held.keeper, 0);
    EXPECT_EQ(open_descriptors(held.keeper), std::set<int>{0}) << "the pipe, and nothing else of Forktable's";
    held.program.send_signal(signal);
    EXPECT_TRUE(wait_until([&] { return !is_semaphore(held.semaphore) && !is_segment(held.segment); })) << signal;
    EXPECT_TRUE(wait_until([&] { return has_ended(held.keeper) && living_in_group(held.server).empty(); })) << signal;
  }
}

TEST(NoLeftovers, WhenForktableIsKilledThatHadStoppedTheServer) {
  const HeldApproach held(ServerKind::kProcessShm);
  kill(-held.server, SIGSTOP);
  held.program.send_signal(SIGKILL);
  EXPECT_TRUE(wait_until([&] { return !is_semaphore(held.semaphore) && has_ended(held.keeper); }));
}

TEST(NoLeftovers, WhenTheKeeperIsAskedToEndBeforeTheServer) {
  const HeldApproach held(ServerKind::kProcessShm);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) kill(held.keeper, signal);
  held.program.send_signal(SIGKILL);
  EXPECT_TRUE(wait_until([&] { return !is_semaphore(held.semaphore) && has_ended(held.keeper); }));
}

// What a semaphore keeper was started with: its path and the key.
std::string command_of(Pid pid) { return contents("/proc/" + std::to_string(pid) + "/cmdline"); }

TEST(NoLeftovers, WhenTheKeeperIsKilledAndLaterForktable) {
  const HeldApproach held(ServerKind::kProcessShm);
  const std::string command = command_of(held.keeper);
  ASSERT_TRUE(contains(command, "semaphore-keeper")) << command;
  Pid keeper = held.keeper;
  for (int times = 0; times < 2; ++times) {
    const Pid killed = keeper;
    kill(killed, SIGKILL);
    ASSERT_TRUE(wait_until([&] {
      for (const Pid child : children_of(held.program.pid()))
        if (child != killed && command_of(child) == command) keeper = child;
      return keeper != killed && state_of(killed) == '-';
    })) << "another one takes its place, and it is reaped";
  }
  EXPECT_TRUE(wait_until([&] { return open_descriptors(keeper) == std::set<int>{0}; }))
      << "the pipe, and nothing else of Forktable's";
  EXPECT_TRUE(is_semaphore(held.semaphore)) << "the server goes on with it";
  held.program.send_signal(SIGKILL);
  EXPECT_TRUE(wait_until([&] { return !is_semaphore(held.semaphore) && has_ended(keeper); }));
}

TEST(NoLeftovers, OfAServerThatRunsAsAnotherUserBecauseItsChildrenAreLimited) {
  LiveSession live;
  ASSERT_TRUE(live.start(with_server({.program = FORKTABLE_SERVER, .children_limit = 3}, ServerKind::kProcessShm)));
  ASSERT_TRUE(live.until([&] { return live.world.semaphore.has_value(); }));
  const int semaphore = live.world.semaphore->id;
  EXPECT_TRUE(is_semaphore(semaphore));
  live.session->stop_server();
  EXPECT_FALSE(is_semaphore(semaphore));
}

TEST(NoLeftovers, OfAFifo) {
  const HeldApproach held(ServerKind::kProcessFifo);
  EXPECT_EQ(held.semaphore, -1);
  EXPECT_EQ(held.keeper, 0) << "nobody is needed";
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  const std::string made = "forktable-fifo-" + std::to_string(held.server);
  for (const char* folder : {"/tmp", runtime != nullptr ? runtime : "/tmp"})
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      EXPECT_FALSE(contains(entry.path().string(), made)) << entry.path();
}

// A session whose keeper and Forktable were killed at once: nobody was left who could remove the semaphore.
int semaphore_of_a_killed_run() {
  const HeldApproach held(ServerKind::kProcessShm);
  kill(held.program.pid(), SIGSTOP);  // it would start another keeper
  kill(held.keeper, SIGKILL);
  held.program.send_signal(SIGKILL);
  EXPECT_TRUE(wait_until([&] { return has_ended(held.keeper) && living_in_group(held.server).empty(); }));
  EXPECT_TRUE(is_semaphore(held.semaphore));
  return held.semaphore;
}

TEST(NoLeftovers, OfARunThatWasKilledWithItsKeeperOnceAnotherServerIsStarted) {
  const int semaphore = semaphore_of_a_killed_run();
  LiveSession live;
  ASSERT_TRUE(live.start({.program = FORKTABLE_SERVER}));
  EXPECT_FALSE(is_semaphore(semaphore));
}

TEST(NoLeftovers, OfARunThatWasKilledWithItsKeeperOnceDoctorHasLooked) {
  const int semaphore = semaphore_of_a_killed_run();
  const Outcome outcome = run(forktable({"doctor"}));
  EXPECT_TRUE(contains(outcome.out, "removed what runs left that were killed: semaphores ")) << outcome.out;
  EXPECT_FALSE(is_semaphore(semaphore));
}

TEST(NoLeftovers, AndNothingIsTakenFromARunThatGoesOnOrFromAnotherProgram) {
  const HeldApproach held(ServerKind::kProcessShm), orphaned(ServerKind::kProcessShm);
  kill(orphaned.server, SIGKILL);  // its children may still use it
  ASSERT_TRUE(wait_until([&] { return state_of(orphaned.server) == '-'; }));
  const int stranger = semget(IPC_PRIVATE, 4, IPC_CREAT | 0600);  // as large, unmarked, and nobody holds it
  ASSERT_GE(stranger, 0);
  remove_leftovers();
  EXPECT_TRUE(is_semaphore(held.semaphore));
  EXPECT_TRUE(is_semaphore(orphaned.semaphore)) << "Forktable holds it";
  EXPECT_TRUE(is_semaphore(stranger));
  semctl(stranger, 0, IPC_RMID);
}

TEST(NoLeftovers, OfAServerThatWasKilledWhileItMadeItsFifo) {
  const TemporaryFolder runtime;
  const pid_t dead = fork();
  if (dead == 0) _exit(0);
  waitpid(dead, nullptr, 0);
  const auto make = [&](const std::string& name) {
    std::filesystem::create_directory(runtime.file(name));
    mkfifo((runtime.file(name) + "/fifo").c_str(), 0600);
    return name;
  };
  make("forktable-fifo-" + std::to_string(dead) + "-abcdef");
  const std::string living = make("forktable-fifo-" + std::to_string(getpid()) + "-abcdef");
  const std::string other = make("forktable-" + std::to_string(dead));
  const std::string full = make("forktable-fifo-" + std::to_string(dead) + "-filled");
  put(runtime.file(full) + "/mine", "of somebody else");
  EXPECT_TRUE(in_child([&] {
    setenv("XDG_RUNTIME_DIR", runtime.path().c_str(), 1);
    return remove_leftovers().folders >= 1;
  }));
  const auto left = runtime.names();
  EXPECT_EQ((std::set<std::string>{left.begin(), left.end()}), (std::set<std::string>{other, living, full}));
}

// `record` with such an XDG_RUNTIME_DIR; empty for none. Returns the server's pid.
Pid expect_fifo_with(const std::string& setting) {
  const TemporaryFolder folder;
  Command command =
      forktable({"record", "--server", "process-fifo", "--clients", "2", "--port", "0", "-o", folder.file("x.jsonl")});
  const std::vector<std::string> before = setting.empty()
                                              ? std::vector<std::string>{"/usr/bin/env", "-u", "XDG_RUNTIME_DIR"}
                                              : std::vector<std::string>{"/usr/bin/env", setting};
  command.words.insert(command.words.begin(), before.begin(), before.end());
  const Outcome outcome = run(command);
  EXPECT_EQ(outcome.status, 0) << setting << ": " << outcome.err;
  const auto recording = read_recording(folder.file("x.jsonl"));
  EXPECT_TRUE(recording && !recording->events.empty());
  return recording && !recording->events.empty() ? recording->events[0].pid : 0;
}

TEST(AFifo, IsMadeWhetherOrNotThereIsARuntimeFolder) {
  for (const char* setting :
       {"", "XDG_RUNTIME_DIR=", "XDG_RUNTIME_DIR=/nowhere", "XDG_RUNTIME_DIR=relative", "XDG_RUNTIME_DIR=/proc"})
    expect_fifo_with(setting);
}

// What is made in a folder from now on, even if it is gone again: inotify(7).
class MadeIn {
 public:
  explicit MadeIn(const std::string& folder) {
    EXPECT_GE(inotify_add_watch(watch_.get(), folder.c_str(), IN_CREATE), 0);
  }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    alignas(inotify_event) char buffer[4096];
    for (ssize_t got; (got = read(watch_.get(), buffer, sizeof buffer)) > 0;)
      for (const char* at = buffer; at < buffer + got;) {
        const auto* event = reinterpret_cast<const inotify_event*>(at);
        all.emplace_back(event->name);
        at += sizeof *event + event->len;
      }
    return all;
  }

 private:
  UniqueFd watch_{inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
};

TEST(AFifo, IsMadeInAFolderWhoseNameNobodyCanHaveGuessedAndTaken) {
  // The server gets one of the next pids; for each of them, something is there already.
  const TemporaryFolder runtime;
  for (Pid pid = getpid(); pid < getpid() + 1000; ++pid)
    for (const char* name : {"forktable-", "forktable-fifo-"})
      std::filesystem::create_symlink("/nowhere", runtime.file(name + std::to_string(pid)));
  constexpr int kServers = 3;
  std::set<std::string> guesses;
  for (int i = 0; i < kServers; ++i) {
    const MadeIn made(runtime.path());
    const std::string pid = std::to_string(expect_fifo_with("XDG_RUNTIME_DIR=" + runtime.path()));
    auto names = made.names();
    ASSERT_EQ(names.size(), 1u) << "where nobody is in its way, it doesn't go to /tmp";
    const std::size_t at = names[0].find(pid);
    guesses.insert(at != std::string::npos ? names[0].replace(at, pid.size(), "PID") : names[0]);
  }
  EXPECT_EQ(guesses.size(), kServers) << "whoever has seen one name and knows the next pid, knows " << *guesses.begin();
}

class SharedByALiveServer : public testing::Test {
 protected:
  SharedByALiveServer() {
    live.quiet();
    EXPECT_TRUE(live.until_waiting(1));
    semaphore = live.world.semaphore->id;
    segment = live.world.segment->id;
    EXPECT_TRUE(is_semaphore(semaphore) && is_segment(segment));
    for (const Pid pid : children_of(getpid()))
      if (pid != live.server() && std::find(before.begin(), before.end(), pid) == before.end()) keeper = pid;
    EXPECT_GT(keeper, 0);
  }
  bool is_left() const { return is_semaphore(semaphore) || is_segment(segment) || state_of(keeper) != '-'; }

  const std::vector<Pid> before = children_of(getpid());
  Approach live{ServerKind::kProcessShm};
  int semaphore = -1, segment = -1;
  Pid keeper = 0;
};

TEST_F(SharedByALiveServer, GoesWhenTheServerIsStopped) {
  live.session->stop_server();
  EXPECT_FALSE(is_left());
}

TEST_F(SharedByALiveServer, GoesWhenAnotherServerIsStarted) {
  ASSERT_TRUE(live.start(with_server({.program = FORKTABLE_SERVER}, ServerKind::kIterative)));
  EXPECT_FALSE(is_left());
}

TEST_F(SharedByALiveServer, GoesWhenTheSameServerIsStartedAgainAndThatHasItsOwn) {
  ASSERT_TRUE(live.start(with_server({.program = FORKTABLE_SERVER}, ServerKind::kProcessShm)));
  EXPECT_FALSE(is_left());
  ASSERT_TRUE(live.until([&] { return live.world.semaphore.has_value(); }));
  EXPECT_TRUE(is_semaphore(live.world.semaphore->id));
}

TEST_F(SharedByALiveServer, GoesWithTheSession) {
  live.session.reset();
  EXPECT_FALSE(is_left());
}

TEST_F(SharedByALiveServer, GoesWithTheLastProcessThatWasKilled) {
  live.session->send_signal(live.server(), SIGKILL);
  ASSERT_TRUE(live.until([&] { return live.world.processes.size() == 1; }));
  EXPECT_TRUE(is_semaphore(semaphore)) << "an orphan may still use it";
  live.session->send_signal(live.latest(), SIGKILL);
  ASSERT_TRUE(live.until([&] { return live.world.processes.empty(); }));
  EXPECT_FALSE(is_left());
}

TEST_F(SharedByALiveServer, GoesEvenIfTheKeeperWasKilled) {
  kill(keeper, SIGKILL);
  live.session->stop_server();
  EXPECT_FALSE(is_left());
}

TEST(NoLeftovers, OfAServerThatIsRunByHandAndInterrupted) {
  constexpr const char* kKey = "1263748291";
  const auto semaphore = [&] { return semget(std::atoi(kKey), 0, 0); };
  for (const int signal : {SIGINT, SIGTERM}) {
    setenv("FORKTABLE_SEMAPHORE_KEY", kKey, 1);
    std::string server = FORKTABLE_SERVER;
    RunningProgram program({.words = {server.replace(server.rfind('/'), server.npos, "/process-shm-server"), "0"}});
    unsetenv("FORKTABLE_SEMAPHORE_KEY");
    const std::string line = program.line_from_errors();
    TcpClient client(static_cast<Port>(std::atoi(line.substr(line.rfind(':') + 1).c_str())));
    EXPECT_TRUE(client.echoes("hello"));
    const auto children = children_of(program.pid());
    ASSERT_EQ(children.size(), 1u);
    kill(children[0], SIGTERM);
    ASSERT_TRUE(wait_until([&] { return state_of(children[0]) == '-'; }));
    EXPECT_GE(semaphore(), 0) << "a child takes nothing away from the others";
    program.send_signal(signal);
    EXPECT_EQ(program.wait().signal, signal);
    EXPECT_LT(semaphore(), 0);
  }
}

}  // namespace
}  // namespace forktable::test
