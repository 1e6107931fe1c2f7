// What a session tells of a real server and its clients.
#include "core/session/session.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <thread>

#include "core/world/describe.hpp"
#include "tests/live/live_session.hpp"
#include "tests/support/proc.hpp"
#include "tests/support/program.hpp"
#include "tests/support/tcp_client.hpp"
#include "tests/support/text.hpp"

namespace forktable::test {
namespace {

using Names = std::vector<std::string>;

bool is_of_handler(const Event& event) {
  const auto* failed = std::get_if<CallFailed>(&event.what);
  return std::holds_alternative<SignalDelivered>(event.what) || std::holds_alternative<HandlerReturned>(event.what) ||
         std::holds_alternative<Reaped>(event.what) || std::holds_alternative<NothingToReap>(event.what) ||
         (failed != nullptr && failed->call == Call::kWaitpid);
}

// What a process did, in a word each: main() and the signal handler apart, as the handler may run in between
// anywhere.
Names steps_of(const std::vector<Event>& events, Pid pid, bool of_handler = false) {
  Names names;
  for (const Event& event : events)
    if (event.pid == pid && is_of_handler(event) == of_handler)
      std::visit(
          [&]<class T>(const T&) {
            if (T::teller != Teller::kKernel) names.emplace_back(T::name);
          },
          event.what);
  return names;
}

TEST(Session, TellsTheRunOfOneClientStepByStep) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  live.session->launch_client(Behaviour::kHello);
  ASSERT_TRUE(live.until([&] { return live.count<Reaped>() == 1; }) && live.until_all_served());
  const Pid parent = live.server(), child = only<Forked>(live.events).at(0).child;
  EXPECT_EQ(steps_of(live.events, parent),
            (Names{"server_launched", "plumbing_opened", "plumbing_opened", "limits_known", "listened", "accept_called",
                   "accepted", "fork_called", "forked", "closed", "accept_called"}));
  EXPECT_EQ(steps_of(live.events, parent, true),
            (Names{"signal_delivered", "reaped", "call_failed", "handler_returned"}));
  EXPECT_EQ(steps_of(live.events, child),
            (Names{"child_started", "closed", "read_called", "read", "write_called", "wrote", "read_called",
                   "end_of_file", "counted", "closed", "exit_called"}));
  EXPECT_EQ(steps_of(live.events, 0), (Names{"client_connecting", "client_connected", "client_sent", "client_received",
                                             "client_half_closed", "client_saw_end_of_file", "client_ended"}));
  EXPECT_EQ(live.world.anomaly_count, 0u);
  EXPECT_EQ(live.world.counts, (Counts{.accepted = 1, .forked = 1, .closed = 1, .exited = 1, .reaped = 1}));
  const auto accepted = only<Accepted>(live.events).at(0);
  EXPECT_EQ(accepted.listenfd, 3);
  EXPECT_EQ(accepted.connfd, 4);
  EXPECT_EQ(only<Read>(live.events).at(0).text.view(), "hello\n");
}

TEST(Session, TellsCauseBeforeEffect) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  live.session->launch_client(Behaviour::kHello);
  ASSERT_TRUE(live.until([&] { return live.count<Reaped>() == 1; }) && live.until_all_served());
  const Pid child = only<Forked>(live.events).at(0).child;
  const std::size_t in_order[] = {
      live.position<ServerLaunched>(), live.position<Listened>(),       live.position<ClientConnecting>(),
      live.position<Accepted>(),       live.position<ForkCalled>(),     live.position<ChildStarted>(),
      live.position<Read>(child),      live.position<ClientReceived>(), live.position<ClientHalfClosed>(),
      live.position<EndOfFile>(),      live.position<ExitCalled>(),     live.position<Reaped>()};
  EXPECT_TRUE(std::is_sorted(std::begin(in_order), std::end(in_order))) << testing::PrintToString(in_order);
  EXPECT_LT(live.position<Reaped>(), live.events.size());
}

