#include "tests/window/desktop.hpp"
#include "tests/window/file_drop.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

extern char** environ;

namespace forktable::test {
namespace {

using Clock = std::chrono::steady_clock;

// fork(2) and exec(2), with what `prepare` does in between.
int start_program(const std::vector<std::string>& words, const std::function<void()>& prepare) {
  const int pid = fork();
  if (pid != 0) return pid;
  prepare();
  std::vector<char*> arguments;
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  _exit(127);
}

std::uint32_t big_endian(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = (value << 8) | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

}  // namespace

bool wait_until(const std::function<bool()>& done, std::chrono::seconds patience) {
  const auto deadline = Clock::now() + patience;
  while (!done()) {
    if (Clock::now() > deadline) return false;
    poll(nullptr, 0, 20);  // between two looks
  }
  return true;
}

std::string run(const std::string& command) {
  std::string output;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return output;
  char chunk[4096];
  for (std::size_t got = 0; (got = fread(chunk, 1, sizeof chunk, pipe)) > 0;) output.append(chunk, got);
  pclose(pipe);
  return output;
}

std::vector<int> server_processes(int forktable) {
  std::vector<int> all;
  std::istringstream own(
      contents("/proc/" + std::to_string(forktable) + "/task/" + std::to_string(forktable) + "/children"));
  // Every thread of Forktable may have started it.
  std::error_code error;
  for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(forktable) + "/task", error)) {
    std::istringstream children(contents(task.path() / "children"));
    for (int pid = 0; children >> pid;) all.push_back(pid);
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string pid = std::to_string(all[i]);
    std::istringstream children(contents("/proc/" + pid + "/task/" + pid + "/children"));
    for (int child = 0; children >> child;) all.push_back(child);
  }
  return all;
}

std::size_t children_of(const Desktop& desktop) {
  const auto all = server_processes(desktop.pid());
  return all.empty() ? 0 : all.size() - 1;
}

bool has_children(const Desktop& desktop, std::size_t count) {
  return wait_until([&] { return children_of(desktop) == count; });
}

bool comes_to_rest(const Desktop& desktop) {
  const auto ticks = [&] {  // utime and stime: see proc(5)
    const std::string line = contents("/proc/" + std::to_string(desktop.pid()) + "/stat");
    std::istringstream fields(line.substr(line.rfind(')') + 2));
    const std::vector<std::string> all{std::istream_iterator<std::string>(fields), {}};
    return std::stol(all.at(11)) + std::stol(all.at(12));
  };
  // What has just happened fades for some seconds; after that the count of ticks stands still.
  long last = ticks();
  auto since = std::chrono::steady_clock::now();
  return wait_until(
      [&] {
        if (const long now = ticks(); now != last) {
          last = now;
          since = std::chrono::steady_clock::now();
        }
        return std::chrono::steady_clock::now() - since > std::chrono::seconds(3);
      },
      std::chrono::seconds(60));
}

int listening_port(int pid) {
  // Descriptor 3, as in the textbook.
  char target[64];
  const ssize_t length = readlink(("/proc/" + std::to_string(pid) + "/fd/3").c_str(), target, sizeof target);
  if (length < 9) return 0;
  const std::string inode(target + 8, static_cast<std::size_t>(length) - 9);  // socket:[12345]
  std::istringstream table(contents("/proc/net/tcp"));
  for (std::string line; std::getline(table, line);) {
    std::istringstream fields(line);
    std::vector<std::string> words{std::istream_iterator<std::string>(fields), {}};
    if (words.size() > 9 && words[3] == "0A" && words[9] == inode)
      return static_cast<int>(std::stol(words[1].substr(words[1].find(':') + 1), nullptr, 16));
  }
  return 0;
}

