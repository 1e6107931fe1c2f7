#include "ui/picture/lesson_timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "ui/picture/timeline_lanes.hpp"

namespace forktable {
namespace {

constexpr float kTop = 5, kLowest = kLowestLessonLane, kHighest = 36;  // the height of a lane
constexpr float kAfterLastStop = 96, kEdge = 8;   // for what the last step did to be said; nothing stands there
constexpr float kFromMark = 6, kBetween = 5;      // before and after a label
constexpr float kVisible = 1.5f;                  // how far apart two marks are to be told apart
constexpr std::size_t kMostSaid = 30;             // calls one after the other
constexpr float kStop = 8.5f, kLookedAt = 10.5f;  // radius

float stop_x(const TimelineRequest& request, std::size_t number) {
  const float width = std::max(1.f, request.area.width - kLaneTracksLeft - kAfterLastStop);
  const auto part = static_cast<float>(number) / static_cast<float>(request.lesson.stops);
  return kLaneTracksLeft + width * std::min(part, 1.f);
}

// The first stop after the step.
std::vector<LessonStop>::const_iterator stop_after(const Timeline& timeline, std::uint64_t step) {
  return std::upper_bound(timeline.stops().begin(), timeline.stops().end(), step,
                          [](std::uint64_t wanted, const LessonStop& stop) { return wanted < stop.step; });
}

class LessonTimelineDrawing : TimelineLanes {
 public:
  LessonTimelineDrawing(Scene& scene, const TimelineRequest& request)
      : TimelineLanes(scene, request, kLaneTracksLeft, x_in_lesson(request, request.focus) + 1), cursor_(right_ - 1) {
    const auto next = stop_after(timeline_, request.focus), first = timeline_.stops().begin();
    if (next == first) return;
    const auto stop = std::prev(next);
    reached_ = stop->number;
    const bool gone_on = timeline_.place_of(request.focus) > timeline_.place_of(stop->step);
    since_ = gone_on ? stop->step : stop == first ? 0 : std::prev(stop)->step;
  }

  void draw() {
    choose_lanes();
    canvas_.begin("focus");
    canvas_.line("line", {{{cursor_, 3}, {cursor_, bottom() + kTimelineStrip / 2}}, theme_.alarm, 1.8f});
    for (std::size_t row = 0; row < shown_.size(); ++row) lane(row);
    links();
    for (std::size_t row = 0; row < shown_.size(); ++row) labels(row);
    legend();
    stops();
  }

 private:
  struct Label {
    std::string words;
    std::uint64_t step = 0;
    bool of_span = false;  // it isn't a call's
  };
  // From where to where there are words already.
  struct Taken {
    float from, to;
  };

  float x(std::uint64_t step) const override { return x_in_lesson(request_, step); }
  float middle_of(std::size_t row) const override { return kTop + (static_cast<float>(rows_[row]) + 0.5f) * pitch_; }

  // ---- which lanes ----

  bool has_begun(const Lane& lane) const { return lane.born <= request_.focus; }
  // What the lane did until then.
  static std::span<const Lane::Mark> until(const Lane& lane, std::uint64_t step) {
    const auto after = std::upper_bound(lane.marks.begin(), lane.marks.end(), step,
                                        [](std::uint64_t last, const Lane::Mark& mark) { return last < mark.step; });
    return {lane.marks.begin(), after};
  }

  void choose_lanes() {
    std::vector<std::size_t> processes, clients;
    for (std::size_t i = 0; i < timeline_.lanes().size(); ++i)
      (timeline_.lanes()[i].process ? processes : clients).push_back(i);
    // As they were made, whoever reported first.
    std::sort(processes.begin(), processes.end(), [&](std::size_t a, std::size_t b) {
      return timeline_.lanes()[a].process < timeline_.lanes()[b].process;
    });
    // Each has its row for the whole lesson, also those to come.
    const std::size_t first_client = std::max(request_.lesson.processes, processes.size());
    const std::size_t all = lanes_of(timeline_, request_.lesson);
    const float room = std::max(kLowest, bottom() - kTop);
    pitch_ = std::clamp(room / static_cast<float>(all), kLowest, kHighest);
    bar_ = std::min(pitch_ - 4, 15.f);
    for (std::size_t i = 0; i < processes.size(); ++i) add(processes[i], i);
    for (std::size_t i = 0; i < clients.size(); ++i) add(clients[i], first_client + i);
    const auto most = static_cast<std::size_t>(room / kLowest);
    if (all > most) keep_those_that_matter(most);
  }

