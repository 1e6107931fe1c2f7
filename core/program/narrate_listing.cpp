#include "core/program/narrate_listing.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <string>
#include <variant>

#include "core/event/bug.hpp"
#include "core/event/call.hpp"
#include "core/event/shape.hpp"
#include "core/event/words.hpp"
#include "core/world/circumstances.hpp"
#include "core/world/describe.hpp"

namespace forktable {
namespace {

// Changes what has been told of an event, for somebody who has the listing before their eyes.
class Commentary : Circumstances {
 public:
  Commentary(const World& world, const Event& event, Narration& told) : Circumstances(world, event), told_(told) {}

  void operator()(const AcceptCalled&) const {
    if (process_ != nullptr && process_->parent && process_->place == 0)
      told_.meaning = "Only the parent should: this child has left its branch and is in the parent's loop.";
  }
  void operator()(const EndOfFile&) const {
    if (told_.meaning == "read returns 0.") told_.meaning = "read returns 0, and the echo loop ends.";
  }
  void operator()(const Wrote& what) const {
    told_ = {fmt::format("{} has written {} back to {}.", who(), plural(what.bytes, "byte", "bytes"), client(what.fd)),
             "The echo loop goes on: it reads again, until end of file."};
  }
  void operator()(const Closed& what) const {
    const OpenFile* file = file_at(what.fd);
    const bool parents = process_ != nullptr && !process_->parent && world_.shape.has(Shape::kForks);
    if (file == nullptr || file->kind != FileKind::kConnection || !parents) return;
    if (const std::size_t end = told_.said.find(". "); end != std::string::npos)
      told_.said.insert(end, " (important!)");
  }
  void operator()(const HandlerReturned& what) const {
    // fork(2) blocks nothing and is never interrupted: its report is what is still on its way.
    const bool waits = process_ != nullptr && process_->activity.call != Call::kFork;
    const std::string call = waits ? call_of(*process_) : std::string{};
    if (!call.empty() && world_.bugs.has(Bug::kNoEintrCheck)) {
      told_.meaning = fmt::format("Without SA_RESTART, {} isn't started again: it fails with EINTR.", call);
    } else if (!call.empty()) {
      told_.said = fmt::format("The {} handler returns, and {} goes on waiting.", signal_name(what.signal), call);
      told_.meaning = "SA_RESTART makes the kernel start the interrupted call again.";
    }
    const std::size_t left = zombies_of_process();
    if (what.signal == SIGCHLD && world_.bugs.has(Bug::kOneWaitpid) && left > 0)
      told_.meaning =
          fmt::format("It asked once, and {} left: signals do not queue.", plural(left, "zombie is", "zombies are"));
  }
  void operator()(const WaitpidCalled&) const {
    if (zombies_of_process() == 0)
      told_.meaning = "It serves nobody itself: it only sees to it that there are children who do.";
  }
  void operator()(const NothingToReap&) const { told_.meaning = done_reaping(); }
  void operator()(const CallFailed& what) const {
    if (what.call == Call::kWaitpid && what.error == ECHILD) told_.meaning = done_reaping();
  }
  void operator()(const ThreadCreated&) const {
    told_.meaning =
        "refcnt(connfd) is still 1: a thread holds no descriptors of its own, so main must not close connfd.";
  }
  void operator()(const PollCalled&) const { told_.meaning += " This is the only place where the server may wait."; }
  void operator()(const PollReturned&) const {
    told_.meaning = "The server deals with each of them in turn, and then waits again.";
  }
  // Of all else the listing says no more.
  template <class Other>
  void operator()(const Other&) const {}

 private:
  std::string done_reaping() const {
    if (process_ != nullptr && waits_for_children(*process_)) return "There is nobody to wait for.";
    return world_.bugs.has(Bug::kOneWaitpid) ? "The handler is done." : "The loop in the handler is done.";
  }

  Narration& told_;
};

}  // namespace

Narration narrate_listing(const World& before, const Event& event) {
  Narration told = narrate(before, event);
  if (find_server(before.program.view())) std::visit(Commentary(before, event, told), event.what);
  return told;
}

}  // namespace forktable
