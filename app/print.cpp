#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "app/commands.hpp"
#include "core/system/file.hpp"
#include "core/world/describe.hpp"

namespace forktable {

int fail(const Error& error) { return fail(error.message()); }

int fail(const std::string& message, int status) {
  // A file's name is in it, and that too may come from a stranger.
  const std::string line = "forktable: " + printable(message) + "\n";
  write_all(STDERR_FILENO, line);
  return status;
}

int fail_to_write(const Error& error, bool force) {
  return fail(error.message() + (error.number == EEXIST && !force ? " (--force replaces it)" : ""));
}

void note_if_cut_short(const Recording& recording, const std::string& path) {
  if (recording.cut_short)
    write_all(STDERR_FILENO,
              "forktable: " + printable(path) + " ends in the middle of a line: the events before it are shown\n");
}

int say_what_was_written(const std::string& path, const std::string& what) {
  return is_standard_output(path) ? kSuccess : print(path + ": " + what + "\n");
}

int print(const std::string& text) {
  if (write_all(STDOUT_FILENO, text)) return kSuccess;
  if (errno == EPIPE) return kSuccess;  // `head` has read enough
  return fail(Error{"can't write to standard output", errno});
}

}  // namespace forktable
