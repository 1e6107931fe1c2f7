// In a lesson with a second server beside its own: that server and whom it serves, as a column at the right. Each of
// its clients stands in the row of the one that does the same at the first. For a phone, the column is below all the
// rest.
#pragma once

#include <span>

#include "ui/picture/canvas.hpp"
#include "ui/picture/picture.hpp"

namespace forktable {

// Of the column, and what is between it and the clients, at scale 1.
inline constexpr float kBesideWidth = 222, kBesideGap = 22;
// Of a card, at least; and of the heading above the first one.
inline constexpr float kBesideHeight = 86, kBesideHeading = 36;

// `rows`: the places of the server and of the clients, in their order; behind them is a panel, from its top to its
// bottom. Without a World of that server in the request, only the heading is drawn.
void draw_beside(const Canvas& canvas, const PictureRequest& request, Rect panel, std::span<const Rect> rows);

}  // namespace forktable
