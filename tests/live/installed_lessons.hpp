// The lessons that come with Forktable, for tests of each of them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "core/lesson/library.hpp"

namespace forktable::test {

// Their names, in their order.
inline std::vector<std::string> installed_lessons() {
  std::vector<std::string> names;
  for (const Lesson& lesson : read_lessons(FORKTABLE_LESSONS).value_or(std::vector<Lesson>{}))
    names.push_back(lesson.name);
  return names;
}

// As GoogleTest wants it: "04-parent-forgets-connfd" with an underscore for each hyphen.
inline std::string test_name(std::string_view name) {
  std::string text(name);
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

}  // namespace forktable::test
