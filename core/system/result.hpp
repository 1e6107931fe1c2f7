// What failed, on what, and why: the one form of an error at the edge of the program.
#pragma once

#include <cerrno>
#include <string>
#include <tl/expected.hpp>

namespace forktable {

struct Error {
  std::string what;  // the job and its object, for the user: "can't write recording lecture.jsonl"
  int number = 0;    // errno, 0 if no system call failed

  // One line: "can't write recording lecture.jsonl: No space left on device".
  std::string message() const;
};

template <class T>
using Result = tl::expected<T, Error>;

// Reads errno, so it goes right behind the call that failed.
inline tl::unexpected<Error> system_error(std::string what) {
  const int number = errno;
  return tl::make_unexpected(Error{std::move(what), number});
}
inline tl::unexpected<Error> failure(std::string what) { return tl::make_unexpected(Error{std::move(what), 0}); }

}  // namespace forktable
