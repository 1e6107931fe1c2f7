// Waiting for many descriptors at once.
#include "core/system/poller.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <csignal>
#include <optional>

#include "tests/support/user.hpp"

namespace forktable::test {
namespace {

struct Pipe {
  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return;
    read = UniqueFd(ends[0]);
    write = UniqueFd(ends[1]);
  }
  void fill() const { EXPECT_EQ(::write(write.get(), "x", 1), 1); }
  void drain() const {
    char byte;
    EXPECT_EQ(::read(read.get(), &byte, 1), 1);
  }
  UniqueFd read, write;
};

Poller make() {
  auto poller = Poller::create();
  EXPECT_TRUE(poller) << poller.error().message();
  return std::move(*poller);
}

TEST(Poller, CallsThoseThatAreReadyAndOnlyThose) {
  Poller poller = make();
  const Pipe ready, quiet;
  int calls = 0;
  ASSERT_TRUE(poller.add(ready.read.get(), EPOLLIN, [&](std::uint32_t events) {
    EXPECT_EQ(events, EPOLLIN);
    ++calls;
  }));
  ASSERT_TRUE(poller.add(quiet.read.get(), EPOLLIN, [](std::uint32_t) { ADD_FAILURE() << "nothing came"; }));
  ready.fill();
  poller.wait(-1);
  EXPECT_EQ(calls, 1);
  ready.drain();
  poller.wait(0);
  EXPECT_EQ(calls, 1);
}

TEST(Poller, ADescriptorThatWasRemovedIsNotCalledAnyMore) {
  Poller poller = make();
  const Pipe pipe;
  ASSERT_TRUE(poller.add(pipe.read.get(), EPOLLIN, [](std::uint32_t) { ADD_FAILURE(); }));
  pipe.fill();
  poller.remove(pipe.read.get());
  poller.wait(0);
  poller.remove(pipe.read.get());  // once more does no harm
  int calls = 0;
  ASSERT_TRUE(poller.add(pipe.read.get(), EPOLLIN, [&](std::uint32_t) { ++calls; })) << "and may come back";
  poller.wait(-1);
  EXPECT_EQ(calls, 1);
}

TEST(Poller, AFunctionMayRemoveItself) {
  Poller poller = make();
  const Pipe pipe;
  int calls = 0;
  const auto own = std::make_shared<int>(4711);
  ASSERT_TRUE(poller.add(pipe.read.get(), EPOLLIN, [&poller, &pipe, &calls, own](std::uint32_t) {
    poller.remove(pipe.read.get());
    calls += *own == 4711 ? 1 : 0;  // what it holds is still there
  }));
  pipe.fill();
  poller.wait(-1);
  poller.wait(0);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(own.use_count(), 1) << "and is gone afterwards";
}

TEST(Poller, NewsOfADescriptorDoNotGoToALaterOneWithItsNumber) {
  Poller poller = make();
  Pipe pipes[2];
  std::optional<Pipe> later;
  int calls = 0;
  for (int i = 0; i < 2; ++i)
    ASSERT_TRUE(poller.add(pipes[i].read.get(), EPOLLIN, [&, i](std::uint32_t) {
      ++calls;
      // Both are ready at once. The first one called takes the other away; its number goes to a new pipe.
      UniqueFd& other = pipes[1 - i].read;
      const int number = other.get();
      poller.remove(number);
      other.close();
      later.emplace();
      ASSERT_EQ(later->read.get(), number) << "the kernel gives out the lowest number that is free";
      ASSERT_TRUE(poller.add(number, EPOLLIN, [](std::uint32_t) { ADD_FAILURE() << "this one is not ready"; }));
    }));
  pipes[0].fill();
  pipes[1].fill();
  poller.wait(-1);
  EXPECT_EQ(calls, 1);
}

TEST(Poller, WhatIsWaitedForCanChange) {
  Poller poller = make();
  const Pipe pipe;
  std::uint32_t seen = 0;
  ASSERT_TRUE(poller.add(pipe.write.get(), 0, [&](std::uint32_t events) { seen |= events; }));
  poller.wait(0);
  EXPECT_EQ(seen, 0u);
  poller.change(pipe.write.get(), EPOLLOUT);
  poller.wait(-1);
  EXPECT_EQ(seen, EPOLLOUT);
  poller.change(4711, EPOLLIN);  // unknown: nothing happens
}

TEST(Poller, ASignalEndsTheWait) {
  Poller poller = make();
  struct sigaction action {
  }, before{};
  static volatile std::sig_atomic_t came;
  came = 0;
  action.sa_handler = [](int) { came = came + 1; };
  action.sa_flags = SA_RESTART;
  sigaction(SIGALRM, &action, &before);
  // Again and again, in case the first one comes before the wait.
  const itimerval often{{0, 20'000}, {0, 20'000}};
  setitimer(ITIMER_REAL, &often, nullptr);
  poller.wait(-1);
  const itimerval never{};
  setitimer(ITIMER_REAL, &never, nullptr);
  sigaction(SIGALRM, &before, nullptr);
  EXPECT_GE(came, 1);
}

TEST(Poller, WhatCannotBeWaitedForIsRefusedWithTheReason) {
  Poller poller = make();
  const auto closed = poller.add(4711, EPOLLIN, [](std::uint32_t) {});
  ASSERT_FALSE(closed);
  EXPECT_EQ(closed.error().number, EBADF);
  const UniqueFd file(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  const auto plain = poller.add(file.get(), EPOLLIN, [](std::uint32_t) {});
  ASSERT_FALSE(plain);
  EXPECT_EQ(plain.error().number, EPERM);
}

TEST(Poller, WithoutDescriptorsLeftItIsRefusedWithTheReason) {
  EXPECT_TRUE(in_child([] {
    const rlimit none{0, 0};
    setrlimit(RLIMIT_NOFILE, &none);
    const auto poller = Poller::create();
    return !poller && poller.error().number == EMFILE;
  }));
}

}  // namespace
}  // namespace forktable::test
