// `forktable record`: a real run, into a file.
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <fstream>

#include <csignal>
#include <map>
#include <nlohmann/json.hpp>

#include "core/recording/recording.hpp"
#include "core/world/reduce.hpp"
#include "tests/support/deadline.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/events.hpp"
#include "tests/support/forktable.hpp"
#include "tests/support/proc.hpp"
#include "tests/support/tcp_client.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/user.hpp"

namespace forktable::test {
namespace {

using Words = std::vector<std::string>;

nlohmann::json inspected(const std::string& recording) {
  const Outcome outcome = run(forktable({"inspect", "--json", recording}));
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  return nlohmann::json::parse(outcome.out, nullptr, false);
}

// The events in the file so far; none while there is no good header.
std::vector<Event> events_so_far(const std::string& path) {
  const auto recording = read_recording(path);
  return recording ? recording->events : std::vector<Event>{};
}

void expect_all_served(const std::string& path, int clients) {
  const auto json = inspected(path);
  for (const char* count : {"accepted", "forked", "closed", "exited", "reaped"})
    EXPECT_EQ(json["counts"][count], clients) << count;
  EXPECT_TRUE(json["anomalies"].empty()) << json["anomalies"];
  ASSERT_EQ(json["files"].size(), 1u);
  EXPECT_EQ(json["files"][0]["kind"], "listening");
  EXPECT_EQ(json["files"][0]["refcount"], 1);
  EXPECT_EQ(json["step"], json["steps"]);
  EXPECT_EQ(json["clients"].size(), static_cast<std::size_t>(clients));
  EXPECT_EQ(json["forgotten"]["clients"], 0);
  for (const auto& client : json["clients"]) {
    ASSERT_EQ(client["state"], "closed") << client;
    ASSERT_EQ(client["sent"], 6);
    ASSERT_EQ(client["received"], 6);
  }
  ASSERT_EQ(json["processes"].size(), static_cast<std::size_t>(clients) + 1);
  EXPECT_EQ(json["processes"][0]["blocked_in"], "accept(3)");
  EXPECT_EQ(json["kernel"]["current"], true) << "the kernel was asked in the end";
  EXPECT_EQ(json["kernel"]["references_agreeing"], 1);
  EXPECT_EQ(json["kernel"]["differences_ever"], 0);
  for (std::size_t i = 1; i < json["processes"].size(); ++i) {
    ASSERT_EQ(json["processes"][i]["state"], "reaped");
    ASSERT_EQ(json["processes"][i]["exit"], 0);
  }
}

TEST(Record, FiftyClientsAreAllServedAndReaped) {
  const TemporaryFolder folder;
  const std::string path = folder.file("fifty.jsonl");
  const Outcome outcome =
      run(forktable({"record", "--server", "process", "--clients", "50", "--port", "0", "-o", path}));
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "50 clients")) << outcome.out;
  EXPECT_EQ(outcome.err, "");
  expect_all_served(path, 50);
  EXPECT_EQ(folder.names(), Words{"fifty.jsonl"});
}

TEST(Record, AThousandClientsAreAllServedAndReaped) {
  const TemporaryFolder folder;
  const std::string path = folder.file("thousand.jsonl");
  const Outcome outcome = run(forktable({"record", "--clients", "1000", "--port", "0", "-o", path}));
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  expect_all_served(path, 1000);
}

TEST(Record, OfClientsThatWereNotServedFailsAndSaysHowMany) {
  const TemporaryFolder folder;
  const std::string path = folder.file("x.jsonl");
  Command command = forktable({"record", "--clients", "8", "--port", "0", "-o", path});
  command.words.insert(command.words.begin(), {"/usr/bin/prlimit", "--nofile=14:14"});
  expect_one_line(run(command), "of 8 clients were served, as " + path + " shows: Socket fails for client");
  EXPECT_LT(inspected(path)["counts"]["accepted"], 8);
}

TEST(Record, NeedsNoHome) {
  const TemporaryFolder folder;
  const std::string path = folder.file("homeless.jsonl");
  Command command = forktable({"record", "--clients", "2", "--port", "0", "-o", path});
  command.words.insert(command.words.begin(), {"/usr/bin/env", "-i"});
  const Outcome outcome = run(command);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  expect_all_served(path, 2);
}

TEST(Record, WithoutAClientEndsWhenTheServerWaits) {
  const TemporaryFolder folder;
  const std::string path = folder.file("none.jsonl");
  EXPECT_EQ(run(forktable({"record", "--clients", "0", "--port", "0", "-o", path})).status, 0);
  expect_all_served(path, 0);
}

