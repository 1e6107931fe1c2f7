// The kernel's word on a real server: it agrees with what is reported, and where a test makes it differ, that is told.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "core/recording/recording.hpp"
#include "core/system/sock_diag.hpp"
#include "tests/live/live_session.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/program.hpp"
#include "tests/support/tcp_client.hpp"

namespace forktable::test {
namespace {

class KernelsWord : public testing::Test {
 protected:
  void start(const ServerSetup& setup = {.program = FORKTABLE_SERVER}) { ASSERT_TRUE(live.start(setup)); }
  ClientId client(Behaviour behaviour = Behaviour::kQuiet) {
    const ClientId id = live.session->launch_client(behaviour);
    EXPECT_TRUE(live.until([&] { return is_served(id); }));
    return id;
  }
  bool is_served(ClientId id) {
    const Process* child = find_process(live.world, live.child_of(id));
    return child != nullptr && is_blocked(*child) && child->activity.call == Call::kRead;
  }
  const Process& process(Pid pid) { return *find_process(live.world, pid); }
  const OpenFile& connection_of(ClientId id) { return *find_file(live.world, live.client(id).connection); }
  testing::AssertionResult agrees(std::uint32_t references, std::uint32_t sockets) {
    const World& world = live.world;
    const bool agreed = live.until([&] {
      return is_checked(world) && *world.check == KernelChecked{references, references, sockets, sockets};
    });
    if (agreed && world.difference_count == 0) return testing::AssertionSuccess();
    auto failure = testing::AssertionFailure();
    if (world.check) failure << text_of(*world.check);
    for (const DifferenceSeen& one : only<DifferenceSeen>(live.events)) failure << "; " << text_of(one);
    return failure;
  }

