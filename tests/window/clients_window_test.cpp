// What a user does with clients in the window: talks to them, ends them, and sees those from outside.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>

#include "tests/window/desktop.hpp"

namespace forktable::test {
namespace {

// A client that Forktable knows nothing of.
int connect_to(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return fd;
}

TEST(Window, ALineTypedToAClientComesBackAsItsEcho) {
  Desktop desktop(1600, 900);
  desktop.prefer(kQuiet);
  desktop.start();
  desktop.key("c");
  ASSERT_TRUE(has_children(desktop, 1));
  ASSERT_TRUE(desktop.click_on("connected, silent"));
  ASSERT_TRUE(desktop.shows("Half-close"));
  desktop.type("Good Morning?");  // with Shift down and up within a frame
  desktop.key("Return");
  EXPECT_TRUE(desktop.shows("Good Morning?", 3));  // said and echoed in the panel, on the card, and told
}

TEST(Window, UndoAfterALineHasBeenSentDoesNoHarm) {
  Desktop desktop(1600, 900);
  desktop.prefer(kQuiet);
  desktop.start();
  desktop.key("c");
  ASSERT_TRUE(has_children(desktop, 1));
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

TEST(Window, TabGoesToTheNextClientWhileALineIsTyped) {
  Desktop desktop(1600, 900);
  desktop.prefer(kQuiet);
  desktop.start();
  desktop.key("c");
  desktop.key("c");
  ASSERT_TRUE(has_children(desktop, 2));
  ASSERT_TRUE(desktop.shows("child of client 2"));
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

TEST(Window, MenusStayOpenWhileAClientIsSelectedThatCannotTalk) {
  Desktop desktop(1600, 900);
  desktop.prefer(kQuiet);
  desktop.start();
  desktop.key("c");
  desktop.key("c");
  ASSERT_TRUE(has_children(desktop, 2));
  ASSERT_TRUE(desktop.shows("child of client 2"));
  const auto processes = server_processes(desktop.pid());
  for (const int pid : processes) kill(pid, SIGSTOP);  // nobody reads the end of file
  desktop.key("Tab");
  ASSERT_TRUE(desktop.click_on("Half-close"));
  ASSERT_TRUE(desktop.shows("waiting for end of file"));
  desktop.key("Tab");
  desktop.key("Tab");
  ASSERT_TRUE(desktop.click_on("Server"));
  EXPECT_TRUE(desktop.shows("listens on 127.0.0.1"));
  EXPECT_TRUE(desktop.click_on("Stop")) << "it is still there to be clicked";
  EXPECT_TRUE(desktop.shows("The server is stopped"));
}

TEST(Window, AClientCanBeClosedAndResetByItsButtons) {
  Desktop desktop(1600, 900);
  desktop.prefer(kQuiet);
  desktop.start();
  desktop.key("c");
  desktop.key("c");
  ASSERT_TRUE(has_children(desktop, 2));
  ASSERT_TRUE(desktop.shows("child of client 2"));
  desktop.key("Tab");
  ASSERT_TRUE(desktop.click_on("Close"));
  EXPECT_TRUE(has_children(desktop, 1));
  desktop.key("Escape");
  desktop.key("Tab");
  ASSERT_TRUE(desktop.click_on("Reset"));
  EXPECT_TRUE(has_children(desktop, 0));
  desktop.key("Escape");
  EXPECT_TRUE(desktop.shows("ECONNRESET"));
}

TEST(Window, WhatTheNextClientsDoIsChosenFromAMenu) {
  Desktop desktop(1600, 900);
  desktop.start();
  ASSERT_TRUE(desktop.click_on("stay and talk"));
  ASSERT_TRUE(desktop.click_on("go quiet"));
  desktop.key("c");
  ASSERT_TRUE(has_children(desktop, 1));
  EXPECT_TRUE(desktop.shows("connected, silent"));
  EXPECT_TRUE(desktop.shows("nothing said yet"));
}

TEST(Window, AClientFromOutsideIsShownAsWhatItIs) {
  Desktop desktop(1600, 900);
  desktop.start();
  ASSERT_TRUE(desktop.shows("listening socket"));
  const int fd = connect_to(listening_port(server_processes(desktop.pid()).at(0)));
  EXPECT_TRUE(desktop.shows("connected, from outside"));
  EXPECT_TRUE(desktop.shows("window-tests"));  // the name of this program
  ASSERT_EQ(write(fd, "from afar\n", 10), 10);
  EXPECT_TRUE(desktop.shows("from afar"));
  close(fd);
  EXPECT_TRUE(has_children(desktop, 0));
}

}  // namespace
}  // namespace forktable::test