Desktop::Desktop(int width, int height) {
  // A display number of its own: servers that choose one themselves take each other's place when one ends
  // while another begins. With -displayfd the X server says when it is ready.
  for (int attempt = 0; attempt < 5 && display_.empty(); ++attempt) {
    const int number = 100 + (getpid() * 7 + attempt * 1009) % 20000;
    int ends[2];
    if (pipe(ends) != 0) return;
    xvfb_ = start_program({"Xvfb", ":" + std::to_string(number), "-displayfd", std::to_string(ends[1]), "-screen", "0",
                           std::to_string(width) + "x" + std::to_string(height) + "x24", "-nolisten", "tcp", "-noreset",
                           "-fbdir", folder()},
                          [&] {
                            const int null =
                                open((folder() + "/xvfb-errors").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
                            dup2(null, 2);
                            close(ends[0]);
                          });
    close(ends[1]);
    // It writes its number and then a newline, and gives up if nobody reads that.
    char letter = 0;
    pollfd ready{ends[0], POLLIN, 0};
    while (letter != '\n' && poll(&ready, 1, 20000) > 0 && read(ends[0], &letter, 1) == 1) {
    }
    if (letter == '\n')
      display_ = ":" + std::to_string(number);
    else
      waitpid(xvfb_, nullptr, 0);
    close(ends[0]);
  }
  EXPECT_FALSE(display_.empty()) << "Xvfb doesn't start";
}

Desktop::~Desktop() {
  if (::testing::Test::HasFailure() && forktable_ > 0) {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    keep_screenshot(test != nullptr ? test->name() : "failure");
    std::fprintf(stderr, "on the screen:\n%s\nit said:\n%s\n", text().c_str(), errors().c_str());
  }
  if (forktable_ > 0) stop(SIGKILL);
  if (xvfb_ > 0) {
    kill(xvfb_, SIGTERM);
    waitpid(xvfb_, nullptr, 0);
  }
}

void Desktop::prefer(const std::string& settings) const {
  std::filesystem::create_directories(folder() + "/.config/forktable");
  std::ofstream(folder() + "/.config/forktable/settings.json") << settings;
}

void Desktop::start(const std::vector<std::string>& arguments) {
  std::vector<std::string> words{FORKTABLE_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  forktable_ = start_program(words, [&] {
    setenv("DISPLAY", display_.c_str(), 1);
    setenv("HOME", folder().c_str(), 1);
    setenv("LANG", "C.UTF-8", 1);
    setenv("LIBGL_ALWAYS_SOFTWARE", "1", 1);
    unsetenv("WAYLAND_DISPLAY");
    for (const char* variable : {"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_PICTURES_DIR"}) unsetenv(variable);
    // What OpenGL's driver leaks is none of our business.
    setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
    const int errors = open((folder() + "/errors").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    dup2(errors, 2);
    for (int fd = 3; fd < 100; ++fd) close(fd);
  });
  EXPECT_TRUE(wait_until([&] {
    return !run("DISPLAY=" + display_ + " xdotool search --onlyvisible --name 'Forktable$' 2>/dev/null").empty();
  })) << "no window: "
      << errors() << contents(folder() + "/xvfb-errors");
  move_to({2, 2});
}

bool Desktop::start_with_quiet_clients(std::size_t count) {
  prefer(R"({"behaviour": "quiet", "story_open": true})");
  start();
  for (std::size_t i = 0; i < count / 10; ++i) key("shift+c");
  for (std::size_t i = 0; i < count % 10; ++i) key("c");
  return has_children(*this, count);
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

bool Desktop::drop(const std::string& path) const {
  const std::string window =
      run("DISPLAY=" + display_ + " xdotool search --onlyvisible --name 'Forktable$' 2>/dev/null");
  return !window.empty() && drop_file(display_, std::stoul(window), path);
}

bool Desktop::has_title(const std::string& title) const {
  return wait_until([&] {
    return !run("DISPLAY=" + display_ + " xdotool search --onlyvisible --name '^" + title + "$' 2>/dev/null").empty();
  });
}

std::string Desktop::errors() const { return contents(folder() + "/errors"); }

void Desktop::key(const std::string& name) const { run("DISPLAY=" + display_ + " xdotool key " + name); }
void Desktop::type(const std::string& text) const {
  run("DISPLAY=" + display_ + " xdotool type --delay 5 '" + text + "'");
}
void Desktop::move_to(Place place) const {
  run("DISPLAY=" + display_ + " xdotool mousemove --sync " + std::to_string(place.x) + " " + std::to_string(place.y) +
      " 2>/dev/null");
}
void Desktop::click(Place place) const {
  move_to(place);
  run("DISPLAY=" + display_ + " xdotool click 1");
}
void Desktop::wheel(int clicks) const {
  run("DISPLAY=" + display_ + " xdotool click --repeat " + std::to_string(std::abs(clicks)) + " --delay 20 " +
      (clicks > 0 ? "4" : "5"));
}

// The X server keeps its screen in a file, in the format of xwd(1): a header, colours, and the pixels.
Image Desktop::look() const {
  const std::string file = contents(folder() + "/Xvfb_screen0");
  Image image;
  if (file.size() < 100) return image;
  const std::size_t header = big_endian(file, 0), colors = big_endian(file, 4 * 19);
  image.width = static_cast<int>(big_endian(file, 4 * 4));
  image.height = static_cast<int>(big_endian(file, 4 * 5));
  const std::size_t stride = big_endian(file, 4 * 12), pixels = header + colors * 12;
  image.rgb.resize(3 * static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height));
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x) {
      const std::size_t from = pixels + static_cast<std::size_t>(y) * stride + 4 * static_cast<std::size_t>(x);
      for (std::size_t c = 0; c < 3; ++c)  // blue, green, red, nothing
        image.rgb[3 * static_cast<std::size_t>(y * image.width + x) + c] =
            static_cast<unsigned char>(file[from + 2 - c]);
    }
  return image;
}

// What tesseract reads in an image that is shown so many times as large: its pixels as squares, or with soft edges.
std::vector<Word> Desktop::words_in(const Image& image, int scale, bool soft) const {
  const std::string name = folder() + "/look.ppm";
  {
    std::ofstream file(name, std::ios::binary);
    file << "P6 " << scale * image.width << " " << scale * image.height << " 255\n";
    std::string row;
    const auto place = [&](int at, int most) {
      const float from =
          soft ? (static_cast<float>(at) + 0.5f) / static_cast<float>(scale) - 0.5f : static_cast<float>(at / scale);
      return std::clamp(from, 0.f, static_cast<float>(most - 1));
    };
    for (int y = 0; y < scale * image.height; ++y) {
      row.clear();
      const float v = place(y, image.height);
      const int top = static_cast<int>(v), below = std::min(top + 1, image.height - 1);
      for (int x = 0; x < scale * image.width; ++x) {
        const float u = place(x, image.width);
        const int left = static_cast<int>(u), right = std::min(left + 1, image.width - 1);
        const float dx = u - static_cast<float>(left), dy = v - static_cast<float>(top);
        for (int c = 0; c < 3; ++c) {
          const auto mix = [&](int line) {
            return static_cast<float>(image.at(left, line)[c]) * (1 - dx) +
                   static_cast<float>(image.at(right, line)[c]) * dx;
          };
          row += static_cast<char>(static_cast<unsigned char>(mix(top) * (1 - dy) + mix(below) * dy + 0.5f));
        }
      }
      file << row;
    }
  }
  std::istringstream table(run("OMP_THREAD_LIMIT=1 tesseract " + name + " - --psm 11 tsv 2>/dev/null"));
  std::vector<Word> words;
  for (std::string line; std::getline(table, line);) {
    std::vector<std::string> cells;
    std::istringstream split(line);
    for (std::string cell; std::getline(split, cell, '\t');) cells.push_back(cell);
    if (cells.size() < 12 || cells[0] != "5" || cells[11].find_first_not_of(' ') == std::string::npos) continue;
    const auto number = [&](std::size_t i) { return std::atoi(cells[i].c_str()); };
    words.push_back({cells[11], number(6) / scale, number(7) / scale, number(8) / scale, number(9) / scale,
                     number(2) * 10000 + number(3) * 100 + number(4)});
  }
  return words;
}

void Desktop::read_screen() const {
  // What moves can't be read well, and reading takes a second: the screen is given a moment to come to rest.
  Image image = look();
  for (int i = 0; i < 10; ++i) {
    poll(nullptr, 0, 50);
    const Image before = std::exchange(image, look());
    if (image.rgb == before.rgb) break;
  }
  if (image.rgb != read_image_.rgb) {
    readings_.clear();
    read_image_ = std::move(image);
    read_at_ = Clock::now();
  }
  // Twice as large, as tesseract reads small type badly. What it misreads, it misreads the same way again: a screen
  // that has come to rest without what is looked for is read at other sizes too.
  const auto due = read_at_ + readings_.size() * std::chrono::seconds(2);
  struct Look {
    int scale;
    bool soft;
  };
  constexpr Look kLooks[] = {{2, false}, {3, true}, {2, true}, {4, true}};
  if (readings_.size() < std::size(kLooks) && Clock::now() >= due) {
    const Look& look = kLooks[readings_.size()];
    readings_.push_back(words_in(read_image_, look.scale, look.soft));
  }
}

namespace {

std::string lines_of(const std::vector<Word>& words) {
  std::string text;
  int line = -1;
  for (const Word& word : words) {
    text += word.line == line ? " " : "\n";
    line = word.line;
    text += word.text;
  }
  return text + "\n";
}

// How tesseract cuts text into lines is its own business.
std::string squeezed(std::string from) {
  std::erase_if(from, [](unsigned char c) { return std::isspace(c) != 0; });
  return from;
}

}  // namespace

std::string Desktop::text() const {
  read_screen();
  return lines_of(readings_.front());
}

std::size_t Desktop::count(const std::string& words) const {
  read_screen();
  const std::string wanted = squeezed(words);
  std::size_t most = 0;
  for (const auto& reading : readings_) {
    const std::string all = squeezed(lines_of(reading));
    std::size_t found = 0;
    for (auto at = all.find(wanted); at != std::string::npos; at = all.find(wanted, at + 1)) ++found;
    most = std::max(most, found);
  }
  return most;
}

bool Desktop::shows(const std::string& words, std::size_t times) const {
  return wait_until([&] { return count(words) >= times; });
}

bool Desktop::shows_after(const std::string& name, const std::string& words) const {
  for (int i = 0; i < 3; ++i) {
    key(name);
    if (shows(words)) return true;
  }
  return false;
}
bool Desktop::hides(const std::string& words) const {
  return wait_until([&] { return count(words) == 0; });
}

std::optional<Place> Desktop::find(const std::string& wanted) const {
  std::vector<std::string> parts;
  std::istringstream split(wanted);
  for (std::string part; split >> part;) parts.push_back(part);
  std::optional<Place> found;
  wait_until([&] {
    read_screen();
    for (const auto& all : readings_)
      for (std::size_t i = 0; i + parts.size() <= all.size(); ++i) {
        bool same = true;
        for (std::size_t j = 0; j < parts.size(); ++j)
          same = same && all[i + j].text == parts[j] && all[i + j].line == all[i].line;
        if (!same) continue;
        const Word &first = all[i], &last = all[i + parts.size() - 1];
        found = Place{(first.x + last.x + last.width) / 2, first.y + first.height / 2};
        return true;
      }
    return false;
  });
  return found;
}

bool Desktop::click_on(const std::string& words) const {
  const auto place = find(words);
  if (place) click(*place);
  return place.has_value();
}

void Desktop::keep_screenshot(const std::string& name) const {
  const Image image = look();
  std::filesystem::create_directories(FORKTABLE_SCREENSHOTS);
  std::ofstream file(std::string(FORKTABLE_SCREENSHOTS) + "/" + name + ".ppm", std::ios::binary);
  file << "P6 " << image.width << " " << image.height << " 255\n";
  file.write(reinterpret_cast<const char*>(image.rgb.data()), static_cast<std::streamsize>(image.rgb.size()));
}

}  // namespace forktable::test
