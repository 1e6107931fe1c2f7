// The server's program: started, heard and ended.
#include "core/session/server_process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/sched.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "core/event/wire_decoder.hpp"
#include "tests/support/deadline.hpp"
#include "tests/support/events.hpp"
#include "tests/support/proc.hpp"
#include "tests/support/tcp_client.hpp"

namespace forktable::test {
namespace {

// A server process with what it has reported so far.
class RunningServer {
 public:
  explicit RunningServer(const ServerSetup& setup = {.program = FORKTABLE_SERVER})
      : process(ServerProcess::launch(setup).value()) {}
  ~RunningServer() {
    process.signal_all(SIGKILL);
    EXPECT_TRUE(wait_until([this] { return process.reap(), process.gone(); }));
  }

  template <class T>
  T report() {
    const Deadline deadline;
    while (only<T>(events).empty() && !deadline.passed()) {
      pollfd ready{process.reports(), POLLIN, 0};
      if (poll(&ready, 1, deadline.milliseconds_left()) <= 0) continue;
      std::byte bytes[1 << 12];
      const ssize_t got = read(process.reports(), bytes, sizeof bytes);
      if (got <= 0) break;
      decoder.feed({bytes, static_cast<std::size_t>(got)}, [this](const Event& event) { events.push_back(event); });
    }
    EXPECT_FALSE(only<T>(events).empty()) << T::name;
    return only<T>(events).empty() ? T{} : only<T>(events).back();
  }

