// A concurrent echo server in one process: it waits for all its clients at once, with select.
#include "core/server/reported_readiness.hpp"

int served = 0;

bool echo_once(int connfd) {
  char buf[MAXLINE];
  ssize_t n = Read(connfd, buf, MAXLINE);
  if (n <= 0) return false;
  when(kSlowHandler) Work(2000);
  return Write(connfd, buf, n) == n;
}

int main(int argc, char** argv) {
  Signal(SIGPIPE, SIG_IGN);
  int listenfd = Open_listenfd(argc, argv);
  fd_set read_set, ready_set;
  FD_ZERO(&read_set);
  Fd_set(listenfd, &read_set);
  while (true) {
    ready_set = read_set;
    if (Select(FD_SETSIZE, &ready_set) < 0) continue;
    if (FD_ISSET(listenfd, &ready_set)) {
      int connfd = Accept(listenfd);
      if (connfd >= 0)
        Fd_set(connfd, &read_set);
      else if (!Back_off(errno))
        Exit(1);
    }
    for (int fd = listenfd + 1; fd < FD_SETSIZE; ++fd) {
      if (FD_ISSET(fd, &ready_set) && !echo_once(fd)) {
        Count(&served);
        Fd_clr(fd, &read_set);
        Close(fd);
      }
    }
  }
}
