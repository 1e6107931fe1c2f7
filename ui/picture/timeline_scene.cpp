#include "ui/picture/timeline_scene.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/picture/canvas.hpp"

namespace forktable {
namespace {

constexpr float kNamesLeft = 16, kNamesWidth = 132, kRight = 20;
constexpr float kIndent = 16;  // of a thread's name, below its process's
constexpr float kTop = 8;      // for the focus's triangle
constexpr float kScrubberHeight = 24;
constexpr float kSmallestZoom = 4;  // below it, marks run together; more of the session has to be scrolled to
constexpr float kLargestZoom = 60;  // beyond it, little would be far apart
constexpr float kClickable = 5;     // the narrowest mark that can be clicked on
constexpr float kType = 11;         // of the labels below the marks

// How high lanes may be, the one that says most first.
struct Pitch {
  float lane, bar;
  bool labels;
};
constexpr Pitch kPitches[] = {{42, 18, true}, {36, 14, true}, {21, 13, false}, {15, 9, false}};

float track_left() { return kNamesLeft + kNamesWidth + 8; }
float track_width(const TimelineRequest& request) { return std::max(1.f, request.area.width - track_left() - kRight); }

// The middle of a place among the lanes.
float x_of(const TimelineRequest& request, std::uint64_t place) {
  const auto first = static_cast<double>(request.timeline.place_of(request.first));
  return track_left() + static_cast<float>((static_cast<double>(place) - first + 0.5) * zoom_of(request));
}

float x_on_scrubber(const TimelineRequest& request, std::uint64_t place) {
  const auto all = static_cast<double>(std::max<std::uint64_t>(1, request.timeline.places()));
  const Rect rect = scrubber_of(request);
  return rect.x + static_cast<float>(static_cast<double>(place) / all) * rect.width;
}

class TimelineDrawing {
 public:
  TimelineDrawing(Scene& scene, const TimelineRequest& request)
      : canvas_(scene, request.theme, request.fonts),
        request_(request),
        timeline_(request.timeline),
        theme_(request.theme),
        zoom_(zoom_of(request)),
        left_(track_left()),
        right_(left_ + track_width(request)),
        focus_(timeline_.place_of(request.focus)) {}

  void draw() {
    choose_lanes();
    for (std::size_t row = 0; row < shown_.size(); ++row) lane(row);
    links();
    ahead();
    focus();
    scrubber();
  }

 private:
  float bottom() const { return request_.area.height - kScrubberHeight; }
  float top_of(std::size_t row) const { return kTop + static_cast<float>(row) * pitch_.lane; }
  float middle_of(std::size_t row) const { return top_of(row) + pitch_.bar / 2 + 2; }
  float x(std::uint64_t step) const { return x_of(request_, timeline_.place_of(step)); }
  // Where a time that may go on ends.
  float end_x(std::uint64_t step) const { return x(std::min(step, timeline_.steps())); }
  bool in_view(float from, float to) const { return to > left_ && from < right_; }
  float clipped(float at) const { return std::clamp(at, left_, right_); }
  Color color_of(const Lane& lane) const {
    return lane.process && lane.connection == 0 ? theme_.ink : theme_.connection(lane.connection);
  }

  // ---- which lanes ----

  // How far from the focus it is that a lane did something, in steps; 0 for the server, which is always of interest.
  std::uint64_t distance(const Lane& lane) const {
    if (lane.process && lane.parent == kNoLane && lane.reaped == kOngoing) return 0;
    const auto after = std::lower_bound(lane.marks.begin(), lane.marks.end(), request_.focus,
                                        [](const Lane::Mark& mark, std::uint64_t step) { return mark.step < step; });
    std::uint64_t least = kOngoing;
    if (after != lane.marks.end()) least = after->step - request_.focus;
    if (after != lane.marks.begin()) least = std::min(least, request_.focus - std::prev(after)->step);
    const bool there = lane.born <= request_.focus && request_.focus <= lane.reaped;
    return there || least == kOngoing ? least : least + timeline_.steps();
  }

