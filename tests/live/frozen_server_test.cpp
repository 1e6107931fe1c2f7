// A server that is frozen in the middle of its work, by a report pipe that has room for so many reports and
// no more. What is a moment otherwise can be looked at in peace.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "core/event/wire_decoder.hpp"
#include "core/server/reporter.hpp"
#include "core/system/spawn.hpp"
#include "core/world/reduce.hpp"
#include "tests/support/deadline.hpp"
#include "tests/support/events.hpp"
#include "tests/support/proc.hpp"
#include "tests/support/tcp_client.hpp"

namespace forktable::test {
namespace {

constexpr int kReportFd = 1000, kLifelineFd = 1001;
constexpr std::size_t kRecord = sizeof(WireRecord), kRecordsInPage = 4096 / kRecord;

class FrozenServer {
 public:
  // It stops at the report after these.
  explicit FrozenServer(std::size_t reports) {
    int report_pipe[2], lifeline[2];
    EXPECT_EQ(pipe2(report_pipe, O_CLOEXEC), 0);
    EXPECT_EQ(pipe2(lifeline, O_CLOEXEC), 0);
    reports_ = UniqueFd(report_pipe[0]);
    const UniqueFd report_end(report_pipe[1]), lifeline_end(lifeline[0]);
    lifeline_ = UniqueFd(lifeline[1]);
    // One page, most of it used up. What is taken out of it makes no room until the page is empty.
    EXPECT_EQ(fcntl(report_end.get(), F_SETPIPE_SZ, 4096), 4096);
    const std::string filling((kRecordsInPage - reports) * kRecord, 'x');
    EXPECT_EQ(write(report_end.get(), filling.data(), filling.size()), static_cast<ssize_t>(filling.size()));
    const auto pid = spawn({.path = FORKTABLE_SERVER,
                            .arguments = {"0"},
                            .environment = {std::string(server::kReportVariable) + "=" + std::to_string(kReportFd),
                                            std::string(server::kLifelineVariable) + "=" + std::to_string(kLifelineFd)},
                            .descriptors = {{report_end.get(), kReportFd}, {lifeline_end.get(), kLifelineFd}}});
    EXPECT_TRUE(pid) << pid.error().message();
    this->pid = pid.value_or(0);
    reduce(world, {0, this->pid, 0, ServerLaunched{0}});
    // Where it listens is the third thing that it tells; the fourth has to stay in the page.
    EXPECT_TRUE(wait_until([&] { return bytes_in_pipe() >= filling.size() + 4 * kRecord; }));
    take(filling.size());
    while (only<Listened>(events).empty() && read_one()) {
    }
    port = only<Listened>(events).at(0).port;
  }
  ~FrozenServer() {
    lifeline_.close();  // which is the end of all of it
    EXPECT_TRUE(wait_until([this] { return living_in_group(pid).empty(); }));
  }

  // The next report; it goes on only when the last of those that fitted in has been read.
  bool read_one() {
    WireRecord record;
    if (!take(kRecord, &record)) return false;
    decoder.feed({reinterpret_cast<const std::byte*>(&record), kRecord}, [this](const Event& event) {
      events.push_back(event);
      reduce(world, event);
    });
    return true;
  }
  template <class Condition>
  bool read_until(Condition condition) {
    while (!condition())
      if (!read_one()) return false;
    return true;
  }
  void stop_listening_to_it() { reports_.close(); }

  Pid pid = 0;
  Port port = 0;
  std::vector<Event> events;
  World world;
  WireDecoder decoder{0};

 private:
  std::size_t bytes_in_pipe() const {
    int bytes = 0;
    ioctl(reports_.get(), FIONREAD, &bytes);
    return static_cast<std::size_t>(bytes);
  }
  bool take(std::size_t bytes, void* into = nullptr) {
    std::string buffer(bytes, '\0');
    std::size_t taken = 0;
    while (taken < bytes) {
      const ssize_t got = read(reports_.get(), buffer.data() + taken, bytes - taken);
      if (got <= 0) return false;
      taken += static_cast<std::size_t>(got);
    }
    if (into != nullptr) std::memcpy(into, buffer.data(), bytes);
    return true;
  }

