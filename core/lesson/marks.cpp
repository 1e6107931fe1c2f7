#include "core/lesson/marks.hpp"

namespace forktable {

std::vector<MarkedPiece> marked_pieces(std::string_view text) {
  std::vector<MarkedPiece> pieces;
  while (!text.empty()) {
    const std::size_t begin = text.find('`'), end = begin == text.npos ? text.npos : text.find('`', begin + 1);
    if (end == text.npos) {
      pieces.push_back({text, false});
      break;
    }
    if (begin > 0) pieces.push_back({text.substr(0, begin), false});
    if (end > begin + 1) pieces.push_back({text.substr(begin + 1, end - begin - 1), true});
    text.remove_prefix(end + 1);
  }
  return pieces;
}

std::string without_marks(std::string_view text) {
  std::string plain;
  for (const MarkedPiece& piece : marked_pieces(text)) plain += piece.text;
  return plain;
}

}  // namespace forktable
