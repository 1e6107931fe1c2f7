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

// The file that `name` stands for: a path that ends in .yaml or .yml, which need not be there; or, among those in the
// folder, a file's stem ("04-parent-forgets-connfd"), its number ("4") or the stem without the number. Fails when there
// is no lesson of that name.
Result<std::string> find_lesson_file(const std::string& name, const std::string& folder = lessons_folder());

// Fails with what is wrong in the file, too.
Result<Lesson> find_lesson(const std::string& name, const std::string& folder = lessons_folder());

}  // namespace forktable
