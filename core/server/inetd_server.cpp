// As inetd does: the child makes the connection its standard input and output, and runs another program.
#include "core/server/reported_exec.hpp"

void reap_children(int) {
  int saved_errno = errno;
  while (Waitpid(-1, nullptr, WNOHANG) > 0) {}
  errno = saved_errno;
}

int main(int argc, char** argv) {
  Signal(SIGCHLD, reap_children);
  Signal(SIGPIPE, SIG_IGN);
  int listenfd = Open_listenfd(argc, argv);
  unless(kNoCloexec) Fcntl(listenfd, F_SETFD, FD_CLOEXEC);
  while (true) {
    int connfd = Accept(listenfd);
    if (connfd < 0) {
      if (errno == EINTR) continue;
      if (!Back_off(errno)) Exit(1);
      continue;
    }
    if (Fork() == 0) {
      Dup2(connfd, 0);
      Dup2(connfd, 1);
      Close(connfd);
      Execl("cat", "cat", nullptr);
      Exit(127);  // there is no such program
    }
    Close(connfd);
  }
}
