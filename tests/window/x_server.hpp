// An X server for one test (Xvfb), with a screen in memory, a keyboard and a mouse.
#pragma once

#include <string>

namespace forktable::test {

class XServer {
 public:
  // `folder` is where it keeps its screen, see screenshot.hpp, and what it has to complain of.
  XServer(int width, int height, const std::string& folder);
  ~XServer();
  XServer(const XServer&) = delete;
  XServer& operator=(const XServer&) = delete;

  const std::string& display() const { return display_; }  // ":123"; empty if it didn't start
  std::string screen_file() const;
  std::string errors() const;

  // As xdotool has them: "key --delay 2 a b". False if it fails.
  bool xdotool(const std::string& arguments) const;
  // Of the window that is shown; empty if there is none.
  std::string window_title() const;
  // Another program drops the file on it. False if it isn't taken.
  bool drop(const std::string& path) const;

 private:
  void end();

  std::string folder_, display_;
  int pid_ = 0;
};

}  // namespace forktable::test
