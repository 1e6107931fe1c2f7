// A concurrent echo server that spawns one process for each client.
#include "core/server/reported.hpp"

void reap_children(int) {
  while (Waitpid(-1, nullptr, WNOHANG) > 0) {
  }
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
  while (true) {
    int connfd = Accept(listenfd);
    if (connfd < 0) {
      Back_off(errno);
      continue;
    }
    if (Fork() == 0) {
      Close(listenfd);  // the child has no use for the listening socket
      echo(connfd);     // the child serves the client
      Close(connfd);    // the child is done with this client
      Exit(0);
    }
    Close(connfd);  // the parent has no use for this connection (important!)
  }
}
