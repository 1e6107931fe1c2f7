// A concurrent echo server that spawns one process for each client.
#include "core/server/reported.hpp"

int served = 0;

void reap_children(int) {
  int saved_errno = errno;
  unless(kOneWaitpid) while (Waitpid(-1, nullptr, WNOHANG) > 0) {}
  when(kOneWaitpid) if (Waitpid(-1, nullptr, WNOHANG) > 0) {}
  unless(kErrnoClobbered) errno = saved_errno;
}

void echo(int connfd) {
  char buf[MAXLINE];
  ssize_t n;
  while ((n = Read(connfd, buf, MAXLINE)) > 0) {
    if (Write(connfd, buf, n) < 0) break;
  }
}

int main(int argc, char** argv) {
  unless(kNoSigchldHandler) Signal(SIGCHLD, reap_children);
  unless(kSigpipeKills) Signal(SIGPIPE, SIG_IGN);
  int listenfd = Open_listenfd(argc, argv);
  while (true) {
    int connfd = Accept(listenfd);
    if (connfd < 0) {
      unless(kNoEintrCheck) if (errno == EINTR) continue;
      if (!Back_off(errno)) Exit(1);
      continue;
    }
    if (Fork() == 0) {
      unless(kChildKeepsListenfd) Close(listenfd);
      echo(connfd);
      Count(&served);
      Close(connfd);
      unless(kChildNeverExits) Exit(0);
    }
    unless(kParentKeepsConnfd) Close(connfd);  // important!
  }
}
