// `forktable inspect`: what a file is worth.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include <algorithm>

#include "core/recording/recording.hpp"
#include "tests/support/events.hpp"
#include "tests/support/program.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/text.hpp"

namespace forktable::test {
namespace {

Command inspect(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {FORKTABLE_PROGRAM, "inspect"});
  return {.words = arguments};
}

// A small recording of a server that serves one client.
struct Sample {
  Sample() {
    std::string text = line_of(RecordingHeader{});
    const std::vector<Event> events = {{1, 100, 0, ServerLaunched{0}},
                                       {2, 100, 12, Listened{3, 8080, 10}},
                                       {3, 0, 0, ClientConnecting{{1}, Behaviour::kHello, 40001}},
                                       {4, 100, 14, Accepted{3, 4, 40001}}};
    for (const Event& event : events) text += line_of(event);
    put(path, text);
  }
  TemporaryFolder folder;
  std::string path = folder.file("sample.jsonl");
};

TEST(Inspect, PrintsATableForPeopleAndJsonForPrograms) {
  const Sample sample;
  const Outcome table = run(inspect({sample.path}));
  EXPECT_EQ(table.status, 0);
  EXPECT_TRUE(contains(table.out, "step 4 of 4") && contains(table.out, "refcnt 1")) << table.out;
  const Outcome json = run(inspect({sample.path, "--json"}));
  EXPECT_EQ(json.status, 0);
  EXPECT_EQ(nlohmann::json::parse(json.out)["files"].size(), 2u);
  EXPECT_EQ(table.err + json.err, "");
}

TEST(Inspect, SaysWhatHappensAtTheStep) {
  const Sample sample;
  const auto first_line = [&](const char* step) {
    const Outcome outcome = run(inspect({sample.path, "--step", step}));
    return outcome.out.substr(0, outcome.out.find('\n'));
  };
  EXPECT_EQ(first_line("0"), "step 0 of 4");
  EXPECT_EQ(first_line("2"), "step 2 of 4: The parent listens on 127.0.0.1:8080: listenfd is descriptor 3.");
  EXPECT_EQ(first_line("last").rfind("step 4 of 4: ", 0), 0u);
  EXPECT_EQ(first_line("telling").rfind("step ", 0), 0u);
}

// Through a shell, whose last words are the status of each program in the pipe.
Outcome in_a_shell(const std::string& line) {
  return run({.words = {"/bin/bash", "-c", line + "; echo ${PIPESTATUS[@]}"}});
}

TEST(Inspect, StopsInSilenceWhenItsReaderHasSeenEnough) {
  const Sample sample;
  std::string text = contents(sample.path);
  for (int i = 2; i < 3000; ++i)  // more than a pipe holds
    text += line_of(Event{5, 0, 0, ClientConnecting{{static_cast<std::uint32_t>(i)}, Behaviour::kHello, 40002}});
  put(sample.path, text);
  const std::string command = std::string(FORKTABLE_PROGRAM) + " inspect --json " + sample.path + " | head -n 1";
  Outcome outcome = in_a_shell(command);
  EXPECT_EQ(outcome.out, "{\n141 0\n") << "as SIGPIPE ends it";
  EXPECT_EQ(outcome.err, "");
  outcome = in_a_shell("trap '' PIPE; " + command);
  EXPECT_EQ(outcome.out, "{\n0 0\n") << "where SIGPIPE is ignored";
  EXPECT_EQ(outcome.err, "");
}

TEST(Inspect, SaysHowManyHaveBeenForgotten) {
  const Sample sample;
  std::string text = contents(sample.path);
  for (std::uint32_t i = 2; i <= 3000; ++i)
    text += line_of(Event{5, 0, 0, ClientConnecting{{i}, Behaviour::kHello, 40002}}) +
            line_of(Event{6, 0, 0, ClientEnded{{i}, ClientEnd::kClosed}});
  for (std::uint32_t i = 1; i <= 2500; ++i) {
    const Pid child = 1000 + static_cast<Pid>(i);
    text += line_of(Event{7, 100, 27, ForkCalled{i}}) + line_of(Event{7, 100, 27, Forked{i, child}}) +
            line_of(Event{8, child, 29, ExitCalled{0}}) + line_of(Event{9, 100, 0, Reaped{child, 0}});
  }
  put(sample.path, text);
  const auto json = nlohmann::json::parse(run(inspect({sample.path, "--json"})).out);
  const std::uint64_t clients = json["forgotten"]["clients"], processes = json["forgotten"]["processes"];
  EXPECT_GT(clients, 0u);
  EXPECT_GT(processes, 0u);
  EXPECT_EQ(json["clients"].size() + clients, 3000u);
  EXPECT_EQ(json["processes"].size() + processes, 2501u);
  const std::string table = run(inspect({sample.path})).out;
  EXPECT_TRUE(contains(table, fmt::format("  and {} earlier, which are forgotten\n", clients))) << table.substr(0, 200);
  EXPECT_TRUE(contains(table, fmt::format("  and {} earlier, which are forgotten\n", processes)));
}

// script(1) gives it a terminal.
TEST(Inspect, HasColoursOnATerminalUnlessNobodyWantsThem) {
  const Sample sample;
  const std::string command = std::string(FORKTABLE_PROGRAM) + " inspect " + sample.path;
  const auto colours = [](const Outcome& outcome) { return contains(outcome.out, "\x1b[1mrefcnt 1\x1b[0m"); };
  const auto on_a_terminal = [&](const std::string& setting) {
    Outcome outcome = run({.words = {"/usr/bin/script", "-qec", setting + command, "/dev/null"}});
    EXPECT_TRUE(contains(outcome.out, "refcnt 1")) << outcome.out << outcome.err;
    return outcome;
  };
  EXPECT_TRUE(colours(on_a_terminal("unset NO_COLOR; ")));
  EXPECT_FALSE(colours(on_a_terminal("NO_COLOR=1 ")));
  EXPECT_FALSE(colours(run(inspect({sample.path}))));
}

TEST(Inspect, ShowsAnyStepFromNoneToTheLast) {
  const Sample sample;
  const auto files_at = [&](const char* step) {
    return nlohmann::json::parse(run(inspect({sample.path, "--json", "--step", step})).out)["files"].size();
  };
  EXPECT_EQ(files_at("0"), 0u);
  EXPECT_EQ(files_at("1"), 0u);
  EXPECT_EQ(files_at("2"), 1u);
  EXPECT_EQ(files_at("4"), 2u);
}

TEST(Inspect, WithWrongArgumentsSaysSo) {
  const Sample sample;
  for (const auto& arguments : std::vector<std::vector<std::string>>{{},
                                                                     {sample.path, "--step"},
                                                                     {sample.path, "--step", "5"},
                                                                     {sample.path, "--step", "-1"},
                                                                     {sample.path, "--step", "x"},
                                                                     {sample.path, "--step", "1.5"},
                                                                     {sample.path, "--nonsense"},
                                                                     {sample.path, sample.path}}) {
    const Outcome outcome = run(inspect(arguments));
    EXPECT_EQ(outcome.status, 2) << testing::PrintToString(arguments);
    EXPECT_NE(outcome.err, "");
    EXPECT_EQ(outcome.out, "");
  }
}

// Fails with one line that names the file and says why.
void expect_refused(const std::string& path, const std::string& why, bool ordinary_user = false) {
  for (const bool json : {false, true}) {
    Command command = inspect({path});
    if (json) command.words.push_back("--json");
    command.ordinary_user = ordinary_user;
    const Outcome outcome = run(command);
    if (outcome.status == kCouldNotRun) GTEST_SKIP() << "an ordinary user may not run " << FORKTABLE_PROGRAM;
    EXPECT_EQ(outcome.status, 1) << path;
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    EXPECT_TRUE(contains(outcome.err, path)) << outcome.err;
    EXPECT_TRUE(contains(outcome.err, why)) << outcome.err;
  }
}

TEST(Inspect, OfAFileThatIsMissingOrNoRecordingSaysWhy) {
  const TemporaryFolder folder;
  expect_refused(folder.file("none.jsonl"), "No such file or directory");
  expect_refused(folder.path(), "Is a directory");
  put(folder.file("empty"), "");
  expect_refused(folder.file("empty"), "empty");
  put(folder.file("text"), "hello\n");
  expect_refused(folder.file("text"), "line 1");
  put(folder.file("newer"), "{\"format\":\"forktable-recording\",\"version\":999}\n");
  expect_refused(folder.file("newer"), "newer Forktable is needed");
  put(folder.file("damaged"), line_of(RecordingHeader{}) + "{\"t\":1,\"event\":\"a\\nb\"}\n");
  expect_refused(folder.file("damaged"), "line 2");
  expect_refused("/dev/zero", "too long");
}

TEST(Inspect, OfAFileThatMayNotBeReadSaysWhy) {
  const Sample sample;
  chmod(sample.path.c_str(), 0);
  expect_refused(sample.path, "Permission denied", true);
}

TEST(Inspect, OfARecordingThatWasCutShortShowsWhatIsThere) {
  const Sample sample;
  put(sample.path, contents(sample.path) + "{\"t\":5,\"ev");
  const Outcome outcome = run(inspect({sample.path, "--json"}));
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(nlohmann::json::parse(outcome.out)["steps"], 4);
}

TEST(Inspect, WhoseOutputCannotBeWrittenFails) {
  const Sample sample;
  Command command = inspect({sample.path});
  command.output = "/dev/full";
  Outcome outcome = run(command);
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err, "forktable: can't write to standard output: No space left on device\n");
  command.output.clear();
  command.output_closed = true;
  outcome = run(command);
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(contains(outcome.err, "can't write to standard output")) << outcome.err;
}

