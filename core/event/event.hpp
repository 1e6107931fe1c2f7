// The vocabulary: everything that can happen, as facts in the past tense.
//
// Each event is a small plain struct that names its fields once, in fields(). The wire codec, the recording
// and the tests all go by that one list, so that a new event needs no code of its own in any of them. Adding
// it to `What` makes every std::visit that has not thought about it fail to compile.
#pragma once

#include <cstdint>
#include <type_traits>
#include <variant>

#include "core/event/address.hpp"
#include "core/event/bug.hpp"
#include "core/event/exec.hpp"
#include "core/event/fields.hpp"
#include "core/event/files.hpp"
#include "core/event/ids.hpp"
#include "core/event/jobs.hpp"
#include "core/event/kernels_word.hpp"
#include "core/event/readiness.hpp"
#include "core/event/sharing.hpp"
#include "core/event/short_text.hpp"
#include "core/event/threads.hpp"
#include "core/event/words.hpp"

namespace forktable {

// ---- Reported by the server's processes. Event::pid is the process, Event::line the source line. ----

// A descriptor that Forktable itself put into the server: its end of the report pipe, the lifeline.
struct PlumbingOpened {
  int fd = -1;
  FORKTABLE_EVENT("plumbing_opened", kServer, kReferences, kNever, "")
  FORKTABLE_FIELDS(visit("fd", self.fd);)
};
struct Listened {
  int fd = -1;
  Port port = 0;
  int backlog = 0;
  FORKTABLE_EVENT("listened", kServer, kReferences, kAlways, "listen")
  FORKTABLE_FIELDS(visit("fd", self.fd); visit("port", self.port); visit("backlog", self.backlog);)
};
struct AcceptCalled {
  int fd = -1;
  FORKTABLE_EVENT("accept_called", kServer, kState, kAlways, "")
  FORKTABLE_FIELDS(visit("fd", self.fd);)
};
struct Accepted {
  int listenfd = -1;
  int connfd = -1;
  Address peer;
  FORKTABLE_EVENT("accepted", kServer, kReferences, kAlways, "accept")
  FORKTABLE_FIELDS(visit("listenfd", self.listenfd); visit("connfd", self.connfd); visit("peer_port", self.peer.port);
                   visit("peer_address", self.peer.ip);)
};
// Reported before fork(2), so that what the process holds at this moment is what the child will hold.
// `fork` counts the forks of this process: with it, the child's first words find their parent's call.
struct ForkCalled {
  std::uint32_t fork = 0;
  FORKTABLE_EVENT("fork_called", kServer, kReferences, kAlways, "fork")
  FORKTABLE_FIELDS(visit("fork", self.fork);)
};
struct Forked {
  std::uint32_t fork = 0;
  Pid child = 0;
  FORKTABLE_EVENT("forked", kServer, kReferences, kAlways, "")
  FORKTABLE_FIELDS(visit("fork", self.fork); visit("child", self.child);)
};
struct ChildStarted {
  Pid parent = 0;
  std::uint32_t fork = 0;
  FORKTABLE_EVENT("child_started", kServer, kReferences, kAlways, "")
  FORKTABLE_FIELDS(visit("parent", self.parent); visit("fork", self.fork);)
};
struct ReadCalled {
  int fd = -1;
  FORKTABLE_EVENT("read_called", kServer, kState, kUnlessCrowded, "")
  FORKTABLE_FIELDS(visit("fd", self.fd);)
};
struct Read {
  int fd = -1;
  std::uint32_t bytes = 0;  // at least 1
  ShortText text;
  FORKTABLE_EVENT("read", kServer, kState, kUnlessCrowded, "read")
  FORKTABLE_FIELDS(visit("fd", self.fd); visit("bytes", self.bytes); visit("text", self.text);)
};
struct EndOfFile {
  int fd = -1;
  FORKTABLE_EVENT("end_of_file", kServer, kState, kAlways, "EOF")
  FORKTABLE_FIELDS(visit("fd", self.fd);)
};
struct WriteCalled {
  int fd = -1;
  FORKTABLE_EVENT("write_called", kServer, kState, kUnlessCrowded, "")
  FORKTABLE_FIELDS(visit("fd", self.fd);)
};
struct Wrote {
  int fd = -1;
  std::uint32_t bytes = 0;
  FORKTABLE_EVENT("wrote", kServer, kState, kUnlessCrowded, "write")
  FORKTABLE_FIELDS(visit("fd", self.fd); visit("bytes", self.bytes);)
};
struct Closed {
  int fd = -1;
  FORKTABLE_EVENT("closed", kServer, kReferences, kAlways, "close {fd}")
  FORKTABLE_FIELDS(visit("fd", self.fd);)
};
// The last word of a process: the next thing it does is _exit(2).
struct ExitCalled {
  int status = 0;
  FORKTABLE_EVENT("exit_called", kServer, kReferences, kAlways, "exit")
  FORKTABLE_FIELDS(visit("status", self.status);)
};
struct SignalDelivered {
  int signal = 0;
  FORKTABLE_EVENT("signal_delivered", kServer, kState, kAlways, "{signal}")
  FORKTABLE_FIELDS(visit("signal", self.signal);)
};
struct HandlerReturned {
  int signal = 0;
  FORKTABLE_EVENT("handler_returned", kServer, kState, kAlways, "")
  FORKTABLE_FIELDS(visit("signal", self.signal);)
};
// waitpid(2) returned a child; `status` is the wait status, to be read with WIFEXITED and its kin.
struct Reaped {
  Pid child = 0;
  int status = 0;
  FORKTABLE_EVENT("reaped", kServer, kReferences, kAlways, "reap")
  FORKTABLE_FIELDS(visit("child", self.child); visit("status", self.status);)
};
// waitpid(2) without WNOHANG, which waits until a child ends. The other one returns at once, and isn't told of before
// it does.
struct WaitpidCalled {
  FORKTABLE_EVENT("waitpid_called", kServer, kState, kAlways, "")
  FORKTABLE_FIELDS()
};
// waitpid(2) with WNOHANG returned 0: there are children, and none of them has ended.
struct NothingToReap {
  FORKTABLE_EVENT("nothing_to_reap", kServer, kState, kAlways, "")
  FORKTABLE_FIELDS()
};
struct CallFailed {
  Call call = Call::kSocket;
  int fd = -1;
  int error = 0;  // errno
  FORKTABLE_EVENT("call_failed", kServer, kReferences, kAlways, "{error}")
  FORKTABLE_FIELDS(visit("call", self.call); visit("fd", self.fd); visit("error", self.error);)
};
// The server waited before it tried again, because the system was out of something.
struct BackedOff {
  int milliseconds = 0;
  FORKTABLE_EVENT("backed_off", kServer, kState, kAlways, "pause")
  FORKTABLE_FIELDS(visit("milliseconds", self.milliseconds);)
};

// The process waits at a gate before its next step, until Forktable lets it go on.
struct GateReached {
  Call call = Call::kAccept;  // what it will do next
  int fd = -1;                // -1 if that takes none
  FORKTABLE_EVENT("gate_reached", kServer, kNothing, kNever, "")
  FORKTABLE_FIELDS(visit("call", self.call); visit("fd", self.fd);)
};
// After a failed call the program looked at errno, and this is what it saw.
struct ErrnoSeen {
  int error = 0;
  FORKTABLE_EVENT("errno_seen", kServer, kState, kAlways, "")
  FORKTABLE_FIELDS(visit("error", self.error);)
};
// What the server may have at most.
struct LimitsKnown {
  int descriptors = 0;  // RLIMIT_NOFILE: numbers below this one
  int children = 0;     // at the same time; 0: no limit of its own
  FORKTABLE_EVENT("limits_known", kServer, kState, kNever, "")
  FORKTABLE_FIELDS(visit("descriptors", self.descriptors); visit("children", self.children);)
};

// ---- Seen from outside the server. Event::pid is the process that it is about. ----

struct ServerLaunched {
  Port port = 0;  // asked for; 0: any free one
  FORKTABLE_EVENT("server_launched", kForktable, kReferences, kAlways, "")
  FORKTABLE_FIELDS(visit("port", self.port);)
};
// Which of the servers that is. Not told of the first one, `process`.
struct ServerNamed {
  ServerKind server = ServerKind::kProcess;
  FORKTABLE_EVENT("server_named", kForktable, kNothing, kNever, "")
  FORKTABLE_FIELDS(visit("server", self.server);)
};
// It is none of Forktable's, but this program. What it is like, is seen by what it does.
struct ProgramNamed {
  ShortText program;
  FORKTABLE_EVENT("program_named", kForktable, kNothing, kNever, "")
  FORKTABLE_FIELDS(visit("program", self.program);)
};
// The user asked for the server to end; every process of it gets SIGTERM.
struct StopAsked {
  FORKTABLE_EVENT("stop_asked", kForktable, kState, kAlways, "")
  FORKTABLE_FIELDS()
};
struct SignalSent {
  int signal = 0;
  FORKTABLE_EVENT("signal_sent", kForktable, kState, kAlways, "")
  FORKTABLE_FIELDS(visit("signal", self.signal);)
};
// The kernel says that the process is dead, whatever it managed to report. Its parent hasn't reaped it yet; or,
// when the whole server has gone, it did so and was killed before it could report that.
struct DeathSeen {
  FORKTABLE_EVENT("death_seen", kForktable, kReferences, kAlways, "dies")
  FORKTABLE_FIELDS()
};
// Forktable reaped the process: the server itself, or a child that it left behind.
struct Collected {
  int status = 0;  // wait status
  FORKTABLE_EVENT("collected", kForktable, kReferences, kAlways, "")
  FORKTABLE_FIELDS(visit("status", self.status);)
};
// Reports of this process that never arrived. What is shown of it may be out of date from here on.
struct ReportsLost {
  std::uint32_t count = 0;
  FORKTABLE_EVENT("reports_lost", kForktable, kState, kAlways, "")
  FORKTABLE_FIELDS(visit("count", self.count);)
};
// From now on every process of the server waits at its gates; or no longer does.
struct SteppingChanged {
  int on = 0;  // 0 or 1
  FORKTABLE_EVENT("stepping_changed", kForktable, kNothing, kAlways, "")
  FORKTABLE_FIELDS(visit("on", self.on);)
};
// This one process waits at its gates, whatever the others do; or no longer does.
struct HoldChanged {
  int held = 0;  // 0 or 1
  FORKTABLE_EVENT("hold_changed", kForktable, kNothing, kAlways, "")
  FORKTABLE_FIELDS(visit("held", self.held);)
};
// Which lines of the server are switched off.
struct BugsSwitched {
  Bugs bugs;
  FORKTABLE_EVENT("bugs_switched", kForktable, kNothing, kAlways, "")
  FORKTABLE_FIELDS(visit("bugs", self.bugs);)
};
// The lesson asks what its next step will do.
struct LessonAsked {
  std::uint32_t step = 0;  // of the lesson, from 1
  FORKTABLE_EVENT("lesson_asked", kForktable, kNothing, kNever, "")
  FORKTABLE_FIELDS(visit("step", self.step);)
};
// All that belongs to this step of the lesson has happened.
struct LessonStepped {
  std::uint32_t step = 0;  // from 1
  FORKTABLE_EVENT("lesson_stepped", kForktable, kNothing, kNever, "")
  FORKTABLE_FIELDS(visit("step", self.step);)
};
// Bytes on the report pipe that are no record.
struct GarbageSkipped {
  std::uint32_t bytes = 0;
  FORKTABLE_EVENT("garbage_skipped", kForktable, kState, kAlways, "")
  FORKTABLE_FIELDS(visit("bytes", self.bytes);)
};

// What the kernel says, when it is asked, is in kernels_word.hpp. What servers report that have threads, wait for many
// descriptors at once, share their counter, run another program or keep a list of their children, is in threads.hpp,
// readiness.hpp, sharing.hpp, exec.hpp and jobs.hpp; which other files they open, in files.hpp.

// ---- Done by the simulated clients; Event::pid is 0. ----

// connect(2) was called. On loopback the local port is known at once.
struct ClientConnecting {
  ClientId client;
  Behaviour behaviour = Behaviour::kHello;
  Port port = 0;
  FORKTABLE_EVENT("client_connecting", kForktable, kState, kAlways, "connect")
  FORKTABLE_FIELDS(visit("client", self.client); visit("behaviour", self.behaviour); visit("port", self.port);)
};
// The kernel completed the handshake. The connection waits in the accept queue until accept(2) returns it.
struct ClientConnected {
  ClientId client;
  FORKTABLE_EVENT("client_connected", kForktable, kState, kAlways, "")
  FORKTABLE_FIELDS(visit("client", self.client);)
};
struct ClientSent {
  ClientId client;
  std::uint32_t bytes = 0;
  ShortText text;
  FORKTABLE_EVENT("client_sent", kForktable, kState, kUnlessCrowded, "send")
  FORKTABLE_FIELDS(visit("client", self.client); visit("bytes", self.bytes); visit("text", self.text);)
};
struct ClientReceived {
  ClientId client;
  std::uint32_t bytes = 0;
  ShortText text;
  FORKTABLE_EVENT("client_received", kForktable, kState, kUnlessCrowded, "receive")
  FORKTABLE_FIELDS(visit("client", self.client); visit("bytes", self.bytes); visit("text", self.text);)
};
// shutdown(SHUT_WR): the client will send nothing more, and waits for the server's end of file.
struct ClientHalfClosed {
  ClientId client;
  FORKTABLE_EVENT("client_half_closed", kForktable, kState, kAlways, "shutdown")
  FORKTABLE_FIELDS(visit("client", self.client);)
};
struct ClientSawEndOfFile {
  ClientId client;
  FORKTABLE_EVENT("client_saw_end_of_file", kForktable, kState, kAlways, "EOF")
  FORKTABLE_FIELDS(visit("client", self.client);)
};
struct ClientEnded {
  ClientId client;
  ClientEnd end = ClientEnd::kClosed;
  Call call = Call::kClose;  // kFailed: the call that failed
  int error = 0;             // kFailed: its errno
  FORKTABLE_EVENT("client_ended", kForktable, kState, kAlways,
                  end == ClientEnd::kFailed  ? "{error}"
                  : end == ClientEnd::kReset ? "reset"
                                             : "close")
  FORKTABLE_FIELDS(visit("client", self.client); visit("end", self.end); visit("call", self.call);
                   visit("error", self.error);)
};
// There is a connection that no client of ours made: nc, telnet, a browser. accept returned it, or it waits for that.
struct OutsiderConnected {
  ClientId client;
  Address address;
  FORKTABLE_EVENT("outsider_connected", kForktable, kReferences, kAlways, "connect")
  FORKTABLE_FIELDS(visit("client", self.client); visit("port", self.address.port); visit("address", self.address.ip);)
};
// Whose connection that is, from /proc. Event::pid is the outsider's process. It may be told again: a process may start
// another program, and another process may have the connection from it.
struct OutsiderNamed {
  ClientId client;
  ShortText program;
  FORKTABLE_EVENT("outsider_named", kForktable, kNothing, kAlways, "")
  FORKTABLE_FIELDS(visit("client", self.client); visit("program", self.program);)
};
// Whose connection that is can't be said.
struct OutsiderUnnamed {
  ClientId client;
  Unnamed why = Unnamed::kGone;
  FORKTABLE_EVENT("outsider_unnamed", kForktable, kNothing, kAlways, "")
  FORKTABLE_FIELDS(visit("client", self.client); visit("why", self.why);)
};

using What = std::variant<
    PlumbingOpened, Listened, AcceptCalled, Accepted, ForkCalled, Forked, ChildStarted, ReadCalled, Read, EndOfFile,
    WriteCalled, Wrote, Closed, ExitCalled, SignalDelivered, HandlerReturned, Reaped, NothingToReap, CallFailed,
    BackedOff, ServerLaunched, StopAsked, SignalSent, DeathSeen, Collected, ReportsLost, GarbageSkipped,
    ClientConnecting, ClientConnected, ClientSent, ClientReceived, ClientHalfClosed, ClientSawEndOfFile, ClientEnded,
    OutsiderConnected, OutsiderNamed, GateReached, ErrnoSeen, LimitsKnown, SteppingChanged, HoldChanged, BugsSwitched,
    LessonAsked, LessonStepped, StopSeen, ContinueSeen, SignalsSeen, TcpStateSeen, QueuesSeen, KernelChecked,
    CheckDenied, DifferenceSeen, DifferenceGone, ThreadCreateCalled, ThreadCreated, ThreadStarted, ThreadDetached,
    ThreadEnded, ThreadJoined, EpollOpened, Watched, Unwatched, PollCalled, FoundReady, PollReturned, Worked, Counted,
    FifoOpened, SegmentAttached, SemaphoreMade, SemaphoreCalled, SemaphoreTaken, SemaphoreGiven, Loaded, Stored,
    ServerNamed, SegmentSeen, SemaphoreSeen, ArgumentRead, OutsiderUnnamed, WaitpidCalled, CloexecSet, Duplicated,
    ExecCalled, Executed, MaskChanged, JobAdded, JobDeleted, EndingSeen, ProgramNamed, Opened, Piped, Passed>;

struct Event {
  Nanoseconds at = 0;
  Pid pid = 0;             // whose step it was; 0: no server process's
  std::uint32_t line = 0;  // in the server's source; 0: none
  What what;
};

template <class... Arms>
struct Overloaded : Arms... {
  using Arms::operator()...;
};
template <class... Arms>
Overloaded(Arms...) -> Overloaded<Arms...>;

}  // namespace forktable
