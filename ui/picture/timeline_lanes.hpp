// The lanes of a timeline: what each process and client was in, and who was forked and reaped by whom. Where a step
// stands is up to the timeline: timeline_scene has that of a run, lesson_timeline that of a lesson.
#pragma once

#include <algorithm>
#include <vector>

#include "ui/picture/canvas.hpp"
#include "ui/picture/timeline_scene.hpp"

namespace forktable {

inline constexpr float kLaneNamesLeft = 16, kLaneNamesWidth = 132, kLaneTracksLeft = 156;
inline constexpr float kTimelineStrip = 24;  // the height of what is below the lanes: the scrubber, a lesson's stops
inline constexpr float kLaneType = 11;       // of the words among the lanes

// Full where it runs, thin where it is blocked, hollow at a gate, dotted while it is stopped, dashed as a zombie; a
// client's is dotted while it waits for nothing.
Box running_bar(Rect rect, Color color);
Box blocked_bar(Rect rect, Color color);
Box held_bar(Rect rect, Color color);
Box call_mark(Point middle, float width, float height, Color color);

class TimelineLanes {
 public:
  virtual ~TimelineLanes() = default;

 protected:
  // The lanes are drawn from `left` to `right`.
  TimelineLanes(Scene& scene, const TimelineRequest& request, float left, float right)
      : canvas_(scene, request.theme, request.fonts),
        request_(request),
        timeline_(request.timeline),
        theme_(request.theme),
        left_(left),
        right_(right) {}

  virtual float x(std::uint64_t step) const = 0;
  virtual float middle_of(std::size_t row) const = 0;
  // In the middle of a span, where there is room for it.
  virtual void word(const char* what, float y, float from, float to, std::uint64_t index) = 0;

  float bottom() const { return request_.area.height - kTimelineStrip; }
  // Where a time that may go on ends.
  float end_x(std::uint64_t step) const { return x(std::min(step, timeline_.steps())); }
  bool in_view(float from, float to) const { return to > left_ && from < right_; }
  float clipped(float at) const { return std::clamp(at, left_, right_); }
  const Lane& lane_at(std::size_t row) const { return timeline_.lanes()[shown_[row]]; }
  Color color_of(const Lane& lane) const {
    return lane.process && lane.connection == 0 ? theme_.ink : theme_.connection(lane.connection);
  }

  void name(std::size_t row, float height, float type);
  void bar(const Lane& lane, float y);
  void links();

  Canvas canvas_;
  const TimelineRequest& request_;
  const Timeline& timeline_;
  const Theme& theme_;
  const float left_, right_;
  float bar_ = 18;                  // the height of a bar
  std::vector<std::size_t> shown_;  // lanes, by row

 private:
  void bracket(std::size_t row, float y);
  void running(const Lane& lane, float y, float from, float to, std::uint64_t index);
  void pause(const Lane& lane, const Lane::Span& span, float y, float from, float to);
};

}  // namespace forktable
