// What the probe says of real processes and real sockets.
#include "core/kernel/probe.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "tests/support/deadline.hpp"
#include "tests/support/proc.hpp"
#include "tests/support/tcp_client.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/user.hpp"

namespace forktable::test {
namespace {

// A child that does that and then waits to be killed.
class Child {
 public:
  explicit Child(const std::function<void()>& body) : pid(fork()) {
    if (pid != 0) return;
    body();
    while (true) pause();
  }
  Child(const Child&) = delete;
  ~Child() {
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
  }

  const Pid pid;
};

class TheProbe : public testing::Test {
 protected:
  // Once that is so; else as it was at the end.
  ProcessFacts look_at(Pid pid, const std::function<bool(const ProcessFacts&)>& is_so) {
    ProcessFacts facts;
    wait_until([&] {
      all = probe.look({&pid, 1}, {});
      facts = *find_process(all, pid);
      return rested(facts) && is_so(facts);
    });
    EXPECT_TRUE(rested(facts) && is_so(facts));
    return facts;
  }
  ProcessFacts look_at(Pid pid, char state) {
    return look_at(pid, [=](const ProcessFacts& facts) { return facts.state == state; });
  }

  Probe probe;
  KernelFacts all;
};

const DescriptorFacts* find(const ProcessFacts& process, int fd) {
  for (const DescriptorFacts& one : *process.descriptors)
    if (one.fd == fd) return &one;
  return nullptr;
}

TEST_F(TheProbe, KnowsInWhichCallAProcessWaitsAndOnWhichDescriptor) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd read_end(ends[0]), write_end(ends[1]);
  const Child child([&] {
    char byte;
    (void)!read(read_end.get(), &byte, 1);
  });
  const ProcessFacts facts =
      look_at(child.pid, [](const ProcessFacts& one) { return one.call && one.call->number == SYS_read; });
  EXPECT_EQ(facts.call->fd, read_end.get());
  EXPECT_EQ(facts.parent, getpid());
}

TEST_F(TheProbe, TellsStoppedAndZombieAndGoneApart) {
  {
    const Child child([] {});
    look_at(child.pid, 'S');
    kill(child.pid, SIGSTOP);
    look_at(child.pid, 'T');
    kill(child.pid, SIGCONT);
    look_at(child.pid, 'S');
    kill(child.pid, SIGKILL);
    EXPECT_FALSE(look_at(child.pid, 'Z').descriptors);
  }
  const Pid gone = fork();
  if (gone == 0) _exit(0);
  waitpid(gone, nullptr, 0);
  look_at(gone, '-');
}

TEST_F(TheProbe, KnowsWhichSignalHasKilledAZombie) {
  const Child killed([] {});
  look_at(killed.pid, 'S');
  kill(killed.pid, SIGPIPE);
  EXPECT_EQ(look_at(killed.pid, 'Z').wait_status, SIGPIPE);
  const Child exited([] { _exit(0); });
  EXPECT_EQ(look_at(exited.pid, 'Z').wait_status, std::nullopt) << "what may not be seen is 0 as well";
}

TEST_F(TheProbe, DoesNotStopAProcessOrMakeItRun) {
  const Child child([] {});
  const ProcessFacts before = look_at(child.pid, 'S');
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(rested(look_at(child.pid, 'S')));
}

TEST_F(TheProbe, KnowsThatAProcessRan) {
  const Child child([] {
    while (true) {
    }
  });
  const bool seen = wait_until([&] {
    all = probe.look({&child.pid, 1}, {});
    return find_process(all, child.pid)->state == 'R';
  });
  EXPECT_TRUE(seen);
  EXPECT_FALSE(rested(*find_process(all, child.pid)));
}

TEST_F(TheProbe, KnowsPendingAndCaughtSignals) {
  const Child child([] {
    signal(SIGUSR1, [](int) {});
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    raise(SIGCHLD);
    kill(getpid(), SIGCHLD);  // once more: it is pending once
  });
  const ProcessFacts facts = look_at(child.pid, [](const ProcessFacts& one) { return one.signals.pending != 0; });
  EXPECT_EQ(facts.signals.pending, 1u << (SIGCHLD - 1));
  EXPECT_NE(facts.signals.caught & 1u << (SIGUSR1 - 1), 0u);
  EXPECT_EQ(facts.signals.caught & 1u << (SIGUSR2 - 1), 0u);
}

TEST_F(TheProbe, KnowsTheOtherThreadsOfAProcess) {
  const Child child([] {
    for (int i = 0; i < 2; ++i) std::thread([] { pause(); }).detach();
  });
  const ProcessFacts facts =
      look_at(child.pid, [](const ProcessFacts& one) { return one.threads.size() == 2 && one.state == 'S'; });
  EXPECT_EQ(facts.thread_of, 0);
  for (const Pid pid : facts.threads) {
    const ProcessFacts* thread = find_process(all, pid);
    ASSERT_NE(thread, nullptr) << "it wasn't asked for, and is told";
    EXPECT_EQ(thread->thread_of, child.pid);
    EXPECT_FALSE(thread->descriptors);
  }
}

TEST_F(TheProbe, KnowsWhatAnEpollInstanceWatches) {
  const UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC));
  std::vector<UniqueFd> many;
  std::vector<int> watched;
  for (int i = 0; i < 100; ++i) {
    many.emplace_back(eventfd(0, EFD_CLOEXEC));
    epoll_event event{};
    ASSERT_EQ(epoll_ctl(epoll.get(), EPOLL_CTL_ADD, many.back().get(), &event), 0);
    watched.push_back(many.back().get());
  }
  const Child child([] {});
  const ProcessFacts facts = look_at(child.pid, 'S');
  EXPECT_EQ(find(facts, epoll.get())->kind, DescriptorFacts::kEpoll);
  EXPECT_EQ(facts.watched, watched);
}

