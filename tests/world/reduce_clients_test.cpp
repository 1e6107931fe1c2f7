// Clients, ours and others, and how they find their connection.
#include <gtest/gtest.h>

#include <cerrno>
#include <memory>

#include "core/world/describe.hpp"
#include "core/world/reduce.hpp"
#include "tests/world/facts.hpp"
#include "tests/world/told.hpp"

namespace forktable::test {
namespace {

const ClientId kFirst{1}, kSecond{2};

const Client& client(const World& world, ClientId id) {
  const Client* found = find_client(world, id);
  EXPECT_NE(found, nullptr) << id.value;
  static const Client none{};
  return found != nullptr ? *found : none;
}

TEST(AClientsWait, IsFromItsWordsToTheEndOfTheirEcho) {
  World world = listening();
  tell(world, 0, ClientConnecting{kFirst, Behaviour::kQuiet, 40001});
  tell(world, 0, ClientConnected{kFirst});
  EXPECT_FALSE(waited(world, client(world, kFirst)));
  tell(world, 0, ClientSent{kFirst, 6, ShortText("hello\n")});
  tell(world, kServerPid, Accepted{3, 4, 40001});
  tell(world, 0, ClientReceived{kFirst, 3, ShortText("hel")});
  EXPECT_EQ(waited(world, client(world, kFirst)), 2 * kMillisecond) << "goes on: not all has come back";
  tell(world, 0, ClientReceived{kFirst, 3, ShortText("lo\n")});
  tell(world, kServerPid, Closed{4});
  EXPECT_EQ(waited(world, client(world, kFirst)), 3 * kMillisecond) << "and is over now";
  tell(world, 0, ClientSent{kFirst, 6, ShortText("again\n")});
  tell(world, kServerPid, Closed{5});
  EXPECT_EQ(waited(world, client(world, kFirst)), kMillisecond) << "the next one's";
}

TEST(AClientsWait, StandsStillWhileTheLessonDoes) {
  World world = listening();
  tell(world, 0, ClientConnecting{kFirst, Behaviour::kQuiet, 40001});
  tell(world, 0, ClientSent{kFirst, 6, ShortText("hello\n")});
  const auto happens = [&](Nanoseconds later, const What& what) {
    reduce(world, {world.now + later, kServerPid, 0, what});
  };
  happens(kMillisecond, LessonStepped{1});
  // The lecturer talks, and the kernel is asked meanwhile.
  happens(60 * forktable::kSecond, QueuesSeen{8080, 0, 1, 10});
  EXPECT_EQ(waited(world, client(world, kFirst)), kMillisecond);
  happens(60 * forktable::kSecond, LessonAsked{2});
  EXPECT_EQ(waited(world, client(world, kFirst)), kMillisecond);
  happens(60 * forktable::kSecond, AcceptCalled{3});
  EXPECT_EQ(waited(world, client(world, kFirst)), kMillisecond);
  happens(2 * forktable::kSecond, Accepted{3, 4, 40001});
  EXPECT_EQ(waited(world, client(world, kFirst)), 2 * forktable::kSecond + kMillisecond);
}

// A connection of a client that has said hello, closes, and gets its echo too late.
World with_a_client_that_says_hello() {
  World world = listening();
  tell(world, 0, ClientConnecting{kFirst, Behaviour::kHello, 40001});
  tell(world, 0, ClientConnected{kFirst});
  tell(world, kServerPid, Accepted{3, 4, 40001});
  tell(world, 0, ClientSent{kFirst, 6, ShortText("hello\n")});
  tell(world, kServerPid, Read{4, 6, ShortText("hello\n")});
  return world;
}
bool is_reset(const World& world) { return forktable::is_reset(world, world.files.back()); }

TEST(AConnection, IsResetByBytesForAClientThatHasClosedInWhateverOrderThatIsTold) {
  for (const bool close_first : {true, false}) {
    World world = with_a_client_that_says_hello();
    if (close_first) tell(world, 0, ClientEnded{kFirst});
    tell(world, kServerPid, Wrote{4, 6});
    if (!close_first) {
      EXPECT_FALSE(is_reset(world)) << "its client is there, as far as is known";
      tell(world, 0, ClientEnded{kFirst});
    }
    EXPECT_TRUE(is_reset(world));
  }
}

TEST(AConnection, IsNotResetByBytesThatItsClientHasReceivedThoughTheirReportComesLate) {
  World world = with_a_client_that_says_hello();
  tell(world, 0, ClientReceived{kFirst, 6, ShortText("hello\n")});
  tell(world, 0, ClientEnded{kFirst});
  tell(world, kServerPid, Wrote{4, 6});
  EXPECT_FALSE(is_reset(world));
}

TEST(Client, GoesThroughItsStatesAsItTells) {
  World world = listening();
  tell(world, 0, ClientConnecting{kFirst, Behaviour::kHello, 40001});
  EXPECT_EQ(doing(client(world, kFirst)), "connecting");
  tell(world, 0, ClientConnected{kFirst});
  EXPECT_EQ(doing(client(world, kFirst)), "in the accept queue");
  tell(world, kServerPid, Accepted{3, 4, 40001});
  EXPECT_EQ(doing(client(world, kFirst)), "connected, silent");
  tell(world, 0, ClientSent{kFirst, 12, ShortText("hello, world")});
  EXPECT_EQ(doing(client(world, kFirst)), "waiting for the echo");
  tell(world, 0, ClientReceived{kFirst, 5, ShortText("hello")});
  EXPECT_EQ(doing(client(world, kFirst)), "waiting for the echo") << "not all of it came back yet";
  tell(world, 0, ClientReceived{kFirst, 7, ShortText(", world")});
  EXPECT_EQ(doing(client(world, kFirst)), "echo received");
  tell(world, 0, ClientHalfClosed{kFirst});
  EXPECT_EQ(doing(client(world, kFirst)), "waiting for end of file");
  tell(world, 0, ClientSawEndOfFile{kFirst});
  EXPECT_EQ(doing(client(world, kFirst)), "saw end of file");
  tell(world, 0, ClientEnded{kFirst, ClientEnd::kClosed, Call::kClose, 0});
  EXPECT_EQ(doing(client(world, kFirst)), "closed");
  EXPECT_TRUE(world.clients.empty());
  EXPECT_EQ(client(world, kFirst).sent, 12u);
  EXPECT_EQ(client(world, kFirst).received, 12u);
}

TEST(Client, ThatFailsSaysInWhatAndWhy) {
  World world = listening();
  tell(world, 0, ClientConnecting{kFirst, Behaviour::kHello, 0});
  tell(world, 0, ClientEnded{kFirst, ClientEnd::kFailed, Call::kConnect, ECONNREFUSED});
  EXPECT_EQ(doing(client(world, kFirst)), "connection refused");
  tell(world, 0, ClientConnecting{kSecond, Behaviour::kHello, 40002});
  tell(world, 0, ClientEnded{kSecond, ClientEnd::kReset, Call::kClose, 0});
  EXPECT_EQ(doing(client(world, kSecond)), "reset");
}

TEST(Connection, BelongsToTheClientThatCallsFromItsPort) {
  World world = listening();
  tell(world, 0, ClientConnecting{kFirst, Behaviour::kHello, 40001});
  tell(world, 0, ClientConnecting{kSecond, Behaviour::kHello, 40002});
  tell(world, kServerPid, Accepted{3, 4, 40002});
  EXPECT_EQ(client(world, kSecond).connection_number, 1u);
  EXPECT_EQ(client(world, kFirst).connection_number, 0u);
  EXPECT_EQ(world.files.back().client, kSecond);
  EXPECT_EQ(title_of(*find_process(world, kServerPid)), "server (parent)");
  tell(world, kServerPid, ForkCalled{1});
  tell(world, kServerPid, Forked{1, 101});
  EXPECT_EQ(service_of(world, *find_process(world, Pid{101})), "serves client 2");
}

TEST(Connection, OfAClientThatHungUpInTheQueueIsStillThatClients) {
  World world = listening();
  tell(world, 0, ClientConnecting{kFirst, Behaviour::kQuiet, 40001});
  tell(world, 0, ClientEnded{kFirst, ClientEnd::kClosed, Call::kClose, 0});
  tell(world, kServerPid, Accepted{3, 4, 40001});
  EXPECT_EQ(world.files.back().client, kFirst);
  EXPECT_EQ(client(world, kFirst).connection_number, 1u);
  tell(world, kServerPid, ForkCalled{1});
  tell(world, kServerPid, Forked{1, 101});
  EXPECT_EQ(service_of(world, *find_process(world, Pid{101})), "serves client 1");
  tell(world, kServerPid, Closed{4});
  tell(world, kServerPid, Reaped{101, 0});
  EXPECT_FALSE(client(world, kFirst).connection) << "and is gone when nobody holds it";
}

TEST(Connection, IsNotThatOfAnEarlierClientWithTheSamePort) {
  World world = listening();
  tell(world, 0, ClientConnecting{kFirst, Behaviour::kHello, 40001});
  tell(world, kServerPid, Accepted{3, 4, 40001});
  tell(world, 0, ClientEnded{kFirst, ClientEnd::kClosed, Call::kClose, 0});
  tell(world, 0, ClientConnecting{kSecond, Behaviour::kHello, 40001});
  EXPECT_FALSE(client(world, kSecond).connection) << "the connection there is isn't its own";
  tell(world, kServerPid, Accepted{3, 5, 40001});
  EXPECT_EQ(client(world, kSecond).connection_number, 2u);
  EXPECT_EQ(client(world, kFirst).connection_number, 1u);
}

TEST(Connection, IsNotThatOfAClientThatWasRefusedOrWaitedForAnotherServer) {
  World world = listening();
  tell(world, 0, ClientConnecting{kFirst, Behaviour::kHello, 40001});
  tell(world, 0, ClientEnded{kFirst, ClientEnd::kFailed, Call::kConnect, ECONNREFUSED});
  tell(world, 0, ClientConnecting{kSecond, Behaviour::kQuiet, 40002});
  tell(world, 0, ClientEnded{kSecond, ClientEnd::kReset, Call::kClose, 0});
  tell(world, kServerPid, Accepted{3, 4, 40001});
  EXPECT_FALSE(world.files.back().client);
  tell(world, kServerPid, Collected{0});
  tell(world, 200, ServerLaunched{8080});
  tell(world, 200, Listened{3, 8080, 10});
  tell(world, 200, Accepted{3, 4, 40002});
  EXPECT_FALSE(world.files.back().client);
}

TEST(Outsider, IsKnownByTheConnectionThatTheServerAccepted) {
  World world = listening();
  tell(world, kServerPid, Accepted{3, 4, 40001});
  tell(world, 0, OutsiderConnected{kFirst, 40001});
  EXPECT_EQ(world.files.back().client, kFirst);
  EXPECT_EQ(find_process(world, kServerPid)->serves, kFirst);
  EXPECT_EQ(doing(client(world, kFirst)), "connected, from outside");
  tell(world, 4711, OutsiderNamed{kFirst, ShortText("nc")});
  EXPECT_EQ(title_of(client(world, kFirst)), "nc");
  EXPECT_EQ(mention_of(client(world, kFirst)), "client 1 (nc)");
  EXPECT_EQ(client(world, kFirst).pid, 4711);
}

TEST(Outsider, IsCountedByWhatTheServerReadsAndWrites) {
  World world = listening();
  tell(world, kServerPid, Accepted{3, 4, 40001});
  tell(world, 0, OutsiderConnected{kFirst, 40001});
  tell(world, kServerPid, Read{4, 100, ShortText("some text")});
  EXPECT_EQ(doing(client(world, kFirst)), "waiting for the echo");
  tell(world, kServerPid, Wrote{4, 60});
  EXPECT_EQ(doing(client(world, kFirst)), "waiting for the echo");
  tell(world, kServerPid, Wrote{4, 40});
  EXPECT_EQ(doing(client(world, kFirst)), "echo received");
  tell(world, kServerPid, EndOfFile{4});
  EXPECT_EQ(doing(client(world, kFirst)), "sends no more");
  EXPECT_EQ(client(world, kFirst).sent, 100u);
  EXPECT_EQ(client(world, kFirst).received, 100u);
  tell(world, kServerPid, Closed{4});
  EXPECT_EQ(doing(client(world, kFirst)), "the server's end is closed");
  EXPECT_TRUE(world.clients.empty());
}

constexpr Ipv4 kAnother{0x7F000002};

TEST(Outsider, IsKnownByItsAddressAndNotByItsPortAlone) {
  World world = listening();
  tell(world, 0, ClientConnecting{kFirst, Behaviour::kQuiet, 40001});
  tell(world, kServerPid, Accepted{3, 4, {kAnother, 40001}});
  tell(world, 0, OutsiderConnected{kSecond, {kAnother, 40001}});
  tell(world, kServerPid, Accepted{3, 5, 40001});
  EXPECT_EQ(world.files[1].client, kSecond);
  EXPECT_EQ(world.files[2].client, kFirst);
  tell(world, 0, TcpStateSeen{8080, {kAnother, 40001}, TcpState::kCloseWait});
  tell(world, 0, TcpStateSeen{{kAnother, 40001}, 8080, TcpState::kFinWait2});
  EXPECT_EQ(world.files[1].socket.state, TcpState::kCloseWait);
  EXPECT_EQ(world.files[2].socket.state, TcpState::kUnknown);
  EXPECT_EQ(client(world, kSecond).socket.state, TcpState::kFinWait2);
  EXPECT_EQ(client(world, kFirst).socket.state, TcpState::kUnknown);
  EXPECT_EQ(find_socket(world, {8080, {kAnother, 40001}})->state, TcpState::kCloseWait);
  EXPECT_EQ(find_socket(world, {8080, 40001})->state, TcpState::kUnknown);
}

TEST(Outsider, WaitsInTheQueueUntilItIsAccepted) {
  World world = listening();
  tell(world, 0, OutsiderConnected{kFirst, 40001});
  EXPECT_EQ(doing(client(world, kFirst)), "in the accept queue");
  EXPECT_TRUE(waits_for_accept(client(world, kFirst)));
  tell(world, kServerPid, Accepted{3, 4, 40001});
  EXPECT_EQ(doing(client(world, kFirst)), "connected, from outside");
  EXPECT_EQ(world.files.back().client, kFirst);
  EXPECT_EQ(world.anomaly_count, 0u);
}

TEST(Outsider, InTheQueueIsResetWithTheLastSocketThatListens) {
  World world = listening();
  tell(world, kServerPid, ForkCalled{1});
  tell(world, 101, ChildStarted{kServerPid, 1});
  tell(world, 0, OutsiderConnected{kFirst, 40001});
  tell(world, 0, ClientConnecting{kSecond, Behaviour::kQuiet, 40002});
  tell(world, 0, ClientConnected{kSecond});
  tell(world, kServerPid, Closed{3});
  EXPECT_EQ(client(world, kFirst).state, Client::kConnected) << "the child holds it still";
  tell(world, 101, Closed{3});
  EXPECT_EQ(client(world, kFirst).state, Client::kReset);
  EXPECT_EQ(client(world, kSecond).state, Client::kConnected) << "ours tells of it itself";
  // The next server knows nothing of it.
  tell(world, 300, ServerLaunched{8080});
  tell(world, 300, Listened{3, 8080, 10});
  tell(world, 300, Accepted{3, 4, 40001});
  EXPECT_FALSE(world.files.back().client);
}

TEST(Outsider, WithoutANameIsToldFromAClientOfOurs) {
  World world = listening();
  tell(world, 0, OutsiderConnected{kFirst, {kAnother, 40001}});
  tell(world, 0, ClientConnecting{kSecond, Behaviour::kQuiet, 40002});
  EXPECT_EQ(title_of(client(world, kFirst)), "outsider 1");
  EXPECT_EQ(mention_of(client(world, kFirst)), "client 1 (from outside)");
  EXPECT_EQ(origin_of(client(world, kFirst)), "from outside, 127.0.0.2");
  EXPECT_EQ(title_of(client(world, kSecond)), "client 2");
  tell(world, 0, OutsiderUnnamed{kFirst, Unnamed::kForbidden});
  EXPECT_EQ(origin_of(client(world, kFirst)), "from outside, 127.0.0.2, another user's");
  tell(world, 4711, OutsiderNamed{kFirst, ShortText("nc")});
  EXPECT_EQ(origin_of(client(world, kFirst)), "from outside, 127.0.0.2, pid 4711");
  tell(world, 0, OutsiderUnnamed{kFirst, Unnamed::kForbidden});
  EXPECT_EQ(title_of(client(world, kFirst)), "outsider 1") << "another user has its connection now";
}

TEST(Outsider, CanStillBeNamedWhenItHasGone) {
  World world = listening();
  tell(world, kServerPid, Accepted{3, 4, 40001});
  tell(world, 0, OutsiderConnected{kFirst, 40001});
  tell(world, kServerPid, Closed{4});
  tell(world, 4711, OutsiderNamed{kFirst, ShortText("nc")});
  EXPECT_EQ(title_of(client(world, kFirst)), "nc");
}

}  // namespace
}  // namespace forktable::test
