// What `inspect --json` prints is what ss(8) and lsof(8) print, run beside it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/recording/recording.hpp"
#include "tests/live/live_session.hpp"
#include "tests/support/program.hpp"
#include "tests/support/temporary_folder.hpp"

namespace forktable::test {
namespace {

using Json = nlohmann::json;

std::string output_of(const std::string& tool, const std::vector<std::string>& arguments) {
  Command command{.words = {tool}};
  command.words.insert(command.words.end(), arguments.begin(), arguments.end());
  return run(command).out;
}

// A session whose World is seen through a recording and the program's own `inspect --json`.
class BesideTheTools : public testing::Test {
 protected:
  void SetUp() override {
    // One connection of each kind: in use, half closed because the parent holds on to it, and waiting for accept.
    Bugs bugs;
    bugs.set(Bug::kParentKeepsConnfd, true);
    ASSERT_TRUE(live.start({.program = FORKTABLE_SERVER, .bugs = bugs}));
    live.session->launch_client(Behaviour::kHello);
    live.session->launch_client(Behaviour::kQuiet);
    live.session->launch_client(Behaviour::kQuiet);
    ASSERT_TRUE(live.until([&] { return live.world.counts.accepted == 3 && live.world.counts.reaped == 1; }));
    ASSERT_TRUE(live.until_children_wait(2));
    kill(live.server(), SIGSTOP);
    ASSERT_TRUE(live.until([&] { return find_process(live.world, live.world.server)->stopped; }));
    live.session->launch_client(Behaviour::kQuiet);
    live.session->launch_client(Behaviour::kQuiet);
    const auto rests = [](const Client& one) {
      return one.socket.state == TcpState::kEstablished || one.socket.state == TcpState::kFinWait2;
    };
    const World& live_world = live.world;
    ASSERT_TRUE(live.until([&] {
      return is_checked(live_world) && live_world.files.size() > 2 && live_world.clients.size() == 5 &&
             std::all_of(live_world.clients.begin(), live_world.clients.end(), rests) &&
             std::any_of(live_world.files.begin(), live_world.files.end(), [](const OpenFile& one) {
               return one.kind == FileKind::kListening && one.socket.receive == 2;
             });
    }));
    const TemporaryFolder folder;
    auto recording = RecordingWriter::create(folder.file("run.jsonl"), {});
    ASSERT_TRUE(recording);
    for (const Event& event : live.events) recording->append(event);
    ASSERT_TRUE(recording->finish());
    world = Json::parse(output_of(FORKTABLE_PROGRAM, {"inspect", folder.file("run.jsonl"), "--json"}));
  }
  void TearDown() override {
    if (live.session->server_alive()) kill(live.server(), SIGCONT);
  }

  LiveSession live;
  Json world;
};

TEST_F(BesideTheTools, SsPrintsTheSameStatesAndQueues) {
  struct Line {
    std::string state;
    std::uint32_t receive = 0, send = 0;
  };
  std::map<std::string, Line> by_ends;  // "127.0.0.1:8080 127.0.0.1:40001"
  const std::string port = std::to_string(live.session->port()), server = "127.0.0.1:" + port;
  std::istringstream lines(
      output_of("/usr/bin/ss", {"-Hant", "(", "sport", "=", ":" + port, "or", "dport", "=", ":" + port, ")"}));
  std::string state, near, far;
  for (Line line; lines >> state >> line.receive >> line.send >> near >> far;) {
    line.state = state == "ESTAB"        ? "ESTABLISHED"
                 : state == "FIN-WAIT-2" ? "FIN_WAIT2"
                 : state == "CLOSE-WAIT" ? "CLOSE_WAIT"
                                         : state;
    // Another socket of this machine may have the number at its own address.
    if (near == server || far == server) by_ends[near + " " + far] = line;
  }
  if (by_ends.empty()) GTEST_SKIP() << "ss, of the package iproute2, isn't installed or may not look";

  std::map<std::string, Line> told;
  for (const Json& file : world["files"])
    told[server + " " + (file["peer"].is_null() ? "0.0.0.0:*" : file["peer"].get<std::string>())] = {
        file["tcp_state"], file["receive_queue"], file["send_queue"]};
  for (const Json& client : world["clients"])
    told[fmt::format("127.0.0.1:{} {}", client["port"].get<int>(), server)] = {
        client["tcp_state"], client["receive_queue"], client["send_queue"]};
  EXPECT_EQ(told.size(), 9u) << "listening, three accepted ones, and five clients";
  for (const auto& [ends, line] : told) {
    EXPECT_EQ(by_ends[ends].state, line.state) << ends;
    EXPECT_EQ(by_ends[ends].receive, line.receive) << ends;
    EXPECT_EQ(by_ends[ends].send, line.send) << ends;
  }
  EXPECT_EQ(by_ends.size(), told.size() + 2) << "beside them there are the server's ends of those that wait for accept";
  EXPECT_EQ(told[server + " 0.0.0.0:*"].receive, 2u) << "who waits for accept";
}

TEST_F(BesideTheTools, LsofPrintsTheSameDescriptors) {
  std::map<int, std::string> addresses;  // of the files, by id
  for (const Json& file : world["files"])
    addresses[file["id"]] = file["peer"].is_null()
                                ? file["local"].get<std::string>()
                                : file["local"].get<std::string>() + "->" + file["peer"].get<std::string>();
  std::map<std::pair<int, int>, std::string> told;  // by pid and descriptor
  std::string pids;
  for (const Json& process : world["processes"]) {
    if (process["state"] == "reaped") continue;
    pids += (pids.empty() ? "" : ",") + std::to_string(process["pid"].get<int>());
    for (const Json& descriptor : process["descriptors"])
      told[{process["pid"], descriptor["fd"]}] = addresses[descriptor["file"]];
  }

  std::map<std::pair<int, int>, std::string> printed;
  std::istringstream lines(output_of("/usr/bin/lsof", {"-nP", "-a", "-p", pids, "-iTCP", "-Fpfn"}));
  std::pair<int, int> at;
  for (std::string line; std::getline(lines, line);) {
    if (line[0] == 'p') at.first = std::stoi(line.substr(1));
    if (line[0] == 'f') at.second = std::stoi(line.substr(1));
    if (line[0] == 'n') printed[at] = line.substr(1);
  }
  if (printed.empty()) GTEST_SKIP() << "lsof isn't installed or may not look";
  EXPECT_EQ(printed, told);
  EXPECT_EQ(told.size(), 9u)
      << "listenfd and three connections that the parent keeps; the two children that are left have "
         "theirs, and a copy of each that the parent kept before";
}

}  // namespace
}  // namespace forktable::test
