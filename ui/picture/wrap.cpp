#include "ui/picture/wrap.hpp"

#include <algorithm>

namespace forktable {

std::vector<std::string> wrap(const std::string& text, Face face, float size, float width, const Fonts& fonts,
                              float indent) {
  std::vector<std::string> lines;
  std::string line;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    const std::string longer = line.empty() ? word : line + " " + word;
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
