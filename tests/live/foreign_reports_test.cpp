// Somebody else writes into the report pipe of a server that runs: what is no report is counted and shown, and nothing
// after it is lost.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>
#include <cstring>

#include "core/event/wire.hpp"
#include "core/system/clock.hpp"
#include "tests/live/live_session.hpp"
#include "tests/support/proc.hpp"
#include "tests/support/tcp_client.hpp"

namespace forktable::test {
namespace {

class ForeignReports : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(live.start());
    ASSERT_TRUE(live.until_children_wait(0));
    const std::string path = fmt::format("/proc/{}/fd/{}", live.server(), only<PlumbingOpened>(live.events).at(0).fd);
    pipe_ = UniqueFd(open(path.c_str(), O_WRONLY | O_CLOEXEC));
    ASSERT_TRUE(pipe_) << path;
  }

  void write_in(std::string_view bytes) {
    ASSERT_EQ(write(pipe_.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  void write_in(WireRecord record, Pid pid) {
    record.pid = pid;
    record.at = monotonic_now();
    seal(record);
    write_in({reinterpret_cast<const char*>(&record), sizeof record});
  }
  // Until nothing more fits in; returns how many bytes did.
  std::uint64_t fill() {
    fcntl(pipe_.get(), F_SETFL, O_NONBLOCK);
    std::uint64_t all = 0;
    for (const std::size_t piece : {std::size_t{4096}, std::size_t{1}}) {
      const std::string bytes(piece, 'x');
      for (ssize_t wrote = 1; wrote > 0; all += wrote > 0 ? static_cast<std::uint64_t>(wrote) : 0)
        wrote = write(pipe_.get(), bytes.data(), bytes.size());
    }
    return all;
  }
  std::uint64_t garbage() const {
    std::uint64_t bytes = 0;
    for (const auto& skipped : only<GarbageSkipped>(live.events)) bytes += skipped.bytes;
    return bytes;
  }
  void expect_that_it_goes_on() {
    const std::uint64_t reaped = live.world.counts.reaped;
    std::vector<ClientId> clients;
    for (int i = 0; i < 5; ++i) clients.push_back(live.session->launch_client(Behaviour::kHello));
    ASSERT_TRUE(live.until([&] { return live.world.counts.reaped == reaped + 5; }) && live.until_all_served());
    for (const ClientId client : clients) EXPECT_EQ(live.client(client).received, 6u);
  }

  LiveSession live;

 private:
  UniqueFd pipe_;
};

TEST_F(ForeignReports, GarbageIsCountedToTheByteAndNothingIsLost) {
  write_in(std::string(1000, '\0') + "garbage" + std::string(3000, '\xB1'));
  expect_that_it_goes_on();
  EXPECT_TRUE(live.until([&] { return garbage() == 4007; })) << garbage();
  EXPECT_EQ(live.count<ReportsLost>(), 0u);
  EXPECT_GT(live.world.anomaly_count, 0u) << "which is shown";
}

TEST_F(ForeignReports, HalfARecordBeforeGoodOnesIsCountedAndNothingIsLost) {
  WireRecord record = encode(AcceptCalled{3});
  record.pid = live.server();
  seal(record);
  for (const std::size_t half : {1u, 40u, 71u}) {
    const std::uint64_t before = garbage();
    write_in({reinterpret_cast<const char*>(&record), half});
    expect_that_it_goes_on();
    EXPECT_TRUE(live.until([&] { return garbage() == before + half; })) << garbage();
  }
  EXPECT_EQ(live.count<ReportsLost>(), 0u);
  EXPECT_EQ(live.world.anomaly_count, 3u) << "each is shown";
}

TEST_F(ForeignReports, GarbageWithNothingAfterItIsCountedToo) {
  write_in("x");
  EXPECT_TRUE(live.until([&] { return garbage() == 1; }));
}

TEST_F(ForeignReports, APipeThatTheyFillMakesTheServerWaitAndLosesNothingOfWhatHappensMeanwhile) {
  const ClientId killed = live.session->launch_client(Behaviour::kQuiet);
  ASSERT_TRUE(live.until_children_wait(1));
  const Pid server = live.server(), child = live.child_of(killed);
  const std::uint64_t filled = fill();
  // The server is stuck in telling that accept has returned, with signals on top of that.
  TcpClient client(live.session->port());
  ASSERT_TRUE(wait_until([&] { return open_descriptors(server).contains(4); }));
  kill(child, SIGKILL);
  kill(server, SIGSTOP);
  ASSERT_TRUE(wait_until([&] { return state_of(server) == 'T' && state_of(child) == 'Z'; }));
  kill(server, SIGCONT);
  live.session->set_stepping(true);
  ASSERT_TRUE(live.until([&] { return live.count<GateReached>() > 0; })) << "it goes on, to its next gate";
  live.session->set_stepping(false);
  ASSERT_TRUE(live.until([&] { return live.count<Reaped>() == 1; }));
  EXPECT_TRUE(live.until([&] { return garbage() == filled; })) << garbage() << " of " << filled;
  client.close();
  ASSERT_TRUE(live.until([&] { return live.count<Reaped>() == 2; }));
  expect_that_it_goes_on();
  EXPECT_EQ(live.world.counts.accepted, 7u);
  EXPECT_EQ(live.count<ReportsLost>(), 0u);
}

TEST_F(ForeignReports, ARecordOfAProcessThatNeverWasIsShownAsImpossible) {
  write_in(encode(Closed{3}), 1);
  write_in(encode(Reaped{2, 0}), 1 << 22);
  write_in(encode(ExitCalled{0}), -5);
  expect_that_it_goes_on();
  EXPECT_GE(live.world.anomaly_count, 2u);
  EXPECT_TRUE(live.session->server_alive());
  EXPECT_EQ(live.world.processes.size(), 1u);
}

TEST_F(ForeignReports, ARecordInTheNameOfAProcessOfTheServerLosesNothingThatItTellsItself) {
  const ClientId client = live.session->launch_client(Behaviour::kQuiet);
  ASSERT_TRUE(live.until_children_wait(1));
  const Pid child = live.child_of(client);
  write_in(encode(Closed{4711}), child);
  ASSERT_TRUE(live.until([&] { return live.world.anomaly_count > 0; }));
  live.session->clients().send_line(client, "hello");
  ASSERT_TRUE(live.until([&] { return live.client(client).received == 6; }));
  live.session->clients().close(client);
  ASSERT_TRUE(live.until([&] { return live.count<Reaped>() == 1; }));
  expect_that_it_goes_on();
}

TEST_F(ForeignReports, AnotherPortIsNotBelieved) {
  const Port port = live.session->port();
  write_in(encode(Listened{3, 9, 128}), 1);
  expect_that_it_goes_on();
  EXPECT_EQ(live.session->port(), port);
}

TEST_F(ForeignReports, ARecordCannotHaveAStrangerSignalled) {
  const pid_t stranger = fork();
  while (stranger == 0) pause();
  write_in(encode(ChildStarted{live.server(), 1}), stranger);
  for (int i = 0; i < 20; ++i) live.session->pump(std::chrono::milliseconds(5));
  live.session->send_signal(stranger, SIGKILL);
  live.session->stop_server();
  EXPECT_EQ(live.count<SignalSent>(), 0u);
  EXPECT_NE(state_of(stranger), 'Z');
  kill(stranger, SIGKILL);
  waitpid(stranger, nullptr, 0);
}

}  // namespace
}  // namespace forktable::test
