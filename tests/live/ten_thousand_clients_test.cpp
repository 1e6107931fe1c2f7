// Nothing grows, however many clients have come and gone.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sstream>

#include "core/session/session.hpp"
#include "tests/support/deadline.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/forktable.hpp"
#include "tests/support/proc.hpp"
#include "tests/support/temporary_folder.hpp"

namespace forktable::test {
namespace {

struct Size {
  long kilobytes = 0;  // resident, not counting pages of files
  std::size_t descriptors = 0, children = 0;
};

Size size_of(Pid pid) {
  Size size;
  std::istringstream status(contents(fmt::format("/proc/{}/status", pid)));
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("RssAnon:")) size.kilobytes = std::atol(line.c_str() + 8);
  size.descriptors = open_descriptors(pid).size();
  size.children = children_of(pid).size();
  return size;
}

void expect_no_growth(const char* program, const Size& before, const Size& after, long tolerance) {
  fmt::print("{}: {} -> {} KB, {} -> {} descriptors, {} -> {} children\n", program, before.kilobytes, after.kilobytes,
             before.descriptors, after.descriptors, before.children, after.children);
  if (kSlowness == 1) {  // a sanitizer keeps what was freed
    EXPECT_LE(after.kilobytes, before.kilobytes + tolerance) << program;
  }
  // Fewer: one that was about to be closed the first time.
  EXPECT_LE(after.descriptors, before.descriptors) << program;
  EXPECT_LE(after.children, before.children) << program;
}

TEST(TenThousandClients, LetNeitherTheServerNorTheSessionGrow) {
  const auto clients = static_cast<std::size_t>(tries(10'000)), warm_up = clients / 5;
  std::size_t ended = 0, reaped = 0, lost = 0;
  Pid server = 0;
  auto session = Session::create([&](const Event& event) {
    ended += std::holds_alternative<ClientEnded>(event.what) ? 1 : 0;
    reaped += std::holds_alternative<Reaped>(event.what) ? 1 : 0;
    lost += std::holds_alternative<ReportsLost>(event.what) ? 1 : 0;
    if (std::holds_alternative<ServerLaunched>(event.what)) server = event.pid;
  });
  ASSERT_TRUE(session && (*session)->start_server({.program = FORKTABLE_SERVER}));
  ASSERT_TRUE(wait_until([&] { return (*session)->pump(std::chrono::milliseconds(1)), (*session)->port() != 0; }));
  std::size_t launched = 0;
  const auto serve_until = [&](std::size_t wanted) {
    return wait_until([&] {
      for (; launched < wanted && (*session)->clients().count() < 64; ++launched)
        (*session)->launch_client(Behaviour::kHello);
      (*session)->pump(std::chrono::milliseconds(20));
      return ended == wanted && reaped == wanted;
    });
  };
  ASSERT_TRUE(serve_until(warm_up));
  const Size server_before = size_of(server), own_before = size_of(getpid());
  ASSERT_TRUE(serve_until(clients));
  // The kernel's word on the last child may be kept open until the next look.
  wait_until([&] {
    (*session)->pump(std::chrono::milliseconds(20));
    return open_descriptors(getpid()).size() <= own_before.descriptors;
  });
  expect_no_growth("server", server_before, size_of(server), 0);
  // What waits to be put in order is more on a busy machine; a record kept for each client would be 800 KB.
  expect_no_growth("session", own_before, size_of(getpid()), 512);
  EXPECT_EQ(lost, 0u);
}

// The most memory that `forktable record` has had, in KB.
long most_memory_of_record(std::uint64_t clients) {
  const std::string number = std::to_string(clients);
  const pid_t child = fork();
  if (child == 0) {
    execl(FORKTABLE_PROGRAM, FORKTABLE_PROGRAM, "record", "--clients", number.c_str(), "--port", "0", "-o", "/dev/null",
          nullptr);
    _exit(kCouldNotRun);
  }
  int status = -1;
  rusage used{};
  EXPECT_EQ(wait4(child, &status, 0, &used), child);
  EXPECT_EQ(status, 0);
  return used.ru_maxrss;
}

TEST(TenThousandClients, TakeNoMoreMemoryToRecordThanTwoThousand) {
  if (kSlowness > 1) GTEST_SKIP() << "a sanitizer keeps what was freed";
  const long few = most_memory_of_record(2000), many = most_memory_of_record(10'000);
  fmt::print("record: {} -> {} KB\n", few, many);
  EXPECT_LE(many, few + 1024);
}

}  // namespace
}  // namespace forktable::test
