// What events speak of, each with its name as recordings and people read it: calls, ends, states.
#pragma once

#include <cstdint>
#include <string_view>

namespace forktable {

enum class Call : std::uint8_t {
  kSocket,
  kBind,
  kListen,
  kAccept,
  kFork,
  kRead,
  kWrite,
  kClose,
  kWaitpid,
  kConnect,
  kSend,
  kReceive,
  kShutdown,
  kExit,
  kNanosleep,
  kErrno,  // no call: the program looks at errno
};
inline constexpr std::string_view kCallNames[] = {"socket",   "bind",  "listen",    "accept",  "fork", "read",
                                                  "write",    "close", "waitpid",   "connect", "send", "receive",
                                                  "shutdown", "exit",  "nanosleep", "errno"};
constexpr std::string_view name_of(Call call) { return kCallNames[static_cast<int>(call)]; }

// What a simulated client does with its connection.
enum class Behaviour : std::uint8_t { kHello, kTalk, kQuiet };
inline constexpr std::string_view kBehaviourNames[] = {"hello", "talk", "quiet"};
constexpr std::string_view name_of(Behaviour behaviour) { return kBehaviourNames[static_cast<int>(behaviour)]; }

// How a client's connection ended.
enum class ClientEnd : std::uint8_t { kClosed, kReset, kFailed };
inline constexpr std::string_view kClientEndNames[] = {"closed", "reset", "failed"};
constexpr std::string_view name_of(ClientEnd end) { return kClientEndNames[static_cast<int>(end)]; }

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
constexpr std::string_view name_of(TcpState state) { return kTcpStateNames[static_cast<int>(state)]; }

// What of a server the kernel is asked about.
enum class Aspect : std::uint8_t { kProcesses, kDescriptors, kSharing, kCalls, kSockets };
inline constexpr std::string_view kAspectNames[] = {"processes", "descriptors", "sharing", "calls", "sockets"};
constexpr std::string_view name_of(Aspect aspect) { return kAspectNames[static_cast<int>(aspect)]; }

// In what the kernel can differ from the World.
enum class Differs : std::uint8_t {
  kProcess,     // whether it is there, and alive
  kDescriptor,  // what a descriptor refers to; its number is the descriptor
  kCall,        // the call in which a process waits
  kSocket,      // whether there is such a socket; its number is the local port
};
inline constexpr std::string_view kDiffersNames[] = {"process", "descriptor", "call", "socket"};
constexpr std::string_view name_of(Differs differs) { return kDiffersNames[static_cast<int>(differs)]; }

}  // namespace forktable
