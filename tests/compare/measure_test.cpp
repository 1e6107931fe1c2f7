// What real servers cost: the figures are there, whatever they are.
#include "core/compare/measure.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <set>

#include "core/compare/callers.hpp"
#include "core/compare/plain_server.hpp"
#include "core/compare/quantile.hpp"
#include "core/program/server_setup.hpp"
#include "tests/support/deadline.hpp"
#include "tests/support/proc.hpp"
#include "tests/support/tcp_client.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/text.hpp"
#include "tests/support/user.hpp"

namespace forktable::test {
namespace {

std::string path_of(ServerKind kind) { return with_server({.program = FORKTABLE_SERVER}, kind).program; }

CostRequest request_of(std::vector<ServerKind> servers, std::vector<int> clients) {
  return {std::move(servers), std::move(clients), 0.05, path_of};
}

const CostProgress kGoOn = [](double, const std::string&) { return true; };

// The keys of semaphores that this process's children were given.
void note_keys(std::set<int>& keys) {
  constexpr std::string_view kVariable = "FORKTABLE_SEMAPHORE_KEY=";
  for (const Pid child : children_of(getpid())) {
    const std::string environment = contents("/proc/" + std::to_string(child) + "/environ");
    if (const std::size_t at = environment.find(kVariable); at != environment.npos)
      if (const int key = std::atoi(environment.c_str() + at + kVariable.size()); key > 0) keys.insert(key);
  }
}

class NothingIsLeft {
 public:
  ~NothingIsLeft() {
    EXPECT_EQ(open_descriptors(getpid()), before_);
    for (const Pid child : children_of(getpid()))
      ADD_FAILURE() << "a child is left: " << contents("/proc/" + std::to_string(child) + "/stat")
                    << contents("/proc/" + std::to_string(child) + "/cmdline");
  }

