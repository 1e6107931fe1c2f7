// Waits for many descriptors at once and calls whoever asked: epoll(7) with a function for each descriptor.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>

#include "core/system/result.hpp"
#include "core/system/unique_fd.hpp"

namespace forktable {

class Poller {
 public:
  using Ready = std::function<void(std::uint32_t events)>;  // EPOLLIN and so on

  static Result<Poller> create();

  // `fd` stays the caller's, who calls remove() before closing it. `ready` may add and remove, itself too.
  Result<void> add(int fd, std::uint32_t events, Ready ready);
  void change(int fd, std::uint32_t events);
  void remove(int fd);

  // Waits at most so long (-1: for ever) for at least one, then calls each that is ready. A signal ends it.
  void wait(int milliseconds);

 private:
  // The number tells a descriptor from an earlier one that had its fd, in the same batch.
  struct Source {
    std::uint32_t number = 0;
    std::shared_ptr<Ready> ready;
  };

  explicit Poller(UniqueFd epoll) : epoll_(std::move(epoll)) {}

  UniqueFd epoll_;
  std::uint32_t count_ = 0;
  std::unordered_map<int, Source> sources_;
};

}  // namespace forktable
