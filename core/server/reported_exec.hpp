// For a server whose children run another program.
#pragma once

#include <fcntl.h>

#include <cstddef>

#include "core/server/reported.hpp"

// fcntl(2), F_SETFD, of one descriptor. A bug switch is heeded in here, at any time, as it can be switched while the
// server waits: the descriptor is not close-on-exec then.
void Fcntl(int fd, int command, int flag, Here here = Here::current());

// dup2(2): `newfd`, or -1.
int Dup2(int oldfd, int newfd, Here here = Here::current());

// execve(2) of the program of that name that is beside this one. What it does there is reported as well. -1, if it
// returns.
int Execl(const char* program, const char* argument, std::nullptr_t end, Here here = Here::current());
