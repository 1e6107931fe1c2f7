#include "ui/picture/timeline_scene.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/picture/lesson_timeline.hpp"
#include "ui/picture/timeline_lanes.hpp"

namespace forktable {
namespace {

constexpr float kRight = 20;
constexpr float kTop = 8;           // for the focus's triangle
constexpr float kSmallestZoom = 4;  // below it, marks run together; more of the session has to be scrolled to
constexpr float kLargestZoom = 60;  // beyond it, little would be far apart
constexpr float kClickable = 5;     // the narrowest mark that can be clicked on

// How high lanes may be, the one that says most first.
struct Pitch {
  float lane, bar;
  bool labels;
};
constexpr Pitch kPitches[] = {{42, 18, true}, {36, 14, true}, {21, 13, false}, {15, 9, false}};

float track_width(const TimelineRequest& request) {
  return std::max(1.f, request.area.width - kLaneTracksLeft - kRight);
}

// The middle of a place among the lanes.
float x_of(const TimelineRequest& request, std::uint64_t place) {
  const auto first = static_cast<double>(request.timeline.place_of(request.first));
  return kLaneTracksLeft + static_cast<float>((static_cast<double>(place) - first + 0.5) * zoom_of(request));
}

float x_on_scrubber(const TimelineRequest& request, std::uint64_t place) {
  const auto all = static_cast<double>(std::max<std::uint64_t>(1, request.timeline.places()));
  const Rect rect = scrubber_of(request);
  return rect.x + static_cast<float>(static_cast<double>(place) / all) * rect.width;
}

class TimelineDrawing : TimelineLanes {
 public:
  TimelineDrawing(Scene& scene, const TimelineRequest& request)
      : TimelineLanes(scene, request, kLaneTracksLeft, kLaneTracksLeft + track_width(request)),
        zoom_(zoom_of(request)),
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
  float top_of(std::size_t row) const { return kTop + static_cast<float>(row) * pitch_.lane; }
  float middle_of(std::size_t row) const override { return top_of(row) + pitch_.bar / 2 + 2; }
  float x(std::uint64_t step) const override { return x_of(request_, timeline_.place_of(step)); }

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
    nearest.reserve(processes.size());
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
    const Lane& lane = lane_at(row);
    const float y = middle_of(row);
    bar_ = pitch_.bar;
    name(row, std::max(pitch_.bar + 2, 15.f), pitch_.lane < 20 ? 11.5f : 12.5f);
    bar(lane, y);
    marks(lane, y);
  }

  // Within the span's own edge.
  void word(const char* what, float y, float from, float to, std::uint64_t index) override {
    if (pitch_.bar > kLaneType && canvas_.fonts().width(Face::kSemiBold, kLaneType, what) + 10 < to - from)
      canvas_.text("span word", {(from + to) / 2, y + kLaneType * 0.36f}, what,
                   {Face::kSemiBold, kLaneType, theme_.muted, Align::kCenter}, 0, index);
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
      canvas_.box("mark", call_mark({at, y}, width, height, color), mark->step);
      if (pitch_.labels) {
        const float word = canvas_.fonts().width(Face::kRegular, kLaneType, mark->label);
        // The line to the child goes through the middle.
        const float begins = mark->label == "fork" || mark->label == "create" ? at + 4 : at - word / 2;
        if (begins > labelled + 4 && begins + word < right_ + kRight) {
          canvas_.text("label", {begins, y + pitch_.bar / 2 + 12}, mark->label,
                       {Face::kRegular, kLaneType, theme_.muted}, 0, mark->step);
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

  void ahead() {
    canvas_.begin("ahead");
    if (more_ > 0)
      canvas_.text("more", {kLaneNamesLeft, bottom() + kTimelineStrip / 2 + 4}, fmt::format("and {} more", more_),
                   {Face::kSemiBold, 11.5f, theme_.muted}, kLaneNamesWidth);
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

  const float zoom_;
  const std::uint64_t focus_;  // its place
  Pitch pitch_ = kPitches[0];
  std::size_t more_ = 0;  // lanes that aren't shown
};

}  // namespace

float zoom_of(const TimelineRequest& request) {
  if (request.zoom > 0) return request.zoom;
  const auto places = static_cast<float>(request.timeline.places() + 1);
  return std::clamp(track_width(request) / places, kSmallestZoom, kLargestZoom);
}

Rect scrubber_of(const TimelineRequest& request) {
  if (request.lesson.stops > 0) return stops_of(request);
  return {kLaneTracksLeft, request.area.height - kTimelineStrip, track_width(request), kTimelineStrip};
}

std::uint64_t step_at(const TimelineRequest& request, float x, bool on_scrubber) {
  if (request.lesson.stops > 0) return on_scrubber ? stop_at(request, x) : step_in_lesson_at(request, x);
  const auto all = static_cast<double>(request.timeline.places());
  double place = 0;
  if (on_scrubber) {
    const Rect rect = scrubber_of(request);
    place = static_cast<double>(x - rect.x) / rect.width * all;
  } else {
    place = static_cast<double>(request.timeline.place_of(request.first)) +
            static_cast<double>(x - kLaneTracksLeft) / zoom_of(request) - 0.5;
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
  if (request.lesson.stops > 0) return draw_lesson_timeline(request);
  Scene scene;
  scene.size = request.area;
  TimelineDrawing(scene, request).draw();
  return scene;
}

}  // namespace forktable
