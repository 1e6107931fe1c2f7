#include "ui/picture/listing_scene.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>

#include "ui/picture/canvas.hpp"
#include "ui/picture/listing_marks.hpp"

namespace forktable {
namespace {

constexpr float kTitle = 36, kMargin = 8, kBottom = 8;
constexpr float kLeading = 1.24f;  // from line to line, in the type's size
constexpr float kSmallestType = 12, kLargestType = 14.5f;
constexpr float kLargestPitch = 26;
constexpr float kLargestFoldedPitch = 36;
constexpr std::size_t kMarkWidth = 14;          // characters: the number before a line, and a mark behind it
constexpr float kBeside = 2 * kMargin + 8;      // what lines leave of the width
constexpr std::uint64_t kWeightOfBug = 15'000;  // see ListingMarks::weight()
constexpr const char* kBugWords = "the bug";
constexpr const char* kLeftOutWords = "left out";  // what a line says that is switched off

// In the type's size.
float width_of_columns(std::size_t columns, const Fonts& fonts) {
  return fonts.width(Face::kMono, 100, std::string(columns, 'm')) / 100;
}

bool is_keyword(const std::string& word) {
  static const std::set<std::string> kKeywords = {"break", "char", "continue", "else", "false", "for",   "if",
                                                  "int",   "main", "return",   "true", "void",  "while", "nullptr"};
  return kKeywords.contains(word);
}

// A part of a line in one style.
struct Run {
  enum Kind : std::uint8_t { kPlain, kKeyword, kComment } kind = kPlain;
  std::string text;
};

std::vector<Run> runs_of(const std::string& line) {
  const auto in_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  const std::size_t comment = std::min(line.find("//"), line.size());
  std::vector<Run> runs;
  const auto add = [&](Run::Kind kind, std::string text) {
    if (runs.empty() || runs.back().kind != kind)
      runs.push_back({kind, std::move(text)});
    else
      runs.back().text += text;
  };
  for (std::size_t at = 0; at < comment;) {
    std::size_t end = at + 1;
    while (end < comment && in_word(line[end]) == in_word(line[at])) ++end;
    std::string word = line.substr(at, end - at);
    const Run::Kind kind = is_keyword(word) ? Run::kKeyword : Run::kPlain;
    add(kind, std::move(word));
    at = end;
  }
  if (comment < line.size()) add(Run::kComment, line.substr(comment));
  return runs;
}

// A comment at the end of a long line may be cut off, for the sake of the size of all type.
std::size_t length_that_matters(const ListingLine& line) {
  constexpr std::size_t kLong = 56;
  const std::size_t comment = line.text.find("//");
  if (line.text.size() <= kLong || comment == std::string::npos) return line.text.size();
  return line.text.find_last_not_of(' ', comment == 0 ? 0 : comment - 1) + 1;
}

class ListingDrawing {
 public:
  ListingDrawing(Scene& scene, const ListingRequest& request)
      : canvas_(scene, request.theme, request.fonts),
        request_(request),
        theme_(request.theme),
        marks_(canvas_, request) {
    // A line that stands in for another one is there only when it does.
    for (const ListingLine& line : request.listing.lines)
      if ((!line.when || request.world.bugs.has(*line.when)) &&
          (!request.folds() || has_line(*request.only, line.number)))
        lines_.push_back(&line);
    indent_ = request.folds() ? common_indent() : 0;
  }

  float type() {
    if (!lines_.empty()) set_type();
    return type_;
  }

  void draw() {
    if (request_.title) title();
    if (lines_.empty()) return;
    set_type();
    const float top = top_of_lines(), room = room_for_lines();
    const auto shown =
        std::min(lines_.size(), static_cast<std::size_t>(std::max(1.f, std::floor(room / pitch_ + 0.01f))));
    gutter_ = canvas_.fonts().width(Face::kMono, type_, std::to_string(lines_.back()->number));
    const std::size_t first = first_line(shown);
    for (std::size_t i = 0; i < shown; ++i) {
      if (i > 0 && request_.folds() && folds_between(*lines_[first + i - 1], *lines_[first + i])) {
        canvas_.begin(fmt::format("fold {}", lines_[first + i]->number));
        const float y = top + static_cast<float>(i) * pitch_;
        canvas_.line("fold",
                     {{{kMargin + 6, y}, {request_.area.width - kMargin - 6, y}}, theme_.line, 1.4f, Dash::kDashed});
      }
      line(*lines_[first + i],
           {kMargin, top + static_cast<float>(i) * pitch_, request_.area.width - 2 * kMargin, pitch_});
    }
  }

