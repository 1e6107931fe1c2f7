// Files written whole or not at all.
#pragma once

#include <string>
#include <string_view>

#include "core/system/new_file.hpp"
#include "core/system/result.hpp"

namespace forktable {

// write(2) until all of it is written; false with errno set if that can't be.
bool write_all(int fd, std::string_view bytes);

// Puts `bytes` under `path`, as a NewFile: whatever goes wrong, `path` holds either what it held before or all of
// `bytes`. `what` names it in errors: "can't save picture /home/a/x.png: No space left on device".
Result<void> write_file(const std::string& path, std::string_view bytes, const std::string& what,
                        IfThere if_there = IfThere::kReplace);

// As write_file, and fails with EEXIST rather than replace anything that is there already.
Result<void> write_new_file(const std::string& path, std::string_view bytes, const std::string& what);

// The whole of a regular file of at most `limit` bytes. A pipe or a device is an error: it could have no end.
Result<std::string> read_file(const std::string& path, std::size_t limit);

// Like mkdir -p: creates the folder and those above it.
Result<void> make_folder(const std::string& path);

}  // namespace forktable
