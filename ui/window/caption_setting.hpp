// How a caption is set in the window: on the blackboard, in a column beside the picture, or in a strip below it. All
// captions of a lesson are set in one size, and have the room that the longest of them needs.
#pragma once

#include <vector>

#include "ui/picture/marked_text.hpp"
#include "ui/window/caption.hpp"
#include "ui/window/layout.hpp"

namespace forktable {

struct CaptionRoom {
  CaptionPlace place = CaptionPlace::kColumn;
  float width = 0, height = 0;  // at most, in pixels, with the edges
  float unit = 1;               // pixels for one unit of the design, for the edges
  bool lesson = false;          // whose captions all have one size: it may be larger then
  friend bool operator==(const CaptionRoom&, const CaptionRoom&) = default;
};

// `size` is that of what is said; all else follows from it.
class CaptionSetting {
 public:
  CaptionSetting(const Caption& caption, const CaptionRoom& room, float size, const Fonts& fonts);
  float height() const;
  void draw(Scene& scene, const Theme& theme) const;

 private:
  const Caption& caption_;
  const CaptionRoom& room_;
  const Fonts& fonts_;
  float edge_, gap_;
  SetText heading_, said_, meaning_, next_;
};

// What a caption says last, at its usual size, in units of the design.
inline constexpr float kSmallCaption = 14.5f;

// The largest size in which all of them have room. Never larger than the usual one.
float caption_size(const std::vector<Caption>& captions, const CaptionRoom& room, const Fonts& fonts);
// The height of the highest one.
float caption_height(const std::vector<Caption>& captions, const CaptionRoom& room, float size, const Fonts& fonts);

}  // namespace forktable
