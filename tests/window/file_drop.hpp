// A file that is dragged from another program and dropped on a window: the other program's side of XDND.
#pragma once

#include <string>

namespace forktable::test {

// Drops it on the window `window` of the X server `display`. False if the window doesn't take it.
bool drop_file(const std::string& display, unsigned long window, const std::string& path);

}  // namespace forktable::test
