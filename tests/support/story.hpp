// A run told event by event, for tests of what is made of it: a server on port 8080 (process 4242) and clients
// that stay. What real processes do is tested with real processes.
#pragma once

#include <csignal>
#include <vector>

#include "core/world/reduce.hpp"

namespace forktable::test {

class Story {
 public:
  static constexpr Pid kServer = 4242;

  Story() {
    happens(kServer, ServerLaunched{8080});
    happens(kServer, Listened{3, 8080, 128}, 20);
    happens(kServer, AcceptCalled{3}, 22);
  }

  template <class What>
  void happens(Pid pid, const What& what, std::uint32_t line = 0) {
    time += kMillisecond;
    const Event event{time, pid, line, what};
    reduce(world, event);
    events.push_back(event);
  }

  // The next client connects, is accepted, gets a child, says hello and hears it back. Returns the child.
  Pid client() {
    const Pid child = connect_only();
    happens(kServer, Accepted{3, 4, port()}, 22);
    happens(kServer, ForkCalled{clients}, 27);
    happens(kServer, Forked{clients, child}, 27);
    happens(child, ChildStarted{kServer, clients}, 27);
    happens(child, Closed{3}, 28);
    happens(kServer, Closed{4}, 33);
    happens(kServer, AcceptCalled{3}, 22);
    happens(child, Read{4, 6, ShortText("hello\n")}, 12);
    happens(child, Wrote{4, 6}, 13);
    happens(child, ReadCalled{4}, 12);
    happens(0, ClientReceived{{clients}, 6, ShortText("hello\n")});
    return child;
  }

  // Connects, says hello, and waits in the queue. Returns the child that it would get.
  Pid connect_only() {
    ++clients;
    happens(0, ClientConnecting{{clients}, Behaviour::kTalk, port()});
    happens(0, ClientConnected{{clients}});
    happens(0, ClientSent{{clients}, 6, ShortText("hello\n")});
    return kServer + static_cast<Pid>(clients);
  }

  // The client of that child leaves, the child exits and is reaped.
  void leave(Pid child) {
    const ClientId client{static_cast<std::uint32_t>(child - kServer)};
    happens(0, ClientHalfClosed{client});
    happens(child, EndOfFile{4}, 12);
    happens(child, Closed{4}, 30);
    happens(child, ExitCalled{0}, 31);
    happens(kServer, SignalDelivered{SIGCHLD}, 19);
    happens(kServer, Reaped{child, 0}, 5);
    happens(kServer, HandlerReturned{SIGCHLD}, 19);
    happens(0, ClientSawEndOfFile{client});
    happens(0, ClientEnded{client});
  }

  // Of the latest client.
  Port port() const { return static_cast<Port>(40000 + clients % 20000); }

  World world;
  std::vector<Event> events;
  std::uint32_t clients = 0;
  Nanoseconds time = 0;
};

}  // namespace forktable::test
