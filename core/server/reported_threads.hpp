// For servers with threads.
#pragma once

#include "core/server/reported.hpp"

// pthread_create(3): 0, or an error number.
int Create(void* (*function)(void*), void* argument, Here here = Here::current());

// pthread_detach(3) of the thread that calls it.
void Detach(Here here = Here::current());

// pthread_tryjoin_np(3) of each thread that has ended and isn't detached.
void Join_ended(Here here = Here::current());

// A number on the heap, for one thread alone. Ends the program where there is no memory.
int* Copied(int number);
// What Copied gave. Anything else is left alone, as a switch may be turned between the two.
void Free(void* copied);

// Reads the number that a thread was given the address of.
int Argument(void* argument, Here here = Here::current());
