// Where the parts of the window are in a lesson, in which all captions have one place and one size; and how large its
// picture, its code and its captions are together when the user wants them larger or smaller than usual.
#pragma once

#include "ui/picture/fonts.hpp"
#include "ui/window/layout.hpp"
#include "ui/window/model.hpp"

namespace forktable {

// `request.scale` is the scale that the user has chosen, and `usual` the one without that. The model has a lesson in
// hand. Picture, code and captions are `request.scale / usual` times as large as usual.
WindowLayout lay_out_lesson(const Model& model, LayoutRequest request, float usual, const Fonts& fonts);

// The scale up to which that is so, at most `request.scale`; not below `usual`. Beyond it, text would be cut off.
float largest_lesson_scale(const Model& model, LayoutRequest request, float usual, const Fonts& fonts);

}  // namespace forktable