  LiveSession live;
};

TEST_F(KernelsWord, AgreesOnEveryReferenceAndEverySocket) {
  start();
  ASSERT_TRUE(agrees(1, 1));
  client();
  client();
  EXPECT_TRUE(agrees(3, 5))
      << "listenfd and a connfd in each child; a listening socket and two ends of two connections";
}

TEST_F(KernelsWord, IsOnlyAskedForWhetherAnythingHasRunWhileNothingHas) {
  start();
  client();
  ASSERT_TRUE(agrees(2, 3));
  live.session->ask_kernel();  // and nothing has been told since
  const std::uint64_t before = live.session->kernel_watch().complete_looks();
  constexpr std::uint64_t kAsked = 1000;
  for (std::uint64_t i = 0; i < kAsked; ++i) live.session->ask_kernel();
  const std::uint64_t looks = live.session->kernel_watch().complete_looks() - before;
  EXPECT_LT(looks, kAsked / 2) << "one in 200 ms is enough";
  const Pid child = live.child_of(ClientId{1});
  kill(child, SIGSTOP);
  EXPECT_TRUE(live.until([&] { return process(child).stopped; }));
}

TEST_F(KernelsWord, TellsTheStatesOfBothEndsAsTheyComeAndGo) {
  start();
  const ClientId id = client(Behaviour::kQuiet);
  ASSERT_TRUE(live.until([&] { return connection_of(id).socket.state == TcpState::kEstablished; }));
  EXPECT_TRUE(live.until([&] { return live.client(id).socket.state == TcpState::kEstablished; }));
  live.session->clients().half_close(id);
  EXPECT_TRUE(live.until([&] { return live.client(id).socket.state == TcpState::kTimeWait; }));
  EXPECT_EQ(live.world.difference_count, 0u);
}

// Nothing runs and nobody is connected: the kernel is asked once a second then, unless something is about to happen.
TEST_F(KernelsWord, TellsAtOnceThatAConnectionIsGoneWhenItsTimeInTimeWaitIsOver) {
  constexpr std::uint64_t kAtOnce = 4;  // of the times at which a look is due, 80 ms apart: a second has 12
  constexpr std::uint64_t kClients = 8;
  const auto looks = [&] { return live.session->kernel_watch().looks(); };
  start();
  std::vector<SocketEnd> ends;
  for (std::uint64_t i = 0; i < kClients; ++i) {
    const ClientId id = client(Behaviour::kQuiet);
    ends.push_back({live.client(id).address, live.session->port()});
    live.session->clients().half_close(id);
    ASSERT_TRUE(live.until_all_served());
    const std::uint64_t next = looks() + 5 + i;  // so that they don't all go at once
    ASSERT_TRUE(live.until([&] { return looks() >= next; }));
  }
  auto kernel = SockDiag::open();
  if (!kernel) GTEST_SKIP() << "this user may not ask the kernel: " << kernel.error().message();
  std::map<SocketEnd, std::uint64_t> gone, told;  // at which look
  std::size_t read = 0;
  const auto all_are_told = [&] {
    for (; read < live.events.size(); ++read)
      if (const auto* seen = std::get_if<TcpStateSeen>(&live.events[read].what))
        if (seen->state == TcpState::kGone) told.try_emplace({seen->local, seen->peer}, looks());
    if (const auto facts = kernel->ask(ends))
      for (const SocketFacts& socket : *facts)
        if (socket.state == TcpState::kGone) gone.try_emplace(socket.end, looks());
    return told.size() == ends.size();
  };
  ASSERT_TRUE(live.until(all_are_told) || live.until(all_are_told) || live.until(all_are_told))
      << "TIME_WAIT lasts for a minute, which is longer than a deadline";
  for (const auto& [end, look] : gone) EXPECT_LE(told[end], look + kAtOnce) << end.local.port;
}

TEST_F(KernelsWord, ShowsCloseWaitWhileTheParentKeepsConnfd) {
  Bugs bugs;
  bugs.set(Bug::kParentKeepsConnfd, true);
  start({.program = FORKTABLE_SERVER, .bugs = bugs});
  const ClientId id = client(Behaviour::kQuiet);
  live.session->clients().half_close(id);
  ASSERT_TRUE(live.until([&] { return live.children().empty(); }));
  EXPECT_TRUE(live.until([&] { return connection_of(id).socket.state == TcpState::kCloseWait; }));
  EXPECT_TRUE(live.until([&] { return live.client(id).socket.state == TcpState::kFinWait2; }));
  EXPECT_TRUE(agrees(2, 3));
}

TEST_F(KernelsWord, CountsWhoWaitsInTheQueueAndWhatWaitsToBeRead) {
  start();
  const ClientId first = client(Behaviour::kQuiet);
  const Pid child = live.child_of(first);
  kill(live.server(), SIGSTOP);
  kill(child, SIGSTOP);
  ASSERT_TRUE(live.until([&] { return process(live.server()).stopped && process(child).stopped; }));
  for (int i = 0; i < 3; ++i) live.session->launch_client(Behaviour::kQuiet);
  live.session->clients().send_line(first, "hello");
  const auto listening = [&]() -> const OpenFile& {
    return live.world.files[0].kind == FileKind::kListening ? live.world.files[0] : live.world.files[2];
  };
  EXPECT_TRUE(live.until([&] { return listening().socket.receive == 3; })) << listening().socket.receive;
  EXPECT_EQ(listening().socket.send, static_cast<std::uint32_t>(listening().backlog));
  EXPECT_TRUE(live.until([&] { return connection_of(first).socket.receive == 6; }));
  kill(live.server(), SIGCONT);
  kill(child, SIGCONT);
  EXPECT_TRUE(live.until([&] { return listening().socket.receive == 0 && connection_of(first).socket.receive == 0; }));
}

TEST_F(KernelsWord, ShowsWithinATenthOfASecondThatAProcessIsStoppedAndGoesOn) {
  start();
  const Pid child = live.child_of(client());
  ASSERT_TRUE(agrees(2, 3));
  kill(child, SIGSTOP);
  EXPECT_TRUE(live.until([&] { return process(child).stopped; }));
  EXPECT_FALSE(process(child).traced);
  kill(child, SIGCONT);
  EXPECT_TRUE(live.until([&] { return !process(child).stopped; }));
  EXPECT_EQ(live.world.difference_count, 0u);
}

TEST_F(KernelsWord, ShowsThatASignalIsPending) {
  start();
  kill(live.server(), SIGSTOP);
  ASSERT_TRUE(live.until([&] { return process(live.server()).stopped; }));
  kill(live.server(), SIGCHLD);
  EXPECT_TRUE(live.until([&] { return process(live.server()).signals.pending == 1u << (SIGCHLD - 1); }));
  kill(live.server(), SIGCONT);
  EXPECT_TRUE(live.until([&] { return process(live.server()).signals.pending == 0; }));
}

// As a debugger would: the process is made to call close(2) itself.
void close_in(Pid pid, int fd) {
#if defined(__x86_64__)
  ASSERT_EQ(ptrace(PTRACE_SEIZE, pid, nullptr, nullptr), 0) << strerror(errno);
  ASSERT_EQ(ptrace(PTRACE_INTERRUPT, pid, nullptr, nullptr), 0);
  int status = 0;
  ASSERT_EQ(waitpid(pid, &status, __WALL), pid);
  user_regs_struct before{};
  ASSERT_EQ(ptrace(PTRACE_GETREGS, pid, nullptr, &before), 0);
  const long code = ptrace(PTRACE_PEEKTEXT, pid, before.rip, nullptr);
  ptrace(PTRACE_POKETEXT, pid, before.rip, 0xCC050F);  // syscall; int3
  user_regs_struct calling = before;
  calling.rax = SYS_close;
  calling.orig_rax = static_cast<unsigned long long>(-1);  // not the call that was interrupted
  calling.rdi = static_cast<unsigned long long>(fd);
  ptrace(PTRACE_SETREGS, pid, nullptr, &calling);
  ptrace(PTRACE_CONT, pid, nullptr, nullptr);
  ASSERT_EQ(waitpid(pid, &status, __WALL), pid);
  ptrace(PTRACE_POKETEXT, pid, before.rip, code);
  ptrace(PTRACE_SETREGS, pid, nullptr, &before);
  ASSERT_EQ(ptrace(PTRACE_DETACH, pid, nullptr, nullptr), 0);
#else
  (void)pid, (void)fd;
#endif
}

TEST_F(KernelsWord, DiffersWhenADebuggerClosesADescriptorAndTheReportsStayAsTheyAre) {
#if !defined(__x86_64__)
  GTEST_SKIP() << "the test knows x86-64 only";
#endif
  Bugs bugs;
  bugs.set(Bug::kParentKeepsConnfd, true);
  start({.program = FORKTABLE_SERVER, .bugs = bugs});
  client();
  ASSERT_TRUE(agrees(3, 3));
  const Pid parent = live.server();
  close_in(parent, 4);
  ASSERT_TRUE(live.until([&] { return !live.world.differences.empty(); }));
  const Difference* found = find_difference(live.world, Differs::kDescriptor, parent, 4);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->ours.view(), "connection 1");
  EXPECT_EQ(found->kernel.view(), "closed");
  EXPECT_NE(find_descriptor(process(parent), 4), nullptr) << "what was reported stays";
  EXPECT_TRUE(live.until([&] { return is_checked(live.world) && *live.world.check == KernelChecked{2, 3, 3, 3}; }));

