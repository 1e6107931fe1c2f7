// What a descriptor can refer to, and what a process reports that opens such files: open(2), socket(2), pipe(2), and
// what comes over a Unix socket.
#pragma once

#include <cstdint>
#include <iterator>
#include <string_view>

#include "core/event/enumerators.hpp"
#include "core/event/fields.hpp"
#include "core/event/ids.hpp"
#include "core/event/short_text.hpp"

namespace forktable {

enum class FileKind : std::uint8_t {
  kListening,   // a TCP socket that listens
  kConnection,  // one that accept has returned
  kPlumbing,    // Forktable's own
  kFifo,        // a FIFO, open for reading and writing
  kEpoll,
  kPipe,      // an end of a pipe
  kTerminal,  // a terminal or a pseudo-terminal
  kRegular,   // a regular file, or a directory
  kSocket,    // a socket that is neither of those above, yet: unbound, connected by this side, UDP
  kUnix,      // a Unix socket
  kEvent,     // eventfd, timerfd, signalfd, inotify
  kOther,
};
inline constexpr std::string_view kFileKindNames[] = {"listening", "connection", "plumbing", "fifo", "epoll", "pipe",
                                                      "terminal",  "file",       "socket",   "unix", "event", "other"};
static_assert(std::size(kFileKindNames) == count_of<FileKind>());
constexpr std::string_view name_of(FileKind kind) { return kFileKindNames[static_cast<int>(kind)]; }
constexpr bool is_socket(FileKind kind) { return kind == FileKind::kListening || kind == FileKind::kConnection; }

// A descriptor that wasn't there before, of an open file that wasn't either. Of those kinds that no other event opens.
struct Opened {
  int fd = -1;
  FileKind kind = FileKind::kOther;
  int cloexec = 0;  // 0 or 1
  ShortText path;   // or what it is called; empty: it has none
  FORKTABLE_EVENT("opened", kServer, kReferences, kAlways, "open {fd}")
  FORKTABLE_FIELDS(visit("fd", self.fd); visit("kind", self.kind); visit("cloexec", self.cloexec);
                   visit("path", self.path);)
};
// pipe(2) has returned: two descriptors, each with an open file of its own.
struct Piped {
  int reader = -1, writer = -1;
  int cloexec = 0;  // 0 or 1, of both
  FORKTABLE_EVENT("piped", kServer, kReferences, kAlways, "pipe")
  FORKTABLE_FIELDS(visit("reader", self.reader); visit("writer", self.writer); visit("cloexec", self.cloexec);)
};
// recvmsg(2) has returned a descriptor (SCM_RIGHTS): it refers to the open file that `from` of that process refers to.
struct Passed {
  int fd = -1;
  Pid process = 0;
  int from = -1;
  int cloexec = 0;  // 0 or 1
  FORKTABLE_EVENT("passed", kServer, kReferences, kAlways, "receive {fd}")
  FORKTABLE_FIELDS(visit("fd", self.fd); visit("process", self.process); visit("from", self.from);
                   visit("cloexec", self.cloexec);)
};

}  // namespace forktable
