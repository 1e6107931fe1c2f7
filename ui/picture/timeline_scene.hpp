// The timeline as a Scene: a lane for each process and client, and a scrubber over the whole session below.
//
// x goes by places (core/world/timeline.hpp): each step that is told of is as wide as the next.
#pragma once

#include "core/world/timeline.hpp"
#include "ui/picture/fonts.hpp"
#include "ui/picture/scene.hpp"
#include "ui/picture/theme.hpp"

namespace forktable {

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
};

// In the unit of `area`, to be painted on the theme's card. Marks are kStep; names of lanes are kProcess and kClient.
Scene draw_timeline(const TimelineRequest& request);

// The step at this x, on the scrubber or among the lanes; of all steps, the nearest one.
std::uint64_t step_at(const TimelineRequest& request, float x, bool on_scrubber);
// Where the scrubber takes the mouse.
Rect scrubber_of(const TimelineRequest& request);

// What `zoom` comes to: itself, or what 0 stands for.
float zoom_of(const TimelineRequest& request);
// `request.first`, moved as little as possible so that the focus is in view.
std::uint64_t first_to_show_focus(const TimelineRequest& request);

}  // namespace forktable