  void add(std::size_t lane, std::size_t row) {
    if (!has_begun(timeline_.lanes()[lane])) return;
    shown_.push_back(lane);
    rows_.push_back(row);
  }

  // The server, those that did something in the latest step, and of the others those that did something last.
  void keep_those_that_matter(std::size_t most) {
    std::vector<std::tuple<bool, bool, std::uint64_t, std::size_t>> by_weight;
    for (const std::size_t i : shown_) {
      const Lane& lane = timeline_.lanes()[i];
      const auto marks = until(lane, request_.focus);
      const std::uint64_t acted = marks.empty() ? 0 : marks.back().step;
      by_weight.emplace_back(lane.process && lane.parent == kNoLane, acted > since_, acted, i);
    }
    std::sort(by_weight.rbegin(), by_weight.rend());
    more_ = by_weight.size() - std::min(by_weight.size(), most);
    by_weight.resize(by_weight.size() - more_);
    std::erase_if(shown_, [&](std::size_t lane) {
      return std::none_of(by_weight.begin(), by_weight.end(),
                          [&](const auto& one) { return std::get<3>(one) == lane; });
    });
    rows_.resize(shown_.size());
    for (std::size_t row = 0; row < rows_.size(); ++row) rows_[row] = row;
  }

  // ---- one lane ----

  void lane(std::size_t row) {
    const Lane& lane = lane_at(row);
    const float y = middle_of(row);
    words_.clear();
    name(row, pitch_, pitch_ < 16 ? 11.f : 12.5f);
    bar(lane, y);
    float drawn = 0;
    for (const Lane::Mark& mark : until(lane, request_.focus)) {
      const float at = x(mark.step);
      if (at - drawn < kVisible) continue;  // on the one before
      canvas_.box("mark", call_mark({at, y}, 5, lane.process ? bar_ : bar_ * 0.8f, color_of(lane)), mark.step);
      drawn = at;
    }
    words_of_.push_back(words_);
  }

  // It gives way to the labels.
  void word(const char* what, float, float from, float to, std::uint64_t step) override {
    words_.push_back({what, from, to, step});
  }

  void labels(std::size_t row) {
    const Lane& lane = lane_at(row);
    canvas_.begin(fmt::format("labels {} {}", lane.process.value, lane.client.value));
    const std::span<const Lane::Mark> all = until(lane, request_.focus), before = until(lane, since_);
    const float y = middle_of(row);
    std::vector<Taken> taken;
    if (all.size() > before.size()) say(all.subspan(before.size()), y, taken);
    for (std::size_t i = 0; i < before.size(); ++i) {
      const float from = x(all[i].step) + kFromMark;
      const float end = (i + 1 < all.size() ? x(all[i + 1].step) : cursor_) - kBetween;
      if (end > from) label({all[i].result, all[i].step}, from, end, y, theme_.muted, taken);
    }
    for (const Word& word : words_of_[row]) {
      const float width = width_of(word.what);
      label({word.what, word.step, true}, (word.from + word.to - width) / 2, word.to - kBetween, y, theme_.muted,
            taken);
    }
  }

  float width_of(const std::string& words) const { return canvas_.fonts().width(Face::kRegular, kLaneType, words); }

  // Only where there is room.
  void label(const Label& label, float from, float end, float y, Color color, std::vector<Taken>& taken) {
    const Taken place{from, from + width_of(label.words)};
    const bool is_free = std::none_of(taken.begin(), taken.end(), [&](const Taken& one) {
      return place.from < one.to + kBetween && one.from < place.to + kBetween;
    });
    if (place.to <= end && place.from >= left_ && is_free) put(label, place, y, color, taken);
  }

  void put(const Label& label, Taken place, float y, Color color, std::vector<Taken>& taken) {
    taken.push_back(place);
    canvas_.box(label.of_span ? "ground of span" : "ground",
                {{place.from - 3, y - 7, place.to - place.from + 6, 14}, 2, theme_.card}, label.step);
    canvas_.text(label.of_span ? "label of span" : "label", {place.from, y + kLaneType * 0.36f}, label.words,
                 {Face::kRegular, kLaneType, color}, 0, label.step);
  }

