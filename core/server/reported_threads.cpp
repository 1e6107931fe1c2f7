#include "core/server/reported_threads.hpp"

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>

#include "core/server/gate.hpp"
#include "core/server/reporter.hpp"

using forktable::Call;
using forktable::server::gate;
using forktable::server::report;

namespace {

// A thread, from its creation until it is detached or joined. They are in a list that belongs to main.
struct Thread {
  pthread_t handle;
  void* (*function)(void*);
  void* argument;
  std::uint32_t number;
  Here made;
  std::atomic<pid_t> tid;
  bool owns_argument;  // Copied made it
  std::atomic<bool> ended, detached;
  Thread* next;
};
Thread* first = nullptr;
thread_local Thread* own = nullptr;
std::uint32_t created = 0;
int* latest_copy = nullptr;  // that no thread has got yet

void* run(void* made) {
  own = static_cast<Thread*>(made);
  forktable::server::become_thread();
  own->tid = forktable::server::own_pid();
  const unsigned line = own->made.line();
  report(forktable::ThreadStarted{getpid(), own->number}, line);
  void* result = own->function(own->argument);
  // It has returned, from a line that nobody here knows: it stays at that of its last call.
  gate(Call::kPthreadExit, -1, 0);
  report(forktable::ThreadEnded{}, 0);
  own->ended = true;  // after this, main may free it
  return result;
}

// Takes those out of the list that are detached and have ended: nothing uses them any more.
void forget_detached() {
  for (Thread** at = &first; *at != nullptr;) {
    Thread* thread = *at;
    if (thread->ended && thread->detached) {
      *at = thread->next;
      std::free(thread);
    } else {
      at = &thread->next;
    }
  }
}

}  // namespace

int Create(void* (*function)(void*), void* argument, Here here) {
  gate(Call::kPthreadCreate, -1, here.line());
  forget_detached();
  auto* thread = static_cast<Thread*>(std::calloc(1, sizeof(Thread)));
  if (thread == nullptr) return ENOMEM;
  thread->function = function;
  thread->argument = argument;
  thread->number = ++created;
  thread->made = here;
  thread->owns_argument = argument == latest_copy;
  if (thread->owns_argument) latest_copy = nullptr;
  report(forktable::ThreadCreateCalled{thread->number}, here.line());
  const int error = pthread_create(&thread->handle, nullptr, run, thread);
  if (error != 0) {
    report(forktable::CallFailed{Call::kPthreadCreate, -1, error}, here.line());
    if (thread->owns_argument) std::free(argument);
    std::free(thread);
    return error;
  }
  thread->next = first;
  first = thread;
  report(forktable::ThreadCreated{thread->number}, here.line());
  return 0;
}

void Detach(Here here) {
  gate(Call::kPthreadDetach, -1, here.line());
  pthread_detach(pthread_self());
  own->detached = true;
  report(forktable::ThreadDetached{}, here.line());
}

void Join_ended(Here here) {
  for (Thread** at = &first; *at != nullptr;) {
    Thread* thread = *at;
    if (!thread->ended || thread->detached) {
      at = &thread->next;
      continue;
    }
    gate(Call::kPthreadJoin, -1, here.line());
    pthread_join(thread->handle, nullptr);  // it has said its last word: this waits for a moment at most
    report(forktable::ThreadJoined{thread->tid}, here.line());
    *at = thread->next;
    std::free(thread);
  }
}

int* Copied(int number) {
  std::free(latest_copy);
  latest_copy = static_cast<int*>(std::malloc(sizeof number));
  if (latest_copy == nullptr) Exit(1);
  *latest_copy = number;
  return latest_copy;
}

void Free(void* copied) {
  if (own->owns_argument) std::free(copied);
}

int Argument(void* argument, Here here) {
  gate(Call::kLoad, -1, here.line());
  const int number = __atomic_load_n(static_cast<int*>(argument), __ATOMIC_RELAXED);
  report(forktable::ArgumentRead{number}, here.line());
  return number;
}