 private:
  const std::set<int> before_ = open_descriptors(getpid());
};

TEST(Measuring, GivesEveryFigureOfEveryServer) {
  const NothingIsLeft nothing;
  std::vector<ServerKind> all;
  for (int i = 0; i < kServerCount; ++i) all.push_back(static_cast<ServerKind>(i));
  double latest = 0;
  const auto table = measure_costs(request_of(all, {1, 3}), [&](double part, const std::string& doing) {
    EXPECT_GE(part, latest) << doing;
    EXPECT_TRUE(contains(doing, "client"));
    latest = part;
    return true;
  });
  ASSERT_TRUE(table) << table.error().message();
  EXPECT_GT(latest, 0.9);
  ASSERT_EQ(table->servers.size(), all.size());
  EXPECT_GE(table->cpus, 1);
  for (const ServerCosts& costs : table->servers) {
    SCOPED_TRACE(name_of(costs.kind));
    ASSERT_EQ(costs.at.size(), 2u);
    for (const CostsAt& at : costs.at) {
      SCOPED_TRACE(at.clients);
      const bool others_wait = costs.kind == ServerKind::kIterative && at.clients > 1;
      for (const FigureKind& kind : kFigureKinds) {
        const Figure& figure = at.*kind.of;
        const bool missing = others_wait && (figure.reason == "the others wait");
        EXPECT_NE(figure.value.has_value(), missing) << kind.key << " " << figure.reason;
        if (kind.of != &CostsAt::memory_per_client) {
          EXPECT_GT(figure.value.value_or(1), 0) << kind.key;
        }
      }
      EXPECT_EQ(at.first_byte.value.has_value(), !others_wait);
      EXPECT_LE(at.first_byte.value.value_or(0), at.first_byte_p95.value.value_or(0));
      // Each client has a process or a thread of its own, or none has.
      const double own = at.clients + 1;
      const double alone = costs.kind == ServerKind::kPrefork ? 1 + kPoolSize : 1;
      EXPECT_EQ(*at.processes.value, shape_of(costs.kind).has(Shape::kForks) ? own : alone);
      EXPECT_EQ(*at.threads.value,
                shape_of(costs.kind).has(Shape::kForks) || costs.kind == ServerKind::kThread ? own : alone);
      EXPECT_GE(at.memory_per_client.value.value_or(0), shape_of(costs.kind).has(Shape::kForks) ? 4 : 0)
          << "a page at least, of its own stack";
    }
  }
}

TEST(Measuring, SaysWhatIsSharedAsTheKernelDoes) {
  const auto table = measure_costs(request_of({ServerKind::kIterative, ServerKind::kProcess, ServerKind::kProcessShm,
                                               ServerKind::kEpoll, ServerKind::kThread, ServerKind::kInetd},
                                              {1}),
                                   kGoOn);
  ASSERT_TRUE(table) << table.error().message();
  if (!table->servers[0].shares.globals.value) GTEST_SKIP() << table->servers[0].shares.globals.reason;
  for (const ServerCosts& costs : table->servers) {
    SCOPED_TRACE(name_of(costs.kind));
    EXPECT_EQ(costs.shares.descriptors.value, !shape_of(costs.kind).has(Shape::kForks));
    EXPECT_EQ(costs.shares.open_files.value, true) << "a child has inherited them";
    EXPECT_EQ(costs.shares.globals.value, !shape_of(costs.kind).has(Shape::kForks));
    EXPECT_EQ(contains(costs.shares.globals.reason, "shared memory"), costs.kind == ServerKind::kProcessShm);
  }
}

TEST(Measuring, CanBeGivenUpAtAnyTimeAndLeavesNothing) {
  for (const int patience : {0, 1, 3, 8, 20, 60}) {
    SCOPED_TRACE(patience);
    const NothingIsLeft nothing;
    int asked = 0;
    std::set<int> keys;
    const auto table = measure_costs(request_of({ServerKind::kProcessShm, ServerKind::kThread}, {2, 20}),
                                     [&](double, const std::string&) {
                                       note_keys(keys);
                                       return asked++ < patience;
                                     });
    for (const int key : keys) EXPECT_LT(semget(key, 0, 0), 0) << "a semaphore is left";
    EXPECT_TRUE(patience < 8 || !keys.empty()) << "there was none to be left";
    ASSERT_FALSE(table);
    EXPECT_TRUE(contains(table.error().message(), "given up")) << table.error().message();
    EXPECT_EQ(asked, patience + 1) << "it isn't asked twice";
  }
}

TEST(Measuring, NamesTheServerThatIsNotThere) {
  const NothingIsLeft nothing;
  CostRequest request = request_of({ServerKind::kThread}, {1});
  request.program = [](ServerKind) { return std::string("/nowhere/thread-server"); };
  const auto table = measure_costs(request, kGoOn);
  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().message(),
            "can't measure the thread server: can't start /nowhere/thread-server: No such file or directory");
}

TEST(Measuring, SaysWhenAServerEndsBeforeItListens) {
  const NothingIsLeft nothing;
  CostRequest request = request_of({ServerKind::kThread}, {1});
  request.program = [](ServerKind) { return std::string("/bin/true"); };
  const auto table = measure_costs(request, kGoOn);
  ASSERT_FALSE(table);
  EXPECT_TRUE(contains(table.error().message(), "the server ended before it listened")) << table.error().message();
}

TEST(Measuring, MoreClientsThanDescriptorsIsAnErrorThatSaysWhatToDo) {
  EXPECT_TRUE(in_child([] {
    const rlimit few{60, 60};
    setrlimit(RLIMIT_NOFILE, &few);
    const auto before = open_descriptors(getpid());
    const auto table = measure_costs(request_of({ServerKind::kThread}, {100}), kGoOn);
    return !table && contains(table.error().message(), "Too many open files") &&
           contains(table.error().message(), "ask for fewer clients") && open_descriptors(getpid()) == before &&
           children_of(getpid()).empty();
  }));
}

TEST(Rushing, IsMeasuredByTheMomentsAtWhichTheMachineWasFreeForIt) {
  auto server = PlainServer::start(ServerKind::kEpoll, path_of(ServerKind::kEpoll), [] { return true; });
  ASSERT_TRUE(server) << server.error().message();
  // Asked every 50 ms: the server stands still for about half a second of the half that it is measured.
  int asked = 0;
  const auto rushed = rush(server->port(), 3, 0.5, [&] {
    if (++asked == 2) kill(server->pid(), SIGSTOP);
    if (asked == 12) kill(server->pid(), SIGCONT);
    return true;
  });
  ASSERT_TRUE(rushed) << rushed.error().message();
  EXPECT_GE(asked, 12);
  ASSERT_EQ(rushed->rounds.size(), 5u);
  EXPECT_GT(rushed->per_second(), 2 * quantile(rushed->rounds, 0)) << "one round was slow";
  EXPECT_GT(rushed->per_second(), quantile(rushed->rounds, 1) / 4) << "and the others weren't";
  EXPECT_LE(rushed->connections, 5000) << "each is in TIME_WAIT for a minute";
}

TEST(Rushing, IsNotMadeFasterOrSlowerByOneRound) {
  EXPECT_EQ((Rush{5000, {40000, 5571, 41000, 39000, 40500}}.per_second()), 40000);
  EXPECT_EQ((Rush{5000, {40000, 90000, 41000, 39000, 40500}}.per_second()), 40500);
}

TEST(Quantiles, AreOfTheValuesInTheirOrder) {
  EXPECT_EQ(median({40, 5, 41, 39, 1000}), 40);
  EXPECT_EQ(median({4, 1, 3, 2}), 2.5);
  EXPECT_EQ(median({7}), 7);
  EXPECT_EQ(quantile({3, 1, 2, 4}, 0), 1);
  EXPECT_EQ(quantile({3, 1, 2, 4}, 0.5), 2);
  EXPECT_EQ(quantile({3, 1, 2, 4}, 0.95), 4);
}

TEST(APlainServer, ReportsToNobodyAndHoldsNothingButItsLifeline) {
  const auto server = PlainServer::start(ServerKind::kProcess, FORKTABLE_SERVER, [] { return true; });
  ASSERT_TRUE(server) << server.error().message();
  EXPECT_TRUE(TcpClient(server->port()).echoes("hello"));
  // The echo may be here before the parent has closed its connfd.
  EXPECT_TRUE(wait_until([&] { return open_descriptors(server->pid()) == std::set<int>{0, 1, 2, 3, 63}; }));
}

TEST(APlainServer, IsEndedWithAllItsChildren) {
  Pid group = 0;
  {
    auto server = PlainServer::start(ServerKind::kProcess, FORKTABLE_SERVER, [] { return true; });
    ASSERT_TRUE(server) << server.error().message();
    group = server->pid();
    TcpClient one(server->port()), other(server->port());
    ASSERT_TRUE(one.echoes("hello") && other.echoes("hello"));
    EXPECT_EQ(server->processes().size(), 3u);
    EXPECT_EQ(server->processes().front(), group);
    EXPECT_GT(server->end(), 0);
    EXPECT_TRUE(living_in_group(group).empty());
    EXPECT_EQ(server->end(), 0) << "it has ended";
  }
  EXPECT_TRUE(living_in_group(group).empty());
}

}  // namespace
}  // namespace forktable::test