// The numbers of the lines in the listing that contain `text`.
std::set<std::uint32_t> lines_with(const std::string& text) {
  std::ifstream listing(FORKTABLE_SERVER_LISTING);
  std::set<std::uint32_t> numbers;
  std::string line;
  for (std::uint32_t number = 1; std::getline(listing, line); ++number)
    if (contains(line, text)) numbers.insert(number);
  EXPECT_FALSE(numbers.empty()) << text << " is not in the listing";
  return numbers;
}

TEST(Session, TellsForEachStepTheLineOfTheListing) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  live.session->launch_client(Behaviour::kHello);
  ASSERT_TRUE(live.until([&] { return live.count<Reaped>() == 1; }) && live.until_all_served());
  const auto expect_line = [&]<class T>(const T&, const std::string& text) {
    int seen = 0;
    for (const Event& event : live.events)
      if (std::holds_alternative<T>(event.what) && event.pid != 0) {
        EXPECT_TRUE(lines_with(text).contains(event.line)) << event << " is not at " << text;
        ++seen;
      }
    EXPECT_GT(seen, 0) << T::name;
  };
  expect_line(Listened{}, "Open_listenfd(");
  expect_line(AcceptCalled{}, "Accept(");
  expect_line(Accepted{}, "Accept(");
  expect_line(ForkCalled{}, "Fork()");
  expect_line(Forked{}, "Fork()");
  expect_line(ChildStarted{}, "Fork()");
  expect_line(ReadCalled{}, "Read(");
  expect_line(Read{}, "Read(");
  expect_line(EndOfFile{}, "Read(");
  expect_line(WriteCalled{}, "Write(");
  expect_line(Wrote{}, "Write(");
  expect_line(Closed{}, "Close(");
  expect_line(ExitCalled{}, "Exit(");
  expect_line(Reaped{}, "Waitpid(");
  expect_line(SignalDelivered{}, "Signal(SIGCHLD");
  // Of the three that close something, each is told with its own.
  const Pid parent = live.server();
  for (const Event& event : live.events)
    if (const auto* closed = std::get_if<Closed>(&event.what)) {
      const char* text = closed->fd == 3       ? "Close(listenfd)"
                         : event.pid == parent ? "important!"
                                               : "      Close(connfd);";
      EXPECT_EQ(lines_with(text), std::set{event.line}) << event;
    }
}

TEST(Session, ShowsTheDescriptorsThatTheKernelShows) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  for (int i = 0; i < 5; ++i) live.session->launch_client(Behaviour::kQuiet);
  for (int i = 0; i < 5; ++i) live.session->launch_client(Behaviour::kTalk);
  ASSERT_TRUE(live.until_children_wait(10));
  for (const Process& process : live.world.processes) {
    std::set<int> shown = {0, 1, 2};
    for (const Descriptor& descriptor : process.descriptors) shown.insert(descriptor.fd);
    EXPECT_EQ(shown, open_descriptors(process.pid)) << title_of(process);
  }
  // Two descriptors refer to one open file in the World where they do so in the kernel.
  std::map<FileId, std::set<std::string>> targets;
  for (const Process& process : live.world.processes)
    for (const Descriptor& descriptor : process.descriptors)
      targets[descriptor.file].insert(descriptor_target(process.pid, descriptor.fd));
  for (const auto& [file, names] : targets) EXPECT_EQ(names.size(), 1u) << testing::PrintToString(names);
}

TEST(Session, DoesWhatItsClientsAreTold) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  const ClientId half = live.session->launch_client(Behaviour::kTalk),
                 closing = live.session->launch_client(Behaviour::kQuiet),
                 resetting = live.session->launch_client(Behaviour::kQuiet),
                 staying = live.session->launch_client(Behaviour::kQuiet);
  ASSERT_TRUE(live.until_children_wait(4));
  const Pid reset_child = live.child_of(resetting);
  live.session->clients().half_close(half);
  live.session->clients().close(closing);
  live.session->clients().reset(resetting);
  ASSERT_TRUE(live.until_children_wait(1));
  ASSERT_TRUE(live.until([&] { return live.world.clients.size() == 1; }));
  EXPECT_EQ(live.client(half).state, Client::kClosed);
  EXPECT_EQ(live.client(half).received, live.client(half).sent);
  EXPECT_EQ(live.client(closing).state, Client::kClosed);
  EXPECT_EQ(live.client(resetting).state, Client::kReset);
  EXPECT_EQ(live.world.clients[0].id, staying);
  // The child of the one that reset was told by read(2), and ended as the others did.
  int failed = 0;
  for (const Event& event : live.events)
    if (const auto* call = std::get_if<CallFailed>(&event.what); call != nullptr && event.pid == reset_child) {
      EXPECT_EQ(call->call, Call::kRead);
      EXPECT_EQ(call->error, ECONNRESET);
      ++failed;
    }
  EXPECT_EQ(failed, 1);
  for (const auto& reaped : only<Reaped>(live.events)) EXPECT_EQ(reaped.status, 0) << reaped.child;
  EXPECT_EQ(live.world.anomaly_count, 0u);
}

