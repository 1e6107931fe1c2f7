// The simulated clients, against a server that the test plays itself.
#include "core/client/clients.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>

#include "core/system/clock.hpp"
#include "tests/support/deadline.hpp"
#include "tests/support/events.hpp"
#include "tests/support/proc.hpp"
#include "tests/support/tcp_client.hpp"
#include "tests/support/user.hpp"

namespace forktable::test {
namespace {

constexpr ClientId kFirst{1}, kSecond{2};

struct Playground {
  Playground() : poller(*Poller::create()), clients(poller, sink, monotonic_now()) {}

  // The first client connects. Returns the server's end.
  TcpClient connect(Behaviour behaviour) {
    clients.connect(kFirst, behaviour, listener.port);
    return TcpClient(listener);
  }
  // Lets the clients do their work until that has happened.
  template <class T>
  bool until() {
    return until([this] { return !only<T>(events).empty(); });
  }
  template <class Condition>
  requires std::is_invocable_r_v<bool, Condition>
  bool until(Condition condition) {
    const Deadline deadline;
    while (!condition()) {
      if (deadline.passed()) return false;
      poller.wait(20);
    }
    return true;
  }
  std::uint64_t received() const {
    std::uint64_t bytes = 0;
    for (const auto& one : only<ClientReceived>(events)) bytes += one.bytes;
    return bytes;
  }
  // What happened, in a word each.
  std::vector<std::string_view> names() const {
    std::vector<std::string_view> all;
    for (const Event& event : events) std::visit([&]<class T>(const T&) { all.push_back(T::name); }, event.what);
    return all;
  }

