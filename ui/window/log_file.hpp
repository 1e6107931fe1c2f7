// The log's file, as a sink for spdlog. spdlog's own waits for ever where a FIFO has the file's name, and every program
// that Forktable starts would inherit it.
#pragma once

#include <spdlog/sinks/base_sink.h>

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "core/system/result.hpp"
#include "core/system/unique_fd.hpp"

namespace forktable {

class LogFile : public spdlog::sinks::base_sink<std::mutex> {
 public:
  // Appends to PATH.log. When that is full, at 1 MiB, it becomes PATH.1.log, and the one before PATH.2.log. Fails where
  // the name is taken by something other than a regular file.
  static Result<std::shared_ptr<LogFile>> open(const std::string& path);

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override {}

 private:
  explicit LogFile(std::string path) : path_(std::move(path)) {}
  Result<void> reopen();
  std::string name_of(int age) const;  // 0: the present one

  std::string path_;
  UniqueFd file_;  // none if it couldn't be opened again
  std::size_t size_ = 0;
};

}  // namespace forktable
