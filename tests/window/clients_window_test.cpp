// What a user does with clients in the window: talks to them, ends them, and sees those from outside.
#include <gtest/gtest.h>

#include "tests/support/tcp_client.hpp"
#include "tests/window/desktop.hpp"

namespace forktable::test {
namespace {

TEST(Window, ALineTypedToAClientComesBackAsItsEcho) {
  Desktop desktop(1600, 900);
  ASSERT_TRUE(desktop.start_with_quiet_clients(1));
  ASSERT_TRUE(desktop.click_on("connected, silent"));
  ASSERT_TRUE(desktop.shows("Half-close"));
  desktop.type("Good Morning?");  // with Shift down and up within a frame
  desktop.key("Return");
  EXPECT_TRUE(desktop.shows("Good Morning?", 3));  // said and echoed in the panel, on the card, and told
}

TEST(Window, UndoAfterALineHasBeenSentDoesNoHarm) {
  Desktop desktop(1600, 900);
  ASSERT_TRUE(desktop.start_with_quiet_clients(1));
  ASSERT_TRUE(desktop.click_on("connected, silent"));
  ASSERT_TRUE(desktop.shows("Half-close"));
  for (const char* line : {"hello", "again", "a"}) {
    desktop.type(line);
    desktop.key("Return");
    desktop.key("ctrl+z");
    desktop.key("ctrl+z");
  }
  desktop.type("still here");
  desktop.key("Return");
  EXPECT_TRUE(desktop.shows("still here", 3));
}

TEST(Window, LinesTypedFasterThanItDrawsAllReachTheServer) {
  Desktop desktop(1600, 900);
  ASSERT_TRUE(desktop.start_with_quiet_clients(1));
  ASSERT_TRUE(desktop.shows("blocked in read(4)"));
  // In one go, from the key that selects the client on; no letter may be taken for a key of the window.
  desktop.keys(
      {"Tab", "h", "r", "Return", "k", "c", "Return", "s", "t", "i", "l", "l", "space", "h", "e", "r", "e", "Return"});
  EXPECT_TRUE(desktop.shows("still here", 3));
  EXPECT_TRUE(desktop.shows("received 17 bytes"));
  EXPECT_EQ(desktop.children(), 1U);
}

TEST(Window, EnterThatIsHeldDownSendsOneLine) {
  Desktop desktop(1600, 900);
  ASSERT_TRUE(desktop.start_with_quiet_clients(1));
  ASSERT_TRUE(desktop.shows("blocked in read(4)"));
  desktop.key("Tab");
  ASSERT_TRUE(desktop.shows("type a line"));
  desktop.type("hi");
  desktop.hold("Return");
  ASSERT_TRUE(desktop.shows("hi", 3));
  ASSERT_TRUE(desktop.draws(8)) << "it blinks in the empty field meanwhile";
  desktop.let_go("Return");
  desktop.type("x");
  desktop.key("Return");
  EXPECT_TRUE(desktop.shows("received 5 bytes"));  // "hi\nx\n"
}

TEST(Window, TabGoesToTheNextClientWhileALineIsTyped) {
  Desktop desktop(1600, 900);
  ASSERT_TRUE(desktop.start_with_quiet_clients(2));
  ASSERT_TRUE(desktop.shows("blocked in read(4)", 2));
  desktop.key("Tab");
  ASSERT_TRUE(desktop.shows("Half-close"));
  desktop.type("one");
  desktop.key("Tab");
  ASSERT_TRUE(desktop.shows("type a line"));  // to the second, who has been told nothing yet
  desktop.type("two");
  desktop.key("Return");
  EXPECT_TRUE(desktop.shows("two", 3));
  desktop.key("F12");
  EXPECT_TRUE(desktop.shows("first frame after"));  // in the log
}

TEST(Window, AClientCanBeClosedAndResetByItsButtons) {
  Desktop desktop(1600, 900);
  ASSERT_TRUE(desktop.start_with_quiet_clients(2));
  ASSERT_TRUE(desktop.shows("blocked in read(4)", 2));
  desktop.key("Tab");
  ASSERT_TRUE(desktop.click_on("Close"));
  EXPECT_TRUE(desktop.has_children(1));
  desktop.key("Escape");
  desktop.key("Tab");
  ASSERT_TRUE(desktop.click_on("Reset"));
  EXPECT_TRUE(desktop.has_children(0));
  desktop.key("Escape");
  EXPECT_TRUE(desktop.shows("ECONNRESET"));
}

TEST(Window, WhatTheNextClientsDoIsChosenFromAMenu) {
  Desktop desktop(1600, 900);
  desktop.start();
  ASSERT_TRUE(desktop.click_on("stay and talk"));
  ASSERT_TRUE(desktop.click_on("go quiet"));
  desktop.key("c");
  ASSERT_TRUE(desktop.has_children(1));
  EXPECT_TRUE(desktop.shows("connected, silent"));
  EXPECT_TRUE(desktop.shows("nothing said yet"));
}

TEST(Window, AKeyThatComesRightAfterAClickFindsWhatTheClickHasChanged) {
  Desktop desktop(1600, 900);
  desktop.start();
  ASSERT_TRUE(desktop.click_on("stay and talk"));
  const auto quiet = desktop.find("go quiet");
  ASSERT_TRUE(quiet);
  desktop.click_and_press(*quiet, "c");
  ASSERT_TRUE(desktop.has_children(1));
  EXPECT_TRUE(desktop.shows("connected, silent"));
}

TEST(Window, AClientFromOutsideIsShownAsWhatItIs) {
  Desktop desktop(1600, 900);
  desktop.start();
  ASSERT_TRUE(desktop.shows("listening socket"));
  TcpClient stranger(static_cast<Port>(listening_port(server_processes(desktop.pid()).at(0))));
  ASSERT_TRUE(stranger.connected());
  EXPECT_TRUE(desktop.shows("connected, from outside"));
  EXPECT_TRUE(desktop.shows("window-tests"));  // the name of this program
  ASSERT_TRUE(stranger.send("from afar\n"));
  EXPECT_TRUE(desktop.shows("from afar"));
  stranger.close();
  EXPECT_TRUE(desktop.has_children(0));
}

}  // namespace
}  // namespace forktable::test
