// What a server reports that has its children run another program: dup2(2), execve(2), and what is closed by that.
#pragma once

#include "core/event/fields.hpp"
#include "core/event/short_text.hpp"

namespace forktable {

// fcntl(2), F_SETFD: whether execve closes the descriptor. A copy of it by fork has the flag too, one by dup2 hasn't.
struct CloexecSet {
  int fd = -1;
  int on = 0;  // 0 or 1
  FORKTABLE_EVENT("cloexec_set", kServer, kState, kAlways, "")
  FORKTABLE_FIELDS(visit("fd", self.fd); visit("on", self.on);)
};
// dup2(2) has returned: `newfd` refers to the open file of `oldfd`, and no longer to what it referred to before.
struct Duplicated {
  int oldfd = -1;
  int newfd = -1;
  FORKTABLE_EVENT("duplicated", kServer, kReferences, kAlways, "dup2 → {newfd}")
  FORKTABLE_FIELDS(visit("oldfd", self.oldfd); visit("newfd", self.newfd);)
};
struct ExecCalled {
  ShortText program;
  FORKTABLE_EVENT("exec_called", kServer, kState, kAlways, "")
  FORKTABLE_FIELDS(visit("program", self.program);)
};
// The first word of the new program, in the same process. The kernel has closed what was close-on-exec.
struct Executed {
  ShortText program;
  FORKTABLE_EVENT("executed", kServer, kReferences, kAlways, "exec {program}")
  FORKTABLE_FIELDS(visit("program", self.program);)
};

}  // namespace forktable
