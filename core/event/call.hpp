// The calls that Forktable knows: what each of them is, once for all who ask.
#pragma once

#include <sys/syscall.h>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

#include "core/event/enumerators.hpp"

namespace forktable {

// Newer machines don't have the older ones.
#if !defined(SYS_select)
inline constexpr long SYS_select = -1;
#endif
#if !defined(SYS_epoll_wait)
inline constexpr long SYS_epoll_wait = -1;
#endif

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
  kPthreadCreate,
  kPthreadJoin,
  kPthreadDetach,
  kPthreadExit,
  kSelect,
  kEpollCreate,
  kEpollCtl,
  kEpollWait,
  kMkfifo,
  kShmget,
  kSemget,
  kSemop,
  kLoad,   // no call: the program reads a variable
  kStore,  // no call: it writes one
  kDup2,
  kExec,
  kSigprocmask,
  kAddJob,     // no call: the program adds a pid to its list of children
  kDeleteJob,  // no call: it takes one out
};

struct CallTraits {
  enum : unsigned {
    kDescriptor = 1u << 0,  // its first argument is a descriptor
    kSleeps = 1u << 1,      // a process may wait in it for somebody else, for as long as that takes
    kAtOnce = 1u << 2,      // and in this it waits for nobody: it is over as soon as the process runs
    kMany = 1u << 3,        // it waits for one of many descriptors
    kEntered = 1u << 4,     // a server tells when it enters it, and not only what it returned
    kFails = 1u << 5,       // a server tells when it fails, and goes on
    kGate = 1u << 6,        // a server comes to a gate before it
  };
  std::string_view name;
  unsigned traits = 0;
  long number = -1,
       other = -1;  // of the system calls that the C library makes of it, if a process can be found in them
};

// In the order of Call.
inline constexpr CallTraits kCalls[] = {
    {"socket"},
    {"bind", CallTraits::kDescriptor},
    {"listen", CallTraits::kDescriptor},
    {"accept",
     CallTraits::kDescriptor | CallTraits::kSleeps | CallTraits::kEntered | CallTraits::kFails | CallTraits::kGate,
     SYS_accept4, SYS_accept},
    {"fork", CallTraits::kAtOnce | CallTraits::kEntered | CallTraits::kFails | CallTraits::kGate},
    {"read",
     CallTraits::kDescriptor | CallTraits::kSleeps | CallTraits::kEntered | CallTraits::kFails | CallTraits::kGate,
     SYS_read, SYS_recvfrom},
    // It sleeps only where nobody reads for long, which nobody tells.
    {"write", CallTraits::kDescriptor | CallTraits::kEntered | CallTraits::kFails | CallTraits::kGate, SYS_write,
     SYS_sendto},
    {"close", CallTraits::kDescriptor | CallTraits::kFails | CallTraits::kGate},
    {"waitpid", CallTraits::kSleeps | CallTraits::kEntered | CallTraits::kFails | CallTraits::kGate, SYS_wait4,
     SYS_waitid},
    {"connect", CallTraits::kDescriptor},
    {"send", CallTraits::kDescriptor},
    {"receive", CallTraits::kDescriptor},
    {"shutdown", CallTraits::kDescriptor},
    {"exit", CallTraits::kGate},
    {"nanosleep", CallTraits::kSleeps | CallTraits::kGate, SYS_clock_nanosleep, SYS_nanosleep},
    {"errno", CallTraits::kGate},
    {"pthread_create", CallTraits::kAtOnce | CallTraits::kEntered | CallTraits::kFails | CallTraits::kGate},
    {"pthread_join", CallTraits::kSleeps | CallTraits::kGate},
    {"pthread_detach", CallTraits::kGate},
    {"pthread_exit", CallTraits::kGate},
    {"select", CallTraits::kSleeps | CallTraits::kMany | CallTraits::kEntered | CallTraits::kFails | CallTraits::kGate,
     SYS_pselect6, SYS_select},
    {"epoll_create"},
    {"epoll_ctl", CallTraits::kDescriptor | CallTraits::kFails | CallTraits::kGate},
    {"epoll_wait",
     CallTraits::kDescriptor | CallTraits::kSleeps | CallTraits::kMany | CallTraits::kEntered | CallTraits::kFails |
         CallTraits::kGate,
     SYS_epoll_pwait, SYS_epoll_wait},
    {"mkfifo"},
    {"shmget"},
    {"semget"},
    {"semop", CallTraits::kSleeps | CallTraits::kGate, SYS_semtimedop, SYS_semop},
    {"load", CallTraits::kGate},
    {"store", CallTraits::kGate},
    {"dup2", CallTraits::kDescriptor | CallTraits::kFails | CallTraits::kGate},
    {"execve", CallTraits::kAtOnce | CallTraits::kFails | CallTraits::kGate},
    {"sigprocmask", CallTraits::kAtOnce | CallTraits::kGate},
    {"add_job", CallTraits::kGate},
    {"delete_job", CallTraits::kGate},
};
static_assert(std::size(kCalls) == count_of<Call>());
constexpr const CallTraits& traits_of(Call call) { return kCalls[static_cast<int>(call)]; }
constexpr std::string_view name_of(Call call) { return traits_of(call).name; }
constexpr std::optional<Call> find_call(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kCalls); ++i)
    if (kCalls[i].name == name) return static_cast<Call>(i);
  return std::nullopt;
}
constexpr bool has_trait(Call call, unsigned trait) { return (traits_of(call).traits & trait) != 0; }

// A server waits in it for a client to come, or for any that is there to go on.
constexpr bool waits_for_clients(Call call) { return call == Call::kAccept || has_trait(call, CallTraits::kMany); }

}  // namespace forktable
