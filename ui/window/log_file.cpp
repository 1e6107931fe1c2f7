#include "ui/window/log_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <string_view>

#include "core/system/file.hpp"

namespace forktable {
namespace {

constexpr std::size_t kFull = 1 << 20;  // bytes
constexpr int kOldFiles = 2;

}  // namespace

Result<std::shared_ptr<LogFile>> LogFile::open(const std::string& path) {
  std::shared_ptr<LogFile> file(new LogFile(path));
  if (auto opened = file->reopen(); !opened) return tl::make_unexpected(opened.error());
  return file;
}

Result<void> LogFile::reopen() {
  const std::string name = name_of(0), job = "can't write " + name;
  // O_NONBLOCK: without a reader, a FIFO is ENXIO at once.
  file_ = UniqueFd(::open(name.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666));
  if (!file_ && errno != ENXIO) return system_error(job);
  struct stat status {};
  if (!file_ || fstat(file_.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    file_.close();
    return failure(job + ": it is not a regular file");
  }
  size_ = static_cast<std::size_t>(status.st_size);
  return {};
}

std::string LogFile::name_of(int age) const { return path_ + (age == 0 ? "" : "." + std::to_string(age)) + ".log"; }

void LogFile::sink_it_(const spdlog::details::log_msg& message) {
  spdlog::memory_buf_t line;
  formatter_->format(message, line);
  if (size_ + line.size() > kFull) {
    for (int age = kOldFiles; age > 0; --age) std::rename(name_of(age - 1).c_str(), name_of(age).c_str());
    (void)reopen();
  }
  if (file_ && write_all(file_.get(), std::string_view(line.data(), line.size()))) size_ += line.size();
}

}  // namespace forktable
