// Where the parts of the window are, in pixels.
#pragma once

#include "ui/picture/scene.hpp"

namespace forktable {

struct WindowLayout {
  Rect top_bar, picture, side, narration, timeline, log;
  Rect beside;                  // the picture of another server, right of the first; none: of no width
  Rect title, title_of_beside;  // above them
  Rect trouble;                 // below them, where it hides nothing; none: of no height
  // Whether `side` is a column at the right. A narrow window has none: the narration is a strip below the
  // picture, and what is selected is told beside it.
  bool has_column = false;
  // The picture and what is said of it, alone, and huge.
  bool blackboard = false;
};

struct LayoutRequest {
  Size window;
  float scale = 1;  // pixels for one unit of the design
  bool log_open = false;
  bool something_selected = false;
  bool listing_open = true;  // the column is there for it
  bool blackboard = false;
  bool two_servers = false;  // side by side: they take the place of the column
  bool trouble = false;      // the server has ended, and that is to be said
};
WindowLayout lay_out(const LayoutRequest& request);

}  // namespace forktable