TEST(Record, DoesNotTellOfTheServersEndWhichIsNotPartOfTheLesson) {
  const TemporaryFolder folder;
  const std::string path = folder.file("x.jsonl");
  ASSERT_EQ(run(forktable({"record", "--clients", "3", "--port", "0", "-o", path})).status, 0);
  const auto events = events_so_far(path);
  EXPECT_EQ(only<StopAsked>(events).size() + only<Collected>(events).size(), 0u);
  ASSERT_EQ(only<ServerLaunched>(events).size(), 1u);
  EXPECT_TRUE(living_in_group(events[0].pid).empty()) << "but it has ended";
}

TEST(Record, EveryStepOfARecordingIsSound) {
  const TemporaryFolder folder;
  const std::string path = folder.file("x.jsonl");
  ASSERT_EQ(run(forktable({"record", "--clients", "2", "--port", "0", "-o", path})).status, 0);
  const std::size_t steps = events_so_far(path).size();
  ASSERT_GT(steps, 40u);
  for (std::size_t step = 0; step <= steps; ++step) {
    const Outcome outcome = run(forktable({"inspect", path, "--json", "--step", std::to_string(step)}));
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const auto json = nlohmann::json::parse(outcome.out, nullptr, false);
    ASSERT_EQ(json["step"], step);
    ASSERT_EQ(json["steps"], steps);
    ASSERT_TRUE(json["anomalies"].empty());
    std::map<int, int> references;
    for (const auto& process : json["processes"])
      for (const auto& descriptor : process["descriptors"]) ++references[descriptor["file"]];
    ASSERT_EQ(references.size(), json["files"].size());
    for (const auto& file : json["files"]) ASSERT_EQ(file["refcount"], references[file["id"]]) << "step " << step;
  }
  EXPECT_EQ(run(forktable({"inspect", path, "--step", std::to_string(steps + 1)})).status, 2);
}

TEST(Record, PicksAnotherPortWhenTheUsualOneIsTakenAndNoneWasAskedFor) {
  // Held by this server, or it can't have it because somebody else on this machine has: taken it is.
  RunningProgram holder({.words = {FORKTABLE_SERVER, "8080"}});
  const std::string said = holder.line_from_errors();
  ASSERT_TRUE(contains(said, "listening on") || contains(said, "Address already in use")) << said;
  const TemporaryFolder folder;
  const std::string path = folder.file("x.jsonl");
  EXPECT_EQ(run(forktable({"record", "--clients", "1", "-o", path})).status, 0);
  expect_all_served(path, 1);
}

TEST(Record, OnAPortThatIsTakenFailsWithAdvice) {
  const Listener taken;
  const TemporaryFolder folder;
  const std::string port = std::to_string(taken.port);
  const Outcome outcome = run(forktable({"record", "--port", port, "-o", folder.file("x.jsonl")}));
  expect_one_line(outcome, "can't listen on 127.0.0.1:" + port + ": Address already in use");
  EXPECT_TRUE(contains(outcome.err, "--port 0")) << outcome.err;
  EXPECT_TRUE(folder.names().empty()) << "and leaves no file";
}

TEST(Record, WithASwitchOfAnotherServerFailsAndNamesItsOwn) {
  const TemporaryFolder folder;
  const std::string path = folder.file("x.jsonl"), lesson = folder.file("mine.yaml");
  expect_one_line(run(forktable({"record", "--server", "process-fifo", "--bug", "no-semaphore", "-o", path})),
                  "the server \"process-fifo\" has no switch \"no-semaphore\": it has none", 2);
  expect_one_line(run(forktable({"record", "--bug", "connfd-race", "-o", path})), "it has parent-keeps-connfd, ", 2);
  expect_one_line(run(forktable({"record", "--lesson", "4", "--bug", "connfd-race", "-o", path})),
                  "it has parent-keeps-connfd, ", 2);
  expect_one_line(run(forktable({"--bug", "connfd-race"})), "it has parent-keeps-connfd, ", 2);
  std::ofstream(lesson) << "title: T\nabout: A\nserver: {kind: thread, bugs: [no-semaphore]}\nsteps: [say: hello]\n";
  expect_one_line(run(forktable({"record", "--lesson", lesson, "-o", path})),
                  lesson + ": the server \"thread\" has no switch");
  EXPECT_EQ(folder.names(), std::vector<std::string>{"mine.yaml"});
}