  client();  // and when accept returns 4 again, it is as it was told
  EXPECT_TRUE(live.until([&] { return live.world.differences.empty(); }));
}

TEST_F(KernelsWord, OnAMachineWithoutKcmpIsAboutTheRestAndSaysSo) {
  if (!Faults::are_allowed()) GTEST_SKIP() << "this user may not have system calls fail (seccomp)";
  const TemporaryFolder folder;
  const Faults faults(FORKTABLE_PROGRAM, {.calls = "kcmp", .error = ENOSYS});
  const std::string file = folder.file("run.jsonl");
  const Outcome outcome = run({.words = {FORKTABLE_FAULT_INJECTOR, "record", "--lesson", "4", "-o", file}});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_GT(faults.count(), 0);
  const auto recording = read_recording(file);
  ASSERT_TRUE(recording);
  World world;
  for (const Event& event : recording->events) reduce(world, event);
  EXPECT_EQ(world.denied, 1u << static_cast<unsigned>(Aspect::kSharing));
  EXPECT_EQ(only<CheckDenied>(recording->events).size(), 1u) << "told once";
  ASSERT_TRUE(world.check);
  EXPECT_EQ(*world.check, (KernelChecked{3, 3, 5, 5}));
  EXPECT_EQ(world.difference_count, 0u);
}

TEST_F(KernelsWord, TellsALimitOnDescriptorsThatIsSetFromOutside) {
  start();
  ASSERT_TRUE(live.until([&] { return live.world.descriptor_limit > 20; }));
  rlimit limit{};
  ASSERT_EQ(prlimit(live.server(), RLIMIT_NOFILE, nullptr, &limit), 0);
  limit.rlim_cur = 20;
  ASSERT_EQ(prlimit(live.server(), RLIMIT_NOFILE, &limit, nullptr), 0);
  EXPECT_TRUE(live.until([&] { return live.world.descriptor_limit == 20; }));
}

TEST_F(KernelsWord, OnAConnectionThatAnotherProcessHasTakenIsThatItIsHeld) {
  start();
  const ClientId id = client();
  const Pid child = live.child_of(id);
  const UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
  UniqueFd taken(static_cast<int>(syscall(SYS_pidfd_getfd, process.get(), 4, 0)));
  if (!taken) GTEST_SKIP() << "this user may not take a descriptor of another process";
  live.session->clients().half_close(id);
  const auto differs = [&] {
    const Difference* found = find_difference(live.world, Differs::kSocket, 0, live.client(id).address.port);
    return found != nullptr && found->kernel.view() == "held by another process";
  };
  EXPECT_TRUE(live.until(differs));
  taken.close();
  EXPECT_TRUE(live.until([&] { return live.world.differences.empty(); }));
}

// /proc/PID of a process that is ending belongs to root.
TEST_F(KernelsWord, IsNotLostByAnOrdinaryUserWhenManyProcessesEnd) {
  const TemporaryFolder folder;
  if (chmod(folder.path().c_str(), 0777) != 0 ||
      run({.words = {FORKTABLE_PROGRAM, "--version"}, .ordinary_user = true}).status != 0)
    GTEST_SKIP() << "an ordinary user may not run the program here";
  const std::string file = folder.file("run.jsonl");
  const Outcome outcome = run(
      {.words = {FORKTABLE_PROGRAM, "record", "--clients", "1000", "--port", "0", "-o", file}, .ordinary_user = true});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const auto recording = read_recording(file);
  ASSERT_TRUE(recording);
  EXPECT_EQ(only<CheckDenied>(recording->events).size(), 0u);
  EXPECT_GT(only<KernelChecked>(recording->events).size(), 0u);
}

TEST_F(KernelsWord, IsNotAskedAnyMoreWhenThereIsNothingLeftToAskAbout) {
  start();
  live.session->stop_server();
  EXPECT_TRUE(live.until([&] { return live.world.processes.empty(); }));
  EXPECT_FALSE(live.session->kernel_watch().due());
}

}  // namespace
}  // namespace forktable::test
