#include "core/world/failed_call.hpp"

#include <fmt/format.h>
#include <sys/wait.h>

#include <cerrno>

#include "core/world/describe.hpp"

namespace forktable {

std::string meaning_of(const CallFailed& what, const Process* process) {
  if (what.call == Call::kMkfifo)
    return "It needs a folder that it may write to, with room in it: the one that XDG_RUNTIME_DIR names, or /tmp.";
  switch (what.error) {
    case EADDRINUSE: return "Another program listens on that port. Choose another port, or 0 for any free one.";
    case EACCES: return "Ports below 1024 are for root. Choose another one.";
    case EMFILE: return "Its descriptor table is full. The client waits in the queue until one is closed.";
    case ENFILE: return "The whole system is out of open files.";
    case ECONNABORTED: return "The client gave up while it was in the queue. There is nothing to serve.";
    case EINTR: return "A signal interrupted the call. Nothing is wrong: it only has to be called again.";
    case EAGAIN:
      if (what.call == Call::kFork && process != nullptr && waits_for_children(*process))
        return "There may be no more processes: it goes on with the children that it has.";
      if (what.call == Call::kFork) return "There may be no more processes: nobody will serve this client.";
      return {};
    case EBADF:
      if (process == nullptr || !process->parent) return "That descriptor isn't open.";
      if (what.call == Call::kAccept) return "The child closed listenfd when it started: it was never meant to accept.";
      return "That descriptor isn't open: the child closed it already, and has come to the parent's line.";
    case ECONNRESET: return "The client has reset the connection.";
    case EPIPE: return "The client reads no more. Without ignoring SIGPIPE, this would have killed the process.";
    default: return {};
  }
}

std::string why_it_gave_up(const World& world) {
  const Process* server = find_process(world, world.server);
  const auto* failed = world.trouble ? std::get_if<CallFailed>(&world.trouble->what) : nullptr;
  if (server == nullptr || failed == nullptr || failed->call == Call::kWaitpid || !server->wait_status) return {};
  if (!WIFEXITED(*server->wait_status) || WEXITSTATUS(*server->wait_status) == 0) return {};
  const char* description = strerrordesc_np(failed->error);
  std::string words = fmt::format("{} failed: {} ({})", name_of(failed->call),
                                  description != nullptr ? description : "unknown error", error_name(failed->error));
  if (std::string advice = meaning_of(*failed, server); !advice.empty()) {
    advice.pop_back();  // the full stop
    words += ". " + advice;
  }
  return words;
}

}  // namespace forktable
