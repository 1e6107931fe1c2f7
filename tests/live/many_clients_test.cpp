// A lot at once: nothing is lost, and nothing is left over.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include "core/event/wire.hpp"
#include "tests/live/live_session.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/proc.hpp"
#include "tests/support/tcp_client.hpp"
#include "tests/support/text.hpp"

namespace forktable::test {
namespace {

// Lets so many clients say hello, some of them at a time, and the kernel be asked when they have gone.
void serve(LiveSession& live, int clients) {
  const std::size_t ended = live.count<ClientEnded>() + static_cast<std::size_t>(clients);
  int launched = 0;
  ASSERT_TRUE(live.until([&] {
    for (; launched < clients && live.session->clients().count() < 64; ++launched)
      live.session->launch_client(Behaviour::kHello);
    return launched == clients && live.session->clients().count() == 0;
  }));
  ASSERT_TRUE(live.until([&] { return live.count<ClientEnded>() == ended; }) && live.until_all_served());
  ASSERT_TRUE(live.until([&] { return is_checked(live.world); }));
}

TEST(ManyClients, LeaveNoDescriptorOpenInForktable) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  serve(live, 10);
  const auto before = open_descriptors(getpid());
  serve(live, 2000);
  EXPECT_EQ(open_descriptors(getpid()), before);
  EXPECT_EQ(live.world.counts,
            (Counts{.accepted = 2010, .forked = 2010, .closed = 2010, .exited = 2010, .reaped = 2010}));
  EXPECT_EQ(live.world.anomaly_count, 0u);
  EXPECT_EQ(live.count<ReportsLost>(), 0u);
  for (const auto& ended : only<ClientEnded>(live.events)) ASSERT_EQ(ended.end, ClientEnd::kClosed);
}

TEST(ManyClients, CanAllStayAtOnce) {
  LiveSession live;
  ASSERT_TRUE(live.start());
  for (int i = 0; i < 400; ++i) live.session->launch_client(Behaviour::kQuiet);
  ASSERT_TRUE(live.until_children_wait(400));
  EXPECT_EQ(children_of(live.server()).size(), 400u);
  live.session->clients().close_all();
  ASSERT_TRUE(live.until_all_served());
  EXPECT_EQ(live.world.counts.reaped, 400u);
  EXPECT_EQ(live.world.anomaly_count, 0u);
}

// Whether one of our pipes is full, so that the next record doesn't fit in.
bool a_pipe_is_full() {
  constexpr int kPage = 4096, kRecord = sizeof(WireRecord);
  for (const int fd : open_descriptors(getpid())) {
    if (!contains(descriptor_target(getpid(), fd), "pipe:")) continue;
    int bytes = 0;
    const int size = fcntl(fd, F_GETPIPE_SZ);
    if (ioctl(fd, FIONREAD, &bytes) == 0 && bytes > 0 && bytes >= size / kPage * (kPage / kRecord * kRecord))
      return true;
  }
  return false;
}

TEST(ReportPipe, ThatIsFullMakesTheServerWaitAndLosesNothing) {
  constexpr int kClients = 5;
  const int echoes = static_cast<int>(tries(5000));  // of each; four reports for each echo
  LiveSession live;
  ASSERT_TRUE(live.start());
  const pid_t talker = fork();
  if (talker == 0) {
    std::vector<TcpClient> clients;
    for (int i = 0; i < kClients; ++i) clients.emplace_back(live.session->port());
    for (int i = 0; i < echoes; ++i)
      for (TcpClient& client : clients)
        if (!client.echoes("hello")) _exit(1);
    _exit(0);
  }
  // Nobody reads the reports, until the server can't go on.
  if (kSlowness == 1) {
    ASSERT_TRUE(wait_until(a_pipe_is_full));
  }
  int status = -1;
  ASSERT_TRUE(live.until([&] { return waitpid(talker, &status, WNOHANG) == talker; }));
  EXPECT_EQ(status, 0) << "every echo came";
  ASSERT_TRUE(live.until([&] { return live.count<Reaped>() == kClients; }) && live.until_all_served());
  std::uint64_t read = 0, written = 0;
  for (const auto& one : only<Read>(live.events)) read += one.bytes;
  for (const auto& one : only<Wrote>(live.events)) written += one.bytes;
  EXPECT_EQ(read, static_cast<std::uint64_t>(kClients) * static_cast<std::uint64_t>(echoes) * 5);
  EXPECT_EQ(written, read);
  EXPECT_EQ(live.count<ReportsLost>(), 0u);
  EXPECT_EQ(live.count<GarbageSkipped>(), 0u);
  EXPECT_EQ(live.world.anomaly_count, 0u);
}

}  // namespace
}  // namespace forktable::test
