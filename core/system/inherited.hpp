// What a program has from whoever started it, and can't work with.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace forktable {

// Keeps the numbers 0, 1 and 2 from whatever is opened next, if they are closed: a socket or a file there would be
// taken for standard input, output or error. As before, reading and writing there fail with EBADF.
inline void hold_standard_descriptors() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
    if (fcntl(fd, F_GETFD) < 0 && errno == EBADF) open("/dev/null", O_PATH);  // takes the lowest number, which is fd
}

// To be called first in main(): closed standard descriptors are held, no signal is blocked, the end of a child is
// told although SIGCHLD may have been ignored, and a file that grows beyond RLIMIT_FSIZE is an error (EFBIG) instead
// of a signal.
void repair_what_was_inherited();

// As signal(2), but a signal that is ignored stays so: nohup(1) starts programs with SIGHUP ignored, a shell those in
// the background with SIGINT.
void handle_unless_ignored(int signal, void (*handler)(int));

}  // namespace forktable
