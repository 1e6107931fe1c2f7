// The server above a crowd: its descriptor table as cells, and the listening socket beside it.
#pragma once

#include "ui/picture/cards.hpp"

namespace forktable {

inline constexpr float kStripHeight = 88;

void draw_server_strip(Canvas& canvas, const PictureRequest& request, const Cast& cast, Cards& cards, Rect rect);

}  // namespace forktable