 private:
  float top_of_lines() const { return request_.title ? kTitle : kMargin; }
  float room_for_lines() const { return request_.area.height - top_of_lines() - kBottom; }

  void set_type() {
    const auto count = static_cast<float>(lines_.size());
    pitch_ = std::clamp(room_for_lines() / count, kSmallestType * kLeading,
                        request_.folds() ? kLargestFoldedPitch : kLargestPitch);
    type_ = std::min(pitch_ / kLeading, request_.folds() ? std::max(kSmallestType, widest_type()) : kLargestType);
    if (request_.folds()) pitch_ = std::min(pitch_, type_ * 1.5f);
    marks_.set_type(type_, pitch_);
  }

  // Of the files that it is made of, those that have a line here: "inetd_server.cpp, cat.cpp".
  std::string name_of_shown() const {
    const std::string& both = request_.listing.file;
    const std::size_t comma = both.find(", ");
    if (comma == std::string::npos || lines_.empty()) return both;
    const std::string second = both.substr(comma + 2), begins = "// " + second.substr(0, second.find('.')) + ":";
    const auto& lines = request_.listing.lines;
    const auto first = std::find_if(lines.begin(), lines.end(),
                                    [&](const ListingLine& line) { return line.text.starts_with(begins); });
    if (first == lines.end() || (lines_.front()->number < first->number && lines_.back()->number >= first->number))
      return both;
    return lines_.front()->number < first->number ? both.substr(0, comma) : second;
  }

  void title() {
    canvas_.begin("title");
    const float left = kMargin + 8, right = request_.area.width - kMargin - 8;
    const float when = canvas_.fonts().width(Face::kRegular, 12, request_.when);
    const std::string name = request_.listing.file.empty() ? "no listing of this server" : name_of_shown();
    canvas_.text("file", {left, 24}, name, {Face::kMonoBold, 13.5f, theme_.ink}, right - left - when - 12);
    canvas_.text("when", {right, 24}, request_.when, {Face::kRegular, 12, theme_.muted, Align::kRight});
  }

  // Lines that are there stand between these two, and aren't shown.
  bool folds_between(const ListingLine& before, const ListingLine& after) const {
    return std::any_of(request_.listing.lines.begin(), request_.listing.lines.end(), [&](const ListingLine& line) {
      return line.number > before.number && line.number < after.number &&
             (!line.when || request_.world.bugs.has(*line.when));
    });
  }

  std::size_t common_indent() const {
    std::size_t least = std::string::npos;
    for (const ListingLine* line : lines_) least = std::min(least, line->text.find_first_not_of(' '));
    return least == std::string::npos ? 0 : least;
  }

  // In which all lines fit, with a mark behind them.
  float widest_type() const {
    std::size_t longest = 1;
    for (const ListingLine* line : lines_)
      longest = std::max(longest, length_that_matters(*line) - std::min(indent_, length_that_matters(*line)));
    const float one = width_of_columns(longest + kMarkWidth, canvas_.fonts());
    return std::min((request_.area.width - kBeside) / one, request_.largest_type);
  }

  // Of those that can be shown at once, the lines that matter most, with a few before and behind them; the first ones,
  // if that's all the same.
  std::size_t first_line(std::size_t shown) const {
    constexpr std::size_t kAround = 5;
    std::vector<std::uint64_t> matters(lines_.size());
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const std::uint64_t here = std::max(is_bug(*lines_[i]) ? kWeightOfBug : 0, marks_.weight(*lines_[i]));
      for (std::size_t j = i - std::min(i, kAround); j < std::min(lines_.size(), i + kAround + 1); ++j)
        matters[j] += here;
      matters[i] += 1000 * here;
    }
    std::size_t best = 0;
    std::uint64_t most = 0;
    for (std::size_t first = 0; first + shown <= lines_.size(); ++first) {
      std::uint64_t sum = 0;
      for (std::size_t i = first; i < first + shown; ++i) sum += matters[i];
      if (sum > most) {
        most = sum;
        best = first;
      }
    }
    return best;
  }

