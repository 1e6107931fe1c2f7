// A pre-forking echo server: its children are there before the clients, and each accepts for itself.
#include "core/server/reported.hpp"

constexpr int CHILDREN = 3;

int served = 0;

void echo(int connfd) {
  char buf[MAXLINE];
  ssize_t n;
  while ((n = Read(connfd, buf, MAXLINE)) > 0) {
    if (Write(connfd, buf, n) < 0) break;
  }
}

void serve(int listenfd) {
  while (true) {
    int connfd = Accept(listenfd);
    if (connfd < 0) {
      if (!Back_off(errno)) Exit(1);
      continue;
    }
    echo(connfd);
    Count(&served);
    Close(connfd);
    when(kOneClientEach) Exit(0);
  }
}

int main(int argc, char** argv) {
  Signal(SIGPIPE, SIG_IGN);
  int listenfd = Open_listenfd(argc, argv);
  int children = 0;
  while (true) {
    while (children < CHILDREN) {
      pid_t pid = Fork();
      if (pid == 0) serve(listenfd);
      if (pid < 0) break;
      ++children;
    }
    if (Waitpid(-1, nullptr, 0) < 0) {
      Sleep(1);  // there is no child to wait for
      continue;
    }
    unless(kNotReplaced) --children;  // the loop above forks another
  }
}