TEST_F(TheProbe, TakesAFifoForAPipe) {
  const TemporaryFolder folder;
  ASSERT_EQ(mkfifo(folder.file("fifo").c_str(), 0600), 0);
  const UniqueFd fifo(open(folder.file("fifo").c_str(), O_RDWR | O_CLOEXEC));
  unlink(folder.file("fifo").c_str());
  const Child child([] {});
  EXPECT_EQ(find(look_at(child.pid, 'S'), fifo.get())->kind, DescriptorFacts::kPipe);
}

TEST_F(TheProbe, KnowsWhichDescriptorsShareAnOpenFile) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd read_end(ends[0]), write_end(ends[1]);
  const UniqueFd same(fcntl(read_end.get(), F_DUPFD_CLOEXEC, 3));
  const UniqueFd file(open("/dev/null", O_RDONLY | O_CLOEXEC)), again(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const Child child([] {}), other([] {});
  const ProcessFacts facts = look_at(child.pid, 'S');
  if (all.denied[static_cast<std::size_t>(Aspect::kSharing)] != 0)
    GTEST_SKIP() << "this machine forbids kcmp(2), as some containers do; forktable doctor says why";
  const auto file_of = [&](int fd) { return find(facts, fd)->file; };
  EXPECT_EQ(file_of(read_end.get()), file_of(same.get())) << "dup";
  EXPECT_NE(file_of(read_end.get()), file_of(write_end.get())) << "two ends, one inode";
  EXPECT_NE(file_of(file.get()), file_of(again.get())) << "the same file, opened twice";

  const Pid both[] = {child.pid, other.pid};
  const KernelFacts together = probe.look(both, {});
  for (const UniqueFd* fd : {&read_end, &write_end, &same, &file, &again})
    EXPECT_EQ(find(*find_process(together, child.pid), fd->get())->file,
              find(*find_process(together, other.pid), fd->get())->file)
        << "inherited by fork";
}

TEST_F(TheProbe, LooksAgainOnlyAtWhatHasMovedAndGivesTheSameFacts) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd read_end(ends[0]), write_end(ends[1]);
  const Child first([] {}), second([&] {
    char byte;
    (void)!read(read_end.get(), &byte, 1);
    close(write_end.get());
  });
  const Pid both[] = {first.pid, second.pid};
  KernelFacts before;
  ASSERT_TRUE(wait_until([&] {
    before = probe.look(both, {});
    return std::all_of(before.processes.begin(), before.processes.end(), rested) &&
           find_process(before, second.pid)->call->number == SYS_read;
  }));
  (void)!write(write_end.get(), "x", 1);
  KernelFacts now;
  ASSERT_TRUE(wait_until([&] {
    now = probe.look(both, {}, &before);
    return rested(*find_process(now, second.pid)) && find(*find_process(now, second.pid), write_end.get()) == nullptr;
  }));
  const ProcessFacts &still = *find_process(now, first.pid), &moved = *find_process(now, second.pid);
  EXPECT_EQ(still.run, find_process(before, first.pid)->run);
  for (const DescriptorFacts& one : *moved.descriptors)
    EXPECT_EQ(one.file, find(still, one.fd)->file) << "they share what they inherited, also across looks: " << one.fd;
}

