// The system calls of the listings, with a capital letter as in the textbooks: each does what the call of
// that name does, reports it with the source line it was called from, and leaves errno as the call left it.
#pragma once

#include <sys/types.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>

#include "core/event/bug.hpp"

// Lines of the listing that a bug switch leaves out, or puts in their place. A server without Forktable has no bugs.
#define unless(bug) if (Heeds(forktable::Bug::bug))
#define when(bug) if (!Heeds(forktable::Bug::bug))
bool Heeds(forktable::Bug bug);  // false: it is switched on

struct Here {
  unsigned number;
  constexpr unsigned line() const { return number; }
  // std::source_location isn't there with Clang 14.
  static constexpr Here current(unsigned line = __builtin_LINE()) { return {line}; }
};

inline constexpr int MAXLINE = 8192;  // bytes read at once
inline constexpr int LISTENQ = 1024;  // connections that may wait for accept

// Listens on 127.0.0.1 at the port that the command line names (0: any free one). Ends the program, with
// status 2 for a wrong command line and 1 when the port can't be had. See ip(7), SO_REUSEADDR.
int Open_listenfd(int argc, char** argv, Here here = Here::current());

// accept(2): the connected descriptor, or -1.
int Accept(int listenfd, Here here = Here::current());

// After a failed accept: whether it makes sense to try again. Waits 100 ms first if the system or the process is out of
// something (EMFILE, ENFILE, ENOBUFS, ENOMEM), as trying again at once would only burn the processor.
bool Back_off(int error, Here here = Here::current());

// Adds one to a global variable, in one step that no thread can come between.
void Count(int* counter, Here here = Here::current());

// Stands for what takes long: a large file, a database. Nothing else is done meanwhile.
void Work(int milliseconds, Here here = Here::current());

// sleep(3), before what would only fail again.
void Sleep(int seconds, Here here = Here::current());

// fork(2): 0 in the child, the child's pid in the parent, or -1.
pid_t Fork(Here here = Here::current());

// read(2), again if a signal interrupts it: bytes read, 0 at end of file, or -1.
ssize_t Read(int fd, char* buf, size_t size, Here here = Here::current());

// write(2) until all of it is written: `size`, or -1.
ssize_t Write(int fd, const char* buf, ssize_t size, Here here = Here::current());

// close(2): 0, or -1.
int Close(int fd, Here here = Here::current());

// Ends the process.
[[noreturn]] void Exit(int status, Here here = Here::current());

// waitpid(2): the pid of a child that has ended, 0 if none has, or -1. Without WNOHANG it waits until one has.
pid_t Waitpid(pid_t pid, int* status, int options, Here here = Here::current());

// sigaction(2) with SA_RESTART; the handler may be SIG_IGN. Its delivery and its return are reported as well. Three bug
// switches are heeded in here, at any time, as they can be switched while the server waits: no handler, no SA_RESTART,
// SIGPIPE not ignored. A server without a handler hears of no switch.
void Signal(int signal, void (*handler)(int), Here here = Here::current());
