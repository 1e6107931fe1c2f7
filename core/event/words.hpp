// What events speak of, each with its name as recordings and people read it: calls, ends, states.
#pragma once

#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

#include "core/event/call.hpp"
#include "core/event/enumerators.hpp"
#include "core/event/shape.hpp"

namespace forktable {

// The servers, each with a listing of its own: as on the command line, NAME-server is its program.
enum class ServerKind : std::uint8_t {
  kProcess,
  kIterative,
  kProcessFifo,
  kProcessShm,
  kProcessJobs,
  kSelect,
  kEpoll,
  kThread,
  kPrefork,
  kInetd,
};
inline constexpr std::string_view kServerNames[] = {"process",      "iterative", "process-fifo", "process-shm",
                                                    "process-jobs", "event",     "event-epoll",  "thread",
                                                    "prefork",      "inetd"};
inline constexpr std::string_view kServerTitles[] = {
    "a process for each client",         "one client after the other",    "processes, and a FIFO to the parent",
    "processes, and shared memory",      "processes, and a list of them", "one process, with select",
    "one process, with epoll",           "a thread for each client",      "children forked beforehand",
    "processes that run another program"};
inline constexpr Shape kServerShapes[] = {{Shape::kForks},
                                          {},
                                          {Shape::kForks | Shape::kTellsParent},
                                          {Shape::kForks | Shape::kSharesMemory},
                                          {Shape::kForks | Shape::kListsJobs},
                                          {Shape::kSelects},
                                          {Shape::kEpolls},
                                          {Shape::kThreads},
                                          {Shape::kPool},
                                          {Shape::kForks | Shape::kExecs}};
inline constexpr int kServerCount = static_cast<int>(count_of<ServerKind>());
static_assert(std::size(kServerNames) == kServerCount && std::size(kServerTitles) == kServerCount &&
              std::size(kServerShapes) == kServerCount);
constexpr std::string_view name_of(ServerKind server) { return kServerNames[static_cast<int>(server)]; }
constexpr std::string_view title_of(ServerKind server) { return kServerTitles[static_cast<int>(server)]; }
constexpr Shape shape_of(ServerKind server) { return kServerShapes[static_cast<int>(server)]; }
constexpr std::optional<ServerKind> find_server(std::string_view name) {
  for (int i = 0; i < kServerCount; ++i)
    if (kServerNames[i] == name) return static_cast<ServerKind>(i);
  return std::nullopt;
}
// How many children the pre-forking server has, and so how many clients it can serve at the same time: CHILDREN in its
// listing.
inline constexpr int kPoolSize = 3;

// What sigprocmask(2) does with a set of signals.
enum class Masking : std::uint8_t { kBlock, kUnblock, kSet };
inline constexpr std::string_view kMaskingNames[] = {"block", "unblock", "set"};
static_assert(std::size(kMaskingNames) == count_of<Masking>());
constexpr std::string_view name_of(Masking how) { return kMaskingNames[static_cast<int>(how)]; }

// What a simulated client does with its connection.
enum class Behaviour : std::uint8_t { kHello, kTalk, kQuiet };
inline constexpr std::string_view kBehaviourNames[] = {"hello", "talk", "quiet"};
static_assert(std::size(kBehaviourNames) == count_of<Behaviour>());
constexpr std::string_view name_of(Behaviour behaviour) { return kBehaviourNames[static_cast<int>(behaviour)]; }

// How a client's connection ended.
enum class ClientEnd : std::uint8_t { kClosed, kReset, kFailed };
inline constexpr std::string_view kClientEndNames[] = {"closed", "reset", "failed"};
static_assert(std::size(kClientEndNames) == count_of<ClientEnd>());
constexpr std::string_view name_of(ClientEnd end) { return kClientEndNames[static_cast<int>(end)]; }

// Why nobody knows which program a client from outside is.
enum class Unnamed : std::uint8_t {
  kGone,       // it had gone before it could be asked
  kForbidden,  // no process that may be looked into has its socket: it is another user's
};
inline constexpr std::string_view kUnnamedNames[] = {"gone", "forbidden"};
static_assert(std::size(kUnnamedNames) == count_of<Unnamed>());
constexpr std::string_view name_of(Unnamed why) { return kUnnamedNames[static_cast<int>(why)]; }

// RFC 9293, by the kernel's numbers.
enum class TcpState : std::uint8_t {
  kUnknown,  // nobody has looked yet
  kEstablished,
  kSynSent,
  kSynReceived,
  kFinWait1,
  kFinWait2,
  kTimeWait,
  kClose,
  kCloseWait,
  kLastAck,
  kListen,
  kClosing,
  kGone,  // there is no such socket any more
};
inline constexpr std::string_view kTcpStateNames[] = {"unknown",   "ESTABLISHED", "SYN_SENT", "SYN_RECV",   "FIN_WAIT1",
                                                      "FIN_WAIT2", "TIME_WAIT",   "CLOSE",    "CLOSE_WAIT", "LAST_ACK",
                                                      "LISTEN",    "CLOSING",     "gone"};
static_assert(std::size(kTcpStateNames) == count_of<TcpState>());
constexpr std::string_view name_of(TcpState state) { return kTcpStateNames[static_cast<int>(state)]; }

// What of a server the kernel is asked about.
enum class Aspect : std::uint8_t { kProcesses, kDescriptors, kSharing, kCalls, kSockets };
inline constexpr std::string_view kAspectNames[] = {"processes", "descriptors", "sharing", "calls", "sockets"};
static_assert(std::size(kAspectNames) == count_of<Aspect>());
constexpr std::string_view name_of(Aspect aspect) { return kAspectNames[static_cast<int>(aspect)]; }

// In what the kernel can differ from the World.
enum class Differs : std::uint8_t {
  kProcess,     // whether it is there, and alive
  kDescriptor,  // what a descriptor refers to; its number is the descriptor
  kCall,        // the call in which a process waits
  kSocket,      // whether there is such a socket; its number is the local port
  kWatched,     // what an epoll instance watches; its number is the descriptor that is, or isn't
  kSegment,     // how many processes have attached a shared memory segment; its number is the segment's
  kSemaphore,   // the value of a semaphore; its number is the set's
  kMask,        // whether a process blocks SIGCHLD
};
inline constexpr std::string_view kDiffersNames[] = {"process", "descriptor", "call",      "socket",
                                                     "watched", "segment",    "semaphore", "mask"};
static_assert(std::size(kDiffersNames) == count_of<Differs>());
constexpr std::string_view name_of(Differs differs) { return kDiffersNames[static_cast<int>(differs)]; }

}  // namespace forktable
