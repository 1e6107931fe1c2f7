// A process for each client. The counter is in shared memory, and a semaphore lets one process at a time change it.
#include "core/server/reported_sharing.hpp"

int* served;
int semaphore;

void reap_children(int) {
  int saved_errno = errno;
  while (Waitpid(-1, nullptr, WNOHANG) > 0) {}
  errno = saved_errno;
}

void echo(int connfd) {
  char buf[MAXLINE];
  ssize_t n;
  while ((n = Read(connfd, buf, MAXLINE)) > 0) {
    if (Write(connfd, buf, n) < 0) break;
  }
}

void count() {
  unless(kNoSemaphore) P(semaphore);
  int n = Load(served);
  sched_yield();  // the others run
  Store(served, n + 1);
  unless(kNoSemaphore) V(semaphore);
}

int main(int argc, char** argv) {
  Signal(SIGCHLD, reap_children);
  Signal(SIGPIPE, SIG_IGN);
  int listenfd = Open_listenfd(argc, argv);
  served = Shared_counter();
  semaphore = Semaphore(1);
  while (true) {
    int connfd = Accept(listenfd);
    if (connfd < 0) {
      if (errno == EINTR) continue;
      if (!Back_off(errno)) Exit(1);
      continue;
    }
    if (Fork() == 0) {
      Close(listenfd);
      echo(connfd);
      count();
      Close(connfd);
      Exit(0);
    }
    Close(connfd);
  }
}