  bool is_bug(const ListingLine& line) const { return line.when || is_switched_off(line, request_.world.bugs); }

  void line(const ListingLine& line, Rect rect) {
    begin_line(canvas_, line);
    const bool off = is_switched_off(line, request_.world.bugs), bug = is_bug(line);
    if (bug)
      canvas_.box("bug band", {rect, 4, theme_.alarm_soft});
    else if (const auto color = marks_.color_of(line))
      canvas_.box("band", {rect, 4, color->faded(theme_.dark ? 0.22f : 0.14f)});

    const float baseline = rect.y + rect.height / 2 + type_ * 0.36f;
    const float number = rect.x + 8 + gutter_, left = number + type_ * 1.3f;
    canvas_.text("number", {number, baseline}, std::to_string(line.number),
                 {Face::kMono, type_, theme_.faint, Align::kRight});
    float right = rect.right() - 6;
    const std::string matters = line.text.substr(0, length_that_matters(line));
    const float code_right =
        left + canvas_.fonts().width(Face::kMono, type_, matters.substr(std::min(indent_, matters.size())));
    const char* const words = off ? kLeftOutWords : kBugWords;
    const float first_mark = marks_.first_width(line);
    const bool crowded = request_.folds() && first_mark > 0 &&
                         code_right + canvas_.fonts().width(Face::kBold, type_, words) + 16 + first_mark > right;
    if (bug && !crowded) {
      const float size = request_.folds() ? type_ : std::min(type_, 12.f);
      canvas_.text("bug", {right, baseline}, words, {Face::kBold, size, theme_.alarm, Align::kRight});
      right -= canvas_.fonts().width(Face::kBold, size, words) + 8;
    }
    right = marks_.draw(line, rect, {left, code_right, right});

    const std::string code = line.text.substr(std::min(indent_, line.text.size()));
    const std::string text = canvas_.fonts().fitted(code, Face::kMono, type_, right - left);
    if (bug)
      return canvas_.text("code", {left, baseline}, text, {Face::kMono, type_, theme_.alarm, Align::kLeft, 0, off});
    float x = left;
    std::uint64_t index = 0;
    for (const Run& run : runs_of(text)) {
      const Face face = run.kind == Run::kKeyword ? Face::kMonoBold : Face::kMono;
      const Color color = run.kind == Run::kComment ? theme_.faint : theme_.ink;
      canvas_.text("code", {x, baseline}, run.text, {face, type_, color}, 0, index++);
      x += canvas_.fonts().width(face, type_, run.text);
    }
  }

  Canvas canvas_;
  const ListingRequest& request_;
  const Theme& theme_;
  std::vector<const ListingLine*> lines_;  // that are there
  ListingMarks marks_;
  std::size_t indent_ = 0;  // that all lines have, and that isn't shown
  float pitch_ = 0, type_ = 0, gutter_ = 0;
};

}  // namespace

CodeSize size_of_code(const Listing& listing, const Lesson& lesson) {
  CodeSize size{most_lines(lesson), 0};
  const auto take = [&](const Lines& lines) {
    std::size_t longest = 0, indent = std::string::npos;
    for (const ListingLine& line : listing.lines) {
      if (!has_line(lines, line.number)) continue;
      longest = std::max(longest, length_that_matters(line));
      indent = std::min(indent, line.text.find_first_not_of(' '));
    }
    if (longest > 0) size.columns = std::max(size.columns, longest - std::min(indent, longest) + kMarkWidth);
  };
  take(lesson.code);
  for (const LessonStep& step : lesson.steps) take(step.code);
  return size;
}

float width_of_code(const CodeSize& code, float type, const Fonts& fonts) {
  return width_of_columns(code.columns, fonts) * type + kBeside;
}

float type_of_listing(const ListingRequest& request) {
  Scene scene;
  return ListingDrawing(scene, request).type();
}

Scene draw_listing(const ListingRequest& request) {
  Scene scene;
  scene.size = request.area;
  ListingDrawing(scene, request).draw();
  return scene;
}

}  // namespace forktable
