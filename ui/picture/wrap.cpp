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

}  // namespace forktable
