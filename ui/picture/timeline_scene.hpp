// The timeline as a Scene: a lane for each process and client, and a scrubber over the whole session below.
//
// x goes by places (core/world/timeline.hpp): each step that is told of is as wide as the next. In a lesson it goes by
// the lesson's stops (lesson_timeline.hpp), and there is nothing to zoom or to scroll.
#pragma once

#include "core/world/timeline.hpp"
#include "ui/picture/fonts.hpp"
#include "ui/picture/scene.hpp"
#include "ui/picture/theme.hpp"

namespace forktable {

// What a lesson's timeline has room for, from the first stop to the last.
struct LessonAxis {
  std::size_t stops = 0;  // 0: it is no lesson's
  std::size_t processes = 1, clients = 0;
  friend bool operator==(const LessonAxis&, const LessonAxis&) = default;
};

struct TimelineRequest {
  const Timeline& timeline;
  std::uint64_t focus = 0;  // step
  Size area;                // from about 60 units of height on
  const Theme& theme;
  const Fonts& fonts;
  std::uint64_t first = 0;  // the step at the left end
  float zoom = 0;           // units for one place; 0: so that all of them fit, if that leaves something to see
  Subject selected = {};
  bool over = false;  // nothing comes after what there is
  LessonAxis lesson = {};
  std::size_t asked = 0;  // the lesson's step that the question that is looked at comes before; 0: none is
};

// In the unit of `area`, to be painted on the theme's card. Marks are kStep, but in a lesson; names of lanes are
// kProcess and kClient.
Scene draw_timeline(const TimelineRequest& request);

// The step at this x, on the scrubber or among the lanes; of all steps, the nearest one. Of a lesson's stops, the
// nearest that has been come to.
std::uint64_t step_at(const TimelineRequest& request, float x, bool on_scrubber);
// Where the scrubber takes the mouse.
Rect scrubber_of(const TimelineRequest& request);

// What `zoom` comes to: itself, or what 0 stands for.
float zoom_of(const TimelineRequest& request);
// `request.first`, moved as little as possible so that the focus is in view.
std::uint64_t first_to_show_focus(const TimelineRequest& request);

}  // namespace forktable