  void choose_lanes() {
    // Of many lanes, few are in view: they are told by their steps, which costs less than to place each.
    const std::uint64_t first_place = timeline_.place_of(request_.first);
    const std::uint64_t beyond_place =
        first_place + static_cast<std::uint64_t>(std::ceil((right_ - left_) / zoom_ - 0.5f));
    const std::uint64_t first = timeline_.told_at(first_place);
    const std::uint64_t beyond = beyond_place > timeline_.places() ? kOngoing : timeline_.told_at(beyond_place);
    std::vector<std::size_t> processes, clients;
    for (std::size_t i = 0; i < timeline_.lanes().size(); ++i) {
      const Lane& lane = timeline_.lanes()[i];
      if (lane.born < beyond && lane.reaped >= first) (lane.process ? processes : clients).push_back(i);
    }
    // As they were made, whoever reported first.
    const auto by_birth = [&](std::size_t a, std::size_t b) {
      return timeline_.lanes()[a].process < timeline_.lanes()[b].process;
    };
    std::sort(processes.begin(), processes.end(), by_birth);
    const float room = bottom() - kTop;
    const auto fitting = [&](const Pitch& pitch, float height) {
      return static_cast<std::size_t>(std::max(0.f, std::floor((height + 3) / pitch.lane)));
    };
    const auto pitch = std::find_if(std::begin(kPitches), std::end(kPitches),
                                    [&](const Pitch& one) { return fitting(one, room) >= processes.size(); });
    if (pitch != std::end(kPitches)) {
      pitch_ = *pitch;
      // Lower, so that there is room for the clients too, or for as many of them as can be.
      for (const Pitch& lower : kPitches) {
        if (lower.lane > pitch_.lane) continue;
        pitch_ = lower;
        if (fitting(lower, room) >= processes.size() + clients.size()) break;
      }
      shown_ = processes;
      const std::size_t rest = std::min(clients.size(), fitting(pitch_, room) - processes.size());
      more_ = clients.size() - rest;
      shown_.insert(shown_.end(), clients.end() - static_cast<std::ptrdiff_t>(rest), clients.end());
      return;
    }
    pitch_ = *std::prev(std::end(kPitches));
    const std::size_t most = std::max<std::size_t>(1, fitting(pitch_, room));
    const auto selected = [&](std::size_t lane) {
      return request_.selected == Subject{Subject::kProcess, timeline_.lanes()[lane].process.value};
    };
    std::vector<std::pair<std::uint64_t, std::size_t>> nearest;
    for (const std::size_t i : processes) nearest.emplace_back(selected(i) ? 0 : distance(timeline_.lanes()[i]), i);
    const std::size_t hidden = nearest.size() - std::min(nearest.size(), most);
    std::partial_sort(nearest.begin(), nearest.end() - static_cast<std::ptrdiff_t>(hidden), nearest.end());
    nearest.resize(nearest.size() - hidden);
    more_ = hidden + clients.size();
    for (const auto& [away, lane] : nearest) shown_.push_back(lane);
    std::sort(shown_.begin(), shown_.end(), by_birth);
  }

  // ---- one lane ----

  void lane(std::size_t row) {
    const Lane& lane = timeline_.lanes()[shown_[row]];
    const Subject subject =
        lane.process ? Subject{Subject::kProcess, lane.process.value} : Subject{Subject::kClient, lane.client.value};
    const bool selected = request_.selected == subject;
    const float y = middle_of(row);
    const float height = std::max(pitch_.bar + 2, 15.f);
    const Rect name{kNamesLeft - 6, y - height / 2, kNamesWidth + 6, height};
    canvas_.begin(subject, name);
    if (selected) canvas_.box("selected", {name, 4, theme_.panel_accent.faded(0.35f)});
    const float indent = lane.thread ? kIndent : 0;
    canvas_.text("name", {kNamesLeft + indent, y + 4.2f}, lane.name,
                 {Face::kSemiBold, pitch_.lane < 20 ? 11.5f : 12.5f, lane.process ? theme_.ink : theme_.muted},
                 kNamesWidth - 4 - indent);
    if (lane.thread) bracket(row, y);
    canvas_.begin(fmt::format("lane {} {}", lane.process.value, lane.client.value));
    bar(lane, y);
    marks(lane, y);
  }

  // From the name of a thread up to that of the thread or process above that it belongs to.
  void bracket(std::size_t row, float y) {
    const auto lane_at = [&](std::size_t at) -> const Lane& { return timeline_.lanes()[shown_[at]]; };
    const bool below_process = row > 0 && shown_[row - 1] == lane_at(row).parent;
    const bool below_sibling = row > 0 && lane_at(row - 1).thread && lane_at(row - 1).parent == lane_at(row).parent;
    const float from = below_process ? middle_of(row - 1) + 8 : below_sibling ? middle_of(row - 1) : y - 6;
    const float x = kNamesLeft + kIndent / 2 - 1;
    canvas_.line("bracket", {{{x, from}, {x, y}, {x + kIndent / 2 - 2, y}}, theme_.faint, 1.4f});
  }