TEST(Session, ALineOfAMegabyteComesBackWhole) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  const ClientId client = live.session->launch_client(Behaviour::kQuiet);
  ASSERT_TRUE(live.until_children_wait(1));
  live.session->clients().send_line(client, std::string(1 << 20, 'x'));
  ASSERT_TRUE(live.until([&] { return live.client(client).received == (1 << 20) + 1; }));
  live.session->clients().half_close(client);
  ASSERT_TRUE(live.until([&] { return live.world.clients.empty(); }) && live.until_all_served());
  std::uint64_t read = 0, written = 0;
  for (const auto& one : only<Read>(live.events)) read += one.bytes;
  for (const auto& one : only<Wrote>(live.events)) written += one.bytes;
  EXPECT_EQ(read, (1u << 20) + 1);
  EXPECT_EQ(written, read) << "the server tells of every byte";
}

TEST(Session, AClientWithoutAServerIsRefused) {
  LiveSession live;
  live.session->launch_client(Behaviour::kHello);
  ASSERT_TRUE(live.until([&] { return live.count<ClientEnded>() == 1; }));
  EXPECT_EQ(only<ClientEnded>(live.events)[0].end, ClientEnd::kFailed);
  ASSERT_TRUE(live.start());
  live.session->stop_server();
  live.session->launch_client(Behaviour::kHello);
  ASSERT_TRUE(live.until([&] { return live.count<ClientEnded>() == 2; }));
  EXPECT_EQ(only<ClientEnded>(live.events)[1].error, ECONNREFUSED);
}

TEST(Session, AClientThatHangsUpInTheQueueIsServedAllTheSame) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  live.session->send_signal(live.server(), SIGSTOP);
  ASSERT_TRUE(wait_until([&] { return state_of(live.server()) == 'T'; }));
  const ClientId closing = live.session->launch_client(Behaviour::kQuiet),
                 resetting = live.session->launch_client(Behaviour::kQuiet);
  ASSERT_TRUE(live.until([&] { return live.count<ClientConnected>() == 2; }));
  live.session->clients().close(closing);
  live.session->clients().reset(resetting);
  ASSERT_TRUE(live.until([&] { return live.world.clients.empty(); }));
  live.session->send_signal(live.server(), SIGCONT);
  ASSERT_TRUE(live.until([&] {
    return live.count<Reaped>() == live.count<ForkCalled>() && live.count<Accepted>() > 0;
  }) && live.until_all_served());
  EXPECT_EQ(live.client(closing).connection_number, 1u);
  EXPECT_EQ(live.world.anomaly_count, 0u) << live.world.anomalies[0].text;
  EXPECT_EQ(live.count<OutsiderConnected>(), 0u);
}

TEST(Session, WatchesTheServerFromTheBeginning) {
  LiveSession live;
  const auto before = open_descriptors(getpid());
  ASSERT_TRUE(live.session->start_server({.program = FORKTABLE_SERVER}));
  int watched = 0;
  for (const int fd : open_descriptors(getpid()))
    if (!before.contains(fd) && contains(descriptor_target(getpid(), fd), "pidfd")) ++watched;
  EXPECT_EQ(watched, 1);
}

