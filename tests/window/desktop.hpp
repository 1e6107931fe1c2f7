// A desktop for one test: an X server of its own, Forktable's window on it, real keys and a real mouse, and what the
// window says that it shows.
#pragma once

#include <sys/types.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/deadline.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/window/processes.hpp"
#include "tests/window/said_screen.hpp"
#include "tests/window/screenshot.hpp"
#include "tests/window/spawned.hpp"
#include "tests/window/x_server.hpp"

namespace forktable::test {

class Desktop {
 public:
  Desktop(int width, int height);
  ~Desktop();
  Desktop(const Desktop&) = delete;
  Desktop& operator=(const Desktop&) = delete;

  // Writes the settings that Forktable will find, as JSON.
  void prefer(const std::string& settings) const;
  // Starts Forktable and waits for its first frame. More words go on its command line.
  void start(const std::vector<std::string>& arguments = {"--port", "0"});
  // The same with so many clients that say nothing, so that the screen comes to rest at once, and with the list of what
  // happened to be read. True once each has its child.
  bool start_with_quiet_clients(std::size_t count);
  // Ends it with `signal`; its exit status, or minus the signal that killed it.
  int stop(int signal);
  int pid() const { return forktable_; }
  std::string errors() const;  // what it has written to standard error

  // Each returns when a frame has been shown that answers it. Names of keys are xdotool's: "c", "shift+c", "Escape".
  void key(const std::string& name);
  void keys(std::initializer_list<const char*> names);  // as fast as a program types
  void type(const std::string& text);
  void hold(const std::string& name);
  void let_go(const std::string& name) const;
  void click(Place place);
  void click_and_press(Place place, const std::string& key);  // one after the other, before anything can be drawn
  void wheel(int clicks);                                     // up is positive
  void move_to(Place place) const;
  // Another program drops the file on Forktable's window. False if it isn't taken.
  bool drop(const std::string& path) const { return x_server_.drop(path); }

  // Waits until its window has this title.
  bool has_title(const std::string& title) const;
  const SaidScreen& said() const;
  // Waits until the words stand on the screen, so many times; until they don't.
  bool shows(const std::string& words, std::size_t times = 1) const;
  bool hides(const std::string& words) const;
  // Waits until so many more frames have been drawn.
  bool draws(std::uint64_t frames) const;
  // The middle of these words, once they stand there.
  std::optional<Place> find(const std::string& words) const;
  bool click_on(const std::string& words);
  Image look() const { return read_screenshot(x_server_.screen_file()); }

  // For three seconds on end it draws nothing and uses hardly any processor time: less than a hundredth of it.
  bool comes_to_rest() const;

  // How many children its server has; and waits until there are so many.
  std::size_t children() const;
  bool has_children(std::size_t count) const;

  const std::string& display() const { return x_server_.display(); }  // ":123"
  const std::string& folder() const { return folder_.path(); }        // the test's home
  // Writes what the screen shows to a file that outlives the test, for whoever looks into a failure.
  void keep_screenshot(const std::string& name) const;

 private:
  // Has xdotool do what gives so many inputs, and waits for the answer to the last.
  void input(const std::string& what, std::size_t inputs);

  TemporaryFolder folder_;
  XServer x_server_;
  int forktable_ = 0;
  // What was said when it was last read, and which file that was.
  mutable SaidScreen said_;
  mutable struct {
    ino_t inode;
    long nanoseconds;
  } read_{};
};

}  // namespace forktable::test
