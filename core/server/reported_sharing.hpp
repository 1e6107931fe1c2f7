// For servers whose processes share a counter on purpose. See sysvipc(7).
#pragma once

#include <sched.h>

#include "core/server/reported.hpp"

// mkfifo(3) and open(2) for reading and writing, without waiting: the descriptor. It is made in $XDG_RUNTIME_DIR or,
// where that can't be, in /tmp, and its name is taken away again at once, so that nothing is left behind. Ends the
// program when that fails.
int Open_fifo(Here here = Here::current());

// shmget(2) and shmat(2) of a segment with one number in it, 0. It is marked to be destroyed at once, and is when
// nobody has it attached any more. Ends the program when that fails.
int* Shared_counter(Here here = Here::current());

// semget(2) of one semaphore with that value. The kernel keeps semaphores until somebody removes them: Forktable does
// when the server has ended. Run by hand, the server itself does at SIGHUP, SIGINT and SIGTERM; after any other end,
// the next run of Forktable does: see semaphore_mark.hpp. Ends the program when that fails.
int Semaphore(int value, Here here = Here::current());

// semop(2): waits until the semaphore is positive, and takes 1 away; undone if the process ends before V.
void P(int semaphore, Here here = Here::current());
void V(int semaphore, Here here = Here::current());

// Reads and writes the shared number.
int Load(const int* number, Here here = Here::current());
void Store(int* number, int value, Here here = Here::current());
