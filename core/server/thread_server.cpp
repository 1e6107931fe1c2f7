// A concurrent echo server with a thread for each client.
#include "core/server/reported_threads.hpp"

int served = 0;

void echo(int connfd) {
  char buf[MAXLINE];
  ssize_t n;
  while ((n = Read(connfd, buf, MAXLINE)) > 0) {
    when(kSlowHandler) Work(2000);
    if (Write(connfd, buf, n) < 0) break;
  }
}

void* serve(void* argument) {
  unless(kThreadsNotDetached) Detach();
  int connfd = Argument(argument);
  unless(kConnfdRace) Free(argument);
  echo(connfd);
  Count(&served);
  Close(connfd);
  when(kClosesTwice) Close(connfd);  // once more
  return nullptr;
}

int main(int argc, char** argv) {
  Signal(SIGPIPE, SIG_IGN);
  int listenfd = Open_listenfd(argc, argv);
  int connfd;
  while (true) {
    when(kThreadsJoined) Join_ended();
    connfd = Accept(listenfd);
    if (connfd < 0) {
      if (!Back_off(errno)) Exit(1);
      continue;
    }
    int* argument = Copied(connfd);  // one for each thread
    when(kConnfdRace) argument = &connfd;  // one for all
    if (Create(serve, argument) != 0) Close(connfd);
  }
}