  UniqueFd reports_, lifeline_;
};

const std::set<int> kPlumbing = {0, 1, 2, kReportFd, kLifelineFd};
std::set<int> with(std::set<int> descriptors, const std::set<int>& more) {
  descriptors.insert(more.begin(), more.end());
  return descriptors;
}

TEST(FrozenServer, HoldsListenfdThreeAndConnfdFourBetweenAcceptAndFork) {
  // Two of its own plumbing, its limits, listened, accept called: it is stuck in telling that it has accepted.
  FrozenServer server(5);
  TcpClient client(server.port);
  EXPECT_TRUE(wait_until([&] { return open_descriptors(server.pid) == with(kPlumbing, {3, 4}); }));
  EXPECT_TRUE(children_of(server.pid).empty()) << "it has yet to fork";
  ASSERT_TRUE(server.read_until([&] { return !only<Forked>(server.events).empty(); }));
  const Pid child = only<Forked>(server.events)[0].child;
  EXPECT_TRUE(client.echoes("hello"));
  ASSERT_TRUE(server.read_until([&] { return only<Closed>(server.events).size() == 2; }));
  // A close is told before it is done.
  EXPECT_TRUE(wait_until([&] { return open_descriptors(server.pid) == with(kPlumbing, {3}); }));
  EXPECT_TRUE(wait_until([&] { return open_descriptors(child) == with(kPlumbing, {4}); }));
}

TEST(FrozenServer, TellsOfASignalThatComesInTheMiddleOfAReportAfterIt) {
  // A first client is served by a child (three reports of the child's); the parent has accepted a second one,
  // and is stuck in telling that.
  FrozenServer server(13);
  TcpClient first(server.port);
  ASSERT_TRUE(wait_until([&] {
    const auto children = children_of(server.pid);
    return children.size() == 1 && open_descriptors(children[0]) == with(kPlumbing, {4});
  }));
  const Pid child = children_of(server.pid).at(0);
  TcpClient second(server.port);
  ASSERT_TRUE(wait_until([&] { return open_descriptors(server.pid) == with(kPlumbing, {3, 4}); }));
  // SIGCHLD interrupts that. Its handler waits until it is told.
  kill(child, SIGKILL);
  ASSERT_TRUE(wait_until([&] { return state_of(child) == 'Z'; }));

  ASSERT_TRUE(server.read_until([&] { return !only<HandlerReturned>(server.events).empty(); }));
  const auto position = [&]<class T>(const T&, std::size_t which) {
    for (std::size_t i = 0; i < server.events.size(); ++i)
      if (std::holds_alternative<T>(server.events[i].what) && which-- == 0) return i;
    return server.events.size();
  };
  EXPECT_LT(position(Accepted{}, 1), position(SignalDelivered{}, 0));
  EXPECT_LT(position(Reaped{}, 0), position(HandlerReturned{}, 0));
  EXPECT_EQ(server.world.anomaly_count, 0u);
  EXPECT_TRUE(only<ReportsLost>(server.events).empty());
  ASSERT_TRUE(server.read_until([&] { return only<Forked>(server.events).size() == 2; }));
  EXPECT_TRUE(second.echoes("hello"));
}

TEST(FrozenServer, GoesOnAsAPlainServerWhenNobodyListensToItAnyMore) {
  FrozenServer server(5);
  TcpClient before(server.port);
  ASSERT_TRUE(wait_until([&] { return open_descriptors(server.pid).contains(4); }));
  server.stop_listening_to_it();
  EXPECT_TRUE(before.echoes("hello"));
  EXPECT_TRUE(TcpClient(server.port).echoes("hello"));
}

}  // namespace
}  // namespace forktable::test
