// The lessons that are installed, and how a user names one.
#pragma once

#include <string>
#include <vector>

#include "core/lesson/lesson.hpp"
#include "core/system/result.hpp"

namespace forktable {

// Beside this program's own file: ../share/forktable/lessons.
std::string lessons_folder();

// All of them by file name. One that has a mistake fails the whole.
Result<std::vector<Lesson>> read_lessons(const std::string& folder = lessons_folder());

// `name` is a path that ends in .yaml or .yml; or, among those in the folder, a file's stem
// ("04-parent-forgets-connfd"), its number ("4") or the stem without the number.
Result<Lesson> find_lesson(const std::string& name, const std::string& folder = lessons_folder());

}  // namespace forktable
