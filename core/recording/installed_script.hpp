// The script of a recording that was made before recordings carried one.
#pragma once

#include "core/recording/recording.hpp"

namespace forktable {

// The recording's own; or, before version 4, listing and lesson as they are installed here under the names that its
// header has, as far as they are.
Script script_of(const Recording& recording);

}  // namespace forktable
