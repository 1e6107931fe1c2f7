#include "ui/export/html.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "core/lesson/captions.hpp"
#include "core/lesson/marks.hpp"
#include "core/world/reduce.hpp"
#include "ui/export/svg.hpp"
#include "ui/export/svg_elements.hpp"
#include "ui/picture/kernel_verdict.hpp"
#include "ui/picture/lesson_timeline.hpp"
#include "ui/picture/listing_scene.hpp"
#include "ui/picture/stack.hpp"
#include "ui/picture/strokes.hpp"
#include "ui/picture/timeline_scene.hpp"

namespace forktable {

// handout.html, .css and .js
extern const char *const kHandoutPage, *const kHandoutStyle, *const kHandoutScript, *const kHandoutScriptSha256;

namespace {

constexpr float kListingWidth = 560, kListingPitch = 18, kListingFrame = 44;
constexpr float kTimelineWidth = 1400, kTimelineFrame = 176, kMostLanes = 252, kLane = 36, kLaneFrame = 32;
constexpr float kLessonLane = 24, kLessonFrame = 34,
                kMostLessonLanes = 190;  // of a lesson's timeline: a lane, and what is around them
constexpr float kLessonTimelineWidth = 1200, kSmallestLessonTimeline = 1;
constexpr float kSmallestTimeline = 0.7f, kLargestTimeline = 1.2f;  // pixels for a unit
constexpr float kNamesGap = 8;                                      // between the names of lanes and the lanes
constexpr float kSmallestZoom = 8, kLargestZoom = 60;               // of the timeline: units for one place
constexpr float kPictureMargin = 6;
constexpr float kStackWidth = 366;  // of the picture for a narrow screen: a usual phone's, less its margins

// A JSON string that can stand in a script element: nothing in it ends that element.
std::string json_string(std::string_view text) {
  std::string json = nlohmann::json(web_text(text)).dump();
  for (std::size_t at = 0; (at = json.find('<', at)) != std::string::npos;) json.replace(at, 1, "\\u003c");
  return json;
}

std::string joined(const std::vector<std::string>& parts) { return fmt::format("{}", fmt::join(parts, ",\n")); }

// What a scene takes, roughly: not less than it does.
class Bounds {
 public:
  Bounds(Rect bounds, const Fonts& fonts)
      : fonts_(fonts), left_(bounds.x), top_(bounds.y), right_(bounds.right()), bottom_(bounds.bottom()) {
    if (bounds.width == 0) left_ = top_ = 1e9f, right_ = bottom_ = -1e9f;
  }
  Rect rect() const { return right_ > left_ ? Rect{left_, top_, right_ - left_, bottom_ - top_} : Rect{}; }

  void operator()(const Box& box) {
    take({box.rect.x, box.rect.y}, box.stroke_width / 2);
    take({box.rect.right(), box.rect.bottom()}, box.stroke_width / 2);
  }
  void operator()(const Text& text) {
    const float width = fonts_.width(text);
    const float left = text.at.x - (text.align == Align::kCenter ? width / 2 : text.align == Align::kRight ? width : 0);
    take({left, text.at.y - text.size}, 0);
    take({left + width, text.at.y + text.size * 0.3f}, 0);
  }
  void operator()(const Arrow& arrow) {
    const ArrowShape shape = shape_of(arrow);
    for (const Point& point : {shape.from, shape.control1, shape.control2, shape.to, arrow.to})
      take(point, arrow.width * 2);
  }
  void operator()(const Line& line) {
    for (const Point& point : line.points) take(point, line.width / 2);
  }

 private:
  void take(Point point, float around) {
    left_ = std::min(left_, point.x - around);
    top_ = std::min(top_, point.y - around);
    right_ = std::max(right_, point.x + around);
    bottom_ = std::max(bottom_, point.y + around);
  }

