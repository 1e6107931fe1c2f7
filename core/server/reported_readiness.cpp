#include "core/server/reported_readiness.hpp"

#include "core/server/gate.hpp"
#include "core/server/reporter.hpp"

using forktable::Call;
using forktable::server::gate;
using forktable::server::report;

void Fd_set(int fd, fd_set* set, Here here) {
  if (fd >= FD_SETSIZE) {
    Close(fd, here);
    return;
  }
  FD_SET(fd, set);
  report(forktable::Watched{fd}, here.line());
}

void Fd_clr(int fd, fd_set* set, Here here) {
  FD_CLR(fd, set);
  report(forktable::Unwatched{fd}, here.line());
}

int Select(int n, fd_set* set, Here here) {
  gate(Call::kSelect, -1, here.line());
  report(forktable::PollCalled{Call::kSelect, -1}, here.line());
  const int ready = select(n, set, nullptr, nullptr, nullptr);
  if (ready < 0) {
    report(forktable::CallFailed{Call::kSelect, -1, errno}, here.line());
    return ready;
  }
  for (int fd = 0, left = ready; left > 0 && fd < n; ++fd)
    if (FD_ISSET(fd, set)) {
      --left;
      report(forktable::FoundReady{fd}, here.line());
    }
  report(forktable::PollReturned{Call::kSelect, static_cast<std::uint32_t>(ready)}, here.line());
  return ready;
}

int Epoll_create(Here here) {
  const int epfd = epoll_create1(0);
  if (epfd < 0) {
    report(forktable::CallFailed{Call::kEpollCreate, -1, errno}, here.line());
    Exit(1, here);
  }
  report(forktable::EpollOpened{epfd}, here.line());
  return epfd;
}

void Epoll_add(int epfd, int fd, Here here) {
  gate(Call::kEpollCtl, fd, here.line());
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event) == 0) {
    report(forktable::Watched{fd}, here.line());
  } else {
    report(forktable::CallFailed{Call::kEpollCtl, fd, errno}, here.line());
    Close(fd, here);
  }
}

int Epoll_wait(int epfd, epoll_event* ready, int most, Here here) {
  gate(Call::kEpollWait, epfd, here.line());
  report(forktable::PollCalled{Call::kEpollWait, epfd}, here.line());
  const int count = epoll_wait(epfd, ready, most, -1);
  if (count < 0) {
    report(forktable::CallFailed{Call::kEpollWait, epfd, errno}, here.line());
    return count;
  }
  for (int i = 0; i < count; ++i) report(forktable::FoundReady{ready[i].data.fd}, here.line());
  report(forktable::PollReturned{Call::kEpollWait, static_cast<std::uint32_t>(count)}, here.line());
  return count;
}
