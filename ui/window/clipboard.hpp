// Pictures on the desktop's clipboard. GLFW knows text only; xclip and wl-copy know more, where they are installed.
#pragma once

#include <string>

#include "core/system/result.hpp"

namespace forktable {

// Whoever pastes gets this PNG, until something else is copied, even when Forktable has ended: the program that holds
// the clipboard stays. An error says what to install.
Result<void> copy_picture(const std::string& png);

}  // namespace forktable
