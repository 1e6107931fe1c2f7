// Runs of the servers that aren't the textbook's, told event by event, for tests of what is wrong with them.
#pragma once

#include "tests/world/diagnosed.hpp"

namespace forktable::test {

inline constexpr Pid kOne = kServer + 1, kTwo = kServer + 2;

struct Approach : Story {
  explicit Approach(ServerKind kind) { happens(kServer, ServerNamed{kind}); }

  // The next client connects and says nothing.
  ClientId connects() {
    ++clients;
    happens(0, ClientConnecting{{clients}, Behaviour::kQuiet, port()});
    happens(0, ClientConnected{{clients}});
    return {clients};
  }
  void accepts(int connfd) { happens(kServer, Accepted{3, connfd, port()}); }
};

}  // namespace forktable::test
