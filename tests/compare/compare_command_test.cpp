// `forktable compare`, as a user calls it.
#include <gtest/gtest.h>
#include <sys/sem.h>

#include <csignal>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "tests/support/deadline.hpp"
#include "tests/support/forktable.hpp"
#include "tests/support/proc.hpp"
#include "tests/support/temporary_folder.hpp"

namespace forktable::test {
namespace {

TEST(CompareCommand, GivesOneObjectForPrograms) {
  const Outcome outcome = run(forktable({"compare", "--json", "--clients", "1,2", "--servers", "process,thread"}));
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "") << "progress is for terminals";
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json["clients"], nlohmann::json({1, 2}));
  ASSERT_EQ(json["servers"].size(), 2u);
  EXPECT_EQ(json["servers"][0]["name"], "process");
  EXPECT_EQ(json["servers"][1]["title"], "a thread for each client");
  EXPECT_GT(json["servers"][1]["at"][1]["connections_per_second"], 0);
  EXPECT_EQ(json["servers"][0]["at"][1]["processes"], 3);
}

TEST(CompareCommand, GivesATableForPeople) {
  const Outcome outcome = run(forktable({"compare", "--clients", "2", "--servers", "event"}));
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "What each costs"));
  EXPECT_TRUE(contains(outcome.out, "Connections per second"));
  EXPECT_TRUE(contains(outcome.out, "2 clients"));
}

TEST(CompareCommand, WritesTheChartInTheFormatOfItsName) {
  const TemporaryFolder folder;
  const std::pair<const char*, const char*> formats[] = {
      {"a.png", "\x89PNG"}, {"a.svg", "<?xml"}, {"a.pdf", "%PDF"}, {"a.json", "{"}};
  for (const auto& [name, beginning] : formats) {
    const std::string path = folder.file(name);
    const Outcome outcome = run(forktable({"compare", "--clients", "1", "--servers", "iterative", "-o", path}));
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.out, path + "\n");
    EXPECT_TRUE(contents(path).starts_with(beginning)) << name;
  }
}

TEST(CompareCommand, RefusesWhatItCannotDoBeforeItMeasures) {
  const std::vector<std::vector<std::string>> wrong = {
      {"--clients", "0"},
      {"--clients", "1001"},
      {"--clients", "1,many"},
      {"--clients", ""},
      {"--servers", "thrd"},
      {"--servers", ""},
      {"--theme", "pink"},
      {"--fast"},
      {"-o", "costs.html"},
      {"-o", "costs"},
      {"--clients", "1,2,3,4,5,6,7"},
      {"--servers", "thread,thread"},
      {"--clients", "10,10"},
  };
  for (const auto& arguments : wrong) {
    Command command = forktable({"compare"});
    command.words.insert(command.words.end(), arguments.begin(), arguments.end());
    const Outcome outcome = run(command);
    EXPECT_EQ(outcome.status, 2) << arguments[0] << " " << arguments.back() << ": " << outcome.err;
    EXPECT_NE(outcome.err, "") << arguments[0];
    EXPECT_EQ(outcome.out, "");
  }
}

TEST(CompareCommand, SaysWhyAChartCannotBeWritten) {
  const Outcome outcome =
      run(forktable({"compare", "--clients", "1", "--servers", "iterative", "-o", "/proc/no/where.png"}));
  expect_one_line(outcome, "/proc/no/where.png");
}

// Its server, once that has clients.
Pid busy_server_of(const RunningProgram& program) {
  Pid server = 0;
  EXPECT_TRUE(wait_until([&] {
    const auto children = children_of(program.pid());
    server = children.empty() ? 0 : children.front();
    return server > 0 && living_in_group(server).size() > 2;
  }));
  return server;
}

TEST(CompareCommand, KilledInTheMiddleLeavesNoProcess) {
  RunningProgram program(forktable({"compare", "--clients", "90,100", "--servers", "process"}));
  const Pid server = busy_server_of(program);
  program.send_signal(SIGKILL);
  EXPECT_TRUE(wait_until([&] { return living_in_group(server).empty(); }));
}

TEST(CompareCommand, KilledInTheMiddleLeavesNoSemaphore) {
  RunningProgram program(forktable({"compare", "--clients", "90,100", "--servers", "process-shm"}));
  Pid server = 0;
  int key = 0;
  ASSERT_TRUE(wait_until([&] {
    for (const Pid child : children_of(program.pid())) {
      const std::string environment = contents("/proc/" + std::to_string(child) + "/environ");
      if (const std::size_t at = environment.find("FORKTABLE_SEMAPHORE_KEY="); at != environment.npos) {
        server = child;
        key = std::atoi(environment.c_str() + environment.find('=', at) + 1);
      }
    }
    return key > 0 && semget(key, 0, 0) >= 0;
  }));
  program.send_signal(SIGKILL);
  EXPECT_TRUE(wait_until([&] { return living_in_group(server).empty(); }));
  EXPECT_TRUE(wait_until([&] { return semget(key, 0, 0) < 0; }));
}

TEST(CompareCommand, InterruptedSaysSoAndLeavesNoProcess) {
  for (const int signal : {SIGINT, SIGTERM}) {
    RunningProgram program(forktable({"compare", "--clients", "90,100", "--servers", "process"}));
    const Pid server = busy_server_of(program);
    program.send_signal(signal);
    expect_one_line(program.wait(), "interrupted");
    EXPECT_TRUE(living_in_group(server).empty());
  }
}

}  // namespace
}  // namespace forktable::test