TEST(Record, IntoAFullDiskOrAFolderThatIsMissingOrReadOnlyFailsWithTheReason) {
  const TemporaryFolder folder;
  expect_one_line(run(forktable({"record", "--clients", "1", "--port", "0", "-o", "/dev/full"})),
                  "/dev/full: No space left on device");
  const std::string missing = folder.file("none/x.jsonl");
  expect_one_line(run(forktable({"record", "--clients", "1", "--port", "0", "-o", missing})),
                  missing + ": No such file or directory");
  expect_one_line(run(forktable({"record", "--clients", "1", "--port", "0", "-o", folder.path()})),
                  folder.path() + ": Is a directory");
  chmod(folder.path().c_str(), 0555);
  Command command = forktable({"record", "--clients", "1", "--port", "0", "-o", folder.file("x.jsonl")});
  command.ordinary_user = true;
  const Outcome outcome = run(command);
  if (outcome.status == kCouldNotRun) GTEST_SKIP() << "an ordinary user may not run " << FORKTABLE_PROGRAM;
  expect_one_line(outcome, folder.file("x.jsonl") + ": Permission denied");
  EXPECT_TRUE(folder.names().empty());
}

TEST(Record, WithWrongArgumentsShowsTheRightOnes) {
  const TemporaryFolder folder;
  const std::string path = folder.file("x.jsonl");
  for (const Words& arguments : std::vector<Words>{{"record"},
                                                   {"record", "-o"},
                                                   {"record", "-o", path, "--clients", "-1"},
                                                   {"record", "-o", path, "--clients", "many"},
                                                   {"record", "-o", path, "--port", "65536"},
                                                   {"record", "-o", path, "--port", "-1"},
                                                   {"record", "-o", path, "--port", "http"},
                                                   {"record", "-o", path, "--server", "nonsense"},
                                                   {"record", "-o", path, "--server", ""},
                                                   {"record", "-o", path, "--port", ""},
                                                   {"record", "-o", path, "--port="},
                                                   {"record", "-o", path, "--port", "99999999999"},
                                                   {"record", "-o", path, "--clients", ""},
                                                   {"record", "-o", path, "--clients", "99999999999"},
                                                   {"record", "-o", path, "--lesson", ""},
                                                   {"record", "-o", path, "--lesson", "99"},
                                                   {"record", "-o", path, "--lesson", "-1"},
                                                   {"record", "-o", path, "--lesson", "nonsense"},
                                                   {"record", "-o", path, "--bug", ""},
                                                   {"record", "-o", ""},
                                                   {"inspect", ""},
                                                   {"inspect", path, "--step", ""},
                                                   {"replay", ""},
                                                   {"export", "", "-o", "x.png"},
                                                   {"compare", "-o", ""},
                                                   {"--lesson", "99"},
                                                   {"--lesson", ""},
                                                   {"--lessons", "1,nonsense"},
                                                   {"--lessons", ""},
                                                   {"--lessons", "1", "--lesson", "1"},
                                                   {"--lessons", "1", "--server", "thread"},
                                                   {"--port", ""},
                                                   {"--beside", ""},
                                                   {"record", "-o", path, "--server", "thread", "--lesson", "4"},
                                                   {"record", "-o", path, "--nonsense"},
                                                   {"record", "-o", path, "extra"},
                                                   {"nonsense"},
                                                   {"--nonsense"}}) {
    const Outcome outcome = run(forktable(arguments));
    EXPECT_EQ(outcome.status, 2) << testing::PrintToString(arguments);
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  }
  EXPECT_TRUE(folder.names().empty());
}

// A recording that must not be lost, and a lesson.
struct Precious {
  Precious() {
    put(recording, "precious");
    std::ofstream(lesson) << "title: T\nabout: A\nsteps: [{do: [child 1 ends], say: never}]\n";
    lesson_text = contents(lesson);
  }
  Outcome record(Words arguments) const {
    arguments.insert(arguments.begin(), "record");
    return run(forktable(arguments));
  }
  TemporaryFolder folder;
  std::string recording = folder.file("old.jsonl"), lesson = folder.file("mine.yaml"), lesson_text;
};

