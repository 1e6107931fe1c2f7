// Where the parts of the window are, in pixels.
#pragma once

#include <cstdint>
#include <optional>

#include "ui/picture/scene.hpp"

namespace forktable {

// Where what is said of the step stands.
enum class CaptionPlace : std::uint8_t { kBoard, kColumn, kStrip };  // the column is beside the picture

// Of the blackboard's height, at most.
inline constexpr float kBoardCaption = 0.2f, kEnlargedBoardCaption = 0.36f;

struct WindowLayout {
  Rect top_bar, picture, side, narration, timeline, log;
  Rect beside;                      // the picture of another server, right of the first; none: of no width
  Rect title, title_of_beside;      // above them
  Rect listing, listing_of_beside;  // below them, the code of each; none: of no width
  float said = 0;                   // the size of what is said of the step; 0: as large as there is room for
  Rect code;                        // right of what is said, the lines of the lesson that matter; none: of no width
  Rect trouble;                     // below them, where it hides nothing; none: of no height
  // Larger or smaller than usual, in a lesson: the sizes of the picture and of the code, in units of the design, are
  // those that they have in these places. None: they fit into their places.
  std::optional<Size> usual_picture, usual_code;
  // Whether `side` is a column at the right. A narrow window has none: the narration is a strip below the
  // picture, and what is selected is told beside it.
  bool has_column = false;
  // The picture and what is said of it, alone, and huge.
  bool blackboard = false;
  CaptionPlace caption_place() const {
    return blackboard ? CaptionPlace::kBoard : has_column ? CaptionPlace::kColumn : CaptionPlace::kStrip;
  }
};

struct LayoutRequest {
  Size window;
  float scale = 1;  // pixels for one unit of the design
  bool log_open = false;
  bool something_selected = false;
  bool listing_open = true;  // the column is there for it; of two servers, a place below each picture
  bool blackboard = false;
  bool two_servers = false;  // side by side: they take the place of the column
  bool trouble = false;      // the server has ended, and that is to be said
  std::size_t code = 0;      // so many lines of the lesson matter
  float code_width = 0;      // in which each of them, with a mark behind it, has the size of what a caption says last
  float caption = 0;         // the height that what is said of the step needs, if it is more than usual
  float timeline = 0;        // the same of a lesson's lanes, in units
  // In a lesson, with larger type than usual: the timeline is low, and a caption may be higher.
  bool enlarged = false;
  bool below = false;                  // there is no column
  std::optional<Size> code_area = {};  // that the lines need below the picture; none: the usual part of the width
  friend bool operator==(const LayoutRequest&, const LayoutRequest&) = default;
};
WindowLayout lay_out(const LayoutRequest& request);

}  // namespace forktable
