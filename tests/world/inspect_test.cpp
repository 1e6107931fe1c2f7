// What `forktable inspect` prints: other programs rely on the names.
#include "core/world/inspect.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "core/world/describe.hpp"
#include "tests/support/text.hpp"
#include "tests/world/told.hpp"

namespace forktable::test {
namespace {

using Json = nlohmann::json;
using Names = std::set<std::string>;

Json json_of(const World& world, std::uint64_t steps = 99) { return Json::parse(world_as_json(world, steps).dump()); }

Names names_in(const Json& object) {
  Names names;
  for (const auto& [name, value] : object.items()) names.insert(name);
  return names;
}

// The contract; what is added to it is named beside it.
void expect_contract(const Json& json) {
  EXPECT_EQ(
      names_in(json),
      (Names{"step", "steps", "processes", "files", "clients", "anomalies", "diagnoses", "counts",  //
             "stepping", "bugs", "lesson_step", "kernel", "server", "segment", "semaphore", "forgotten", "late"}));
  EXPECT_TRUE(json["step"].is_number_unsigned() && json["steps"].is_number_unsigned());
  for (const Json& process : json["processes"]) {
    EXPECT_EQ(names_in(process),
              (Names{"id",      "pid",         "parent",    "role",    "state",           "blocked_in",
                     "exit",    "descriptors",  //
                     "signal",  "line",        "gate",      "held",    "stopped",         "traced",
                     "pending", "caught",      "thread_of", "program", "detached",        "counter",
                     "watched", "ready",       "returned",  "jobs",    "blocked_signals", "keeps"}));
    EXPECT_TRUE((Names{"parent", "child", "thread"}.contains(process["role"])));
    EXPECT_TRUE((Names{"running", "blocked", "zombie", "reaped", "orphan"}.contains(process["state"])));
    EXPECT_TRUE(process["blocked_in"].is_null() || process["blocked_in"].is_string());
    for (const char* number : {"parent", "exit", "signal", "line"})
      EXPECT_TRUE(process[number].is_null() || process[number].is_number_integer()) << number;
    for (const Json& descriptor : process["descriptors"]) {
      EXPECT_EQ(names_in(descriptor), (Names{"fd", "name", "file", "close_on_exec"}));
      int files = 0;
      for (const Json& file : json["files"]) files += file["id"] == descriptor["file"] ? 1 : 0;
      EXPECT_EQ(files, 1) << "a descriptor refers to one of the files";
    }
  }
  for (const Json& file : json["files"])
    EXPECT_EQ(names_in(file), (Names{"id", "kind", "local", "peer", "refcount", "tcp_state",  //
                                     "client", "receive_queue", "send_queue", "backlog"}));
  for (const Json& client : json["clients"])
    EXPECT_EQ(names_in(client), (Names{"id", "state", "sent", "received",  //
                                       "outsider", "program", "unnamed", "address", "port", "connection", "tcp_state",
                                       "receive_queue", "send_queue", "server_end"}));
  EXPECT_EQ(names_in(json["kernel"]), (Names{"checked", "current", "references", "references_agreeing", "sockets",
                                             "sockets_agreeing", "differences", "differences_ever", "unchecked"}));
  for (const Json& difference : json["kernel"]["differences"])
    EXPECT_EQ(names_in(difference), (Names{"in", "pid", "number", "reported", "kernel", "since"}));
  for (const Json& anomaly : json["anomalies"]) EXPECT_EQ(names_in(anomaly), (Names{"step", "text"}));
  EXPECT_TRUE(json["diagnoses"].is_array());
  for (const Json& diagnosis : json["diagnoses"])
    EXPECT_EQ(names_in(diagnosis), (Names{"kind", "text", "title", "cause", "fix", "since"}));
  EXPECT_EQ(names_in(json["counts"]), (Names{"accepted", "forked", "closed", "exited", "reaped"}));
}

World half_way() {
  return told({{kServerPid, PlumbingOpened{62}},
               {kServerPid, Listened{3, 8080, 10}},
               {0, ClientConnecting{{1}, Behaviour::kHello, 40001}},
               {0, ClientConnected{{1}}},
               {0, ClientConnecting{{2}, Behaviour::kHello, 40002}},
               {0, ClientConnected{{2}}},
               {kServerPid, Accepted{3, 4, 40001}},
               {kServerPid, ForkCalled{1}},
               {kServerPid, Forked{1, kChild}},
               {kServerPid, Closed{4}},
               {kChild, ChildStarted{kServerPid, 1}},
               {kChild, Closed{3}},
               {kChild, ReadCalled{4}}});
}

TEST(InspectJson, OfAnEmptyWorldHasEveryNameAndNothingInIt) {
  const Json json = json_of({}, 0);
  expect_contract(json);
  EXPECT_EQ(json["step"], 0);
  for (const char* list : {"processes", "files", "clients", "anomalies", "diagnoses"})
    EXPECT_TRUE(json[list].empty()) << list;
  for (const auto& [name, count] : json["counts"].items()) EXPECT_EQ(count, 0) << name;
}

TEST(InspectJson, InTheMiddleTellsWhoHoldsWhat) {
  const Json json = json_of(half_way());
  expect_contract(json);
  EXPECT_EQ(json["step"], 14);
  EXPECT_EQ(json["steps"], 99);
  ASSERT_EQ(json["processes"].size(), 2u);
  const Json parent = json["processes"][0], child = json["processes"][1];
  EXPECT_EQ(parent["pid"], kServerPid);
  EXPECT_EQ(parent["parent"], nullptr);
  EXPECT_EQ(parent["role"], "parent");
  EXPECT_EQ(parent["state"], "running");
  EXPECT_EQ(parent["descriptors"], Json::parse(R"([{"fd":3,"name":"listenfd","file":2,"close_on_exec":false}])"))
      << "Forktable's own pipe is not shown";
  EXPECT_EQ(child["parent"], parent["id"]);
  EXPECT_EQ(child["role"], "child");
  EXPECT_EQ(child["state"], "blocked");
  EXPECT_EQ(child["blocked_in"], "read(4)");
  EXPECT_EQ(child["exit"], nullptr);
  EXPECT_EQ(child["descriptors"], Json::parse(R"([{"fd":4,"name":"connfd","file":3,"close_on_exec":false}])"));
  EXPECT_EQ(json["files"], Json::parse(R"([
    {"id":2,"kind":"listening","local":"127.0.0.1:8080","peer":null,"refcount":1,"tcp_state":"LISTEN","client":null,
     "receive_queue":0,"send_queue":0,"backlog":10},
    {"id":3,"kind":"connection","local":"127.0.0.1:8080","peer":"127.0.0.1:40001","refcount":1,"tcp_state":null,"client":1,
     "receive_queue":0,"send_queue":0,"backlog":null}])"));
  EXPECT_EQ(json["clients"][0]["state"], "connected");
  EXPECT_EQ(json["clients"][0]["connection"], 3);
  EXPECT_EQ(json["clients"][1]["state"], "queued");
  EXPECT_EQ(json["clients"][1]["connection"], nullptr);
}

TEST(InspectJson, TellsWhatTheKernelSaid) {
  World world = half_way();
  tell(world, 0, TcpStateSeen{8080, 40001, TcpState::kCloseWait});
  tell(world, 0, QueuesSeen{8080, 40001, 6, 0});
  tell(world, 0, TcpStateSeen{40001, 8080, TcpState::kFinWait2});
  tell(world, 0, QueuesSeen{8080, 0, 1, 10});
  tell(world, kChild, SignalsSeen{1u << (SIGCHLD - 1), 0});
  tell(world, kChild, StopSeen{0});
  tell(world, kChild, DifferenceSeen{Differs::kDescriptor, 4, ShortText("connection 1"), ShortText("closed")});
  tell(world, 0, CheckDenied{Aspect::kSharing, 1});
  tell(world, 0, KernelChecked{1, 2, 3, 4});
  Json json = json_of(world);
  expect_contract(json);
  EXPECT_EQ(json["files"][0]["receive_queue"], 1);
  EXPECT_EQ(json["files"][1]["tcp_state"], "CLOSE_WAIT");
  EXPECT_EQ(json["files"][1]["receive_queue"], 6);
  EXPECT_EQ(json["clients"][0]["tcp_state"], "FIN_WAIT2");
  EXPECT_EQ(json["processes"][1]["pending"], Json::parse(R"(["SIGCHLD"])"));
  EXPECT_EQ(json["processes"][1]["stopped"], true);
  EXPECT_EQ(json["kernel"]["differences"][0]["reported"], "connection 1");
  EXPECT_EQ(json["kernel"]["differences"][0]["kernel"], "closed");
  EXPECT_EQ(json["kernel"]["unchecked"], Json::parse(R"(["sharing"])"));
  EXPECT_EQ(json["kernel"]["references_agreeing"], 1);
  EXPECT_EQ(json["kernel"]["current"], true);
  tell(world, kChild, Closed{4});
  EXPECT_EQ(json_of(world)["kernel"]["current"], false) << "something has happened since";
}

TEST(InspectJson, TellsHowAProcessEnded) {
  World world = half_way();
  tell(world, kChild, ExitCalled{3});
  Json child = json_of(world)["processes"][1];
  EXPECT_EQ(child["state"], "zombie");
  EXPECT_EQ(child["exit"], 3);
  EXPECT_EQ(child["signal"], nullptr);
  tell(world, kServerPid, Reaped{kChild, 3 << 8});
  child = json_of(world)["processes"][1];
  EXPECT_EQ(child["state"], "reaped");
  EXPECT_EQ(child["exit"], 3);

  world = half_way();
  tell(world, kChild, DeathSeen{});
  child = json_of(world)["processes"][1];
  EXPECT_EQ(child["state"], "zombie");
  EXPECT_EQ(child["exit"], nullptr) << "nobody knows yet";
  EXPECT_EQ(child["signal"], nullptr);
  tell(world, kServerPid, Reaped{kChild, SIGKILL});
  child = json_of(world)["processes"][1];
  EXPECT_EQ(child["exit"], nullptr);
  EXPECT_EQ(child["signal"], SIGKILL);
}

TEST(InspectJson, TellsOrphans) {
  World world = half_way();
  tell(world, kServerPid, Collected{SIGKILL});
  const Json json = json_of(world);
  expect_contract(json);
  EXPECT_EQ(json["processes"][0]["state"], "reaped");
  EXPECT_EQ(json["processes"][1]["state"], "orphan");
  EXPECT_EQ(json["files"].size(), 1u) << "nobody listens any more";
}

TEST(InspectJson, TellsGatesSwitchesAndTheLesson) {
  World world = half_way();
  Json json = json_of(world);
  EXPECT_EQ(json["stepping"], false);
  EXPECT_EQ(json["bugs"], Json::array());
  EXPECT_EQ(json["lesson_step"], 0);
  EXPECT_EQ(json["processes"][0]["gate"], nullptr);
  EXPECT_EQ(json["processes"][1]["held"], false);
  tell(world, 0, SteppingChanged{1});
  tell(world, kChild, HoldChanged{1});
  tell(world, 0, BugsSwitched{bugs_of({Bug::kNoEintrCheck, Bug::kOneWaitpid})});
  tell(world, 0, LessonStepped{3});
  tell(world, kServerPid, GateReached{Call::kAccept, 3});
  json = json_of(world);
  expect_contract(json);
  EXPECT_EQ(json["stepping"], true);
  EXPECT_EQ(json["bugs"], Json::parse(R"(["one-waitpid","no-eintr-check"])"));
  EXPECT_EQ(json["lesson_step"], 3);
  EXPECT_EQ(json["processes"][0]["gate"], "accept(3)");
  EXPECT_EQ(json["processes"][0]["state"], "running");
  EXPECT_EQ(json["processes"][1]["held"], true);
}

TEST(InspectJson, TellsWhatIsWrong) {
  World world = half_way();
  tell(world, kServerPid, AcceptCalled{3});
  EXPECT_EQ(json_of(world)["diagnoses"], Json::array());
  tell(world, kServerPid, Accepted{3, 4, 40002});
  tell(world, kServerPid, ForkCalled{2});
  tell(world, kServerPid, Forked{2, kChild + 1});
  tell(world, kServerPid, AcceptCalled{3});
  const Json json = json_of(world);
  expect_contract(json);
  ASSERT_EQ(json["diagnoses"].size(), 1u);
  EXPECT_EQ(json["diagnoses"][0]["kind"], "leaked-connfd");
  EXPECT_EQ(json["diagnoses"][0]["title"], "Leak");
  EXPECT_EQ(json["diagnoses"][0]["since"], world.step);
  const std::string table = world_as_table(world, 99);
  for (const char* part : {"DIAGNOSES", "Leak (since step 19): The parent still holds connfd 4",
                           "Fix: Close(connfd);  // in the parent, right after Fork()"})
    EXPECT_TRUE(contains(table, part)) << part << " is missing in\n" << table;
  EXPECT_FALSE(contains(world_as_table(half_way(), 99), "DIAGNOSES"));
}

TEST(InspectJson, AtTheEndOnlyTheListeningSocketIsLeft) {
  World world = half_way();
  tell(world, kChild, EndOfFile{4});
  tell(world, kChild, Closed{4});
  tell(world, kChild, ExitCalled{0});
  tell(world, kServerPid, Reaped{kChild, 0});
  tell(world, 0, ClientEnded{{1}, ClientEnd::kClosed, Call::kClose, 0});
  const Json json = json_of(world);
  expect_contract(json);
  ASSERT_EQ(json["files"].size(), 1u);
  EXPECT_EQ(json["files"][0]["kind"], "listening");
  EXPECT_EQ(json["counts"], Json::parse(R"({"accepted":1,"forked":1,"closed":1,"exited":1,"reaped":1})"));
  EXPECT_EQ(json["processes"].size(), 2u) << "who has gone is still listed";
  EXPECT_EQ(json["clients"].size(), 2u);
  EXPECT_EQ(json["clients"][0]["state"], "closed");
}

TEST(InspectJson, ListsEverybodyByNumberHoweverTheyWent) {
  World world = half_way();
  for (std::uint32_t i = 2; i <= 20; ++i) {
    tell(world, kServerPid, ForkCalled{i});
    tell(world, kServerPid, Forked{i, static_cast<Pid>(100 + i)});
  }
  for (const Pid pid : {110, 105, 120, 102}) tell(world, kServerPid, Reaped{pid, 0});
  std::vector<int> ids;
  const Json json = json_of(world);
  for (const Json& process : json["processes"]) ids.push_back(process["id"]);
  EXPECT_EQ(ids.size(), 21u);
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
}

TEST(InspectJson, HasTheAddressesOfClientsAsTheyCall) {
  World world = half_way();
  tell(world, 0, OutsiderConnected{{3}, {Ipv4{0x7F000002}, 40001}});
  tell(world, kServerPid, Accepted{3, 4, {Ipv4{0x7F000002}, 40001}});
  tell(world, 0, OutsiderUnnamed{{3}, Unnamed::kGone});
  const Json json = json_of(world);
  EXPECT_EQ(json["files"].back()["local"], "127.0.0.1:8080");
  EXPECT_EQ(json["files"].back()["peer"], "127.0.0.2:40001");
  const Json& ours = json["clients"].front();
  const Json& outsider = json["clients"].back();
  EXPECT_EQ(ours["address"], "127.0.0.1:40001");
  EXPECT_EQ(ours["port"], 40001);
  EXPECT_TRUE(ours["unnamed"].is_null());
  EXPECT_EQ(outsider["address"], "127.0.0.2:40001");
  EXPECT_EQ(outsider["port"], 40001);
  EXPECT_EQ(outsider["unnamed"], "gone");
  EXPECT_TRUE(outsider["program"].is_null());
  EXPECT_EQ(json["files"].back()["client"], 3);
}

TEST(InspectJson, IsJsonWhateverAProgramCallsItself) {
  for (const char* name : {"\"},{\"", "\\", "\x01\x1f\x7f", "</script>", "\xFF\xFE", "é", "\xC3", "a\nb", "😀😀😀😀"}) {
    World world = half_way();
    tell(world, kServerPid, Accepted{3, 4, 40003});
    tell(world, 0, OutsiderConnected{{3}, 40003});
    const ShortText text = valid_utf8(ShortText(name));
    tell(world, 4711, OutsiderNamed{{3}, text});
    tell(world, 4711, Closed{3});  // an anomaly as well
    const Json json = json_of(world);
    expect_contract(json);
    EXPECT_EQ(json["clients"][2]["program"], text.length > 0 ? Json(text.view()) : Json(nullptr));
    EXPECT_EQ(json["anomalies"].size(), 1u);
  }
}

TEST(InspectTable, TellsTheSameToPeople) {
  World world = half_way();
  const std::string table = world_as_table(world, 99);
  for (const char* part :
       {"step 14 of 99", "server (parent)", "3→listening socket", "child 1", "4→connection 1", "blocked in read(4)",
        "8080 ↔ 40001", "refcnt 1", "in the accept queue", "accepted 1   forked 1   closed 0   exited 0   reaped 0"})
    EXPECT_TRUE(contains(table, part)) << part << " is missing in\n" << table;
  EXPECT_FALSE(contains(table, "62")) << "Forktable's own pipe is not shown";
  EXPECT_TRUE(contains(world_as_table({}, 0), "none yet"));
}

TEST(InspectTable, DoesNotSayThatAStrangerHasClosedWhatOnlyTheServerHas) {
  World world = half_way();
  tell(world, kServerPid, Accepted{3, 4, 40003});
  tell(world, 0, OutsiderConnected{{3}, 40003});
  tell(world, 0, TcpStateSeen{40003, 8080, TcpState::kEstablished});
  tell(world, kServerPid, Closed{4});
  EXPECT_TRUE(contains(world_as_table(world, 99), "the server's end is closed"));
  tell(world, 0, TcpStateSeen{40003, 8080, TcpState::kCloseWait});
  EXPECT_TRUE(contains(world_as_table(world, 99), "the server's end is closed"));
  tell(world, 0, TcpStateSeen{40003, 8080, TcpState::kGone});
  EXPECT_FALSE(contains(world_as_table(world, 99), "the server's end is closed"));
}

TEST(InspectTable, HasNoCharacterThatTurnsTheTextAround) {
  World world = half_way();
  tell(world, kServerPid, Accepted{3, 4, 40003});
  tell(world, 0, OutsiderConnected{{3}, 40003});
  tell(world, 4711, OutsiderNamed{{3}, ShortText("a\u202Eb\u2066c\u200Fd")});
  const std::string table = world_as_table(world, 99, "\u202A, \u202B, \u2069, \u200E, \u061C");
  EXPECT_TRUE(contains(table, "a.b.c.d")) << table;
  EXPECT_TRUE(contains(table, "., ., ., ., .")) << table;
  EXPECT_TRUE(contains(world_as_table(world, 99, "“…” – \u00A0→"), "“…” – \u00A0→")) << "others stay";
}

TEST(InspectTable, KeepsAProgramsNameOffTheTerminal) {
  World world = half_way();
  tell(world, kServerPid, Accepted{3, 4, 40003});
  tell(world, 0, OutsiderConnected{{3}, 40003});
  tell(world, 4711, OutsiderNamed{{3}, ShortText("\x1b]0;owned\a\xC2\x9B\n")});
  tell(world, kServerPid, DifferenceSeen{Differs::kDescriptor, 4, ShortText("\x1b]0;o\a"), ShortText("\x1b[2J")});
  const std::string table = world_as_table(world, 99, "\x1b[31m, says \a");
  EXPECT_TRUE(contains(table, ".]0;owned...")) << table;
  for (const char* control : {"\x1b", "\a", "\xC2\x9B"}) EXPECT_FALSE(contains(table, control)) << table;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// Characters, of which none here is wider than a column.
std::size_t width_of(const std::string& line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// A parent that closes nothing and reaps nobody.
World many_clients(std::uint32_t clients) {
  World world = told({{kServerPid, Listened{3, 8080, 10}}});
  for (std::uint32_t i = 1; i <= clients; ++i) {
    const Port port = static_cast<Port>(40000 + i);
    const Pid child = static_cast<Pid>(kChild + i);
    tell(world, 0, ClientConnecting{{i}, Behaviour::kHello, port});
    tell(world, kServerPid, Accepted{3, static_cast<int>(3 + i), port}, 22);
    tell(world, kServerPid, ForkCalled{i}, 27);
    tell(world, kServerPid, Forked{i, child}, 27);
    if (i % 2 == 0) tell(world, child, ExitCalled{0}, 31);
    tell(world, 0, TcpStateSeen{8080, port, TcpState::kCloseWait});
    tell(world, 0, QueuesSeen{8080, port, 4'000'000, 0});
  }
  tell(world, kServerPid,
       DifferenceSeen{Differs::kDescriptor, 4, ShortText("connection 1 and what not else"),
                      ShortText("closed, or something like that")});
  tell(world, kServerPid, AcceptCalled{3}, 22);
  return world;
}

TEST(InspectTable, FitsATerminalOfEightyColumns) {
  const std::string caption = "The parent calls accept(3) and blocks until a client connects, whichever it may be.";
  for (const std::uint32_t clients : {0, 1, 3, 50}) {
    const std::string table = world_as_table(many_clients(clients), 12345, caption);
    for (const std::string& line : lines_of(table)) {
      EXPECT_LE(width_of(line), 80u) << line;
      EXPECT_FALSE(line.ends_with(' ')) << line;
    }
  }
}

TEST(InspectTable, SaysFirstWhatHasHappened) {
  const std::string table = world_as_table(half_way(), 99, "The parent → nobody.");
  EXPECT_EQ(lines_of(table).front(), "step 14 of 99: The parent → nobody.");
  EXPECT_EQ(lines_of(world_as_table({}, 99)).front(), "step 0 of 99");
}

TEST(InspectTable, PutsWhatIsOfOneKindUnderEachOther) {
  const std::vector<std::string> lines = lines_of(world_as_table(many_clients(12), 99));
  std::set<std::size_t> counts, clients, descriptors;
  const auto column_of = [](const std::string& line, const char* part) {
    return width_of(line.substr(0, line.find(part)));
  };
  for (const std::string& line : lines) {
    if (contains(line, "refcnt ") && !contains(line, "=")) counts.insert(column_of(line, "refcnt "));
    if (contains(line, "received ")) clients.insert(column_of(line, "received "));
    if (contains(line, "3→listening socket")) descriptors.insert(column_of(line, "3→listening socket"));
  }
  EXPECT_EQ(counts.size(), 1u);
  EXPECT_EQ(clients.size(), 1u);
  EXPECT_EQ(descriptors.size(), 1u);
}

TEST(InspectTable, HasColoursOnlyWhereTheyAreWanted) {
  const World world = many_clients(3);
  EXPECT_FALSE(contains(world_as_table(world, 99, "Caption."), "\x1b"));
  const std::string table = world_as_table(world, 99, "Caption.", true);
  EXPECT_TRUE(contains(table, "\x1b[1mrefcnt 2\x1b[0m")) << table;
  EXPECT_TRUE(contains(table, "\x1b[1;33mzombie: exited 0, not yet reaped\x1b[0m")) << table;
  EXPECT_TRUE(contains(table, "\x1b[1;33mLeak\x1b[0m (since")) << table;
}

TEST(InspectTable, DoesNotTellTheStateThatAConnectionHadBeforeItsClientClosedIt) {
  World world = half_way();
  tell(world, 0, TcpStateSeen{40001, 8080, TcpState::kEstablished});
  EXPECT_TRUE(contains(world_as_table(world, 99), "ESTABLISHED"));
  tell(world, 0, ClientEnded{{1}, ClientEnd::kClosed, Call::kClose, 0});
  EXPECT_FALSE(contains(world_as_table(world, 99), "ESTABLISHED"));
}

TEST(Names, OfSignalsAndErrorsAreThoseOfTheManual) {
  EXPECT_EQ(signal_name(SIGKILL), "SIGKILL");
  EXPECT_EQ(signal_name(4711), "signal 4711");
  EXPECT_EQ(error_name(EMFILE), "EMFILE");
  EXPECT_EQ(error_name(99999), "error 99999");
  EXPECT_EQ(ending_of(0), "exited 0");
  EXPECT_EQ(ending_of(3 << 8), "exited 3");
  EXPECT_EQ(ending_of(SIGSEGV), "killed by SIGSEGV");
}

}  // namespace
}  // namespace forktable::test
