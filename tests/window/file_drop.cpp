#include "tests/window/file_drop.hpp"

#include <X11/Xatom.h>
#include <X11/Xlib.h>
#include <poll.h>

#include <algorithm>
#include <memory>

#include "tests/support/deadline.hpp"

namespace forktable::test {
namespace {

class Drag {
 public:
  Drag(Display* display, Window target, const std::string& path)
      : display_(display),
        target_(target),
        source_(XCreateSimpleWindow(display, DefaultRootWindow(display), 0, 0, 1, 1, 0, 0, 0)),
        list_("file://" + path + "\r\n") {
    XSetSelectionOwner(display_, atom("XdndSelection"), source_, CurrentTime);
  }

  bool drop() {
    constexpr long kVersion = 5;
    send("XdndEnter", kVersion << 24, static_cast<long>(atom("text/uri-list")), 0, 0);
    send("XdndPosition", 0, (200 << 16) | 200, CurrentTime, static_cast<long>(atom("XdndActionCopy")));
    if ((wait_for("XdndStatus") & 1) == 0) return false;
    send("XdndDrop", 0, CurrentTime, 0, 0);
    return wait_for("XdndFinished") != 0;  // GLFW tells how many bytes it took
  }

 private:
  Atom atom(const char* name) const { return XInternAtom(display_, name, False); }

  void send(const char* message, long first, long second, long third, long fourth) {
    XEvent event{};
    event.xclient.type = ClientMessage;
    event.xclient.window = target_;
    event.xclient.message_type = atom(message);
    event.xclient.format = 32;
    const long data[] = {static_cast<long>(source_), first, second, third, fourth};
    std::copy(std::begin(data), std::end(data), event.xclient.data.l);
    XSendEvent(display_, target_, False, NoEventMask, &event);
    XFlush(display_);
  }

  // The answer's flags; 0 if none comes. Whoever asks for the files' names meanwhile gets them.
  long wait_for(const char* message) {
    const Deadline deadline;
    while (!deadline.passed()) {
      if (XPending(display_) == 0) {
        pollfd ready{ConnectionNumber(display_), POLLIN, 0};
        poll(&ready, 1, deadline.milliseconds_left());
        continue;
      }
      XEvent event;
      XNextEvent(display_, &event);
      if (event.type == SelectionRequest) hand_over(event.xselectionrequest);
      if (event.type == ClientMessage && event.xclient.message_type == atom(message)) return event.xclient.data.l[1];
    }
    return 0;
  }

  void hand_over(const XSelectionRequestEvent& request) {
    XChangeProperty(display_, request.requestor, request.property, request.target, 8, PropModeReplace,
                    reinterpret_cast<const unsigned char*>(list_.data()), static_cast<int>(list_.size()));
    XEvent answer{};
    answer.xselection.type = SelectionNotify;
    answer.xselection.requestor = request.requestor;
    answer.xselection.selection = request.selection;
    answer.xselection.target = request.target;
    answer.xselection.property = request.property;
    answer.xselection.time = request.time;
    XSendEvent(display_, request.requestor, False, NoEventMask, &answer);
    XFlush(display_);
  }

  Display* display_;
  const Window target_, source_;
  const std::string list_;
};

}  // namespace

bool drop_file(const std::string& display, unsigned long window, const std::string& path) {
  const std::unique_ptr<Display, int (*)(Display*)> connection(XOpenDisplay(display.c_str()), XCloseDisplay);
  return connection && Drag(connection.get(), window, path).drop();
}

}  // namespace forktable::test
