// Between two pictures: what has the same key in both moves, what is new fades in, and a new card comes out of
// the card that it was born from; what is gone fades out.
#pragma once

#include "ui/picture/scene.hpp"

namespace forktable {

// `progress` from 0, all of `from`, to 1, all of `to`. Groups, for the mouse, are those of `to` at once.
Scene blend(const Scene& from, const Scene& to, float progress);

// Motion that starts and ends softly: 0 to 1 for 0 to 1.
float eased(float progress);

}  // namespace forktable