  // What the latest step did is always said: each call beside its mark or, where they stand too close, one after the
  // other where it is empty, after the moment that is looked at; if that is too near the end, before the first of them.
  void say(std::span<const Lane::Mark> latest, float y, std::vector<Taken>& taken) {
    const float end = request_.area.width - kEdge, last = x(latest.back().step) + kFromMark;
    const auto after_last = [&](float width) {
      return last + width < cursor_ ? last : std::max(last, cursor_ + kFromMark);
    };
    std::vector<Taken> places;
    for (std::size_t i = 0; i < latest.size(); ++i) {
      const bool is_last = i + 1 == latest.size();
      const float width = width_of(latest[i].result),
                  from = is_last ? after_last(width) : x(latest[i].step) + kFromMark;
      if (from + width > (is_last ? end : x(latest[i + 1].step) - kBetween)) break;
      places.push_back({from, from + width});
    }
    if (places.size() == latest.size()) {
      for (std::size_t i = 0; i < latest.size(); ++i)
        put({latest[i].result, latest[i].step}, places[i], y, theme_.ink, taken);
      return;
    }
    const float before = x(latest.front().step) - kFromMark;
    for (std::size_t said = std::min(latest.size(), kMostSaid); said > 0; --said) {
      std::string words = said < latest.size() ? "…" : "";
      for (const Lane::Mark& mark : latest.last(said)) words += (words.empty() ? "" : " · ") + mark.result;
      const float width = width_of(words), from = after_last(width);
      const Taken place = from + width <= end ? Taken{from, from + width} : Taken{before - width, before};
      if (place.from >= left_) return put({words, latest.front().step}, place, y, theme_.ink, taken);
    }
  }

  // ---- below them ----

  void legend() {
    canvas_.begin("legend");
    const auto entry = [&](const char* what, int column, int line) {
      const Rect mark{kLaneNamesLeft + static_cast<float>(column) * 58, bottom() + 2 + static_cast<float>(line) * 11,
                      14, 8};
      canvas_.text(what, {mark.right() + 5, mark.y + 7.5f}, what, {Face::kRegular, 10.5f, theme_.muted});
      return mark;
    };
    canvas_.box("bar", running_bar(entry("runs", 0, 0), theme_.ink));
    canvas_.box("thin", blocked_bar(entry("blocked", 1, 0), theme_.ink));
    canvas_.box("hollow", held_bar(entry("held", 0, 1), theme_.ink));
    const Rect call = entry("call", 1, 1);
    canvas_.box("tick", call_mark({call.x + call.width / 2, call.y + call.height / 2}, 5, 9, theme_.ink));
  }

  void stops() {
    canvas_.begin("stops");
    const float y = bottom() + kTimelineStrip / 2;
    const std::size_t all = request_.lesson.stops, now = request_.asked > 0 ? request_.asked : reached_;
    const std::size_t happened = timeline_.stops().empty() ? 0 : timeline_.stops().back().number;
    if (more_ > 0) {
      const TextStyle style{Face::kSemiBold, 11, theme_.muted};
      const float widest = stop_x(request_, 1) - left_ - kLookedAt - 4;
      const std::string words =
          canvas_.wording({fmt::format("and {} more", more_), fmt::format("+{}", more_)}, style, widest);
      canvas_.text("more", {left_, y + 4}, words, style, widest);
    }
    canvas_.line("axis", {{{stop_x(request_, 1), y}, {stop_x(request_, all), y}}, theme_.line, 2});
    const float distance = stop_x(request_, 2) - stop_x(request_, 1);
    const bool numbered = all < 2 || distance > 2 * kLookedAt;
    for (std::size_t number = 1; number <= all; ++number) {
      if (number == now) continue;
      const float radius = numbered ? kStop : std::min(kStop, distance / 2 - 1);
      stop(number, {stop_x(request_, number), y}, radius, number <= reached_, number <= happened, numbered);
    }
    if (now > 0 && now <= all) stop(now, {stop_x(request_, now), y}, kLookedAt, request_.asked == 0, true, true);
  }

  // Filled, if it has been come to by then; that which has happened later can be gone to.
  void stop(std::size_t number, Point at, float radius, bool filled, bool happened, bool numbered) {
    const Color color = happened ? theme_.accent : theme_.faint;
    const Rect rect{at.x - radius, at.y - radius, 2 * radius, 2 * radius};
    const bool looked_at = radius == kLookedAt;
    canvas_.box("stop", {rect, radius, filled ? color : theme_.card, color, looked_at ? 2.5f : 1.5f}, number);
    if (!numbered) return;
    const float size = looked_at ? 12.5f : 10.5f;
    canvas_.text("number", {at.x, at.y + size * 0.36f}, number == request_.asked ? "?" : std::to_string(number),
                 {Face::kBold, size, filled ? readable_on(color) : color, Align::kCenter}, 0, number);
  }

