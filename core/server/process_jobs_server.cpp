// A process for each client. The parent keeps a list of its children, the jobs, and blocks SIGCHLD until it is right.
#include "core/server/reported_jobs.hpp"

int served = 0;
pid_t jobs[MAXJOBS];

void reap_children(int) {
  int saved_errno = errno;
  pid_t pid;
  while ((pid = Waitpid(-1, nullptr, WNOHANG)) > 0) {
    Delete_job(jobs, pid);
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
  sigset_t sigchld;
  sigemptyset(&sigchld);
  sigaddset(&sigchld, SIGCHLD);
  Signal(SIGCHLD, reap_children);
  Signal(SIGPIPE, SIG_IGN);
  int listenfd = Open_listenfd(argc, argv);
  while (true) {
    int connfd = Accept(listenfd);
    if (connfd < 0) {
      if (errno == EINTR) continue;
      if (!Back_off(errno)) Exit(1);
      continue;
    }
    unless(kSigchldNotBlocked) Sigprocmask(SIG_BLOCK, &sigchld, nullptr);
    pid_t pid = Fork();
    if (pid == 0) {
      Sigprocmask(SIG_UNBLOCK, &sigchld, nullptr);
      Close(listenfd);
      echo(connfd);
      Count(&served);
      Close(connfd);
      Exit(0);
    }
    if (pid > 0) Add_job(jobs, pid);
    Sigprocmask(SIG_UNBLOCK, &sigchld, nullptr);
    Close(connfd);
  }
}