  const Fonts& fonts_;
  float left_, top_, right_, bottom_;
};

std::string view_box(Rect rect) {
  return fmt::format("\"{} {} {} {}\"", svg_number(rect.x), svg_number(rect.y), svg_number(rect.width),
                     svg_number(rect.height));
}

std::string colors_of(const Theme& theme) {
  std::string style = fmt::format(":root{{color-scheme:{}", theme.dark ? "dark" : "light");
  for (const auto& [name, color] : {std::pair{"paper", theme.paper},
                                    {"card", theme.card},
                                    {"row", theme.row},
                                    {"line", theme.line},
                                    {"ink", theme.ink},
                                    {"muted", theme.muted},
                                    {"faint", theme.faint},
                                    {"alarm", theme.alarm},
                                    {"good", theme.good},
                                    {"accent", theme.accent}})
    style += fmt::format(";--{}:{}", name, svg_color(color));
  return style + "}";
}

std::string bytes_of_hexadecimal(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
  return bytes;
}

// What its address ends with: where a lesson stops, the number of the lesson's step.
std::string name_of(const Page& page) {
  if (page.stop > 0) return fmt::format("{}={}", page.question ? "question" : "step", page.stop);
  return fmt::format("{}={}", page.title.empty() ? "step" : "event", page.step);
}

}  // namespace

// Each once, as JSON. handout.js says how they are written.
struct Handout::Drawings {
  struct Table {
    std::unordered_map<std::string, std::size_t> known;
    std::vector<std::string> all;
    std::size_t add(const std::string& json) {
      const auto [at, is_new] = known.try_emplace(json, all.size());
      if (is_new) all.push_back(json);
      return at->second;
    }
  };
  Table looks, items;

