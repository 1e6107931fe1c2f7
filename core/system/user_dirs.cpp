#include "core/system/user_dirs.hpp"

#include <algorithm>
#include <utility>

namespace forktable {
namespace {

constexpr std::string_view kBlanks = " \t\r";

void skip(std::string_view& text, std::string_view characters) {
  text.remove_prefix(std::min(text.find_first_not_of(characters), text.size()));
}

bool take(std::string_view& text, std::string_view beginning) {
  if (!text.starts_with(beginning)) return false;
  text.remove_prefix(beginning.size());
  return true;
}

// The rest of a line after NAME: ="$HOME/Pictures" or ="/media/pictures", with \ before what a shell would mind.
std::optional<std::string> value(std::string_view rest, const std::string& home) {
  skip(rest, kBlanks);
  if (!take(rest, "=")) return std::nullopt;
  skip(rest, kBlanks);
  if (!take(rest, "\"")) return std::nullopt;
  std::string path;
  if (take(rest, "$HOME")) path = home;
  if (!rest.starts_with('/') && (path.empty() || !rest.starts_with('"'))) return std::nullopt;
  for (; !rest.empty() && rest.front() != '"'; rest.remove_prefix(1)) {
    if (rest.front() == '\\') rest.remove_prefix(1);
    if (rest.empty()) break;
    path += rest.front();
  }
  if (rest.empty()) return std::nullopt;  // its quote never ends
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

}  // namespace

std::optional<std::string> user_dir(std::string_view text, std::string_view name, const std::string& home) {
  std::optional<std::string> found;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    skip(line, kBlanks);
    if (!take(line, name)) continue;
    if (auto path = value(line, home)) found = std::move(path);
  }
  return found;
}

}  // namespace forktable