  const Listener listener;
  std::vector<Event> events;
  EventSink sink = [this](const Event& event) { events.push_back(event); };
  Poller poller;
  Clients clients;
};

using Names = std::vector<std::string_view>;

TEST(HelloClient, SaysHelloReadsTheEchoAndLeavesAfterTheServer) {
  const Listener listener;
  Playground play;
  play.clients.connect(kFirst, Behaviour::kHello, listener.port);
  ASSERT_TRUE(play.until<ClientSent>());
  TcpClient server(listener);
  EXPECT_EQ(server.receive(6), "hello\n");
  EXPECT_TRUE(server.hears_nothing()) << "it waits for the echo";
  ASSERT_TRUE(server.send("hello\n"));
  ASSERT_TRUE(play.until<ClientHalfClosed>());
  EXPECT_TRUE(server.sees_end_of_file());
  EXPECT_EQ(play.clients.count(), 1u) << "it waits for the server's end of file";
  server.close();
  ASSERT_TRUE(play.until<ClientEnded>());
  EXPECT_EQ(play.names(), (Names{"client_connecting", "client_connected", "client_sent", "client_received",
                                 "client_half_closed", "client_saw_end_of_file", "client_ended"}));
  EXPECT_EQ(only<ClientEnded>(play.events)[0].end, ClientEnd::kClosed);
  EXPECT_EQ(play.clients.count(), 0u);
}

TEST(HelloClient, WaitsForAllOfTheEchoInHoweverManyPiecesItComes) {
  Playground play;
  TcpClient server = play.connect(Behaviour::kHello);
  std::uint64_t expected = 0;
  for (const char* piece : {"he", "l", "lo"}) {
    ASSERT_TRUE(server.send(piece));
    expected += std::string_view(piece).size();
    ASSERT_TRUE(play.until([&] { return play.received() == expected; }));
    EXPECT_TRUE(only<ClientHalfClosed>(play.events).empty());
  }
  ASSERT_TRUE(server.send("\n"));
  ASSERT_TRUE(play.until<ClientHalfClosed>());
}

TEST(TalkClient, StaysAndSaysALineEveryFewSeconds) {
  Playground play;
  TcpClient server = play.connect(Behaviour::kTalk);
  EXPECT_EQ(server.receive(6), "hello\n");
  ASSERT_TRUE(server.send("hello\n"));
  ASSERT_TRUE(play.until<ClientReceived>());
  EXPECT_TRUE(only<ClientHalfClosed>(play.events).empty());
  for (int line = 2; line <= 4; ++line) {
    const auto deadline = play.clients.next_deadline();
    ASSERT_TRUE(deadline);
    play.clients.work_off_deadlines(*deadline - 1);
    EXPECT_TRUE(server.hears_nothing()) << "too early";
    play.clients.work_off_deadlines(*deadline + Clients::kTalkPause);
    const std::string text = "line " + std::to_string(line) + "\n";
    EXPECT_EQ(server.receive(7), text);
    play.clients.work_off_deadlines(*play.clients.next_deadline() + Clients::kTalkPause);
    EXPECT_TRUE(server.hears_nothing()) << "it waits for its echo first";
    ASSERT_TRUE(server.send(text));
    const auto heard = only<ClientReceived>(play.events).size();
    ASSERT_TRUE(play.until([&] { return only<ClientReceived>(play.events).size() > heard; }));
  }
}

TEST(TalkClient, ThatIsHalfClosedSaysNothingMore) {
  Playground play;
  TcpClient server = play.connect(Behaviour::kTalk);
  EXPECT_EQ(server.receive(6), "hello\n");
  play.clients.half_close(kFirst);
  EXPECT_TRUE(server.sees_end_of_file());
  play.clients.work_off_deadlines(monotonic_now() + 100 * Clients::kTalkPause);
  play.clients.send_line(kFirst, "more");
  EXPECT_EQ(only<ClientSent>(play.events).size(), 1u);
}

TEST(QuietClient, ConnectsAndSaysNothing) {
  const Listener listener;
  Playground play;
  play.clients.connect(kFirst, Behaviour::kQuiet, listener.port);
  ASSERT_TRUE(play.until<ClientConnected>());
  TcpClient server(listener);
  EXPECT_TRUE(server.hears_nothing());
  EXPECT_FALSE(play.clients.next_deadline());
  EXPECT_EQ(play.names(), (Names{"client_connecting", "client_connected"}));
  play.clients.send_line(kFirst, "unless it is told to");
  EXPECT_EQ(server.receive(21), "unless it is told to\n");
}

TEST(Client, TellsThePortThatTheServerSees) {
  Playground play;
  const TcpClient server = play.connect(Behaviour::kQuiet);
  EXPECT_EQ(only<ClientConnecting>(play.events).at(0).port, server.peer_port());
}

TEST(Client, IsRefusedWhereNobodyListens) {
  Port port = 0;
  { port = Listener().port; }
  Playground play;
  play.clients.connect(kFirst, Behaviour::kHello, port);
  ASSERT_TRUE(play.until<ClientEnded>());
  const auto ended = only<ClientEnded>(play.events)[0];
  EXPECT_EQ(ended.end, ClientEnd::kFailed);
  EXPECT_EQ(ended.call, Call::kConnect);
  EXPECT_EQ(ended.error, ECONNREFUSED);
  EXPECT_EQ(play.clients.count(), 0u);
}

TEST(Client, WithoutADescriptorLeftFailsAndSaysSo) {
  EXPECT_TRUE(in_child([] {
    Playground play;
    const rlimit none{0, 0};
    setrlimit(RLIMIT_NOFILE, &none);
    play.clients.connect(kFirst, Behaviour::kHello, 8080);
    const auto ended = only<ClientEnded>(play.events);
    return play.names() == Names{"client_connecting", "client_ended"} && ended[0].end == ClientEnd::kFailed &&
           ended[0].call == Call::kSocket && ended[0].error == EMFILE && play.clients.count() == 0;
  }));
}

TEST(Client, ThatWaitsForTheHandshakeDoesNothingUntilItIsOver) {
  // A queue for one: the next handshake has to wait until somebody accepts.
  const Listener listener(0);
  Playground play;
  play.clients.connect(kFirst, Behaviour::kQuiet, listener.port);
  ASSERT_TRUE(play.until<ClientConnected>());
  play.clients.connect(kSecond, Behaviour::kHello, listener.port);
  play.clients.send_line(kSecond, "too early");
  play.clients.half_close(kSecond);
  EXPECT_EQ(play.names(), (Names{"client_connecting", "client_connected", "client_connecting"}));
  const TcpClient first(listener);
  ASSERT_TRUE(play.until([&] { return only<ClientConnected>(play.events).size() == 2; }))
      << "the kernel tries again after a second";
  TcpClient second(listener);
  EXPECT_EQ(second.receive(6), "hello\n");
}

TEST(Client, SendsALongLineWholeWhileTheServerIsSlow) {
  const Listener listener;
  Playground play;
  play.clients.connect(kFirst, Behaviour::kQuiet, listener.port);
  ASSERT_TRUE(play.until<ClientConnected>());
  const std::string line(16 << 20, 'x');  // more than the kernel takes at once
  play.clients.send_line(kFirst, line);
  play.clients.half_close(kFirst);  // which must wait until all of it is under way
  EXPECT_EQ(only<ClientSent>(play.events).at(0).bytes, line.size() + 1);
  EXPECT_EQ(only<ClientSent>(play.events).at(0).text.view(), std::string(31, 'x')) << "the beginning of it";
  EXPECT_TRUE(only<ClientHalfClosed>(play.events).empty());

  // The server reads a little at a time, and the client has to be let do its work in between.
  TcpClient server(listener);
  std::string got;
  const Deadline deadline;
  while (got.size() <= line.size() && !deadline.passed()) {
    got += server.receive(std::min<std::size_t>(100'000, line.size() + 1 - got.size()));
    play.poller.wait(0);
  }
  EXPECT_TRUE(got == line + "\n");
  ASSERT_TRUE(play.until<ClientHalfClosed>());
  EXPECT_TRUE(server.sees_end_of_file());
}

TEST(Client, ThatClosesIsSeenAsEndOfFile) {
  Playground play;
  TcpClient server = play.connect(Behaviour::kQuiet);
  play.clients.close(kFirst);
  EXPECT_TRUE(server.sees_end_of_file());
  EXPECT_EQ(only<ClientEnded>(play.events).at(0).end, ClientEnd::kClosed);
}

TEST(Client, ThatResetsIsSeenAsAnError) {
  Playground play;
  TcpClient server = play.connect(Behaviour::kQuiet);
  play.clients.reset(kFirst);
  EXPECT_EQ(server.fails_with(), ECONNRESET);
  EXPECT_EQ(only<ClientEnded>(play.events).at(0).end, ClientEnd::kReset);
}

TEST(Client, WhoseServerClosesSeesEndOfFileAndCloses) {
  Playground play;
  TcpClient server = play.connect(Behaviour::kTalk);
  EXPECT_EQ(server.receive(6), "hello\n");
  server.close();
  ASSERT_TRUE(play.until<ClientEnded>());
  EXPECT_EQ(only<ClientSawEndOfFile>(play.events).size(), 1u);
  EXPECT_EQ(only<ClientEnded>(play.events)[0].end, ClientEnd::kClosed);
}

TEST(Client, WhoseServerResetsFailsAndSaysInWhat) {
  Playground play;
  TcpClient server = play.connect(Behaviour::kQuiet);
  server.reset();
  ASSERT_TRUE(play.until<ClientEnded>());
  const auto ended = only<ClientEnded>(play.events)[0];
  EXPECT_EQ(ended.end, ClientEnd::kFailed);
  EXPECT_EQ(ended.call, Call::kReceive);
  EXPECT_EQ(ended.error, ECONNRESET);
}

TEST(Client, ThatSendsAfterAResetFailsWithoutASignal) {
  const Listener listener;
  Playground play;
  play.clients.connect(kFirst, Behaviour::kQuiet, listener.port);
  {
    TcpClient server(listener);
    server.reset();
  }
  play.clients.send_line(kFirst, "anybody there?");
  play.clients.send_line(kFirst, "anybody there?");  // gone by now: nothing happens
  ASSERT_EQ(only<ClientEnded>(play.events).size(), 1u);
  const auto ended = only<ClientEnded>(play.events)[0];
  EXPECT_EQ(ended.end, ClientEnd::kFailed);
  EXPECT_EQ(ended.call, Call::kSend);
  EXPECT_TRUE(ended.error == ECONNRESET || ended.error == EPIPE) << ended.error;
}

TEST(Client, ThatIsUnknownIsLeftAlone) {
  Playground play;
  play.clients.send_line({7}, "hello");
  play.clients.half_close({7});
  play.clients.close({7});
  play.clients.reset({7});
  play.clients.close_all();
  EXPECT_TRUE(play.events.empty());
}

TEST(Clients, CloseAllAtOnce) {
  const Listener listener;
  Playground play;
  for (std::uint32_t id = 1; id <= 10; ++id) play.clients.connect({id}, Behaviour::kQuiet, listener.port);
  play.clients.close_all();
  EXPECT_EQ(play.clients.count(), 0u);
  EXPECT_EQ(only<ClientEnded>(play.events).size(), 10u);
}

TEST(Clients, LeaveNoDescriptorBehind) {
  const Listener listener;
  const auto before = open_descriptors(getpid());
  {
    Playground play;
    for (std::uint32_t id = 1; id <= 10; ++id) play.clients.connect({id}, Behaviour::kHello, listener.port);
    play.clients.close(kFirst);
    play.clients.reset(kSecond);
  }
  EXPECT_EQ(open_descriptors(getpid()), before);
  for (int i = 0; i < 10; ++i) {
    TcpClient server(listener);
    server.receive(100);  // ends, because every one of them has hung up
  }
}

TEST(Clients, TellCauseBeforeEffect) {
  const Listener listener;
  Playground play;
  for (std::uint32_t id = 1; id <= 10; ++id) play.clients.connect({id}, Behaviour::kHello, listener.port);
  for (int i = 0; i < 10; ++i) {
    TcpClient server(listener);
    ASSERT_TRUE(server.send(server.receive(6)));
  }
  ASSERT_TRUE(play.until([&] { return play.clients.count() == 0; }));
  std::map<std::uint32_t, Nanoseconds> latest;
  for (const Event& event : play.events)
    std::visit(
        [&]<class T>(const T& what) {
          if constexpr (requires { what.client; }) {
            EXPECT_GE(event.at, latest[what.client.value]) << event;
            latest[what.client.value] = event.at;
          }
        },
        event.what);
  EXPECT_EQ(latest.size(), 10u);
}

}  // namespace
}  // namespace forktable::test
