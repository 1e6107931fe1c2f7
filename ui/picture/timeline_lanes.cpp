#include "ui/picture/timeline_lanes.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace forktable {
namespace {

constexpr float kIndent = 16;  // of a thread's name, below its process's

}  // namespace

Box running_bar(Rect rect, Color color) { return {rect, 2, color.faded(0.28f)}; }

Box blocked_bar(Rect rect, Color color) {
  const float thin = rect.height * 0.3f;
  return {{rect.x, rect.y + (rect.height - thin) / 2, rect.width, thin}, 0, color.faded(0.28f)};
}

Box held_bar(Rect rect, Color color) {
  return {{rect.x, rect.y + 1, rect.width, rect.height - 2}, 2, kTransparent, color.faded(0.6f), 1.2f};
}

Box call_mark(Point middle, float width, float height, Color color) {
  return {{middle.x - width / 2, middle.y - height / 2, width, height}, width / 2, color};
}

void TimelineLanes::name(std::size_t row, float height, float type) {
  const Lane& lane = lane_at(row);
  const Subject subject =
      lane.process ? Subject{Subject::kProcess, lane.process.value} : Subject{Subject::kClient, lane.client.value};
  const float y = middle_of(row);
  const Rect place{kLaneNamesLeft - 6, y - height / 2, kLaneNamesWidth + 6, height};
  canvas_.begin(subject, place);
  if (request_.selected == subject) canvas_.box("selected", {place, 4, theme_.panel_accent.faded(0.35f)});
  const float indent = lane.thread ? kIndent : 0;
  canvas_.text("name", {kLaneNamesLeft + indent, y + type * 0.34f}, lane.name,
               {Face::kSemiBold, type, lane.process ? theme_.ink : theme_.muted}, kLaneNamesWidth - 4 - indent);
  if (lane.thread) bracket(row, y);
  canvas_.begin(fmt::format("lane {} {}", lane.process.value, lane.client.value));
}

// From the name of a thread up to that of the thread or process above that it belongs to.
void TimelineLanes::bracket(std::size_t row, float y) {
  const bool below_process = row > 0 && shown_[row - 1] == lane_at(row).parent;
  const bool below_sibling = row > 0 && lane_at(row - 1).thread && lane_at(row - 1).parent == lane_at(row).parent;
  const float from = below_process ? middle_of(row - 1) + 8 : below_sibling ? middle_of(row - 1) : y - 6;
  const float x = kLaneNamesLeft + kIndent / 2 - 1;
  canvas_.line("bracket", {{{x, from}, {x, y}, {x + kIndent / 2 - 2, y}}, theme_.faint, 1.4f});
}

void TimelineLanes::bar(const Lane& lane, float y) {
  float from = x(lane.born);
  const auto run = [&](float to, std::uint64_t index) {
    if (to > from && in_view(from, to)) running(lane, y, clipped(from), clipped(to), index);
  };
  const float end = end_x(lane.dead);
  auto span = std::lower_bound(lane.spans.begin(), lane.spans.end(), request_.first,
                               [](const Lane::Span& one, std::uint64_t step) { return one.to < step; });
  if (span != lane.spans.begin()) from = x(std::prev(span)->to);
  std::uint64_t drawn_until = 0;
  for (; span != lane.spans.end(); ++span) {
    const float begins = x(span->from), ends = end_x(span->to);
    if (begins >= right_) break;
    // What is too narrow to be seen is left out, which bounds how much is drawn.
    if (ends - begins < 1 && span->kind != Lane::Span::kZombie && drawn_until != 0) continue;
    run(begins, span->from);
    if (in_view(begins, ends)) pause(lane, *span, y, clipped(begins), clipped(ends));
    from = ends;
    drawn_until = span->to;
  }
  run(end, 0);
}

void TimelineLanes::running(const Lane& lane, float y, float from, float to, std::uint64_t index) {
  if (lane.process)
    canvas_.box("bar", running_bar({from, y - bar_ / 2, to - from, bar_}, color_of(lane)), index);
  else
    canvas_.line("bar", {{{from, y}, {to, y}}, color_of(lane).faded(0.5f), 4, Dash::kDotted}, index);
}

void TimelineLanes::pause(const Lane& lane, const Lane::Span& span, float y, float from, float to) {
  const Rect rect{from, y - bar_ / 2, to - from, bar_}, inner{rect.x, rect.y + 1, rect.width, rect.height - 2};
  switch (span.kind) {
    case Lane::Span::kBlocked: return canvas_.box("blocked", blocked_bar(rect, color_of(lane)), span.from);
    case Lane::Span::kAtGate: return canvas_.box("gate", held_bar(rect, color_of(lane)), span.from);
    case Lane::Span::kStopped:
      canvas_.box("stopped", {inner, 2, kTransparent, theme_.ink, 1.5f, Dash::kDotted}, span.from);
      return word("stopped", y, from, to, span.from);
    case Lane::Span::kZombie:
      canvas_.box("zombie", {inner, 2, theme_.dead, theme_.dead_line, 1.5f, Dash::kDashed}, span.from);
      return word(lane.thread ? "not joined" : "zombie", y, from, to, span.from);
  }
}

// From a process to those that it forked, and to those that it reaped.
void TimelineLanes::links() {
  canvas_.begin("links");
  for (std::size_t row = 0; row < shown_.size(); ++row) {
    const Lane& lane = lane_at(row);
    const auto parent = std::find(shown_.begin(), shown_.end(), lane.parent);
    if (lane.parent == kNoLane || parent == shown_.end()) continue;
    const float from = middle_of(static_cast<std::size_t>(parent - shown_.begin())) + bar_ / 2;
    const float to = middle_of(row);
    const auto link = [&](const char* part, std::uint64_t step, Dash dash) {
      const float at = x(step);
      if (in_view(at, at + 1))
        canvas_.line(part, {{{at, from}, {at, to}}, theme_.faint, 1.5f, dash}, lane.process.value);
    };
    link("fork", lane.born, Dash::kSolid);
    if (lane.reaped != kOngoing && lane.reaped_by_parent) link("reap", lane.reaped, Dash::kDotted);
  }
}

}  // namespace forktable
