// One line of a lesson's `do`: who does what, as a lecturer writes it. "child 1 exits", "client 2 says hello".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <variant>

#include "core/event/event.hpp"

namespace forktable {

// The server itself, which is the parent where there are children; or one of those that came after it.
struct ProcessName {
  std::uint32_t child = 0;   // the how manieth child that was forked, by whoever, from 1
  std::uint32_t thread = 0;  // the how manieth thread that was created, from 1
  bool is_server() const { return child == 0 && thread == 0; }
};

// What a process or a thread of the server does. It takes steps, gate by gate, until it has reported that.
enum class Deed : std::uint8_t {
  kSteps,        // `times` of them, whatever they are
  kWaitsBefore,  // comes to a gate before `call`
  kCalls,        // enters `call`
  kFails,
  kFailsIn,  // in `call`
  kAccepts,
  kForks,
  kReads,
  kReadsEndOfFile,
  kWrites,
  kCloses,
  kExits,
  kIsKilled,  // by a signal
  kGetsSigchld,
  kReaps,
  kFindsNothingToReap,
  kReturnsFromHandler,
  kLooksAtErrno,
  kBacksOff,
  kWorks,   // and is done with it
  kCounts,  // its global variable; there is no gate before that
  kCreatesThread,
  kDetachesItself,
  kReadsArgument,
  kEnds,
  kJoins,
  kWatches,
  kUnwatches,
  kReturnsFrom,  // `call`: something is ready
  kFindsReady,   // the same, with `times` descriptors
  kCallsP,
  kWaitsForSemaphore,  // has called P, and is blocked
  kTakesSemaphore,
  kGivesSemaphore,
  kLoads,
  kStores,
  kDuplicates,  // connfd, to the descriptor `fd`
  kExecs,       // and runs the new program
  kBlocksSigchld,
  kUnblocksSigchld,
  kAddsJob,
  kDeletesJob,  // or looks for it in vain
};
// Which descriptor kCloses closes, and kWatches and kUnwatches are about: a number, or one of these.
inline constexpr int kListenfd = -1, kConnfd = -2;

struct ProcessDoes {
  ProcessName who;
  Deed deed = Deed::kSteps;
  int times = 1;              // kSteps, kFindsReady
  Call call = Call::kAccept;  // kWaitsBefore, kCalls, kFailsIn, kReturnsFrom
  int fd = kConnfd;           // kCloses, kWatches, kUnwatches, kDuplicates
};

enum class ClientDeed : std::uint8_t {
  kConnects,      // and says nothing until it is told to
  kIsRefused,     // tries to connect, in vain
  kComesAndGoes,  // connects, and does the rest by itself as far as the server lets it: Behaviour::kHello
  kSays,
  kHearsTheEcho,
  kHalfCloses,
  kSeesEndOfFile,
  kCloses,
  kResets,
};
struct ClientDoes {
  std::uint32_t client = 0;  // the how manieth that the lesson launches, from 1
  ClientDeed deed = ClientDeed::kConnects;
  std::string words;  // kSays
};

struct SwitchBug {
  Bug bug = Bug::kParentKeepsConnfd;
  bool on = false;
};
struct SendSignal {  // the process dies of it
  ProcessName who;
  int signal = 0;
};
struct Run {};  // all gates open, until every process is blocked in a call

struct LessonAction {
  std::variant<ProcessDoes, ClientDoes, SwitchBug, SendSignal, Run> what;
  std::string text;        // as it is written
  std::uint32_t line = 0;  // of the file
};

// An error says what was expected instead, without file and line.
tl::expected<LessonAction, std::string> parse_action(std::string_view text);

// "unknown bug \"x\"; expected one of: ...".
tl::expected<Bug, std::string> parse_bug(std::string_view name);
tl::expected<ServerKind, std::string> parse_server(std::string_view name);

}  // namespace forktable
