#include "core/system/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

namespace forktable {
namespace {

enum class IfThere { kReplace, kFail };

Result<void> write_aside(const std::string& path, std::string_view bytes, const std::string& what, IfThere if_there) {
  const std::string job = what + " " + path;
  const std::string aside = path + "." + std::to_string(getpid()) + ".part";
  UniqueFd file(open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (!file) return system_error(job);
  const auto fail = [&] {
    auto error = system_error(job);
    unlink(aside.c_str());
    return error;
  };
  if (!write_all(file.get(), bytes) || fsync(file.get()) != 0) return fail();
  if (::close(file.release()) != 0) return fail();
  const unsigned flags = if_there == IfThere::kFail ? RENAME_NOREPLACE : 0;
  if (renameat2(AT_FDCWD, aside.c_str(), AT_FDCWD, path.c_str(), flags) == 0) return {};
  // Not every file system knows the flag. There, a hard link fails just as well when the name is taken.
  if (errno != EINVAL || flags == 0) return fail();
  if (link(aside.c_str(), path.c_str()) != 0) return fail();
  unlink(aside.c_str());
  return {};
}

}  // namespace

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

Result<void> write_file(const std::string& path, std::string_view bytes, const std::string& what) {
  struct stat status;
  if (stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    UniqueFd file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file || !write_all(file.get(), bytes)) return system_error(what + " " + path);
    return {};
  }
  return write_aside(path, bytes, what, IfThere::kReplace);
}

Result<void> write_new_file(const std::string& path, std::string_view bytes, const std::string& what) {
  return write_aside(path, bytes, what, IfThere::kFail);
}

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  // O_NONBLOCK: a pipe that nobody writes to must not keep anybody waiting here.
  UniqueFd file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!file) return system_error("can't read " + path);
  struct stat status;
  if (fstat(file.get(), &status) != 0) return system_error("can't read " + path);
  if (S_ISDIR(status.st_mode)) return tl::make_unexpected(Error{"can't read " + path, EISDIR});
  if (!S_ISREG(status.st_mode)) return failure("can't read " + path + ": it is no regular file");
  std::string bytes;
  char chunk[1 << 14];
  while (true) {
    const ssize_t got = read(file.get(), chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("can't read " + path);
    if (got == 0) return bytes;
    bytes.append(chunk, static_cast<std::size_t>(got));
    if (bytes.size() > limit) return failure("can't read " + path + ": it is too large");
  }
}

Result<void> make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error) return {};
  return tl::make_unexpected(Error{"can't create folder " + path, error.value()});
}

}  // namespace forktable