TEST_F(TheProbe, KeepsNothingOpenOfAProcessThatIsGone) {
  std::optional<Child> child;
  child.emplace([] {});
  const Pid pid = child->pid;
  look_at(pid, 'S');
  const auto before = open_descriptors(getpid());
  const KernelFacts again = probe.look({&pid, 1}, {}, &all);
  EXPECT_GT(open_descriptors(getpid()).size(), before.size()) << "it is asked many times a second";
  child.reset();
  probe.look({}, {}, &again);
  EXPECT_EQ(open_descriptors(getpid()), before);
}

TEST_F(TheProbe, FindsChildrenThatNobodyAskedFor) {
  const Child child([] {
    if (fork() == 0)
      while (true) pause();
  });
  const ProcessFacts facts = look_at(child.pid, [](const ProcessFacts& one) { return one.children.size() == 1; });
  ASSERT_EQ(facts.children.size(), 1u);
  const ProcessFacts* grandchild = find_process(all, facts.children[0]);
  ASSERT_NE(grandchild, nullptr);
  EXPECT_EQ(grandchild->parent, child.pid);
  kill(facts.children[0], SIGKILL);
}

TEST_F(TheProbe, SeesBothEndsOfAConnectionAndWhatWaitsInThem) {
  const Listener listener(7);
  TcpClient client(listener.port);
  ASSERT_TRUE(client.connected());
  const SocketEnd listening{listener.port, 0}, near{client.port(), listener.port}, far{listener.port, client.port()};
  const SocketEnd ends[] = {listening, near, far, {1, 0}};
  const auto states = [&]() -> const KernelFacts& { return all = probe.look({}, ends); };
  states();
  EXPECT_EQ(find_socket(all, listening)->state, TcpState::kListen);
  EXPECT_EQ(find_socket(all, listening)->receive, 1u) << "waits for accept";
  EXPECT_EQ(find_socket(all, listening)->send, 7u) << "the backlog";
  EXPECT_EQ(find_socket(all, far)->state, TcpState::kEstablished) << "before accept";
  EXPECT_EQ(find_socket(all, {1, 0})->state, TcpState::kGone);

  TcpClient server(listener);
  client.send("hello");
  states();
  EXPECT_EQ(find_socket(all, listening)->receive, 0u);
  EXPECT_EQ(find_socket(all, far)->receive, 5u) << "nobody has read";
  EXPECT_NE(find_socket(all, far)->inode, 0u);

  client.half_close();
  EXPECT_TRUE(wait_until([&] { return find_socket(states(), near)->state == TcpState::kFinWait2; }));
  EXPECT_EQ(find_socket(all, far)->state, TcpState::kCloseWait);
  EXPECT_EQ(find_socket(all, far)->receive, 6u) << "the FIN counts as one";
  server.receive(5);
  server.sees_end_of_file();
  server.close();
  EXPECT_TRUE(wait_until([&] { return find_socket(states(), near)->state == TcpState::kTimeWait; }));
  EXPECT_EQ(find_socket(all, far)->state, TcpState::kGone);
}

TEST_F(TheProbe, ListsWhoeverWaitsForAcceptAndNobodyElse) {
  constexpr Ipv4 kAnother{0x7F000002};
  const Listener listener(16), other(16);
  const TcpClient served(listener.port), server(listener), elsewhere(other.port);
  TcpClient first(listener.port), second({kAnother, 0}, listener.port), left(listener.port);
  const TcpClient ipv6 = TcpClient::over_ipv6(listener.port);
  std::vector<Address> expected{first.port(), {kAnother, second.port()}, left.port()};
  if (ipv6.connected()) expected.push_back(ipv6.port());
  std::sort(expected.begin(), expected.end());
  left.close();  // its connection waits all the same
  const SocketEnd listening{listener.port, {}};
  all = probe.look({}, {&listening, 1});
  ASSERT_EQ(find_socket(all, listening)->receive, expected.size());
  std::vector<Address> waiting = probe.list_waiting(listener.port);
  std::sort(waiting.begin(), waiting.end());
  EXPECT_EQ(waiting, expected);
  if (is_root() && ordinary_user_gets_in()) {
    EXPECT_TRUE(as_ordinary_user([&] {
      Probe theirs;
      theirs.look({}, {&listening, 1});
      return theirs.list_waiting(listener.port).size() == expected.size();
    }));
  }
}

