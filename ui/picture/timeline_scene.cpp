#include "ui/picture/timeline_scene.hpp"

namespace forktable {

Scene draw_timeline(const TimelineRequest&) { return {}; }
std::uint64_t step_at(const TimelineRequest&, float, bool) { return 0; }
Rect scrubber_of(const TimelineRequest&) { return {}; }
float zoom_of(const TimelineRequest&) { return 1; }
std::uint64_t first_to_show_focus(const TimelineRequest&) { return 0; }

}  // namespace forktable
