// What is wrong, found in the World alone: whoever looks doesn't know which line of the server is switched off.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/world/world.hpp"

namespace forktable {

struct Diagnosis {
  std::string_view kind;    // "leaked-connfd", for programs: one of kDiagnosisKinds
  std::string title;        // "Leak"
  std::string text;         // what is so, and what follows from it, in a sentence or two
  std::string cause;        // one sentence
  std::string fix;          // one line of code, as it would stand in the listing
  std::uint64_t since = 0;  // the step at which it began
  // Who it is about; none where there are many.
  ProcessId process;
  FileId file;
  ClientId client;
  std::vector<ProcessId> zombies = {};  // of "zombies": all of them, by id
};

inline constexpr std::string_view kDiagnosisKinds[] = {
    "leaked-connfd",       // a parent holds connections that are its children's business
    "zombies",             // children have ended and nobody reaps them
    "held-listening",      // a child holds the listening socket
    "child-accepts",       // a child is in the accept loop
    "out-of-descriptors",  // or nearly
    "out-of-processes",    // fork fails
    "accept-interrupted",  // the server gave up because a signal interrupted accept
    "errno-clobbered",     // the server saw another errno than the call had left
    "stalled",             // clients wait, for the only flow of control waits or works for another one
    "connfd-race",         // no thread serves a connection: who was to do so serves another one
    "closed-by-another",   // a thread's connection was closed by another thread
    "unjoined-thread",     // threads have ended, and nobody joins them
    "lost-update",         // the shared counter is less than what was counted
    "killed-by-sigpipe",   // processes wrote to clients that had gone
    "not-replaced",        // children have ended that were to accept, and the parent forks no others
    "pool-full",           // each child of a pool serves a quiet client, and another client waits
    "held-over-exec",      // a program that a child has gone on with holds the listening socket
    "stale-job",           // the list of children has some that are gone, for ever
};
bool is_diagnosis_kind(std::string_view kind);

// What began first comes first. `now` is later than the World's own time where nothing has happened since; times of
// events.
std::vector<Diagnosis> diagnose(const World& world, Nanoseconds now);

}  // namespace forktable
