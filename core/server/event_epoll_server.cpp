// A concurrent echo server in one process: it waits for all its clients at once, with epoll.
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
  int epfd = Epoll_create();
  Epoll_add(epfd, listenfd);
  while (true) {
    epoll_event ready[MAXREADY];
    int n = Epoll_wait(epfd, ready, MAXREADY);
    for (int i = 0; i < n; ++i) {
      int fd = ready[i].data.fd;
      if (fd == listenfd) {
        int connfd = Accept(listenfd);
        if (connfd >= 0)
          Epoll_add(epfd, connfd);
        else if (!Back_off(errno))
          Exit(1);
      } else if (!echo_once(fd)) {
        Count(&served);
        Close(fd);  // with it, epoll forgets it
      }
    }
  }
}
