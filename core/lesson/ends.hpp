// Whether a lesson has ended as its `ends` says.
#pragma once

#include <string>
#include <vector>

#include "core/lesson/lesson.hpp"
#include "core/world/world.hpp"

namespace forktable {

// Each way in which the World is not as expected, as "refcount of connection 2 is 1, not 0". `now` is for the
// diagnoses.
std::vector<std::string> differences(const LessonEnds& ends, const World& world, Nanoseconds now);

}  // namespace forktable