TEST(Session, DoesNotStopTheServerForAPortThatIsTaken) {
  const Listener other;
  LiveSession live;
  ASSERT_TRUE(live.start());
  const Pid server = live.server();
  const Port port = live.session->port();
  const auto restarted = live.session->start_server({.program = FORKTABLE_SERVER, .port = other.port});
  ASSERT_FALSE(restarted);
  EXPECT_EQ(restarted.error().message(),
            "can't restart the server on 127.0.0.1:" + std::to_string(other.port) + ": Address already in use");
  EXPECT_EQ(kill(server, 0), 0);
  live.session->launch_client(Behaviour::kHello);
  EXPECT_TRUE(live.until([&] { return live.world.counts.reaped == 1; })) << "it goes on serving, on " << port;
}

TEST(Session, CanBeWokenByAnotherThread) {
  LiveSession live;
  std::thread other([&] { live.session->wake(); });
  live.session->pump(std::chrono::hours(1));
  other.join();
}

TEST(Outsider, ShowsUpWithItsNameAndWhatItSaid) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  TcpClient outsider(live.session->port());
  ASSERT_TRUE(outsider.send("twelve bytes"));
  ASSERT_TRUE(live.until([&] { return live.count<OutsiderNamed>() == 1; }));
  ASSERT_EQ(live.world.clients.size(), 1u);
  const ClientId id = live.world.clients[0].id;
  EXPECT_TRUE(live.world.clients[0].outsider);
  EXPECT_EQ(live.world.clients[0].address, Address(outsider.port()));
  EXPECT_EQ(live.world.clients[0].pid, getpid());
  EXPECT_EQ(live.world.clients[0].program.view(), "test-live");
  EXPECT_EQ(outsider.receive(12), "twelve bytes");
  ASSERT_TRUE(live.until([&] { return live.client(id).received == 12; }));
  EXPECT_EQ(live.client(id).sent, 12u);
  EXPECT_NE(live.child_of(id), 0);
  outsider.close();
  ASSERT_TRUE(live.until([&] { return live.world.clients.empty(); }) && live.until_all_served());
  EXPECT_EQ(live.client(id).state, Client::kClosed);
  EXPECT_EQ(live.world.anomaly_count, 0u);
}

TEST(Outsider, IsNamedSoonAlthoughManyHaveComeWithIt) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  std::vector<TcpClient> outsiders;
  for (int i = 0; i < 100; ++i) outsiders.emplace_back(live.session->port());
  ASSERT_TRUE(live.until([&] { return live.count<OutsiderNamed>() == outsiders.size(); }))
      << live.count<OutsiderNamed>();
}

TEST(Outsider, IsNeverTakenForAClientOfOurs) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  std::vector<TcpClient> outsiders;
  for (int i = 0; i < 10; ++i) {
    outsiders.emplace_back(live.session->port());
    live.session->launch_client(Behaviour::kQuiet);
  }
  ASSERT_TRUE(live.until_children_wait(20));
  EXPECT_EQ(live.count<OutsiderConnected>(), 10u);
  std::set<Port> theirs, shown;
  for (const TcpClient& outsider : outsiders) theirs.insert(outsider.port());
  for (const Client& client : live.world.clients) {
    EXPECT_TRUE(client.connection) << "client " << client.id.value << " has no connection";
    if (client.outsider) shown.insert(client.address.port);
  }
  EXPECT_EQ(shown, theirs);
}

TEST(Outsider, CanBeNetcat) {
  if (access("/usr/bin/nc", X_OK) != 0) GTEST_SKIP() << "there is no nc, which scripts/test installs";
  LiveSession live;
  ASSERT_TRUE(live.start());
  RunningProgram nc(
      {.words = {"/bin/sh", "-c",
                 "(echo hello; read forever) | exec /usr/bin/nc 127.0.0.1 " + std::to_string(live.session->port())}});
  ASSERT_TRUE(live.until([&] { return live.count<OutsiderNamed>() == 1 && live.world.clients.at(0).received == 6; }));
  EXPECT_TRUE(contains(live.world.clients[0].program.view(), "nc"));
  EXPECT_EQ(live.world.clients[0].last_sent.view(), "hello\n");
  EXPECT_EQ(nc.line_from_output(), "hello");
}

}  // namespace
}  // namespace forktable::test
