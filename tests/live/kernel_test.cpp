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
#include "core/world/describe.hpp"
#include "tests/live/live_session.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/program.hpp"
#include "tests/support/tcp_client.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/text.hpp"

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

  // What the picture says now: an SVG.
  std::string picture() {
    const TemporaryFolder folder;
    const std::string file = folder.file("run.jsonl"), drawn = folder.file("step.svg");
    auto recording = RecordingWriter::create(file, {});
    EXPECT_TRUE(recording);
    for (const Event& event : live.events) recording->append(event);
    EXPECT_TRUE(recording->finish());
    const Outcome outcome = run({.words = {FORKTABLE_PROGRAM, "export", file, "--step", "last", "-o", drawn}});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return contents(drawn);
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
  ASSERT_TRUE(kernel) << "any user may ask the kernel for sockets: " << kernel.error().message();
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
  ASSERT_EQ(gone.size(), ends.size()) << "the kernel was asked, and had an answer for each";
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

TEST_F(KernelsWord, KnowsWhatCanStillBeReadFromAConnectionThatHasBeenReset) {
  start();
  const ClientId id = client();
  const Pid child = live.child_of(id);
  live.session->hold_process(child, true);
  live.session->clients().send_line(id, "hello");
  const auto waits_before = [&](Call call) { return process(child).gate && process(child).gate->call == call; };
  ASSERT_TRUE(live.until([&] { return waits_before(Call::kWrite); }));
  live.session->clients().send_line(id, "bye");
  live.session->clients().close(id);
  const FileId connection = live.client(id).connection;
  const auto socket = [&] { return find_file(live.world, connection)->socket; };
  ASSERT_TRUE(live.until([&] { return socket() == Socket{TcpState::kCloseWait, 5, 0}; })) << "bye, and the FIN";
  live.session->step(child);
  EXPECT_TRUE(live.until([&] { return socket().state == TcpState::kClose && waits_before(Call::kRead); }));
  EXPECT_EQ(socket().receive, 4u);
  live.session->step(child);
  ASSERT_TRUE(live.until([&] { return waits_before(Call::kWrite); }));
  EXPECT_EQ(only<Read>(live.events).back().bytes, 4u) << "RST has thrown away what was to be sent, and only that";
  live.session->hold_process(child, false);
}

TEST_F(KernelsWord, KnowsWhatHasKilledAChildThatIsNotReapedYet) {
  ServerSetup setup{.program = FORKTABLE_SERVER};
  setup.bugs.set(Bug::kNoSigchldHandler, true);
  start(setup);
  const Pid child = live.child_of(client());
  kill(child, SIGKILL);
  EXPECT_TRUE(live.until([&] { return process(child).wait_status == SIGKILL; }));
  EXPECT_EQ(process(child).life, Life::kDead);
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

#if defined(__x86_64__)
constexpr bool kKnowsTheRegisters = true;
#else
constexpr bool kKnowsTheRegisters = false;
#endif
constexpr const char* kUnknownRegisters = "how another process is made to call something is known for x86-64 only";

// As a debugger would: the process is made to call that itself.
void call_in(Pid pid, long number, int first, int second = 0) {
#if defined(__x86_64__)
  ASSERT_EQ(ptrace(PTRACE_SEIZE, pid, nullptr, nullptr), 0) << strerror(errno);
  ASSERT_EQ(ptrace(PTRACE_INTERRUPT, pid, nullptr, nullptr), 0);
  int status = 0;
  ASSERT_EQ(waitpid(pid, &status, __WALL), pid);
  user_regs_struct before{}, after{};
  ASSERT_EQ(ptrace(PTRACE_GETREGS, pid, nullptr, &before), 0);
  const long code = ptrace(PTRACE_PEEKTEXT, pid, before.rip, nullptr);
  ptrace(PTRACE_POKETEXT, pid, before.rip, 0xCC050F);  // syscall; int3
  user_regs_struct calling = before;
  calling.rax = static_cast<unsigned long long>(number);
  calling.orig_rax = static_cast<unsigned long long>(-1);  // not the call that was interrupted
  calling.rdi = static_cast<unsigned long long>(first);
  calling.rsi = static_cast<unsigned long long>(second);
  ptrace(PTRACE_SETREGS, pid, nullptr, &calling);
  ptrace(PTRACE_CONT, pid, nullptr, nullptr);
  ASSERT_EQ(waitpid(pid, &status, __WALL), pid);
  ASSERT_EQ(ptrace(PTRACE_GETREGS, pid, nullptr, &after), 0);
  EXPECT_GE(static_cast<long long>(after.rax), 0) << "system call " << number << " failed";
  ptrace(PTRACE_POKETEXT, pid, before.rip, code);
  ptrace(PTRACE_SETREGS, pid, nullptr, &before);
  ASSERT_EQ(ptrace(PTRACE_DETACH, pid, nullptr, nullptr), 0);
#else
  (void)pid, (void)number, (void)first, (void)second;
#endif
}

TEST_F(KernelsWord, DiffersWhenADebuggerClosesADescriptorAndTheReportsStayAsTheyAre) {
  if (!kKnowsTheRegisters) GTEST_SKIP() << kUnknownRegisters;
  Bugs bugs;
  bugs.set(Bug::kParentKeepsConnfd, true);
  start({.program = FORKTABLE_SERVER, .bugs = bugs});
  client();
  ASSERT_TRUE(agrees(3, 3));
  const Pid parent = live.server();
  call_in(parent, SYS_close, 4);
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

// Where no process has anything of its own (9), and where each has something that nobody tells of (1).
TEST_F(KernelsWord, DiffersWhenADebuggerDuplicatesADescriptorOfAChild) {
  if (!kKnowsTheRegisters) GTEST_SKIP() << kUnknownRegisters;
  for (const int copy : {9, 1}) {
    start();
    const ClientId id = client();
    ASSERT_TRUE(live.until([&] { return is_checked(live.world); }));
    const std::string connection = title_of(connection_of(id));
    const Pid child = live.child_of(id);
    EXPECT_FALSE(contains(picture(), "kernel: "));
    call_in(child, SYS_dup2, 4, copy);
    ASSERT_TRUE(live.until([&] { return find_difference(live.world, Differs::kDescriptor, child, copy) != nullptr; }))
        << copy;
    const Difference found = *find_difference(live.world, Differs::kDescriptor, child, copy);
    EXPECT_EQ(found.kernel.view(), connection);
    EXPECT_EQ(found.ours.view(), copy == 9 ? "closed" : "something else");
    EXPECT_EQ(count_references(live.world, connection_of(id).id), 1u) << "what was reported stays";
    const std::string drawn = picture();
    EXPECT_TRUE(contains(drawn, "kernel: 2")) << "the references that the kernel counts are on the connection's card";
    EXPECT_TRUE(contains(drawn, "The kernel disagrees: 1 difference"));
    EXPECT_FALSE(contains(drawn, "The kernel agrees"));

    call_in(child, SYS_close, copy);
    EXPECT_TRUE(live.until([&] { return live.world.differences.empty() && is_checked(live.world); })) << copy;
    EXPECT_FALSE(contains(picture(), "kernel: "));
    live.session->clients().close(id);
    EXPECT_TRUE(live.until_all_served()) << "the child goes on as before";
  }
}

TEST_F(KernelsWord, OnAMachineWithoutKcmpIsAboutTheRestAndSaysSo) {
  if (!Faults::are_allowed()) GTEST_SKIP() << Faults::kWhyNot;
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
  ASSERT_TRUE(agrees(2, 3)) << "with the server's processes, whoever else has it";
  const std::string connection = title_of(connection_of(id));
  const std::string held = picture();
  EXPECT_TRUE(contains(held, connection));
  EXPECT_FALSE(contains(held, "kernel: "));
  live.session->clients().half_close(id);
  const auto differs = [&] {
    const Difference* found = find_difference(live.world, Differs::kSocket, 0, live.client(id).address.port);
    return found != nullptr && found->kernel.view() == "held by another process";
  };
  EXPECT_TRUE(live.until(differs));
  EXPECT_TRUE(live.until([&] { return live.client(id).left == TcpState::kCloseWait && live.children().empty(); }));
  const std::string closed = picture();
  EXPECT_TRUE(contains(closed, "gone from the table")) << "no process of the server refers to it any more";
  EXPECT_TRUE(contains(closed, "end: CLOSE_WAIT")) << "what the kernel has, and";
  EXPECT_TRUE(contains(closed, "closed by the server, in the kernel held by another process.")) << "why";
  EXPECT_TRUE(contains(closed, "The kernel disagrees: 1 difference"));

  taken.close();
  EXPECT_TRUE(live.until([&] { return live.world.differences.empty() && is_checked(live.world); }));
  EXPECT_TRUE(live.until([&] { return live.client(id).socket.state == TcpState::kTimeWait; }));
  EXPECT_FALSE(contains(picture(), "CLOSE_WAIT"));
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
