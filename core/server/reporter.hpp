// How a server process tells what it does: one record, one write(2), to a pipe that Forktable reads.
//
// Everything here is async-signal-safe (the SIGCHLD handler reports too), keeps errno as it was, and costs
// one comparison when nobody listens: without the pipe the server is a plain server.
#pragma once

#include "core/event/wire.hpp"

namespace forktable::server {

// The environment variables by which Forktable passes its ends of things. Each names a descriptor, the
// lifeline's the one after the report pipe's.
inline constexpr const char* kReportVariable = "FORKTABLE_REPORT_FD";
inline constexpr const char* kLifelineVariable = "FORKTABLE_LIFELINE_FD";
// The soft limit on descriptors that the server is to run with; Forktable's own is higher.
inline constexpr const char* kDescriptorLimitVariable = "FORKTABLE_DESCRIPTOR_LIMIT";

// How many children the server may have at the same time; not set or 0: no limit of its own.
inline constexpr const char* kChildrenLimitVariable = "FORKTABLE_CHILDREN_LIMIT";

// The key of the semaphore that the server may make, so that Forktable can remove it however the server ends; not set:
// IPC_PRIVATE.
inline constexpr const char* kSemaphoreKeyVariable = "FORKTABLE_SEMAPHORE_KEY";
int semaphore_key();

// Set for a program that a process of the server has gone on with by execve(2): how many reports that process has sent,
// and the number of the program's first line in the listing, which is one of all programs of the server.
inline constexpr const char* kReportsSentVariable = "FORKTABLE_REPORTS_SENT";
inline constexpr const char* kFirstLineVariable = "FORKTABLE_FIRST_LINE";
// Set, to anything, for a server that calls execve: it keeps the descriptor of its gates, for its next program.
inline constexpr const char* kKeepsBoardVariable = "FORKTABLE_KEEPS_GATE";

bool reporting();
std::uint32_t reports_sent();  // by this process
int own_pid();
int children_limit();

// CLOCK_MONOTONIC in ns; 0 when nobody listens.
std::int64_t time_of_call();

// Fills in who, when and which one, and writes the record. Waits while the pipe is full.
void send(WireRecord record, unsigned line);

// `at`: when it happened, if that isn't now. What a client can notice before the call has returned here, such
// as a close, is stamped with the time of the call, so that cause comes before effect.
template <class T>
void report(const T& what, unsigned line, std::int64_t at = 0) {
  if (!reporting()) return;
  WireRecord record = encode(what);
  record.at = at;
  send(record, line);
}

// A handler asks it first, and returns if it is true: a report is on its way, perhaps for a while, as the pipe is full.
// What the handler would tell comes later, and must not be told before. The signal is raised again when the report is
// written, as if it had been blocked until then; of several with the same number, one is.
bool puts_off(int signal);

// To be called in a new child before it reports: it is a process of its own, with a count of its own.
void become_child();
// The same in a new thread, whose number is its own.
void become_thread();

}  // namespace forktable::server