  ServerProcess process;
  WireDecoder decoder{0};
  std::vector<Event> events;
};

TEST(ServerProcess, ListensOnAFreePortAndTellsWhich) {
  RunningServer server;
  const auto listened = server.report<Listened>();
  EXPECT_EQ(listened.fd, 3);
  EXPECT_NE(listened.port, 0);
  EXPECT_EQ(listened.backlog, 1024);
  EXPECT_TRUE(TcpClient(listened.port).echoes("hello"));
}

TEST(ServerProcess, ListensOnThePortThatItIsGiven) {
  Port free = 0;
  { free = Listener().port; }
  RunningServer server({.program = FORKTABLE_SERVER, .port = free});
  EXPECT_EQ(server.report<Listened>().port, free);
}

TEST(ServerProcess, HoldsForktablesOwnDescriptorsFarFromTheLesson) {
  RunningServer server;
  server.report<Listened>();
  std::set<int> own = {0, 1, 2, 3};
  for (const auto& plumbing : only<PlumbingOpened>(server.events)) {
    EXPECT_GE(plumbing.fd, 60);
    own.insert(plumbing.fd);
  }
  EXPECT_EQ(open_descriptors(server.process.pid()), own) << "and nothing else of ours";
}

TEST(ServerProcess, TakesOverNothingThatLeakedIntoIt) {
  // Not close-on-exec: whoever started us, a terminal or a build, may have left some open.
  const UniqueFd leaked(open("/dev/null", O_RDONLY)), another(fcntl(leaked.get(), F_DUPFD, 300));
  RunningServer server;
  EXPECT_EQ(server.report<Listened>().fd, 3);
  EXPECT_FALSE(open_descriptors(server.process.pid()).contains(another.get()));
}

TEST(ServerProcess, GetsTheDescriptorLimitThatItIsGiven) {
  RunningServer server({.program = FORKTABLE_SERVER, .descriptor_limit = 4});
  const TcpClient client(server.report<Listened>().port);
  const auto failed = server.report<CallFailed>();
  EXPECT_EQ(failed.call, Call::kAccept);
  EXPECT_EQ(failed.error, EMFILE);
}

TEST(ServerProcess, IsAProcessGroupThatCanBeReachedAsAWhole) {
  RunningServer server;
  const TcpClient client(server.report<Listened>().port);
  const Pid child = server.report<Forked>().child;
  EXPECT_TRUE(server.process.owns(server.process.pid()));
  EXPECT_TRUE(server.process.owns(child));
  EXPECT_FALSE(server.process.owns(getpid()));
  EXPECT_FALSE(server.process.owns(1));
  EXPECT_FALSE(server.process.owns(0));
  EXPECT_FALSE(server.process.owns(-server.process.pid()));
  EXPECT_EQ(living_in_group(server.process.pid()), (std::vector<Pid>{server.process.pid(), child}));
}

TEST(ServerProcess, LeavesItsOrphansToForktableWhichReapsThem) {
  RunningServer server;
  TcpClient client(server.report<Listened>().port);
  const Pid child = server.report<Forked>().child;
  kill(server.process.pid(), SIGKILL);
  std::vector<ServerProcess::Dead> dead;
  const auto reap = [&] {
    for (const auto& one : server.process.reap()) dead.push_back(one);
    return !dead.empty();
  };
  ASSERT_TRUE(wait_until(reap));
  EXPECT_EQ(dead[0].pid, server.process.pid());
  EXPECT_TRUE(WIFSIGNALED(dead[0].status) && WTERMSIG(dead[0].status) == SIGKILL);
  EXPECT_TRUE(server.process.signal_all(0)) << "the child goes on";
  EXPECT_TRUE(client.echoes("still there?"));

  dead.clear();
  client.close();
  ASSERT_TRUE(wait_until(reap));
  EXPECT_EQ(dead[0].pid, child);
  EXPECT_EQ(dead[0].status, 0);
  EXPECT_TRUE(server.process.gone());
  EXPECT_FALSE(server.process.signal_all(0));
}

TEST(ServerProcess, DiesWithItsLifeline) {
  Pid group = 0;
  {
    auto launched = ServerProcess::launch({.program = FORKTABLE_SERVER});
    ASSERT_TRUE(launched);
    group = launched->pid();
    // Until it has said something, it may not have taken hold of the lifeline yet; then it looks by itself.
    pollfd ready{launched->reports(), POLLIN, 0};
    ASSERT_EQ(poll(&ready, 1, Deadline().milliseconds_left()), 1);
  }
  EXPECT_TRUE(wait_until([&] { return living_in_group(group).empty(); }));
}

TEST(ServerProcess, DiesWithALifelineThatWasCutBeforeItCouldTakeHoldOfIt) {
  for (int i = 0; i < 20; ++i) {
    Pid group = 0;
    {
      auto launched = ServerProcess::launch({.program = FORKTABLE_SERVER});
      ASSERT_TRUE(launched);
      group = launched->pid();
    }
    EXPECT_TRUE(wait_until([&] { return living_in_group(group).empty(); }));
  }
}

TEST(ServerProcess, ThatCannotBeStartedIsNamedWithTheReason) {
  const auto before = open_descriptors(getpid());
  const auto launched = ServerProcess::launch({.program = "/nowhere/process-server"});
  ASSERT_FALSE(launched);
  EXPECT_EQ(launched.error().message(), "can't start /nowhere/process-server: No such file or directory");
  EXPECT_EQ(open_descriptors(getpid()), before);
}

TEST(ServerProcess, ThatHasGoneSharesItsNumberWithNobody) {
  auto launched = ServerProcess::launch({.program = FORKTABLE_SERVER});
  ASSERT_TRUE(launched);
  ServerProcess& server = *launched;
  server.signal_all(SIGKILL);
  ASSERT_TRUE(wait_until([&] { return server.reap(), server.gone(); }));

  // The kernel gives the number to another program, which leads a process group just as the server did.
  pid_t number = server.pid();
  clone_args arguments{};
  arguments.exit_signal = SIGCHLD;
  arguments.set_tid = reinterpret_cast<std::uintptr_t>(&number);
  arguments.set_tid_size = 1;
  const auto stranger = static_cast<pid_t>(syscall(SYS_clone3, &arguments, sizeof arguments));
  if (stranger == 0) {
    setpgid(0, 0);
    while (true) pause();
  }
  if (stranger < 0)
    GTEST_SKIP() << "this user may not choose the pid of a process (clone3), or it is taken: errno " << errno;
  setpgid(stranger, stranger);
  EXPECT_FALSE(server.owns(stranger));
  EXPECT_FALSE(server.signal_all(SIGKILL));
  EXPECT_TRUE(server.reap().empty());
  // It is still alive: this signal is the one that ends it.
  kill(stranger, SIGUSR1);
  int status = 0;
  waitpid(stranger, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1) << status;
}

TEST(ServerProcess, IsInstalledBesideThePrograms) {
  // This test's own file is not where it would be in an installation; the layout is what counts.
  const std::string path = installed_server(ServerKind::kProcess);
  EXPECT_TRUE(path.ends_with("/libexec/forktable/process-server")) << path;
}

}  // namespace
}  // namespace forktable::test
