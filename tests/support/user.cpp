#include "tests/support/user.hpp"

#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace forktable::test {
namespace {

constexpr unsigned kNobody = 65534;

}  // namespace

bool is_root() { return geteuid() == 0; }

void become_ordinary() {
  if (!is_root()) return;
  if (setgroups(0, nullptr) != 0 || setgid(kNobody) != 0 || setuid(kNobody) != 0) _exit(99);
}

bool in_child(const std::function<bool()>& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body() ? 0 : 1);
  int status = -1;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool as_ordinary_user(const std::function<bool()>& body) {
  return in_child([&] {
    become_ordinary();
    return body();
  });
}

bool ordinary_user_gets_in() {
  return as_ordinary_user([] { return access("/proc/self/stat", R_OK) == 0; });
}

}  // namespace forktable::test
