#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/commands.hpp"
#include "core/lesson/library.hpp"
#include "core/lesson/marks.hpp"

namespace forktable {

int list_lessons(bool json) {
  const auto lessons = read_lessons();
  if (!lessons) return fail(lessons.error());
  if (!json) {
    std::size_t column = 0;
    for (const Lesson& lesson : *lessons) column = std::max(column, lesson.name.size() + 2);
    std::string text;
    for (const Lesson& lesson : *lessons)
      text +=
          fmt::format("{0:<{1}}{2}\n{3:{1}}{4}\n", lesson.name, column, lesson.title, "", without_marks(lesson.about));
    return print(text);
  }
  auto list = nlohmann::ordered_json::array();
  for (const Lesson& lesson : *lessons)
    list.push_back({{"name", lesson.name},
                    {"number", lesson.number},
                    {"title", lesson.title},
                    {"about", without_marks(lesson.about)}});
  return print(list.dump(2) + "\n");
}

}  // namespace forktable
