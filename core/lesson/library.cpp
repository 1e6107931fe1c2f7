#include "core/lesson/library.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <system_error>
#include <utility>

#include "core/lesson/parse.hpp"
#include "core/program/listing.hpp"
#include "core/system/folders.hpp"

namespace forktable {
namespace {

namespace fs = std::filesystem;

bool is_lesson_file(const fs::path& path) { return path.extension() == ".yaml" || path.extension() == ".yml"; }

// The files by name, which begins with their number.
Result<std::vector<fs::path>> lesson_files(const std::string& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator(); entry.increment(error))
    if (is_lesson_file(entry->path())) files.push_back(entry->path());
  if (error) return tl::make_unexpected(Error{"can't read the lessons in " + folder, error.value()});
  std::sort(files.begin(), files.end());
  return files;
}

// "04-parent-forgets-connfd" without "04-".
std::string_view without_number(std::string_view name) {
  const std::size_t at = name.find_first_not_of("0123456789");
  return at != name.npos && at > 0 && name[at] == '-' ? name.substr(at + 1) : name;
}

bool is_called(const std::string& stem, const std::string& name) {
  const auto digits = [](std::string_view text) { return text.substr(0, text.find_first_not_of("0123456789")); };
  const auto unpadded = [](std::string_view text) {
    return text.substr(std::min(text.find_first_not_of('0'), text.size()));
  };
  if (stem == name || without_number(stem) == name) return true;
  return digits(name) == name && !unpadded(name).empty() && unpadded(digits(stem)) == unpadded(name);
}

// Whose server has the switches that it asks for.
Result<Lesson> read_checked(const std::string& path) {
  auto lesson = read_lesson(path);
  if (!lesson) return lesson;
  if (const auto known = check_switches(lesson->server, lesson->bugs); !known)
    return failure(path + ": " + known.error().what);
  if (lesson->beside)
    if (const auto known = check_switches(lesson->beside->kind, lesson->beside->bugs); !known)
      return failure(path + ": " + known.error().what);
  return lesson;
}

}  // namespace

std::string lessons_folder() { return installation_folder().value_or("/usr") + "/share/forktable/lessons"; }

Result<std::vector<Lesson>> read_lessons(const std::string& folder) {
  const auto files = lesson_files(folder);
  if (!files) return tl::make_unexpected(files.error());
  std::vector<Lesson> lessons;
  for (const fs::path& file : *files) {
    auto lesson = read_lesson(file.string());
    if (!lesson) return tl::make_unexpected(lesson.error());
    lessons.push_back(std::move(*lesson));
  }
  return lessons;
}

Result<std::string> find_lesson_file(const std::string& name, const std::string& folder) {
  if (is_lesson_file(name)) return name;
  const auto files = lesson_files(folder);
  if (!files) return tl::make_unexpected(files.error());
  for (const fs::path& file : *files)
    if (is_called(file.stem().string(), name)) return file.string();
  std::vector<std::string> names;
  for (const fs::path& file : *files) names.push_back(file.stem().string());
  return failure(fmt::format("unknown lesson \"{}\"; expected one of: {}, or a file that ends in .yaml", name,
                             fmt::join(names, ", ")));
}

Result<Lesson> find_lesson(const std::string& name, const std::string& folder) {
  const auto file = find_lesson_file(name, folder);
  return file ? read_checked(*file) : tl::make_unexpected(file.error());
}

}  // namespace forktable
