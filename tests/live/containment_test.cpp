// What Forktable runs and who can reach it: only its own server, only from this machine, and no shell.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "tests/live/live_session.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/forktable.hpp"
#include "tests/support/temporary_folder.hpp"

namespace forktable::test {
namespace {

namespace fs = std::filesystem;

// errno of connecting to `address` at `port`, from `own` if there is one; 0 if that works.
template <class Address>
int connecting(const Address& address, const Address* own = nullptr) {
  const auto* target = reinterpret_cast<const sockaddr*>(&address);
  const UniqueFd fd(socket(target->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return errno;
  if (own != nullptr && bind(fd.get(), reinterpret_cast<const sockaddr*>(own), sizeof *own) != 0) return errno;
  return connect(fd.get(), target, sizeof address) == 0 ? 0 : errno;
}

sockaddr_in at(const char* text, Port port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  inet_pton(AF_INET, text, &address.sin_addr);
  return address;
}

TEST(Server, IsReachedAt127001AndAtNoOtherAddressOfTheMachine) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  const Port port = live.session->port();
  EXPECT_EQ(connecting(at("127.0.0.1", port)), 0);
  const auto second = at("127.0.0.2", 0);
  EXPECT_EQ(connecting(at("127.0.0.2", port), &second), ECONNREFUSED);
  EXPECT_EQ(connecting(at("127.0.0.2", port)), ECONNREFUSED);
  EXPECT_EQ(connecting(at("0.0.0.0", port)), 0) << "which is another name for 127.0.0.1";
  ifaddrs* all = nullptr;
  ASSERT_EQ(getifaddrs(&all), 0);
  for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr) continue;
    if (one->ifa_addr->sa_family == AF_INET) {
      sockaddr_in address = *reinterpret_cast<const sockaddr_in*>(one->ifa_addr);
      if (ntohl(address.sin_addr.s_addr) == INADDR_LOOPBACK) continue;
      address.sin_port = htons(port);
      EXPECT_NE(connecting(address), 0) << one->ifa_name;
    } else if (one->ifa_addr->sa_family == AF_INET6) {
      sockaddr_in6 address = *reinterpret_cast<const sockaddr_in6*>(one->ifa_addr);
      address.sin6_port = htons(port);
      EXPECT_NE(connecting(address), 0) << one->ifa_name;
    }
  }
  freeifaddrs(all);
  // And so says the kernel: 0100007F is 127.0.0.1, 0A is LISTEN.
  EXPECT_TRUE(contains(contents("/proc/net/tcp"), fmt::format(" 0100007F:{:04X} 00000000:0000 0A ", port)));
}

void put_program(const std::string& path, const std::string& text) {
  put(path, text);
  chmod(path.c_str(), 0755);
}

// Forktable, installed in a folder of its own, in a world in which nothing else can be trusted.
struct Installation {
  Installation() {
    fs::create_directories(root + "/bin");
    fs::create_directories(root + "/libexec/forktable");
    fs::create_directories(traps + "/libexec/forktable");
    fs::copy_file(FORKTABLE_PROGRAM, root + "/bin/forktable");
    fs::copy_file(FORKTABLE_SERVER, root + "/libexec/forktable/process-server");
    // Whoever runs one of these leaves a trace.
    for (const char* name : {"sh", "bash", "env", "forktable", "process-server", "libexec/forktable/process-server"})
      put_program(traps + "/" + name, "#!/bin/bash\n: > " + trace + "\n");
  }
  // From a folder full of traps, which PATH leads to as well.
  Outcome run_in_traps(const std::vector<std::string>& arguments) const {
    Command command{.words = {"/usr/bin/env", "-C", traps, "PATH=" + traps, "SHELL=" + traps + "/sh", "IFS=/",
                              "ENV=" + traps + "/sh", "BASH_ENV=" + traps + "/sh", root + "/bin/forktable"}};
    command.words.insert(command.words.end(), arguments.begin(), arguments.end());
    return run(command);
  }
  bool sprung() const { return fs::exists(trace); }

