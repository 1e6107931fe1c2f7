// A process for each client. The children tell the parent through a FIFO, and it counts for all of them.
#include "core/server/reported_sharing.hpp"

int served = 0;
int fifo;

void reap_children(int) {
  int saved_errno = errno;
  while (Waitpid(-1, nullptr, WNOHANG) > 0) {
    char told;
    if (Read(fifo, &told, 1) == 1) Count(&served);
  }
  errno = saved_errno;
}

void echo(int connfd) {
  char buf[MAXLINE];
  ssize_t n;
  while ((n = Read(connfd, buf, MAXLINE)) > 0) {
    if (Write(connfd, buf, n) < 0) break;
  }
}

int main(int argc, char** argv) {
  Signal(SIGCHLD, reap_children);
  Signal(SIGPIPE, SIG_IGN);
  int listenfd = Open_listenfd(argc, argv);
  fifo = Open_fifo();
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
      Close(connfd);
      Write(fifo, "1", 1);
      Exit(0);
    }
    Close(connfd);
  }
}