TEST_F(TheProbe, NamesWhatAnotherUsersProcessHidesAndGuessesNothing) {
  if (!is_root()) GTEST_SKIP() << "only root can become another user";
  if (!ordinary_user_gets_in()) GTEST_SKIP() << "an ordinary user may not enter the root folder";
  const Pid owner = getpid();
  EXPECT_TRUE(as_ordinary_user([&] {
    const KernelFacts facts = Probe().look({&owner, 1}, {});
    const ProcessFacts& process = *find_process(facts, owner);
    const auto denied = [&](Aspect aspect) { return facts.denied[static_cast<std::size_t>(aspect)] != 0; };
    return process.state != '-' && !process.descriptors && !process.call && denied(Aspect::kDescriptors) &&
           denied(Aspect::kCalls) && !denied(Aspect::kSockets);
  }));
}

// The first process of a PID namespace waits in its exit(2) for all others to be gone: with neither memory nor
// descriptors, asleep, and not a zombie yet. The other one is gone when its parent reaps it, which is not there.
TEST_F(TheProbe, DoesNotTakeAProcessThatIsEndingForOneThatTheMachineForbids) {
  if (!is_root()) GTEST_SKIP() << "only root can make a PID namespace";
  if (!ordinary_user_gets_in()) GTEST_SKIP() << "an ordinary user may not enter the root folder";
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd read_end(ends[0]), write_end(ends[1]);
  const Child parent([&] {
    if (unshare(CLONE_NEWPID) != 0) {
      const Pid refused = -errno;
      (void)!write(write_end.get(), &refused, sizeof refused);
      return;
    }
    const Pid first = fork();
    if (first == 0) {
      become_ordinary();
      prctl(PR_SET_DUMPABLE, 1);
      while (true) pause();
    }
    const Pid other = fork();
    if (other == 0)
      while (true) pause();
    (void)!write(write_end.get(), &first, sizeof first);
  });
  pollfd told{read_end.get(), POLLIN, 0};
  Pid first = 0;
  ASSERT_EQ(poll(&told, 1, Deadline().milliseconds_left()), 1);
  ASSERT_EQ(read(read_end.get(), &first, sizeof first), ssize_t{sizeof first});
  if (first < 0) GTEST_SKIP() << "this machine allows no PID namespace: " << strerrordesc_np(-first);
  const auto denies = [&] {
    return as_ordinary_user([&] {
      Probe ordinary;
      const KernelFacts facts = ordinary.look({&first, 1}, {});
      return facts.denied != std::array<int, 5>{};
    });
  };
  ASSERT_TRUE(wait_until([&] { return !denies(); })) << "while it lives, its user may look";
  kill(first, SIGKILL);
  const auto is_ending = [&] {
    const std::string status = contents("/proc/" + std::to_string(first) + "/status");
    return status.find("\nState:\tS") != status.npos && status.find("\nVmSize:") == status.npos;
  };
  ASSERT_TRUE(wait_until(is_ending));
  EXPECT_FALSE(denies());
  EXPECT_TRUE(as_ordinary_user([&] {
    Probe ordinary;
    return !rested(*find_process(ordinary.look({&first, 1}, {}), first));
  })) << "it is in the middle of something";
}

TEST_F(TheProbe, AsksAboutManySocketsAtOnce) {
  const Listener listener(128);
  std::vector<TcpClient> clients;
  std::vector<SocketEnd> ends;
  for (int i = 0; i < 100; ++i) {
    clients.emplace_back(listener.port);
    ASSERT_TRUE(clients.back().connected());
    ends.push_back({clients.back().port(), listener.port});
    ends.push_back({listener.port, clients.back().port()});
  }
  all = probe.look({}, ends);
  ASSERT_EQ(all.sockets.size(), ends.size());
  for (const SocketEnd end : ends) EXPECT_EQ(find_socket(all, end)->state, TcpState::kEstablished);
}

}  // namespace
}  // namespace forktable::test