  TemporaryFolder folder;
  std::string root = folder.file("moved here"), traps = folder.file("traps"), trace = folder.file("trace");
};

TEST(Installation, RunsItsOwnServerWhereverItIsAndWhateverPathAndFolderSay) {
  const Installation installation;
  const std::string path = installation.folder.file("x.jsonl");
  const Outcome outcome = installation.run_in_traps({"record", "--clients", "1", "--port", "0", "-o", path});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_FALSE(installation.sprung());
}

TEST(Installation, WithoutAServerSaysWhereItShouldBeAndTakesNoOther) {
  const Installation installation;
  const std::string server = installation.root + "/libexec/forktable/process-server";
  fs::remove(server);
  const std::string path = installation.folder.file("x.jsonl");
  expect_one_line(installation.run_in_traps({"record", "--clients", "1", "--port", "0", "-o", path}),
                  "can't start " + server + ": No such file or directory");
  EXPECT_FALSE(installation.sprung());
}

TEST(Installation, TakesNoServerAtAllWhereTheKernelDoesNotTellWhereItIs) {
  if (kSlowness > 1) GTEST_SKIP() << "a sanitizer needs /proc itself";
  const Installation installation;
  const std::string path = installation.folder.file("x.jsonl");
  const std::vector<std::string> without_proc = {
      "/usr/bin/unshare", "-m", "/bin/sh", "-c", "mount -t tmpfs none /proc && cd \"$0\" && exec \"$@\"",
      installation.traps};
  Command command{.words = without_proc};
  command.words.push_back("/bin/true");
  if (const Outcome trial = run(command); trial.status != 0) {
    ASSERT_TRUE(contains(trial.err, "not permitted") || contains(trial.err, "permission denied")) << trial.err;
    GTEST_SKIP() << "only root may mount over /proc: " << trial.err;
  }
  command.words = without_proc;
  for (const char* word : {"/bin/forktable", "record", "--clients", "1", "--port", "0", "-o"})
    command.words.push_back(word[0] == '/' ? installation.root + word : word);
  command.words.push_back(path);
  expect_one_line(run(command), "/proc isn't mounted");
  EXPECT_FALSE(installation.sprung());
}

TEST(Installation, TakesAFilesNameAsItIs) {
  const Installation installation;
  const std::string name = "$(touch x);`touch x`|touch x&'\"\n*.jsonl";
  const std::string path = installation.folder.file(name);
  EXPECT_EQ(installation.run_in_traps({"record", "--clients", "1", "--port", "0", "-o", path}).status, 0);
  EXPECT_EQ(installation.run_in_traps({"inspect", path}).status, 0);
  EXPECT_TRUE(fs::exists(path));
  EXPECT_FALSE(fs::exists(installation.traps + "/x"));
  EXPECT_FALSE(installation.sprung());
}

TEST(Programs, RunNothingButTheServer) {
  if (!Faults::are_allowed()) GTEST_SKIP() << Faults::kWhyNot;
  const TemporaryFolder folder;
  // Forktable's own start and the server's are let through, any other program would be refused, and counted.
  const Faults faults(FORKTABLE_PROGRAM, {.calls = "execve", .error = EACCES, .skip = 2});
  const Outcome outcome = run(
      {.words = {FORKTABLE_FAULT_INJECTOR, "record", "--clients", "5", "--port", "0", "-o", folder.file("x.jsonl")}});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(faults.count(), 0);
}

TEST(Sources, CallNoShellAndSearchNoPath) {
  const std::regex forbidden(R"((^|[^\w.>])(system|popen|wordexp|execlp|execvp|execvpe|posix_spawnp)\s*\()");
  int files = 0;
  for (const char* folder : {"core", "app", "ui"})
    for (const auto& entry : fs::recursive_directory_iterator(std::string(FORKTABLE_SOURCES) + "/" + folder)) {
      if (entry.path().extension() != ".cpp" && entry.path().extension() != ".hpp") continue;
      ++files;
      std::ifstream file(entry.path());
      std::string line;
      for (int number = 1; std::getline(file, line); ++number)
        EXPECT_FALSE(std::regex_search(line, forbidden)) << entry.path() << ":" << number << ": " << line;
    }
  EXPECT_GT(files, 100);
}

}  // namespace
}  // namespace forktable::test
