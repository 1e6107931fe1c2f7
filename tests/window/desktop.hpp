// A desktop for one test: an X server of its own (Xvfb), Forktable's window on it, real keys and a real mouse
// (xdotool), and eyes: pixels from the X server's framebuffer, and words read off them by tesseract.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.hpp"

namespace forktable::test {

struct Image {
  int width = 0, height = 0;
  std::vector<unsigned char> rgb;  // 3 bytes a pixel
  const unsigned char* at(int x, int y) const { return &rgb[3 * static_cast<std::size_t>(y * width + x)]; }
};

// A word on the screen, in pixels.
struct Word {
  std::string text;
  int x, y, width, height, line;
};

struct Place {
  int x, y;
};

// True as soon as `done` is; false if it still isn't when the patience is over.
bool wait_until(const std::function<bool()>& done, std::chrono::seconds patience = std::chrono::seconds(20));

class Desktop {
 public:
  Desktop(int width, int height);
  ~Desktop();
  Desktop(const Desktop&) = delete;
  Desktop& operator=(const Desktop&) = delete;

  // Writes the settings that Forktable will find, as JSON.
  void prefer(const std::string& settings) const;
  // Starts Forktable and waits for its window. More words go on its command line.
  void start(const std::vector<std::string>& arguments = {"--port", "0"});
  // The same with so many clients that say nothing, so that the screen comes to rest, and with the list of what
  // happened to be read. True once each has its child.
  bool start_with_quiet_clients(std::size_t count);
  // Ends it with `signal`; its exit status, or minus the signal that killed it.
  int stop(int signal);
  int pid() const { return forktable_; }
  std::string errors() const;  // what it has written to standard error

  // Names as xdotool has them: "c", "shift+c", "Escape".
  void key(const std::string& name) const;
  void type(const std::string& text) const;
  void move_to(Place place) const;
  void click(Place place) const;
  void wheel(int clicks) const;  // up is positive
  // Another program drops the file on Forktable's window. False if it isn't taken.
  bool drop(const std::string& path) const;

  // Waits until its window has this title.
  bool has_title(const std::string& title) const;
  Image look() const;
  // All words, line by line.
  std::string text() const;
  // Waits until the words can be read, so many times.
  bool shows(const std::string& words, std::size_t times = 1) const;
  bool hides(const std::string& words) const;
  // Presses the key until the words can be read, a few times: a message goes after some seconds, and a busy machine
  // reads slowly.
  bool shows_after(const std::string& key, const std::string& words) const;
  // The middle of these words, once they can be read.
  std::optional<Place> find(const std::string& words) const;
  bool click_on(const std::string& words) const;

  const std::string& display() const { return display_; }       // ":123"
  const std::string& folder() const { return folder_.path(); }  // the test's home
  // Writes what the screen shows to a file that outlives the test, for whoever looks into a failure.
  void keep_screenshot(const std::string& name) const;

 private:
  std::vector<Word> words_in(const Image& image, int scale, bool soft) const;
  void read_screen() const;
  std::size_t count(const std::string& words) const;

  TemporaryFolder folder_;
  int xvfb_ = 0, forktable_ = 0;
  std::string display_;
  // What the screen showed when it was last read, and what was read in it, at one size after the other.
  mutable Image read_image_;
  mutable std::vector<std::vector<Word>> readings_;
  mutable std::chrono::steady_clock::time_point read_at_;  // for the first time
};

// The processes of the server that Forktable `forktable` runs, its own first.
std::vector<int> server_processes(int forktable);
// How many of them are children; and waits until there are so many.
std::size_t children_of(const Desktop& desktop);
bool has_children(const Desktop& desktop, std::size_t count);
// Forktable uses no processor time for some seconds on end.
bool comes_to_rest(const Desktop& desktop);
// Where it listens; 0 if it doesn't.
int listening_port(int pid);
std::string run(const std::string& command);

}  // namespace forktable::test
