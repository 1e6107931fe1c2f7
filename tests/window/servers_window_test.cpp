// Other servers than the first, and two of them side by side, in a real window.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <vector>

#include "tests/support/proc.hpp"
#include "tests/window/desktop.hpp"
#include "tests/window/processes.hpp"

namespace forktable::test {
namespace {

TEST(Servers, AnotherIsChosenFromTheMenuWithItsOwnListingAndSwitches) {
  Desktop desktop(1600, 900);
  desktop.start();
  ASSERT_TRUE(desktop.shows("listening socket"));
  desktop.key("F2");
  ASSERT_TRUE(desktop.shows("One client after the other"));
  ASSERT_TRUE(desktop.click_on("One client after"));
  EXPECT_TRUE(desktop.shows("iterative_server.cpp")) << "the listing is its own";
  desktop.key("1");
  EXPECT_TRUE(desktop.shows("the bug")) << "the first switch is that of its listing: Work(2000)";
  desktop.key("q");
  EXPECT_TRUE(desktop.shows("backlog 2")) << "two wait while the first is quiet";
}

TEST(Servers, SideBySideGetTheSameClientsAndStepTogether) {
  Desktop desktop(1600, 900);
  desktop.start({"--port", "0", "--server", "iterative", "--beside", "process"});
  ASSERT_TRUE(desktop.shows("One client after the other"));
  ASSERT_TRUE(desktop.shows("A process for each client"));
  desktop.key("q");
  EXPECT_TRUE(desktop.shows("backlog 2")) << "in the left one, two wait";
  EXPECT_TRUE(desktop.shows("child 1")) << "in the right one, each has its child";
  EXPECT_TRUE(desktop.shows("after ")) << "and it is told how long a client that was served has waited";
  EXPECT_TRUE(desktop.shows("iterative_server.cpp"));
  EXPECT_TRUE(desktop.shows("process_server.cpp")) << "below each stands its code";
  const std::vector<int> servers = children_of(desktop.pid());
  ASSERT_EQ(servers.size(), 2u);
  const auto live = [&](const char* program) {
    return "live :" + std::to_string(listening_port(process_of(desktop.pid(), program)));
  };
  ASSERT_TRUE(desktop.shows(live("iterative-server"))) << "above both stands what the left one does";
  desktop.key("o");
  EXPECT_TRUE(desktop.shows(live("process-server"))) << "and now what the right one does";
  EXPECT_EQ(desktop.stop(SIGTERM), 0);
  EXPECT_TRUE(wait_until([&] {
    return std::none_of(servers.begin(), servers.end(), [](int pid) { return kill(pid, 0) == 0; });
  })) << "both servers end with the window";
}

TEST(Servers, BesideEachOtherAreParted) {
  Desktop desktop(1600, 900);
  desktop.start({"--port", "0", "--server", "event", "--beside", "thread"});
  ASSERT_TRUE(desktop.shows("A thread for each client"));
  desktop.key("F2");
  ASSERT_TRUE(desktop.click_on("Beside it"));
  ASSERT_TRUE(desktop.click_on("Nothing"));
  EXPECT_TRUE(desktop.shows("event_server.cpp")) << "the listing has room again";
  EXPECT_TRUE(desktop.hides("A thread for each client"));
}

}  // namespace
}  // namespace forktable::test
