#include "ui/picture/wrap.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <string_view>

namespace forktable {
namespace {

// What has a number for its name, or for its value.
constexpr std::string_view kNumbered[] = {
    "child",  "children", "client", "clients", "connection", "connections", "descriptor", "descriptors",
    "lesson", "lessons",  "port",   "process", "step",       "thread",      "threads",    "="};
constexpr std::string_view kComment = "//";

}  // namespace

std::size_t end_of_word(std::string_view text, std::size_t at) {
  const std::size_t end = std::min(text.find(' ', at), text.size());
  if (end + 1 >= text.size() || std::isdigit(static_cast<unsigned char>(text[end + 1])) == 0) return end;
  std::string word(text.substr(at, end - at));
  if (!word.empty()) word[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(word[0])));
  const bool names = std::find(std::begin(kNumbered), std::end(kNumbered), word) != std::end(kNumbered);
  return names ? std::min(text.find(' ', end + 1), text.size()) : end;
}

std::vector<std::string> wrap(const std::string& text, Face face, float size, float width, const Fonts& fonts,
                              float indent) {
  std::vector<std::string> lines;
  std::string line;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = end_of_word(text, at);
    const std::string word = text.substr(at, end - at);
    std::string longer = line;
    if (!longer.empty()) longer += ' ';
    longer += word;
    if (!line.empty() && fonts.width(face, size, longer) > width - (lines.empty() ? indent : 0)) {
      lines.push_back(line);
      line = word;
    } else {
      line = longer;
    }
    at = end + 1;
  }
  if (!line.empty()) lines.push_back(line);
  return lines;
}

std::vector<std::string> wrap_code(const std::string& code, Face face, float size, float width, const Fonts& fonts) {
  const std::size_t comment = std::min(code.find(kComment), code.size());
  const std::size_t end = code.find_last_not_of(' ', comment == 0 ? 0 : comment - 1);
  std::vector<std::string> lines = wrap(code.substr(0, end == code.npos ? 0 : end + 1), face, size, width, fonts);
  if (comment == code.size()) return lines;
  const std::string begin = std::string(kComment) + " ";
  const std::string words = code.substr(std::min(code.find_first_not_of(" /", comment), code.size()));
  for (const std::string& line : wrap(words, face, size, width - fonts.width(face, size, begin), fonts))
    lines.push_back(begin + line);
  return lines;
}

namespace {

// In as many lines, of widths as equal as can be: no word stands alone on the last.
std::vector<std::string> balanced(const std::string& text, Face face, float size, float widest, const Fonts& fonts,
                                  std::size_t lines) {
  float narrow = widest / static_cast<float>(lines + 1), wide = widest;
  while (wide - narrow > 4) {
    const float width = (narrow + wide) / 2;
    const std::vector<std::string> broken = wrap(text, face, size, width, fonts);
    const bool fits = broken.size() <= lines && std::all_of(broken.begin(), broken.end(), [&](const auto& line) {
                        return fonts.width(face, size, line) <= width;
                      });
    (fits ? wide : narrow) = width;
  }
  return wrap(text, face, size, wide, fonts);
}

}  // namespace

Wrapped wrap_largest(const std::string& text, Face face, std::initializer_list<float> sizes, std::size_t most,
                     float widest, const Fonts& fonts) {
  Wrapped wrapped;
  for (const float size : sizes) {
    wrapped = {wrap(text, face, size, widest, fonts), size};
    if (wrapped.lines.size() > most) continue;
    if (wrapped.lines.size() > 1) wrapped.lines = balanced(text, face, size, widest, fonts, wrapped.lines.size());
    return wrapped;
  }
  if (wrapped.lines.size() > most) {  // too long even in the smallest
    wrapped.lines.resize(most);
    wrapped.lines.back() += " …";
  }
  for (std::string& line : wrapped.lines) line = fonts.fitted(line, face, wrapped.size, widest);
  return wrapped;
}

}  // namespace forktable
