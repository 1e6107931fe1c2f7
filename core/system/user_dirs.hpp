// The folders that a user's desktop has for pictures, music and so on: user-dirs.dirs(5), which xdg-user-dirs writes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace forktable {

// What the text of a user-dirs.dirs says of a folder, such as "XDG_PICTURES_DIR": an absolute path, without a slash at
// its end. Nothing if it says nothing, or nothing that can be understood. Nothing in it is executed or expanded but
// $HOME at the beginning, as the format wants it; the last line about the folder counts.
std::optional<std::string> user_dir(std::string_view text, std::string_view name, const std::string& home);

}  // namespace forktable
