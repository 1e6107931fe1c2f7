// Where the parts of the window are, in pixels.
#pragma once

#include "ui/picture/scene.hpp"

namespace forktable {

struct WindowLayout {
  Rect top_bar, picture, side, narration, log;
  // Whether `side` is a column at the right. A narrow window has none: the narration is a strip below the
  // picture, and what is selected is told beside it.
  bool has_column = false;
};

// `scale`: pixels for one unit of the design.
WindowLayout lay_out(Size window, float scale, bool log_open, bool something_selected);

}  // namespace forktable
