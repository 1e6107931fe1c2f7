#include "core/system/poller.hpp"

#include <sys/epoll.h>

namespace forktable {
namespace {

epoll_event interest(int fd, std::uint32_t number, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = (std::uint64_t{number} << 32) | static_cast<std::uint32_t>(fd);
  return event;
}

}  // namespace

Result<Poller> Poller::create() {
  UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) return system_error("can't wait for events: epoll_create1");
  return Poller(std::move(epoll));
}

Result<void> Poller::add(int fd, std::uint32_t events, Ready ready) {
  epoll_event event = interest(fd, ++count_, events);
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) return system_error("can't wait for events: epoll_ctl");
  sources_[fd] = {count_, std::make_shared<Ready>(std::move(ready))};
  return {};
}

void Poller::change(int fd, std::uint32_t events) {
  const auto source = sources_.find(fd);
  if (source == sources_.end()) return;
  epoll_event event = interest(fd, source->second.number, events);
  epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void Poller::remove(int fd) {
  if (sources_.erase(fd) > 0) epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

void Poller::wait(int milliseconds) {
  epoll_event events[256];
  const int count = epoll_wait(epoll_.get(), events, 256, milliseconds);
  for (int i = 0; i < count; ++i) {
    const auto source = sources_.find(static_cast<int>(events[i].data.u64 & 0xFFFFFFFF));
    if (source == sources_.end() || source->second.number != events[i].data.u64 >> 32) continue;
    const std::shared_ptr<Ready> ready = source->second.ready;  // outlives its own removal
    (*ready)(events[i].events);
  }
}

}  // namespace forktable
