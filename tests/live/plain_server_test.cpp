// The echo server alone, as a student runs it: no Forktable, no pipe.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <memory>

#include "tests/support/deadline.hpp"
#include "tests/support/proc.hpp"
#include "tests/support/program.hpp"
#include "tests/support/tcp_client.hpp"
#include "tests/support/text.hpp"

namespace forktable::test {
namespace {

class PlainServer {
 public:
  explicit PlainServer(Port port = 0) : program({.words = {FORKTABLE_SERVER, std::to_string(port)}}) { find_port(); }
  explicit PlainServer(const Command& command) : program(command) { find_port(); }

  // Its children, each with these descriptors and no others.
  bool has_children(std::size_t count, const std::set<int>& descriptors) const {
    const auto children = children_of(program.pid());
    if (children.size() != count) return false;
    for (const Pid child : children)
      if (open_descriptors(child) != descriptors) return false;
    return true;
  }

  RunningProgram program;
  Port port = 0;

 private:
  void find_port() {
    const std::string line = program.line_from_errors();
    EXPECT_EQ(line.rfind("echo server: listening on 127.0.0.1:", 0), 0u) << line;
    port = static_cast<Port>(std::atoi(line.substr(line.rfind(':') + 1).c_str()));
  }
};

const std::set<int> kParents = {0, 1, 2, 3}, kChilds = {0, 1, 2, 4};

TEST(PlainServer, SendsBackWhatItGets) {
  const PlainServer server;
  TcpClient client(server.port);
  EXPECT_TRUE(client.echoes("hello\n"));
  EXPECT_TRUE(client.echoes(std::string("\0\xFF\r\n", 4)));
  client.half_close();
  EXPECT_TRUE(client.sees_end_of_file());
}

TEST(PlainServer, SendsBackALongMessageWhole) {
  const PlainServer server;
  TcpClient client(server.port);
  std::string message;
  for (int i = 0; message.size() < 200'000; ++i) message += std::to_string(i) + "\n";
  EXPECT_TRUE(client.echoes(message));
}

TEST(PlainServer, ServesSeveralClientsAtOnce) {
  const PlainServer server;
  TcpClient first(server.port), second(server.port), third(server.port);
  EXPECT_TRUE(first.echoes("first"));
  EXPECT_TRUE(third.echoes("third"));
  EXPECT_TRUE(second.echoes("second"));
  EXPECT_TRUE(first.echoes("first again"));
}

TEST(PlainServer, AClientThatSaysNothingStopsNobody) {
  const PlainServer server;
  const TcpClient quiet(server.port);
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(TcpClient(server.port).echoes("hello"));
}

TEST(PlainServer, ListensOnDescriptorThreeAndTheChildTalksOnFour) {
  const PlainServer server;
  EXPECT_TRUE(wait_until([&] { return open_descriptors(server.program.pid()) == kParents; }));
  EXPECT_TRUE(contains(descriptor_target(server.program.pid(), 3), "socket:"));
  TcpClient first(server.port), second(server.port);
  EXPECT_TRUE(first.echoes("x") && second.echoes("x"));
  EXPECT_TRUE(wait_until([&] { return server.has_children(2, kChilds); })) << "the children have closed listenfd";
  EXPECT_TRUE(wait_until([&] { return open_descriptors(server.program.pid()) == kParents; }))
      << "the parent has closed connfd";
  const auto children = children_of(server.program.pid());
  EXPECT_NE(descriptor_target(children[0], 4), descriptor_target(children[1], 4))
      << "each child has a connection of its own";
}

TEST(PlainServer, LeavesNoZombieHoweverManyChildrenEndAtOnce) {
  const PlainServer server;
  {
    std::vector<TcpClient> clients;
    for (int i = 0; i < 50; ++i) clients.emplace_back(server.port);
    for (TcpClient& client : clients) EXPECT_TRUE(client.echoes("x"));
    EXPECT_EQ(children_of(server.program.pid()).size(), 50u);
  }
  EXPECT_TRUE(wait_until([&] { return children_of(server.program.pid()).empty(); }));
  EXPECT_TRUE(TcpClient(server.port).echoes("hello"));
}

TEST(PlainServer, SurvivesClientsThatDoNotWaitForTheirEcho) {
  const PlainServer server;
  for (int i = 0; i < 10; ++i) {
    TcpClient rude(server.port);
    // More than fits anywhere: the child is in write(2), and then the connection is reset under it.
    EXPECT_TRUE(rude.send(std::string(100'000, 'x')));
    rude.reset();
  }
  EXPECT_TRUE(wait_until([&] { return children_of(server.program.pid()).empty(); }));
  EXPECT_TRUE(TcpClient(server.port).echoes("hello"));
}

TEST(PlainServer, GoesOnWhenAChildIsKilled) {
  const PlainServer server;
  TcpClient first(server.port), second(server.port);
  EXPECT_TRUE(first.echoes("x") && second.echoes("x"));
  const auto children = children_of(server.program.pid());
  ASSERT_EQ(children.size(), 2u);
  kill(children[0], SIGKILL);
  EXPECT_TRUE(wait_until([&] { return children_of(server.program.pid()) == std::vector{children[1]}; }));
  EXPECT_TRUE(first.sees_end_of_file()) << "the kernel has closed its connection";
  EXPECT_TRUE(second.echoes("still here"));
}

TEST(PlainServer, ChildrenGoOnWhenTheServerIsKilledAndItsPortIsFreeForTheNext) {
  Port port = 0;
  Pid group = 0;
  std::unique_ptr<TcpClient> client;
  {
    const PlainServer server;
    port = server.port;
    group = server.program.pid();
    client = std::make_unique<TcpClient>(port);
    EXPECT_TRUE(client->echoes("hello"));
    // A child that has not closed listenfd yet would still hold the port.
    EXPECT_TRUE(wait_until([&] { return server.has_children(1, kChilds); }));
    server.program.send_signal(SIGKILL);
    EXPECT_TRUE(wait_until([&] { return state_of(group) == 'Z'; }));
    EXPECT_TRUE(client->echoes("still there?"));
    const PlainServer next(port);
    EXPECT_EQ(next.port, port);
    EXPECT_TRUE(TcpClient(port).echoes("hello"));
    EXPECT_TRUE(client->echoes("and now?"));
  }
  EXPECT_TRUE(wait_until([&] { return living_in_group(group).empty(); }));
}

TEST(PlainServer, WithAWrongCommandLineShowsTheRightOne) {
  const std::vector<std::vector<std::string>> wrong = {{},      {"port"},         {""},    {"-1"}, {"65536"},
                                                       {"80x"}, {"8080", "8081"}, {"0x50"}};
  for (const auto& arguments : wrong) {
    Command command{.words = {FORKTABLE_SERVER}};
    command.words.insert(command.words.end(), arguments.begin(), arguments.end());
    const Outcome outcome = run(command);
    EXPECT_EQ(outcome.status, 2) << testing::PrintToString(arguments);
    EXPECT_TRUE(contains(outcome.err, "usage:") && contains(outcome.err, "PORT")) << outcome.err;
    EXPECT_EQ(outcome.out, "");
  }
}

TEST(PlainServer, WithAPortThatIsTakenSaysSo) {
  const Listener taken;
  const Outcome outcome = run({.words = {FORKTABLE_SERVER, std::to_string(taken.port)}});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err, "echo server: can't listen on 127.0.0.1:" + std::to_string(taken.port) +
                             ": bind: Address already in use\n");
}

TEST(PlainServer, IsOneWhenTheVariablesForThePipeNameNone) {
  for (const char* number : {"3", "999", "-1", "", "x", "99999999999"}) {
    const std::string variable = std::string("=") + number;
    const PlainServer server(
        Command{.words = {"/usr/bin/env", "FORKTABLE_REPORT_FD" + variable, "FORKTABLE_LIFELINE_FD" + variable,
                          "FORKTABLE_DESCRIPTOR_LIMIT=4", FORKTABLE_SERVER, "0"}});
    EXPECT_TRUE(TcpClient(server.port).echoes("hello")) << number;
  }
}

}  // namespace
}  // namespace forktable::test
