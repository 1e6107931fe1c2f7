#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/commands.hpp"
#include "core/lesson/library.hpp"

namespace forktable {

int list_lessons(bool json) {
  const auto lessons = read_lessons();
  if (!lessons) return fail(lessons.error());
  if (!json) {
    std::string text;
    for (const Lesson& lesson : *lessons)
      text += fmt::format("{:<32}{}\n{:32}{}\n", lesson.name, lesson.title, "", lesson.about);
    return print(text);
  }
  auto list = nlohmann::ordered_json::array();
  for (const Lesson& lesson : *lessons)
    list.push_back(
        {{"name", lesson.name}, {"number", lesson.number}, {"title", lesson.title}, {"about", lesson.about}});
  return print(list.dump(2) + "\n");
}

}  // namespace forktable
