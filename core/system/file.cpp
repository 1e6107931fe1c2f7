#include "core/system/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>
#include <type_traits>

#include "core/system/new_file.hpp"

namespace forktable {
bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

Result<void> write_file(const std::string& path, std::string_view bytes, const std::string& what, IfThere if_there) {
  const auto file = NewFile::create(path, what, if_there, Grows::kAside);
  if (!file) return tl::make_unexpected(file.error());
  if (auto written = (*file)->write(bytes); !written) return written;
  if (auto synced = (*file)->sync(); !synced) return synced;
  return (*file)->commit();
}

Result<void> write_new_file(const std::string& path, std::string_view bytes, const std::string& what) {
  struct stat status;
  if (lstat(path.c_str(), &status) == 0) return tl::make_unexpected(Error{what + " " + path, EEXIST});
  return write_file(path, bytes, what, IfThere::kFail);
}

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  // O_NONBLOCK: a pipe that nobody writes to must not keep anybody waiting here.
  UniqueFd file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!file) return system_error("can't read " + path);
  struct stat status;
  if (fstat(file.get(), &status) != 0) return system_error("can't read " + path);
  if (S_ISDIR(status.st_mode)) return tl::make_unexpected(Error{"can't read " + path, EISDIR});
  if (!S_ISREG(status.st_mode)) return failure("can't read " + path + ": it is not a regular file");
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