  // Full where it runs, thin where it is blocked, hollow at a gate, dotted while it is stopped, dashed as a zombie.
  void bar(const Lane& lane, float y) {
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

  void running(const Lane& lane, float y, float from, float to, std::uint64_t index) {
    const Color color = color_of(lane).faded(lane.process ? 0.28f : 0.5f);
    if (lane.process)
      canvas_.box("bar", {{from, y - pitch_.bar / 2, to - from, pitch_.bar}, 2, color}, index);
    else
      canvas_.line("bar", {{{from, y}, {to, y}}, color, 4, Dash::kDotted}, index);
  }

  void pause(const Lane& lane, const Lane::Span& span, float y, float from, float to) {
    const Color color = color_of(lane);
    const float height = pitch_.bar;
    switch (span.kind) {
      case Lane::Span::kBlocked: {
        const float thin = height * 0.3f;
        return canvas_.box("blocked", {{from, y - thin / 2, to - from, thin}, 0, color.faded(0.28f)}, span.from);
      }
      case Lane::Span::kAtGate:
        return canvas_.box(
            "gate", {{from, y - height / 2 + 1, to - from, height - 2}, 2, kTransparent, color.faded(0.6f), 1.2f},
            span.from);
      case Lane::Span::kStopped:
        canvas_.box(
            "stopped",
            {{from, y - height / 2 + 1, to - from, height - 2}, 2, kTransparent, theme_.ink, 1.5f, Dash::kDotted},
            span.from);
        return word("stopped", y, from, to, span.from);
      case Lane::Span::kZombie:
        canvas_.box(
            "zombie",
            {{from, y - height / 2 + 1, to - from, height - 2}, 2, theme_.dead, theme_.dead_line, 1.5f, Dash::kDashed},
            span.from);
        return word(lane.thread ? "not joined" : "zombie", y, from, to, span.from);
    }
  }

  // In a span, where there is room for it within the span's own edge.
  void word(const char* what, float y, float from, float to, std::uint64_t index) {
    if (pitch_.bar > kType && canvas_.fonts().width(Face::kSemiBold, kType, what) + 10 < to - from)
      canvas_.text("span word", {(from + to) / 2, y + kType * 0.36f}, what,
                   {Face::kSemiBold, kType, theme_.muted, Align::kCenter}, 0, index);
  }

  void marks(const Lane& lane, float y) {
    const Color color = color_of(lane);
    const float width = std::clamp(zoom_ * 0.5f, 1.5f, 6.f), height = lane.process ? pitch_.bar : pitch_.bar * 0.7f;
    float labelled = left_ - 8;
    for (auto mark = first_mark(lane, request_.first); mark != lane.marks.end();) {
      const float at = x(mark->step);
      if (at >= right_) break;
      const float half = std::max(width / 2, std::min(zoom_, 14.f) / 2);
      if (zoom_ >= kClickable)
        canvas_.area({Subject::kStep, static_cast<std::uint32_t>(mark->step)},
                     {at - half, y - height / 2 - 1, 2 * half, height + 2});
      canvas_.box("mark", {{at - width / 2, y - height / 2, width, height}, width / 2, color}, mark->step);
      if (pitch_.labels) {
        const float word = canvas_.fonts().width(Face::kRegular, kType, mark->label);
        // The line to the child goes through the middle.
        const float begins = mark->label == "fork" || mark->label == "create" ? at + 4 : at - word / 2;
        if (begins > labelled + 4 && begins + word < right_ + kRight) {
          canvas_.text("label", {begins, y + pitch_.bar / 2 + 12}, mark->label, {Face::kRegular, kType, theme_.muted},
                       0, mark->step);
          labelled = begins + word;
        }
      }
      // Those that would be painted on this one are passed over, however many they are.
      const std::uint64_t next = timeline_.place_of(mark->step) + static_cast<std::uint64_t>(std::max(1.f, 2 / zoom_));
      mark = next > timeline_.places() ? lane.marks.end() : first_mark(lane, timeline_.step_of(next));
    }
  }

  static std::vector<Lane::Mark>::const_iterator first_mark(const Lane& lane, std::uint64_t step) {
    return std::lower_bound(lane.marks.begin(), lane.marks.end(), step,
                            [](const Lane::Mark& mark, std::uint64_t wanted) { return mark.step < wanted; });
  }

  // ---- what goes across ----

  void links() {
    canvas_.begin("links");
    for (std::size_t row = 0; row < shown_.size(); ++row) {
      const Lane& lane = timeline_.lanes()[shown_[row]];
      const auto parent = std::find(shown_.begin(), shown_.end(), lane.parent);
      if (lane.parent == kNoLane || parent == shown_.end()) continue;
      const float from = middle_of(static_cast<std::size_t>(parent - shown_.begin())) + pitch_.bar / 2;
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

  void ahead() {
    canvas_.begin("ahead");
    if (more_ > 0)
      canvas_.text("more", {kNamesLeft, bottom() + kScrubberHeight / 2 + 4}, fmt::format("and {} more", more_),
                   {Face::kSemiBold, 11.5f, theme_.muted}, kNamesWidth);
    if (request_.over) return;
    const float from = x(timeline_.steps()) + 14;
    const std::string words = "ahead: not yet run";
    if (from + canvas_.fonts().width(Face::kRegular, 12, words) < right_)
      canvas_.text("words", {from, kTop + 15}, words, {Face::kRegular, 12, theme_.faint});
  }

  void focus() {
    canvas_.begin("focus");
    const float at = x_of(request_, focus_);
    if (!in_view(at, at)) return;
    // What comes after the focus has happened, and isn't what is shown.
    const float end = clipped(x(timeline_.steps()));
    if (end > at) canvas_.box("later", {{at, 2, end - at + 4, bottom() - 4}, 0, theme_.card.faded(0.55f)});
    canvas_.line("line", {{{at, 4}, {at, bottom()}}, theme_.alarm, 1.8f});
    canvas_.text("tip", {at, 10}, "▼", {Face::kBold, 14, theme_.alarm, Align::kCenter});
  }

  void scrubber() {
    canvas_.begin("scrubber");
    const Rect rect = scrubber_of(request_);
    const float y = rect.y + rect.height / 2, at = x_on_scrubber(request_, focus_);
    canvas_.box("track", {{rect.x, y - 3, rect.width, 6}, 3, theme_.line});
    canvas_.box("past", {{rect.x, y - 3, at - rect.x, 6}, 3, theme_.accent});
    canvas_.box("knob", {{at - 8, y - 8, 16, 16}, 8, theme_.accent});
  }

  Canvas canvas_;
  const TimelineRequest& request_;
  const Timeline& timeline_;
  const Theme& theme_;
  const float zoom_, left_, right_;
  const std::uint64_t focus_;  // its place
  Pitch pitch_ = kPitches[0];
  std::vector<std::size_t> shown_;  // lanes, by row
  std::size_t more_ = 0;            // that aren't shown
};

}  // namespace

float zoom_of(const TimelineRequest& request) {
  if (request.zoom > 0) return request.zoom;
  const auto places = static_cast<float>(request.timeline.places() + 1);
  return std::clamp(track_width(request) / places, kSmallestZoom, kLargestZoom);
}

Rect scrubber_of(const TimelineRequest& request) {
  return {track_left(), request.area.height - kScrubberHeight, track_width(request), kScrubberHeight};
}

std::uint64_t step_at(const TimelineRequest& request, float x, bool on_scrubber) {
  const auto all = static_cast<double>(request.timeline.places());
  double place = 0;
  if (on_scrubber) {
    const Rect rect = scrubber_of(request);
    place = static_cast<double>(x - rect.x) / rect.width * all;
  } else {
    place = static_cast<double>(request.timeline.place_of(request.first)) +
            static_cast<double>(x - track_left()) / zoom_of(request) - 0.5;
  }
  return request.timeline.step_of(static_cast<std::uint64_t>(std::llround(std::clamp(place, 0.0, all))));
}

std::uint64_t first_to_show_focus(const TimelineRequest& request) {
  const Timeline& timeline = request.timeline;
  const auto in_view = static_cast<std::uint64_t>(std::max(1.f, std::floor(track_width(request) / zoom_of(request))));
  const std::uint64_t focus = timeline.place_of(request.focus), first = timeline.place_of(request.first);
  if (focus < first) return timeline.step_of(focus);
  if (focus < first + in_view) return request.first;
  return timeline.step_of(focus - in_view + 1);
}

Scene draw_timeline(const TimelineRequest& request) {
  Scene scene;
  scene.size = request.area;
  TimelineDrawing(scene, request).draw();
  return scene;
}

}  // namespace forktable