TEST(Record, OntoAFileThatIsThereFailsUnlessItIsForcedOrTheFileIsEmpty) {
  const Precious there;
  for (const Words& what : {Words{"--clients", "1"}, Words{"--lesson", "1"}}) {
    Words arguments = what;
    arguments.insert(arguments.end(), {"--port", "0", "-o", there.recording});
    expect_one_line(there.record(arguments), there.recording + ": File exists (--force replaces it)");
    EXPECT_EQ(contents(there.recording), "precious");
    arguments.push_back("--force");
    EXPECT_EQ(there.record(arguments).status, 0);
    EXPECT_TRUE(read_recording(there.recording));
    put(there.recording, "precious");
  }
  put(there.folder.file("empty"), "");
  EXPECT_EQ(there.record({"--clients", "1", "--port", "0", "-o", there.folder.file("empty")}).status, 0);
  EXPECT_TRUE(read_recording(there.folder.file("empty")));
}

TEST(Record, ThatFailsReplacesNothing) {
  const Precious there;
  const Listener taken;
  expect_one_line(there.record({"--port", std::to_string(taken.port), "--force", "-o", there.recording}),
                  "Address already in use");
  EXPECT_EQ(there.folder.names(), (Words{"mine.yaml", "old.jsonl"})) << "nor does it leave anything";
  const Outcome failed = there.record({"--lesson", there.lesson, "--force", "-o", there.recording});
  expect_one_line(failed, "holds the run so far, and " + there.recording + " is as it was");
  EXPECT_EQ(contents(there.recording), "precious");
}

TEST(Record, OfALessonOntoItselfIsRefusedWhateverItIsCalled) {
  const Precious there;
  const std::string hard = there.folder.file("hard.jsonl"), soft = there.folder.file("soft.jsonl");
  ASSERT_EQ(link(there.lesson.c_str(), hard.c_str()), 0);
  ASSERT_EQ(symlink(there.lesson.c_str(), soft.c_str()), 0);
  for (const std::string& name : {there.lesson, hard, soft}) {
    expect_one_line(there.record({"--lesson", there.lesson, "--force", "-o", name}), "onto itself", 2);
    EXPECT_EQ(contents(there.lesson), there.lesson_text);
  }
}

TEST(Record, IntoTheStandardOutputIsTheRecordingAndNothingElse) {
  const TemporaryFolder folder;
  const std::string path = folder.file("x.jsonl");
  Command command = forktable({"record", "--clients", "2", "--port", "0", "-o", "/dev/stdout"});
  const Outcome piped = run(command);
  EXPECT_EQ(piped.status, 0) << piped.err;
  const auto recording = parse_recording(piped.out, "pipe");
  EXPECT_TRUE(recording) << recording.error().message();
  command.output = path;
  EXPECT_EQ(run(command).status, 0);
  expect_all_served(path, 2);
  EXPECT_EQ(run(forktable({"record", "--clients", "1", "--port", "0", "-o", "/dev/null"})).status, 0);
}

// Most servers have no child that could be reaped.
TEST(Record, CountsAsServedWhoHasHadItsEchoWhicheverServerItIs) {
  for (const char* server : {"iterative", "event", "event-epoll", "thread", "process"}) {
    const TemporaryFolder folder;
    const Outcome outcome = run(
        forktable({"record", "--server", server, "--clients", "20", "--port", "0", "-o", folder.file("served.jsonl")}));
    EXPECT_EQ(outcome.status, 0) << server << ": " << outcome.err;
    EXPECT_TRUE(contains(outcome.out, "events of 20 clients, in ")) << "not: 0 of them served; " << outcome.out;
  }
}

TEST(Record, WithASlowHandlerEndsWhenAllAreServed) {
  for (const char* server : {"iterative", "event", "event-epoll", "thread"}) {
    const TemporaryFolder folder;
    const std::string path = folder.file("slow.jsonl");
    const Outcome outcome = run(forktable(
        {"record", "--server", server, "--bug", "slow-handler", "--clients", "2", "--port", "0", "-o", path}));
    EXPECT_EQ(outcome.status, 0) << server << ": " << outcome.err;
    const auto json = inspected(path);
    for (const auto& client : json["clients"]) EXPECT_EQ(client["received"], 6) << server << client;
  }
}

TEST(Record, WhoseOutputCannotBeWrittenFailsAndHasRecordedAllTheSame) {
  for (const bool closed : {false, true}) {
    const TemporaryFolder folder;
    const std::string path = folder.file("x.jsonl");
    Command command = forktable({"record", "--clients", "2", "--port", "0", "-o", path});
    if (closed)
      command.output_closed = true;
    else
      command.output = "/dev/full";
    expect_one_line(run(command), "can't write to standard output");
    expect_all_served(path, 2);
  }
}

