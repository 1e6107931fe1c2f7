// Which Forktable this is.
#pragma once

#include <string>

namespace forktable {

// "forktable 0.1.0 (abc1234)": with the commit that it was built from, and "-dirty" after it if something was changed
// since. What was built outside of a git checkout has no commit: "forktable 0.1.0".
std::string version_text();

}  // namespace forktable
