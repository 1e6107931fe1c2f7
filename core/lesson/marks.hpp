// Code in a lesson's texts stands between backquotes: "`accept` returns 4". Where there are faces to choose from it is
// set in the one for code; where there is only text, the backquotes are dropped.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace forktable {

struct MarkedPiece {
  std::string_view text;  // part of what was taken apart
  bool code = false;
  friend bool operator==(const MarkedPiece&, const MarkedPiece&) = default;
};

// In their order, none of them empty. A backquote that has no other is a letter like all others.
std::vector<MarkedPiece> marked_pieces(std::string_view text);
std::string without_marks(std::string_view text);

}  // namespace forktable