// A recording that is under way: thousands of clients, of which some have been served.
struct LongRecording {
  LongRecording() {
    EXPECT_TRUE(wait_until([this] { return only<Reaped>(beginning()).size() > 20; }));
    server = beginning().at(0).pid;
    port = only<Listened>(beginning()).at(0).port;
  }
  // Of what is in the file by now, no more than can be read while it grows.
  std::vector<Event> beginning() const {
    std::string text(256 << 10, '\0');
    std::ifstream file(path, std::ios::binary);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    const auto recording = parse_recording(text, path);
    return recording ? recording->events : std::vector<Event>{};
  }
  TemporaryFolder folder;
  std::string path = folder.file("long.jsonl");
  RunningProgram program{forktable({"record", "--clients", "100000", "--port", "0", "-o", path})};
  Pid server = 0;
  Port port = 0;
};

TEST(Record, ThatIsInterruptedFailsAndItsFileHoldsTheRunSoFar) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    LongRecording recording;
    recording.program.send_signal(signal);
    expect_one_line(recording.program.wait(), "interrupted: " + recording.path + " holds the run so far");
    const auto json = inspected(recording.path);
    EXPECT_GT(json["counts"]["reaped"], 20);
    EXPECT_TRUE(json["anomalies"].empty());
    EXPECT_TRUE(living_in_group(recording.server).empty());
    EXPECT_TRUE(can_listen_on(recording.port));
  }
}

// Standard input, output and error are for whoever is started; and what whoever started us has left open isn't ours.
TEST(Record, OpensNothingThatAProgramItStartsWouldGet) {
  std::map<int, std::string> left_open;  // they keep their numbers
  for (const int fd : open_descriptors(getpid()))
    if (fd > STDERR_FILENO && !is_close_on_exec(getpid(), fd)) left_open[fd] = descriptor_target(getpid(), fd);
  LongRecording recording;
  std::size_t seen = 0;
  for (const int fd : open_descriptors(recording.program.pid())) {
    const std::string target = descriptor_target(recording.program.pid(), fd);
    if (fd <= STDERR_FILENO || left_open[fd] == target) continue;
    ++seen;
    EXPECT_TRUE(is_close_on_exec(recording.program.pid(), fd)) << fd << " is " << target;
  }
  EXPECT_GT(seen, 5u) << "its file, two pipes, an epoll instance, clients";
}

TEST(Record, WhoseServerIsStoppedFailsAndSaysWhatItWaitedForAndHowLong) {
  LongRecording recording;
  ASSERT_EQ(kill(recording.server, SIGSTOP), 0);
  const Outcome outcome = recording.program.wait();
  expect_one_line(outcome, "nothing has happened for 10 s, with ");
  EXPECT_TRUE(contains(outcome.err, "of 100000 clients served: ")) << outcome.err;
}

TEST(Record, ThatIsKilledLeavesAFileThatCanBeReadAndNoProcess) {
  LongRecording recording;
  recording.program.send_signal(SIGKILL);
  EXPECT_EQ(recording.program.wait().signal, SIGKILL);
  EXPECT_TRUE(wait_until([&] { return living_in_group(recording.server).empty(); }));
  EXPECT_TRUE(wait_until([&] { return can_listen_on(recording.port); }));
  const auto json = inspected(recording.path);
  EXPECT_GT(json["counts"]["reaped"], 20);
  EXPECT_TRUE(json["anomalies"].empty());
}

TEST(Record, WhoseServerIsKilledFailsAndSaysHow) {
  LongRecording recording;
  kill(recording.server, SIGKILL);
  expect_one_line(recording.program.wait(), "killed by SIGKILL");
  EXPECT_TRUE(living_in_group(recording.server).empty());
  EXPECT_EQ(inspected(recording.path)["processes"][0]["signal"], SIGKILL);
}

TEST(Record, TakesBugsByNameAndRefusesOthers) {
  const TemporaryFolder folder;
  const std::string path = folder.file("bugs.jsonl");
  const Outcome outcome = run(forktable({"record", "--clients", "2", "--port", "0", "--bug", "child-keeps-listenfd",
                                         "--bug", "errno-clobbered", "-o", path}));
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(inspected(path)["bugs"], (Words{"child-keeps-listenfd", "errno-clobbered"}));
  const Outcome refused = run(forktable({"record", "--bug", "none", "-o", path}));
  EXPECT_EQ(refused.status, 2);
  EXPECT_TRUE(contains(refused.err, "unknown bug \"none\"; expected one of: parent-keeps-connfd")) << refused.err;
}

}  // namespace
}  // namespace forktable::test
