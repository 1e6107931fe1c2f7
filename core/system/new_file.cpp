#include "core/system/new_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <optional>

#include "core/system/file.hpp"

namespace forktable {
namespace {

constexpr int kMostNames = 100;  // that are tried for a file beside another one

// Of what the path leads to; nothing where that isn't there.
std::optional<struct stat> status_of(const std::string& path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0 ? std::optional(status) : std::nullopt;
}

bool is_same(const struct stat& a, const struct stat& b) { return a.st_dev == b.st_dev && a.st_ino == b.st_ino; }

bool is_standard_output(const struct stat& status) {
  struct stat output;
  return fstat(STDOUT_FILENO, &output) == 0 && is_same(status, output);
}

}  // namespace

bool is_same_file(const std::string& a, const std::string& b) {
  const auto one = status_of(a), other = status_of(b);
  return one && other && is_same(*one, *other);
}

bool is_standard_output(const std::string& path) {
  const auto status = status_of(path);
  return status && is_standard_output(*status);
}

Result<void> check_free(const std::string& path, const std::string& what) {
  const auto status = status_of(path);
  if (!status || !S_ISREG(status->st_mode) || status->st_size == 0 || is_standard_output(*status)) return {};
  return tl::make_unexpected(Error{what + " " + path, EEXIST});
}

Result<std::unique_ptr<NewFile>> NewFile::create(const std::string& path, const std::string& what, IfThere if_there,
                                                 Grows grows) {
  std::unique_ptr<NewFile> file(new NewFile(path, what));
  const auto there = status_of(path);
  if (there && is_standard_output(*there)) {
    file->file_ = UniqueFd(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0));
  } else if (there && !S_ISREG(there->st_mode)) {
    file->file_ = UniqueFd(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  } else {
    if (auto free = check_free(path, what); !free && if_there == IfThere::kFail)
      return tl::make_unexpected(free.error());
    // What may not be written may not be replaced either, even where its folder would allow it.
    if (there && access(path.c_str(), W_OK) != 0) return file->error();
    std::error_code unknown;
    file->place_ = there ? std::filesystem::canonical(path, unknown).string() : path;
    if (unknown) return tl::make_unexpected(Error{what + " " + path, unknown.value()});
    file->replaces_ = there.has_value();
    if (there || grows == Grows::kAside)
      file->open_beside(there ? there->st_mode & 0777 : 0);
    else
      file->file_ = UniqueFd(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    file->settled_ = !file->file_;
  }
  if (!file->file_) return file->error();
  return file;
}

void NewFile::open_beside(unsigned mode) {
  for (int i = 1; i <= kMostNames && !file_; ++i) {
    made_ = place_ + "." + std::to_string(getpid()) + (i == 1 ? "" : "-" + std::to_string(i)) + ".part";
    file_ = UniqueFd(open(made_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (!file_ && errno != EEXIST) return;
  }
  // As it was, whatever the umask says: a recording that only its owner may read stays one.
  if (file_ && replaces_) (void)fchmod(file_.get(), mode);
}

NewFile::~NewFile() {
  if (!settled_) unlink(made_.c_str());
}

Result<void> NewFile::write(std::string_view bytes) {
  if (!write_all(file_.get(), bytes)) return error();
  return {};
}

Result<void> NewFile::sync() {
  // EINVAL: a pipe or a device, which has nothing to sync.
  if (fsync(file_.get()) != 0 && errno != EINVAL && errno != EROFS) return error();
  if (close(file_.release()) != 0) return error();
  return {};
}

Result<void> NewFile::commit() {
  if (place_.empty() || made_ == place_) {
    settled_ = true;
    return {};
  }
  const unsigned flags = replaces_ ? 0 : RENAME_NOREPLACE;
  if (renameat2(AT_FDCWD, made_.c_str(), AT_FDCWD, place_.c_str(), flags) != 0) {
    // Not every file system knows the flag. There, a hard link fails just as well when the name is taken.
    if (errno != EINVAL || flags == 0 || link(made_.c_str(), place_.c_str()) != 0) return error();
    unlink(made_.c_str());
  }
  made_ = path_;
  settled_ = true;
  return {};
}

void NewFile::take_back() {
  if (!replaces_ && !place_.empty()) unlink(place_.c_str());
}

}  // namespace forktable
