#include "ui/picture/listing_scene.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <set>

#include "core/world/describe.hpp"
#include "ui/picture/canvas.hpp"
#include "ui/picture/cards.hpp"

namespace forktable {
namespace {

constexpr float kTitle = 36, kMargin = 8, kBottom = 8;
constexpr float kLeading = 1.24f;  // from line to line, in the type's size
constexpr float kSmallestType = 12, kLargestType = 14.5f;
constexpr float kLargestPitch = 26;
constexpr float kLargestFoldedPitch = 36;
constexpr std::size_t kMarkWidth = 14;      // characters: the number before a line, and a mark behind it
constexpr float kChipShare = 0.5f;          // of a line's width, at most
constexpr float kCodeGap = 8;               // between a line and its marks
constexpr float kBeside = 2 * kMargin + 8;  // what lines leave of the width
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
      : canvas_(scene, request.theme, request.fonts), request_(request), theme_(request.theme) {
    // A line that stands in for another one is there only when it does.
    for (const ListingLine& line : request.listing.lines)
      if ((!line.when || request.world.bugs.has(*line.when)) && (!folds() || has_line(*request.only, line.number)))
        lines_.push_back(&line);
    indent_ = folds() ? common_indent() : 0;
    for (const Process& process : request.world.processes)
      if (process.life == Life::kAlive && process.line != 0) {
        const Returned& last = process.returned;
        if (request.since && last.step != 0 && last.at > *request.since && last.line != process.line)
          done_[last.line].push_back(&process);
        here_[process.line].push_back(&process);
        if (latest_ == nullptr || process.acted_step > latest_->acted_step) latest_ = &process;
      }
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
      if (i > 0 && folds() && folds_between(*lines_[first + i - 1], *lines_[first + i])) {
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
    pitch_ =
        std::clamp(room_for_lines() / count, kSmallestType * kLeading, folds() ? kLargestFoldedPitch : kLargestPitch);
    type_ = std::min(pitch_ / kLeading, folds() ? std::max(kSmallestType, widest_type()) : kLargestType);
    if (folds()) pitch_ = std::min(pitch_, type_ * 1.5f);
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

  bool folds() const { return request_.only != nullptr && !request_.only->empty(); }

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

  bool is_selected(const Process& process) const { return request_.selected == subject_of(process); }

  // How much it matters that this line can be seen: the selected process first, then what is switched off, the process
  // that did something last, and the others.
  std::uint64_t weight(const ListingLine& line) const {
    std::uint64_t weight = is_bug(line) ? 15'000 : 0;
    const auto here = here_.find(line.number);
    if (here == here_.end()) return weight;
    for (const Process* process : here->second) {
      const std::uint64_t mine = is_selected(*process) ? 1'000'000 : process == latest_ ? 10'000 : 100;
      weight = std::max(weight, mine);
    }
    return weight;
  }

  // Of those that can be shown at once, the lines that matter most, with a few before and behind them; the first ones,
  // if that's all the same.
  std::size_t first_line(std::size_t shown) const {
    constexpr std::size_t kAround = 5;
    std::vector<std::uint64_t> matters(lines_.size());
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const std::uint64_t here = weight(*lines_[i]);
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

  Color color_of(const Process& process) const {
    if (process.thread_of && process.argument < 0) return theme_.dead_line;  // it hasn't looked yet whom it serves
    return process.parent && !is_idle(process) ? theme_.connection(process.connection) : theme_.ink;
  }

  void begin_line(const ListingLine& line) { canvas_.begin(fmt::format("line {}", line.number)); }

  void line(const ListingLine& line, Rect rect) {
    begin_line(line);
    const bool off = is_switched_off(line, request_.world.bugs), bug = is_bug(line);
    const auto here = here_.find(line.number);
    if (bug)
      canvas_.box("bug band", {rect, 4, theme_.alarm_soft});
    else if (here != here_.end())
      canvas_.box("band", {rect, 4, color_of(*here->second.front()).faded(theme_.dark ? 0.22f : 0.14f)});

    const float baseline = rect.y + rect.height / 2 + type_ * 0.36f;
    const float number = rect.x + 8 + gutter_, left = number + type_ * 1.3f;
    canvas_.text("number", {number, baseline}, std::to_string(line.number),
                 {Face::kMono, type_, theme_.faint, Align::kRight});
    float right = rect.right() - 6;
    const std::string matters = line.text.substr(0, length_that_matters(line));
    const float code_right = left + width_in_code(matters.substr(std::min(indent_, matters.size())));
    const char* const words = off ? kLeftOutWords : kBugWords;
    const bool crowded = folds() && here != here_.end() &&
                         code_right + canvas_.fonts().width(Face::kBold, type_, words) + 16 +
                                 width_of(label_of(*here->second.front()), type_) >
                             right;
    if (bug && !crowded) {
      const float size = folds() ? type_ : std::min(type_, 12.f);
      canvas_.text("bug", {right, baseline}, words, {Face::kBold, size, theme_.alarm, Align::kRight});
      right -= canvas_.fonts().width(Face::kBold, size, words) + 8;
    }
    if (here != here_.end())
      right = chips(line, here->second, rect, right, least_of(left, right, code_right), code_right) - 8;
    if (const auto done = done_.find(line.number); done != done_.end())
      right = results(line, done->second, rect, right, least_of(left, right, code_right)) - 8;

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

  // Of those that have just done this line: a hollow mark, with what the call returned. Returns where they begin.
  float results(const ListingLine& line, const std::vector<const Process*>& done, Rect rect, float right, float least) {
    const float size = chip_type(), height = chip_height(size);
    float x = right;
    for (const Process* process : done) {
      const Returned& last = process->returned;
      const std::string words = last.error != 0                 ? error_name(last.error)
                                : last.call == Call::kAddJob    ? "added"
                                : last.call == Call::kDeleteJob ? (last.fd != 0 ? "deleted" : "not found")
                                                                : fmt::format("= {}", last.result);
      const float width = width_of(words, size);
      if ((x < right || folds()) && x - width < least) break;  // one tells what there is to see; so does its card
      const Rect mark{x - width, rect.y + (rect.height - height) / 2, width, height};
      canvas_.box("done", {mark, mark.height / 2, kTransparent, color_of(*process), 1.8f}, process->id.value);
      canvas_.text("result", {mark.x + width / 2, mark.y + mark.height / 2 + size * 0.36f}, words,
                   {Face::kMonoBold, size, theme_.ink, Align::kCenter}, 0, process->id.value);
      x -= width + 4;
    }
    begin_line(line);
    return x;
  }

  // In a lesson, siblings that stand at one line share a pill where they have one colour, or where the code has no room
  // beside theirs.
  struct Pill {
    std::vector<const Process*> processes;
    std::string label;
    Color color;
  };
  std::vector<Pill> pills_of(const std::vector<const Process*>& here, float size, float room) const {
    std::vector<Pill> each;
    float width = 0;
    for (const Process* process : here) {
      each.push_back({{process}, label_of(*process), color_of(*process)});
      width += width_of(each.back().label, size) + 4;
    }
    const bool crowded = width > room;
    std::vector<Pill> pills;
    for (Pill& pill : each) {
      const Process& one = *pill.processes.front();
      const auto family = std::find_if(pills.begin(), pills.end(), [&](const Pill& other) {
        return folds() && are_siblings(one, *other.processes.front()) && (crowded || other.color == pill.color);
      });
      if (family == pills.end()) {
        pills.push_back(std::move(pill));
        continue;
      }
      if (family->color != pill.color) family->color = theme_.ink;
      family->processes.push_back(&one);
    }
    for (Pill& pill : pills)
      if (pill.processes.size() > 1) {
        for (const char* const who : {"children ", "child ", ""})
          if (pill.label = who + numbers_of(pill.processes); width_of(pill.label, size) <= room) break;
      }
    return pills;
  }

  // None of them has anything that is its own: a button to step, or the selection.
  bool are_siblings(const Process& a, const Process& b) const {
    const auto plain = [&](const Process& one) { return one.child != 0 && !waits(one) && !is_selected(one); };
    return plain(a) && plain(b) && a.parent == b.parent;
  }

  // "1-3", "1, 3"
  static std::string numbers_of(const std::vector<const Process*>& siblings) {
    std::vector<std::uint32_t> numbers;
    numbers.reserve(siblings.size());
    for (const Process* one : siblings) numbers.push_back(one->child);
    std::sort(numbers.begin(), numbers.end());
    if (numbers.size() > 2 && numbers.back() - numbers.front() + 1 == numbers.size())
      return fmt::format("{}-{}", numbers.front(), numbers.back());
    return fmt::format("{}", fmt::join(numbers, ", "));
  }

  // From right to left. Returns where they begin.
  float chips(const ListingLine& line, std::vector<const Process*> here, Rect rect, float right, float least,
              float code_right) {
    // The selected one first, then the one that did something last.
    std::stable_sort(here.begin(), here.end(), [&](const Process* a, const Process* b) {
      return std::pair(is_selected(*a), a->acted_step) > std::pair(is_selected(*b), b->acted_step);
    });
    const float size = chip_type(), height = chip_height(size);
    const float more_width = width_of("+99", size) + 4;
    const float y = rect.y + rect.height / 2;
    float x = right;
    const std::vector<Pill> pills = pills_of(here, size, right - code_right - kCodeGap);
    std::size_t told = 0;
    for (std::size_t i = 0; i < pills.size(); ++i) {
      const float width = width_of(pills[i].label, size);
      const bool last = i + 1 == pills.size();
      if (i > 0 && x - width - (last ? 0 : more_width) < least) {
        begin_line(line);
        const std::string more = fmt::format("+{}", here.size() - told);
        canvas_.text("more", {x, y + size * 0.36f}, more, {Face::kSemiBold, size, theme_.ink, Align::kRight});
        return x - canvas_.fonts().width(Face::kSemiBold, size, more);
      }
      chip(*pills[i].processes.front(), pills[i], {x - width, y - height / 2, width, height}, size);
      told += pills[i].processes.size();
      x -= width + 4;
    }
    begin_line(line);
    return x;
  }

  float width_in_code(const std::string& text) const { return canvas_.fonts().width(Face::kMono, type_, text); }
  // How far to the left the marks of a line may reach, the first of them excepted: of a lesson's lines, the code
  // matters.
  float least_of(float left, float right, float code_right) const {
    const float share = right - (right - left) * kChipShare;
    return folds() ? std::max(share, code_right + kCodeGap) : share;
  }
  float chip_type() const { return folds() ? type_ : std::min(type_ * 0.9f, 12.f); }
  // No higher than its line.
  float chip_height(float size) const { return folds() ? std::min(size * 1.5f, pitch_ - 1) : size * 1.5f; }

  bool waits(const Process& process) const { return request_.step_buttons && process.gate; }
  std::string label_of(const Process& process) const {
    const bool main = process.id == request_.world.server && request_.world.kind == ServerKind::kThread;
    return (waits(process) ? "▶ " : "") + (main ? "main" : Cards::holder(process));
  }
  float width_of(const std::string& label, float size) const {
    return folds() ? canvas_.fonts().width(Face::kSemiBold, size, label) + size * 0.8f
                   : canvas_.chip_width(label, size);
  }

  void chip(const Process& process, const Pill& pill, Rect rect, float size) {
    const Subject subject = waits(process) ? Subject{Subject::kStepProcess, process.id.value} : subject_of(process);
    canvas_.begin(key_of({Subject::kProcess, process.id.value}), subject, rect, 0);
    if (is_selected(process))
      canvas_.box("selected",
                  {{rect.x - 2, rect.y - 2, rect.width + 4, rect.height + 4}, rect.height / 2 + 2, theme_.accent});
    canvas_.box("chip", {rect, rect.height / 2, pill.color});
    canvas_.text("pid", {rect.x + rect.width / 2, rect.y + rect.height / 2 + size * 0.36f}, pill.label,
                 {Face::kSemiBold, size, readable_on(pill.color), Align::kCenter});
  }

  Canvas canvas_;
  const ListingRequest& request_;
  const Theme& theme_;
  std::vector<const ListingLine*> lines_;                 // that are there
  std::map<unsigned, std::vector<const Process*>> here_;  // by line
  const Process* latest_ = nullptr;                       // to do something
  std::map<unsigned, std::vector<const Process*>> done_;  // by the line of what has just returned
  std::size_t indent_ = 0;                                // that all lines have, and that isn't shown
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
