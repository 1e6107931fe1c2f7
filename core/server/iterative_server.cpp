// An iterative echo server: one client after the other.
#include "core/server/reported.hpp"

int served = 0;

void echo(int connfd) {
  char buf[MAXLINE];
  ssize_t n;
  while ((n = Read(connfd, buf, MAXLINE)) > 0) {
    when(kSlowHandler) Work(2000);
    if (Write(connfd, buf, n) < 0) break;
  }
}

int main(int argc, char** argv) {
  Signal(SIGPIPE, SIG_IGN);
  int listenfd = Open_listenfd(argc, argv);
  while (true) {
    int connfd = Accept(listenfd);
    if (connfd < 0) {
      if (!Back_off(errno)) Exit(1);
      continue;
    }
    echo(connfd);  // until the client has closed
    Count(&served);
    Close(connfd);
  }
}
