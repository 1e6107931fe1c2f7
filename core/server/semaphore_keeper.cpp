// Removes a semaphore when the server that used it is gone, in case that Forktable is gone too. Its argument is the
// key. Its standard input is the reading end of the pipe by which the server reports: every process of the server holds
// that open for writing, so that the kernel says when the last of them has ended. If Forktable is killed, the server is
// with it: see the lifeline in reporter.cpp.
#include <poll.h>
#include <sys/sem.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <initializer_list>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  close_range(1, ~0u, 0);
  // It ends soon enough, and not before the others.
  for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP}) std::signal(signal, SIG_IGN);
  pollfd reports{0, 0, 0};  // nothing is read: that is Forktable's
  while (poll(&reports, 1, -1) < 0 && errno == EINTR) {
  }
  const int semaphore = semget(std::atoi(argv[1]), 0, 0);
  // At once: whoever kills it now must find no other process of it, as a sanitizer would have.
  _exit(semaphore < 0 || semctl(semaphore, 0, IPC_RMID) == 0 ? 0 : 1);
}