  struct Word {
    std::string what;
    float from, to;
    std::uint64_t step;
  };

  const float cursor_;
  std::size_t reached_ = 0;  // the latest stop
  std::uint64_t since_ = 0;  // after it, the latest step began
  float pitch_ = kHighest;
  std::vector<std::size_t> rows_;            // of those that are shown
  std::vector<Word> words_;                  // of a lane's spans
  std::vector<std::vector<Word>> words_of_;  // by row
  std::size_t more_ = 0;                     // lanes that aren't shown
};

// The number of the latest child that it speaks of.
std::size_t children_named_in(const Lesson& lesson) {
  std::uint32_t latest = 0;
  for (const LessonStep& step : lesson.steps)
    for (const LessonAction& action : step.actions) {
      if (const auto* deed = std::get_if<ProcessDoes>(&action.what)) latest = std::max(latest, deed->who.child);
      if (const auto* signal = std::get_if<SendSignal>(&action.what)) latest = std::max(latest, signal->who.child);
    }
  return latest;
}

}  // namespace

LessonAxis axis_of(const Lesson& lesson) { return axis_of(lesson, stage_of(lesson, {})); }

LessonAxis axis_of(const Lesson& lesson, const Stage& stage) {
  const Shape shape = shape_of(lesson.server);
  const std::size_t children = shape.has(Shape::kPool)    ? std::max<std::size_t>(kPoolSize, children_named_in(lesson))
                               : shape.has(Shape::kForks) ? stage.slots
                                                          : stage.threads;
  return {lesson.steps.size(), 1 + children, stage.slots};
}

std::size_t lanes_of(const Timeline& timeline, const LessonAxis& lesson) {
  const auto processes = static_cast<std::size_t>(std::count_if(timeline.lanes().begin(), timeline.lanes().end(),
                                                                [](const Lane& lane) { return bool(lane.process); }));
  return std::max(lesson.processes, processes) + std::max(lesson.clients, timeline.lanes().size() - processes);
}

float x_in_lesson(const TimelineRequest& request, std::uint64_t step) {
  const Timeline& timeline = request.timeline;
  const auto next = stop_after(timeline, step);
  const LessonStop before = next == timeline.stops().begin() ? LessonStop{} : *std::prev(next);
  const float from = stop_x(request, before.number);
  // How many places there will be until the next stop isn't known before it has been come to.
  const bool ended = next != timeline.stops().end();
  const float to = ended                                  ? stop_x(request, next->number)
                   : before.number < request.lesson.stops ? stop_x(request, before.number + 1)
                                                          : std::max(from, request.area.width - kAfterLastStop / 2);
  const std::uint64_t first = timeline.place_of(before.step);
  const std::uint64_t last = ended ? timeline.place_of(next->step) : timeline.places() + 1;
  if (last == first) return from;
  const auto part = static_cast<double>(timeline.place_of(step) - first) / static_cast<double>(last - first);
  return from + (to - from) * static_cast<float>(part);
}

Rect stops_of(const TimelineRequest& request) {
  return {kLaneTracksLeft, request.area.height - kTimelineStrip, request.area.width - kLaneTracksLeft, kTimelineStrip};
}

std::uint64_t stop_at(const TimelineRequest& request, float x) {
  const auto& stops = request.timeline.stops();
  const auto away = [&](const LessonStop& stop) { return std::abs(stop_x(request, stop.number) - x); };
  const auto nearest = std::min_element(stops.begin(), stops.end(),
                                        [&](const LessonStop& a, const LessonStop& b) { return away(a) < away(b); });
  return nearest == stops.end() ? 0 : nearest->step;
}

std::uint64_t step_in_lesson_at(const TimelineRequest& request, float x) {
  const Timeline& timeline = request.timeline;
  std::uint64_t nearest = 0;
  for (std::uint64_t place = 1; place <= timeline.places(); ++place) {
    const std::uint64_t step = timeline.told_at(place);
    if (std::abs(x_in_lesson(request, step) - x) <= std::abs(x_in_lesson(request, nearest) - x)) nearest = step;
  }
  return nearest;
}

Scene draw_lesson_timeline(const TimelineRequest& request) {
  Scene scene;
  scene.size = request.area;
  LessonTimelineDrawing(scene, request).draw();
  return scene;
}

}  // namespace forktable
