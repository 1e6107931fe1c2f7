// For a server that keeps a list of its children, and blocks SIGCHLD while the list isn't right.
#pragma once

#include "core/server/reported.hpp"

inline constexpr int MAXJOBS = 16384;  // places in the list; a free one is 0

// Writes the pid into the first free place, in one step that no handler can come between. If there is none, it is left
// out, and nothing is reported.
void Add_job(pid_t* jobs, pid_t pid, Here here = Here::current());

// Frees the place of the pid, if it has one.
void Delete_job(pid_t* jobs, pid_t pid, Here here = Here::current());

// sigprocmask(2): 0, or -1. What it unblocks and is pending is delivered before it returns.
int Sigprocmask(int how, const sigset_t* set, sigset_t* before, Here here = Here::current());
