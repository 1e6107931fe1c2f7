// Stories of servers other than the one with a process for each client.
#pragma once

#include <algorithm>

#include "tests/ui/picture/told.hpp"

namespace forktable::test {

// Its threads and descriptors have the numbers that real ones would have.
struct Approach : Told {
  explicit Approach(ServerKind kind) : kind(kind) {
    happens(kServer, ServerNamed{kind});
    if (kind == ServerKind::kEpoll) happens(kServer, EpollOpened{next_fd++});
    if (kind == ServerKind::kProcessFifo) happens(kServer, FifoOpened{next_fd++});
    if (kind == ServerKind::kSelect || kind == ServerKind::kEpoll) happens(kServer, Watched{3});
    if (kind == ServerKind::kProcessShm) {
      happens(kServer, SegmentAttached{983044, 4});
      happens(kServer, SemaphoreMade{7, 1});
    }
    if (kind == ServerKind::kPrefork)
      for (std::uint32_t i = 1; i <= kPoolSize; ++i) fork_another(i, kServer + static_cast<Pid>(i));
    if (kind == ServerKind::kInetd) happens(kServer, CloexecSet{3, 1});
    rest();
  }

  // A child that is there before its clients, and waits in accept.
  void fork_another(std::uint32_t fork, Pid pid) {
    happens(kServer, ForkCalled{fork});
    happens(kServer, Forked{fork, pid});
    happens(pid, ChildStarted{kServer, fork});
    happens(pid, AcceptCalled{3});
  }

  // The next client comes and stays; returns who serves it.
  Pid serve() {
    const Pid pid = connect_only();
    const int fd = next_fd;
    if (kind == ServerKind::kIterative && clients > 1) return kServer;
    if (kind == ServerKind::kPrefork) {
      if (clients > kPoolSize) return kServer;
      happens(pid, Accepted{3, 4, port()});
      happens(pid, ReadCalled{4});
      return pid;
    }
    happens(kServer, Accepted{3, fd, port()});
    if (shape_of(kind).has(Shape::kForks)) {
      happens(kServer, ForkCalled{clients});
      happens(kServer, Forked{clients, pid});
      if (kind == ServerKind::kProcessJobs) happens(kServer, JobAdded{pid});
      happens(pid, ChildStarted{kServer, clients});
      if (kind == ServerKind::kInetd)
        run_cat(pid, fd);
      else
        happens(pid, Closed{3});
      happens(kServer, Closed{fd});
      happens(pid, ReadCalled{kind == ServerKind::kInetd ? 0 : fd});
    } else if (kind == ServerKind::kThread) {
      happens(kServer, ThreadCreateCalled{clients});
      happens(kServer, ThreadCreated{clients});
      happens(pid, ThreadStarted{kServer, clients});
      if (detach) happens(pid, ThreadDetached{});
      happens(pid, ArgumentRead{fd});
      happens(pid, ReadCalled{fd});
    } else if (kind != ServerKind::kIterative) {
      happens(kServer, Watched{fd});
    } else {
      happens(kServer, ReadCalled{fd});
      return kServer;
    }
    if (!shape_of(kind).has(Shape::kForks)) ++next_fd;
    rest();
    return shape_of(kind).has(Shape::kForks) || kind == ServerKind::kThread ? pid : kServer;
  }

  // The child makes the connection its standard input and output, and goes on with another program.
  void run_cat(Pid child, int connfd) {
    for (const int standard : {0, 1}) happens(child, Duplicated{connfd, standard});
    happens(child, Closed{connfd});
    happens(child, ExecCalled{ShortText("cat")});
    happens(child, Executed{ShortText("cat")});
  }

  // The server waits for whoever comes next.
  void rest() {
    if (kind == ServerKind::kSelect)
      happens(kServer, PollCalled{Call::kSelect, -1});
    else if (kind == ServerKind::kEpoll)
      happens(kServer, PollCalled{Call::kEpollWait, 4});
    else if (kind == ServerKind::kPrefork)
      happens(kServer, WaitpidCalled{});
    else
      happens(kServer, AcceptCalled{3});
  }

  std::uint32_t id_of(Pid pid) const { return find_process(world, pid)->id.value; }

  const ServerKind kind;
  int next_fd = 4;
  bool detach = true;
};

// The card of the server.
constexpr Subject card_of(const World& world) { return {Subject::kProcess, world.server.value}; }

inline std::size_t count_arrows(const Scene& scene) {
  return static_cast<std::size_t>(std::count_if(scene.items.begin(), scene.items.end(), [](const Item& item) {
    return std::holds_alternative<Arrow>(item.what);
  }));
}

}  // namespace forktable::test
