#include "tests/window/desktop.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <compare>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace forktable::test {

Desktop::Desktop(int width, int height) : x_server_(width, height, folder()) {
  EXPECT_FALSE(display().empty()) << "Xvfb doesn't start: " << x_server_.errors();
}

Desktop::~Desktop() {
  if (::testing::Test::HasFailure() && forktable_ > 0) {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    keep_screenshot(test != nullptr ? test->name() : "failure");
    std::fprintf(stderr, "on the screen:\n%s\nit said:\n%s\n", said().text().c_str(), errors().c_str());
  }
  if (forktable_ > 0) stop(SIGKILL);
}

void Desktop::prefer(const std::string& settings) const {
  std::filesystem::create_directories(folder() + "/.config/forktable");
  std::ofstream(folder() + "/.config/forktable/settings.json") << settings;
}

void Desktop::start(const std::vector<std::string>& arguments) {
  std::vector<std::string> words{FORKTABLE_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::filesystem::remove(folder() + "/screen");
  forktable_ = start_program(words, [&] {
    setenv("DISPLAY", display().c_str(), 1);
    setenv("HOME", folder().c_str(), 1);
    setenv("LANG", "C.UTF-8", 1);
    setenv("LIBGL_ALWAYS_SOFTWARE", "1", 1);
    setenv("FORKTABLE_SAY_SCREEN", (folder() + "/screen").c_str(), 1);
    unsetenv("WAYLAND_DISPLAY");
    for (const char* variable : {"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_PICTURES_DIR"}) unsetenv(variable);
    // What OpenGL's driver leaks is none of our business.
    setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
    const int errors = open((folder() + "/errors").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    dup2(errors, 2);
    for (int fd = 3; fd < 100; ++fd) close(fd);
  });
  EXPECT_TRUE(wait_until([&] { return said().frame > 0; })) << "no window: " << errors() << x_server_.errors();
  move_to({2, 2});
}

bool Desktop::start_with_quiet_clients(std::size_t count) {
  prefer(R"({"behaviour": "quiet", "story_open": true, "reduced_motion": true})");
  start();
  for (std::size_t i = 0; i < count / 10; ++i) key("shift+c");
  for (std::size_t i = 0; i < count % 10; ++i) key("c");
  return has_children(count);
}

int Desktop::stop(int signal) {
  kill(forktable_, signal);
  int status = 0;
  const bool ended = wait_until([&] { return waitpid(forktable_, &status, WNOHANG) == forktable_; });
  EXPECT_TRUE(ended) << "Forktable doesn't end";
  if (!ended) {
    kill(forktable_, SIGKILL);
    waitpid(forktable_, &status, 0);
  }
  forktable_ = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::string Desktop::errors() const { return contents(folder() + "/errors"); }

void Desktop::input(const std::string& what, std::size_t inputs) {
  const auto before = said().answered;
  EXPECT_TRUE(x_server_.xdotool(what)) << what;
  EXPECT_TRUE(wait_until([&] { return said().answered >= before + inputs; })) << "no answer to " << what;
}

void Desktop::key(const std::string& name) { input("key " + name, 1); }

void Desktop::keys(std::initializer_list<const char*> names) {
  std::string all = "key --delay 2";
  for (const char* name : names) all += std::string(" ") + name;
  input(all, names.size());
}

void Desktop::type(const std::string& text) { input("type --delay 5 '" + text + "'", text.size()); }

void Desktop::hold(const std::string& name) { input("keydown " + name, 1); }

void Desktop::let_go(const std::string& name) const { x_server_.xdotool("keyup " + name); }

void Desktop::move_to(Place place) const {
  x_server_.xdotool("mousemove --sync " + std::to_string(place.x) + " " + std::to_string(place.y));
}

void Desktop::click(Place place) {
  input("mousemove --sync " + std::to_string(place.x) + " " + std::to_string(place.y) + " click 1", 1);
}

void Desktop::click_and_press(Place place, const std::string& key) {
  move_to(place);
  input("mousedown 1 mouseup 1 key --delay 0 " + key, 2);
}

void Desktop::wheel(int clicks) {
  input("click --repeat " + std::to_string(std::abs(clicks)) + " --delay 20 " + (clicks > 0 ? "4" : "5"),
        static_cast<std::size_t>(std::abs(clicks)));
}

bool Desktop::has_title(const std::string& title) const {
  return wait_until([&] { return x_server_.window_title() == title; });
}

const SaidScreen& Desktop::said() const {
  const std::string path = folder() + "/screen";
  struct stat now {};
  if (stat(path.c_str(), &now) != 0) return said_ = {};
  if (now.st_ino != read_.inode || now.st_mtim.tv_nsec != read_.nanoseconds || said_.frame == 0) {
    read_ = {now.st_ino, now.st_mtim.tv_nsec};
    said_ = read_said_screen(path);
  }
  return said_;
}

bool Desktop::shows(const std::string& words, std::size_t times) const {
  return wait_until([&] { return said().count(words) >= times; });
}

bool Desktop::hides(const std::string& words) const {
  return wait_until([&] { return said().count(words) == 0; });
}

bool Desktop::draws(std::uint64_t frames) const {
  const auto last = said().frame + frames;
  return wait_until([&] { return said().frame >= last; });
}

std::optional<Place> Desktop::find(const std::string& words) const {
  std::optional<Place> found;
  wait_until([&] { return (found = said().find(words)).has_value(); });
  return found;
}

bool Desktop::click_on(const std::string& words) {
  const auto place = find(words);
  if (place) click(*place);
  return place.has_value();
}

bool Desktop::comes_to_rest() const {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::seconds kLong{3};
  std::uint64_t frame = 0;
  long used = 0;
  auto since = Clock::now();
  return wait_until([&] {
    poll(nullptr, 0, 20);  // between two looks
    if (const long now = processor_time(pid()); said().frame != frame || now > used + 3) {
      frame = said().frame;
      used = now;
      since = Clock::now();
    }
    return Clock::now() - since > kLong;
  });
}

std::size_t Desktop::children() const {
  const auto all = server_processes(pid());
  return all.empty() ? 0 : all.size() - 1;
}

bool Desktop::has_children(std::size_t count) const {
  return wait_until([&] {
    poll(nullptr, 0, 5);  // between two looks, as each is at many files
    return children() == count;
  });
}

void Desktop::keep_screenshot(const std::string& name) const {
  // An ordinary user may not be allowed to write where another has built.
  std::error_code error;
  std::filesystem::create_directories(FORKTABLE_SCREENSHOTS, error);
  std::string file = name + ".ppm";
  std::replace(file.begin(), file.end(), '/', '-');  // as in the name of a test that has parameters
  const std::string path = std::string(FORKTABLE_SCREENSHOTS) + "/" + file;
  if (!write_ppm(look(), path)) std::fprintf(stderr, "the screen can't be kept in %s\n", path.c_str());
}

}  // namespace forktable::test
