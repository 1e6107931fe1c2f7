// The switches: each leaves out a line of the server, or puts another in its place. Nearly all make a bug of it.
#pragma once

#include <climits>
#include <cstdint>
#include <iterator>
#include <string_view>

#include "core/event/enumerators.hpp"

namespace forktable {

enum class Bug : std::uint8_t {
  kParentKeepsConnfd,
  kChildKeepsListenfd,
  kNoSigchldHandler,
  kOneWaitpid,
  kNoEintrCheck,
  kChildNeverExits,
  kErrnoClobbered,
  kSlowHandler,
  kConnfdRace,
  kThreadsNotDetached,
  kThreadsJoined,  // no bug, but the other way to be rid of them
  kClosesTwice,
  kNoSemaphore,
  kSigpipeKills,
  kNotReplaced,
  kOneClientEach,  // no bug, but what keeps a leak from growing
  kNoCloexec,
  kSigchldNotBlocked,
};
struct BugText {
  std::string_view name;   // on the command line, in lessons and recordings
  std::string_view title;  // in the window
};
inline constexpr BugText kBugTexts[] = {
    {"parent-keeps-connfd", "parent doesn't close connfd"}, {"child-keeps-listenfd", "child doesn't close listenfd"},
    {"no-sigchld-handler", "no SIGCHLD handler"},           {"one-waitpid", "if in place of while around waitpid"},
    {"no-eintr-check", "no SA_RESTART and no EINTR check"}, {"child-never-exits", "child doesn't exit"},
    {"errno-clobbered", "handler clobbers errno"},          {"slow-handler", "a slow handler"},
    {"connfd-race", "one connfd for all threads"},          {"threads-not-detached", "no thread is detached"},
    {"threads-joined", "main joins what has ended"},        {"closes-twice", "closes connfd twice"},
    {"no-semaphore", "no semaphore around the counter"},    {"sigpipe-kills", "SIGPIPE isn't ignored"},
    {"not-replaced", "a child that ends isn't replaced"},   {"one-client-each", "a child exits after one client"},
    {"no-cloexec", "listenfd isn't close-on-exec"},         {"sigchld-not-blocked", "SIGCHLD isn't blocked"},
};
inline constexpr int kBugCount = static_cast<int>(count_of<Bug>());
static_assert(std::size(kBugTexts) == kBugCount);
constexpr std::string_view name_of(Bug bug) { return kBugTexts[static_cast<int>(bug)].name; }
constexpr std::string_view title_of(Bug bug) { return kBugTexts[static_cast<int>(bug)].title; }

// A set of them. `value` has a bit for each.
struct Bugs {
  std::uint32_t value = 0;
  constexpr bool has(Bug bug) const { return (value >> static_cast<int>(bug) & 1u) != 0; }
  constexpr void set(Bug bug, bool on) {
    const std::uint32_t bit = 1u << static_cast<int>(bug);
    value = on ? value | bit : value & ~bit;
  }
  friend bool operator==(Bugs, Bugs) = default;
};
static_assert(kBugCount <= CHAR_BIT * sizeof(Bugs::value));

}  // namespace forktable