  std::size_t add(const SvgElement& element) {
    std::string look, names, item;
    for (const auto& [name, value] : element.look)
      look += fmt::format("{}\"{}\":\"{}\"", look.empty() ? "" : ",", name, value);
    for (const auto& [name, value] : element.place) {
      names += fmt::format("{}\"{}\"", names.empty() ? "" : ",", name);
      item += std::string_view(name) == "d" ? fmt::format(",\"{}\"", value) : "," + value;
    }
    for (const FontUse::Run& run : element.text)
      item += run.font == element.font ? "," + json_string(run.text)
                                       : fmt::format(",[{},{}]", run.font, json_string(run.text));
    const std::size_t number = looks.add(fmt::format("[\"{}\",{{{}}},[{}]]", element.tag, look, names));
    return items.add(fmt::format("[{}{}]", number, item));
  }
};

Handout::Handout(const HandoutRequest& request)
    : request_(request), use_(request.fonts), drawings_(std::make_unique<Drawings>()) {
  World world;
  for (const Event& event : request.events) {
    reduce(world, event);
    timeline_.append(event, world);
  }
  const auto places = static_cast<float>(timeline_.places() + 1);
  if (is_lesson()) {
    const auto lanes = static_cast<float>(lanes_of(timeline_, request.lesson));
    timeline_area_ = {kLessonTimelineWidth, kLessonFrame + std::min(kMostLessonLanes, kLessonLane * lanes)};
  } else {
    zoom_ = std::clamp((kTimelineWidth - kTimelineFrame) / places, kSmallestZoom, kLargestZoom);
    timeline_area_ = {kTimelineFrame + places * zoom_,
                      kLaneFrame + std::min(kMostLanes, kLane * static_cast<float>(timeline_.lanes().size()))};
  }
  // What the page itself says, and keyboards have.
  for (const Face face : {Face::kRegular, Face::kSemiBold, Face::kBold})
    for (char c = ' '; c <= '~'; ++c) use_.add(face, {&c, 1});
  for (const std::string* text : {&request.title, &request.subtitle}) {
    use_.add(Face::kBold, *text);
    use_.add(Face::kRegular, *text);
  }
}

Handout::~Handout() = default;

std::string Handout::drawn(const Scene& scene) {
  std::vector<std::size_t> ranges;
  for (const SvgElement& element : svg_elements(scene, request_.fonts, use_)) {
    const std::size_t item = drawings_->add(element);
    if (!ranges.empty() && ranges[ranges.size() - 2] + ranges.back() == item)
      ++ranges.back();
    else
      ranges.insert(ranges.end(), {item, 1});
  }
  return fmt::format("[{}]", fmt::join(ranges, ","));
}

// A string; or, where there is code in it, a list of strings, that of the code in a list of its own.
std::string Handout::written(const std::string& text, bool marked, Face face, Face code_face) {
  const auto pieces = marked ? marked_pieces(text) : std::vector<MarkedPiece>{{text, false}};
  std::vector<std::string> runs;
  for (const auto& [piece, code] : pieces) {
    use_.add(code ? code_face : face, piece);
    runs.push_back(code ? "[" + json_string(piece) + "]" : json_string(piece));
  }
  return pieces.size() == 1 && !pieces[0].code ? runs[0] : fmt::format("[{}]", fmt::join(runs, ","));
}

TimelineRequest Handout::timeline_at(std::uint64_t step, std::size_t asked) const {
  return {timeline_, step, timeline_area_, request_.theme, request_.fonts, 0, zoom_, {}, false, request_.lesson, asked};
}

float Handout::timeline_height() const { return is_lesson() ? timeline_area_.height : scrubber_of(timeline_at(0)).y; }

// What a narrow screen shows in place of the picture; null, if there are too many cards for that.
std::string Handout::stacked(const Page& page) {
  PictureRequest request{page.world, page.now, {kStackWidth, 0}, request_.theme, request_.fonts};
  request.recent = 0;
  request.show_plumbing = request_.show_plumbing;
  request.elapsed = false;
  request.kernel_mark = request.links = false;
  request.diagnoses = page.diagnoses;
  if (is_lesson())
    request.lesson_step = [&](std::uint64_t event) {
      return step_of_event(request_.events, event, request_.lesson.stops);
    };
  request.stage = request_.stage;
  if (page.beside) request.beside = &*page.beside;
  const std::optional<Scene> stack = draw_stack(request);
  if (!stack) return "null";
  return fmt::format("{{\"view\":{},\"drawn\":{}}}", view_box({0, 0, kStackWidth, stack->size.height}), drawn(*stack));
}

void Handout::add(const Page& page) {
  if (!page.chart) {
    Bounds bounds(picture_, request_.fonts);
    for (const Item& item : page.picture.items) std::visit(bounds, item.what);
    picture_ = bounds.rect();
  }

  const Process* latest = nullptr;
  for (const Process& process : page.world.processes)
    if (process.life == Life::kAlive && process.line != 0 &&
        (latest == nullptr || process.acted_step > latest->acted_step))
      latest = &process;
  const auto lines =
      std::count_if(request_.listing.lines.begin(), request_.listing.lines.end(),
                    [&](const ListingLine& line) { return !line.when || page.world.bugs.has(*line.when); });
  std::string listing = "[]", line = "null";
  if (lines > 0) {
    const float height = kListingFrame + kListingPitch * static_cast<float>(lines);
    listing_height_ = std::max(listing_height_, height);
    ListingRequest request{request_.listing, page.world, "", {kListingWidth, height}, request_.theme, request_.fonts};
    request.shares_marks = true;  // nobody clicks on one of them
    const Scene scene = draw_listing(request);
    listing = drawn(scene);
    if (latest != nullptr)
      if (const Group* chip = scene.find({Subject::kProcess, latest->id.value}))
        line = fmt::format("[{:.0f},{:.0f}]", chip->rect.y, chip->rect.bottom());
  }
  // What is left of the lanes stays where it is while they are scrolled.
  const TimelineRequest timeline = timeline_at(page.step, page.question ? page.stop : 0);
  const Rect scrubber = scrubber_of(timeline);
  Scene lanes = draw_timeline(timeline), names = lanes;
  const float left = scrubber.x - kNamesGap;
  const auto is_name = [&](const Item& item) {
    if (const Text* text = std::get_if<Text>(&item.what)) return text->align == Align::kLeft && text->at.x < left;
    const Box* box = std::get_if<Box>(&item.what);  // of the legend
    return box != nullptr && box->rect.right() < left;
  };
  const float x = is_lesson() ? x_in_lesson(timeline, page.step)
                              : scrubber.x + (static_cast<float>(timeline_.place_of(page.step)) + 0.5f) * zoom_;
  std::erase_if(lanes.items, is_name);
  std::erase_if(names.items, [&](const Item& item) { return !is_name(item); });

  const KernelVerdict verdict = verdict_of(page.world);
  const bool differs = verdict.kind == KernelVerdict::kDiffers,
             asked = differs || verdict.kind == KernelVerdict::kAgrees;
  use_.add(Face::kRegular, page.heading);
  const std::string said = written(page.caption.said, page.marked, Face::kBold, Face::kMonoBold),
                    meaning = written(page.caption.meaning, page.marked, Face::kRegular, Face::kMono);
  use_.add(Face::kSemiBold, asked ? verdict.words : "");
  std::vector<std::string> links;
  for (const Group& group : page.picture.groups)
    if (group.subject.kind == Subject::kStep)
      links.push_back(fmt::format("[{},{},{},{},{}]", group.subject.id, svg_number(group.rect.x),
                                  svg_number(group.rect.y), svg_number(group.rect.width),
                                  svg_number(group.rect.height)));
  const std::string picture = drawn(page.picture), stack = page.chart ? "null" : stacked(page);
  const std::string view = page.chart ? view_box({0, 0, page.picture.size.width, page.picture.size.height}) : "null";
  use_.add(Face::kRegular, page.count);
  if (!page.title.empty()) events_ = "event";
  pages_.push_back(fmt::format(
      R"({{"step":{},"first":{},"name":"{}","x":{},"count":{},"heading":{},"said":{},"meaning":{},"question":{},"kernel":{},"differs":{},"line":{},)"
      R"("links":[{}],"picture":{},"view":{},"stack":{},"listing":{},"names":{},"timeline":{}}})",
      page.step, page.first, name_of(page), svg_number(x), json_string(page.count), json_string(page.heading), said,
      meaning, page.question, json_string(asked ? verdict.words : ""), differs, line, fmt::join(links, ","), picture,
      view, stack, listing, drawn(names), drawn(lanes)));
}

std::string Handout::finish() const {
  const Rect scrubber = scrubber_of(timeline_at(0));
  const float lanes = scrubber.x - kNamesGap;
  const Rect picture{picture_.x - kPictureMargin, picture_.y - kPictureMargin, picture_.width + 2 * kPictureMargin,
                     picture_.height + 2 * kPictureMargin};
  const std::string run = fmt::format(
      "{{\"looks\":[\n{}],\n\"items\":[\n{}],\n\"pages\":[\n{}],\n"
      "\"events\":\"{}\",\n\"views\":{{\"picture\":{},\"listing\":{},\"names\":{},\"timeline\":{}}},\n"
      "\"track\":{{\"least\":{},\"most\":{}}}}}",
      joined(drawings_->looks.all), joined(drawings_->items.all), joined(pages_), events_, view_box(picture),
      listing_height_ > 0 ? view_box({0, 0, kListingWidth, listing_height_}) : "null",
      view_box({0, 0, lanes, timeline_height()}), view_box({lanes, 0, timeline_area_.width - lanes, timeline_height()}),
      is_lesson() ? kSmallestLessonTimeline : kSmallestTimeline, kLargestTimeline);
  FontSubsets fonts(request_.fonts);
  return fmt::format(fmt::runtime(kHandoutPage), fmt::arg("title", escaped(request_.title)),
                     fmt::arg("subtitle", escaped(request_.subtitle)), fmt::arg("fonts", fonts.style_of(use_)),
                     fmt::arg("colors", colors_of(request_.theme)),
                     fmt::arg("style", std::string(kSvgStyle) + kHandoutStyle), fmt::arg("run", run),
                     fmt::arg("script", kHandoutScript),
                     fmt::arg("script_hash", base64(bytes_of_hexadecimal(kHandoutScriptSha256))));
}

}  // namespace forktable
