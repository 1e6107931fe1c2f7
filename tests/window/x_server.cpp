#include "tests/window/x_server.hpp"

#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <memory>

#include "tests/support/deadline.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/window/file_drop.hpp"
#include "tests/window/spawned.hpp"

namespace forktable::test {
namespace {

using Connection = std::unique_ptr<Display, int (*)(Display*)>;

Connection connect_to(const std::string& display) { return {XOpenDisplay(display.c_str()), XCloseDisplay}; }

// The one of Forktable; GLFW has a helper that is never shown.
Window shown_window(Display* display) {
  Window root = 0, parent = 0, shown = 0, *children = nullptr;
  unsigned count = 0;
  if (XQueryTree(display, DefaultRootWindow(display), &root, &parent, &children, &count) == 0) return 0;
  for (unsigned i = 0; i < count; ++i) {
    XWindowAttributes attributes;
    if (XGetWindowAttributes(display, children[i], &attributes) != 0 && attributes.map_state == IsViewable)
      shown = children[i];
  }
  if (children != nullptr) XFree(children);
  return shown;
}

}  // namespace

XServer::XServer(int width, int height, const std::string& folder) : folder_(folder) {
  // A display number of its own: servers that choose one themselves take each other's place when one ends
  // while another begins. With -displayfd the X server says when it is ready.
  for (int attempt = 0; attempt < 5 && display_.empty(); ++attempt) {
    const int number = 100 + (getpid() * 7 + attempt * 1009) % 20000;
    int ends[2];
    if (pipe(ends) != 0) return;
    pid_ = start_program({"Xvfb", ":" + std::to_string(number), "-displayfd", std::to_string(ends[1]), "-screen", "0",
                          std::to_string(width) + "x" + std::to_string(height) + "x24", "-nolisten", "tcp", "-noreset",
                          "-fbdir", folder},
                         [&] {
                           const int log = open((folder + "/xvfb-errors").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
                           dup2(log, 2);
                           close(ends[0]);
                         });
    close(ends[1]);
    // It writes its number and then a newline, and gives up if nobody reads that.
    const Deadline deadline;
    char letter = 0;
    pollfd ready{ends[0], POLLIN, 0};
    while (letter != '\n' && poll(&ready, 1, deadline.milliseconds_left()) > 0 && read(ends[0], &letter, 1) == 1) {
    }
    if (letter == '\n')
      display_ = ":" + std::to_string(number);
    else
      end();
    close(ends[0]);
  }
}

XServer::~XServer() { end(); }

void XServer::end() {
  if (pid_ <= 0) return;
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

std::string XServer::screen_file() const { return folder_ + "/Xvfb_screen0"; }

std::string XServer::errors() const { return contents(folder_ + "/xvfb-errors"); }

bool XServer::xdotool(const std::string& arguments) const {
  return std::system(("DISPLAY=" + display_ + " xdotool " + arguments + " 2>/dev/null").c_str()) == 0;
}

std::string XServer::window_title() const {
  const Connection connection = connect_to(display_);
  if (!connection) return {};
  const Window window = shown_window(connection.get());
  XTextProperty property{};
  if (window == 0 || XGetWMName(connection.get(), window, &property) == 0) return {};
  std::string title(reinterpret_cast<char*>(property.value), property.nitems);
  XFree(property.value);
  return title;
}

bool XServer::drop(const std::string& path) const {
  const Connection connection = connect_to(display_);
  const Window window = connection ? shown_window(connection.get()) : 0;
  return window != 0 && drop_file(display_, window, path);
}

}  // namespace forktable::test