TEST(Inspect, KeepsAStrangersTextOffTheTerminal) {
  const Sample sample;
  put(sample.path, contents(sample.path) + line_of(Event{5, 100, 0, Accepted{3, 5, 40002}}) +
                       line_of(Event{6, 0, 0, OutsiderConnected{{2}, 40002}}) +
                       line_of(Event{7, 77, 0, OutsiderNamed{{2}, ShortText("\x1b]0;owned\a")}}));
  const Outcome table = run(inspect({sample.path}));
  EXPECT_EQ(table.status, 0);
  EXPECT_TRUE(contains(table.out, "owned"));
  EXPECT_FALSE(contains(table.out, "\x1b") || contains(table.out, "\a")) << table.out;
}

TEST(Program, TellsItsVersionAndHowItIsUsed) {
  const Outcome version = run({.words = {FORKTABLE_PROGRAM, "--version"}});
  EXPECT_EQ(version.status, 0);
  EXPECT_EQ(version.out.rfind("forktable ", 0), 0u) << version.out;
  const Outcome help = run({.words = {FORKTABLE_PROGRAM, "--help"}});
  EXPECT_EQ(help.status, 0);
  EXPECT_TRUE(contains(help.out, "record") && contains(help.out, "inspect")) << help.out;
}

}  // namespace
}  // namespace forktable::test
