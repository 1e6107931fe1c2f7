// For servers that wait for many descriptors at once, in one process.
#pragma once

#include <sys/epoll.h>
#include <sys/select.h>

#include "core/server/reported.hpp"

inline constexpr int MAXREADY = 64;  // descriptors that one Epoll_wait tells of

// FD_SET and FD_CLR. A set has room for descriptors below FD_SETSIZE, 1024: one that is beyond is closed instead.
void Fd_set(int fd, fd_set* set, Here here = Here::current());
void Fd_clr(int fd, fd_set* set, Here here = Here::current());

// select(2), for reading, without a time limit: how many descriptors are ready, or -1. `set` then has those.
int Select(int n, fd_set* set, Here here = Here::current());

// epoll_create1(2). Ends the program when that fails.
int Epoll_create(Here here = Here::current());

// epoll_ctl(2) for reading. What can't be added is closed.
void Epoll_add(int epfd, int fd, Here here = Here::current());

// epoll_wait(2), without a time limit: how many are ready, or -1.
int Epoll_wait(int epfd, epoll_event* ready, int most, Here here = Here::current());
