// What execve keeps of a process and what it closes: a server whose children run another program.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <csignal>
#include <filesystem>

#include "core/program/listing.hpp"
#include "core/system/unique_fd.hpp"
#include "core/world/describe.hpp"
#include "core/world/diagnose.hpp"
#include "tests/live/approach.hpp"
#include "tests/support/proc.hpp"
#include "tests/support/temporary_folder.hpp"

namespace forktable::test {
namespace {

// The errno with which a server can't listen there, or 0.
int error_of_listening(Port port) {
  const UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int yes = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  const bool bound = bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  return bound && listen(fd.get(), 1) == 0 ? 0 : errno;
}

std::uint32_t references_to(const World& world, FileKind kind) {
  for (const OpenFile& file : world.files)
    if (file.kind == kind) return count_references(world, file.id);
  return 0;
}

// A child that waits before it calls execve.
Pid child_before_exec(Approach& live) {
  live.quiet();
  EXPECT_TRUE(live.step_over(live.server(), Call::kFork));
  EXPECT_TRUE(live.until([&] { return live.world.processes.size() == 2; }));
  const Pid child = live.latest();
  EXPECT_TRUE(live.step_to(child, Call::kExec));
  EXPECT_TRUE(live.step_over(live.server(), Call::kClose)) << "the parent's connfd";
  return child;
}

TEST(Exec, KeepsTheProcessAndClosesWhatIsCloseOnExec) {
  Approach live(ServerKind::kInetd, {}, true);
  const Pid child = child_before_exec(live);
  EXPECT_EQ(program_of(child), "inetd-server");
  EXPECT_EQ(open_descriptors(child), (std::set<int>{0, 1, 2, 3, 61, 62, 63}));
  EXPECT_TRUE(is_close_on_exec(child, 3)) << "fork has copied the flag";
  EXPECT_FALSE(is_close_on_exec(child, 0));
  EXPECT_EQ(descriptor_target(child, 0), descriptor_target(child, 1));
  EXPECT_EQ(references_to(live.world, FileKind::kConnection), 2u);
  EXPECT_EQ(references_to(live.world, FileKind::kListening), 2u);
  EXPECT_TRUE(live.kernel_agrees());

  ASSERT_TRUE(live.step_over(child, Call::kExec));
  ASSERT_TRUE(live.until([&] { return live.is_before(child, Call::kRead); })) << "its gates are those it had";
  EXPECT_EQ(program_of(child), "cat");
  EXPECT_EQ(live.process(child)->program.view(), "cat");
  EXPECT_EQ(open_descriptors(child), (std::set<int>{0, 1, 2, 61, 62, 63}));
  EXPECT_EQ(references_to(live.world, FileKind::kConnection), 2u);
  EXPECT_EQ(references_to(live.world, FileKind::kListening), 1u);
  EXPECT_TRUE(live.kernel_agrees());
}

TEST(Exec, OfAProgramThatReadsStandardInputIsAServer) {
  Approach live(ServerKind::kInetd);
  const ClientId id = live.hello();
  ASSERT_TRUE(live.until([&] { return live.client(id).state == Client::kClosed; }));
  EXPECT_EQ(live.client(id).received, live.client(id).sent);
  ASSERT_TRUE(live.until_waiting());
  ASSERT_EQ(live.count<Executed>(), 1u);
  const std::vector<Event> events = live.events;
  const Listing& listing = listing_of(ServerKind::kInetd);
  for (const Event& event : events)
    if (std::holds_alternative<Read>(event.what)) {
      const auto line = std::find_if(listing.lines.begin(), listing.lines.end(),
                                     [&](const ListingLine& one) { return one.number == event.line; });
      ASSERT_NE(line, listing.lines.end());
      EXPECT_NE(line->text.find("Read(0, "), std::string::npos)
          << "the listing goes on with the program: " << line->text;
    }
}

TEST(Exec, WithoutCloseOnExecLeavesThePortToTheProgramWhenTheServerHasGone) {
  for (const bool bug : {true, false}) {
    Approach live(ServerKind::kInetd);
    if (bug) live.session->switch_bugs({1u << static_cast<int>(Bug::kNoCloexec)});
    const ClientId id = live.quiet();
    ASSERT_TRUE(live.until_waiting(1));
    const Pid server = live.server(), child = live.world.processes.back().pid;
    const Port port = live.session->port();
    EXPECT_EQ(open_descriptors(child).contains(3), bug);
    EXPECT_TRUE(live.kernel_agrees());
    live.session->send_signal(server, SIGTERM);
    ASSERT_TRUE(live.until([&] { return live.process(server) == nullptr; }));
    EXPECT_EQ(error_of_listening(port), bug ? EADDRINUSE : 0);
    const std::vector<Diagnosis> found = diagnose(live.world, live.world.now);
    EXPECT_EQ(found.size(), bug ? 1u : 0u);
    if (!found.empty()) {
      EXPECT_EQ(found[0].kind, "held-over-exec");
    }
    live.session->clients().half_close(id);
    ASSERT_TRUE(live.until([&] { return live.world.processes.empty(); }));
    EXPECT_EQ(error_of_listening(port), 0);
  }
}

TEST(Exec, ASwitchedLineIsHeededByAServerThatWaits) {
  Approach live(ServerKind::kInetd);
  ASSERT_TRUE(live.until_waiting());
  const auto has_flag = [&](bool on) {
    return live.until([&] { return find_descriptor(live.server_process(), 3)->cloexec == on; }) &&
           is_close_on_exec(live.server(), 3) == on;
  };
  EXPECT_TRUE(has_flag(true));
  live.session->switch_bugs({1u << static_cast<int>(Bug::kNoCloexec)});
  EXPECT_TRUE(has_flag(false));
  live.session->switch_bugs({});
  EXPECT_TRUE(has_flag(true));
  EXPECT_TRUE(only<CallFailed>(live.events).empty()) << "accept goes on";
}

TEST(Exec, OfAProgramThatIsNotThereReturnsAndTheChildExits) {
  const TemporaryFolder folder;
  const std::string program = folder.file("inetd-server");
  std::filesystem::copy_file(with_server({.program = FORKTABLE_SERVER}, ServerKind::kInetd).program, program);
  LiveSession live;
  ASSERT_TRUE(live.start({.kind = ServerKind::kInetd, .program = program}));
  const ClientId id = live.session->launch_client(Behaviour::kHello);
  ASSERT_TRUE(live.until([&] { return live.world.counts.reaped == 1; }));
  const auto failed = only<CallFailed>(live.events);
  ASSERT_FALSE(failed.empty());
  EXPECT_EQ(failed[0].call, Call::kExec);
  EXPECT_EQ(failed[0].error, ENOENT);
  EXPECT_EQ(ending_of(only<Reaped>(live.events)[0].status), "exited 127");
  EXPECT_TRUE(live.until([&] { return has_ended(live.client(id)); }));
  EXPECT_TRUE(live.world.anomalies.empty());
}

}  // namespace
}  // namespace forktable::test
