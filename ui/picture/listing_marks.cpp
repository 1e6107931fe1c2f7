#include "ui/picture/listing_marks.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "core/world/describe.hpp"
#include "ui/picture/cards.hpp"

namespace forktable {
namespace {

constexpr float kMarkShare = 0.5f;   // of a line's width, at most
constexpr float kCodeGap = 8;        // between a line and its marks
constexpr float kMarkGap = 4;        // between two marks
constexpr float kLargestMark = 12;   // type, where all lines are shown
constexpr float kMarkHeight = 1.5f;  // in its type's size

// "1-3", "1, 3"
std::string numbers_of(const std::vector<const Process*>& siblings) {
  std::vector<std::uint32_t> numbers;
  numbers.reserve(siblings.size());
  for (const Process* one : siblings) numbers.push_back(one->child);
  std::sort(numbers.begin(), numbers.end());
  if (numbers.size() > 2 && numbers.back() - numbers.front() + 1 == numbers.size())
    return fmt::format("{}-{}", numbers.front(), numbers.back());
  return fmt::format("{}", fmt::join(numbers, ", "));
}

std::string words_of(const Returned& returned) {
  if (returned.error != 0) return error_name(returned.error);
  if (returned.call == Call::kAddJob) return "added";
  if (returned.call == Call::kDeleteJob) return returned.fd != 0 ? "deleted" : "not found";
  return fmt::format("= {}", returned.result);
}

}  // namespace

// A gate before a look at errno has the line of the call that failed.
unsigned line_of(const Process& process, const Listing& listing, Bugs bugs) {
  if (!process.gate || process.gate->call != Call::kErrno) return process.line;
  const auto looks = std::find_if(listing.lines.begin(), listing.lines.end(), [&](const ListingLine& line) {
    return line.number > process.line && !is_switched_off(line, bugs) && line.text.find("errno") != std::string::npos;
  });
  return looks != listing.lines.end() ? looks->number : process.line;
}

void begin_line(Canvas& canvas, const ListingLine& line) { canvas.begin(fmt::format("line {}", line.number)); }

ListingMarks::ListingMarks(Canvas& canvas, const ListingRequest& request) : canvas_(canvas), request_(request) {
  for (const Process& process : request.world.processes) {
    if (process.life != Life::kAlive || process.line == 0) continue;
    const Returned& last = process.returned;
    const unsigned line = line_of(process, request.listing, request.world.bugs);
    if (request.since && last.step != 0 && last.at > *request.since && last.line != line)
      done_[last.line].push_back(&process);
    here_[line].push_back(&process);
    if (latest_ == nullptr || process.acted_step > latest_->acted_step) latest_ = &process;
  }
}

std::optional<Color> ListingMarks::color_of(const ListingLine& line) const {
  const auto here = here_.find(line.number);
  return here != here_.end() ? std::optional(color_of(*here->second.front())) : std::nullopt;
}

std::uint64_t ListingMarks::weight(const ListingLine& line) const {
  std::uint64_t weight = 0;
  const auto here = here_.find(line.number);
  if (here == here_.end()) return weight;
  for (const Process* process : here->second) {
    const std::uint64_t mine = is_selected(*process) ? 1'000'000 : process == latest_ ? 10'000 : 100;
    weight = std::max(weight, mine);
  }
  return weight;
}

float ListingMarks::first_width(const ListingLine& line) const {
  const auto here = here_.find(line.number);
  return here != here_.end() ? width_of(label_of(*here->second.front()), type_) : 0;
}

float ListingMarks::draw(const ListingLine& line, Rect rect, Room room) {
  if (const auto here = here_.find(line.number); here != here_.end())
    room.right = draw_pills(line, here->second, rect, room) - kCodeGap;
  if (const auto done = done_.find(line.number); done != done_.end())
    room.right = draw_results(line, done->second, rect, room) - kCodeGap;
  return room.right;
}

float ListingMarks::draw_results(const ListingLine& line, const Processes& done, Rect rect, Room room) {
  const float least = least_of(room);
  float x = room.right;
  for (const Process* process : done) {
    const Returned& last = process->returned;
    std::string words = words_of(last);
    if (last.call == Call::kWaitpid && request_.since && process->reaped.at > *request_.since &&
        process->reaped.step < last.step) {
      // A handler that reaps asks again until it finds none: which child it was matters more than that.
      const std::string both = words_of(process->reaped) + ", " + (last.error != 0 ? words : "0");
      words = x - width_of(both, size()) >= least ? both : words_of(process->reaped);
    }
    const float width = width_of(words, size());
    // One tells what there is to see; so does its card.
    if ((x < room.right || request_.folds()) && x - width < least) break;
    const Rect mark{x - width, rect.y + (rect.height - height()) / 2, width, height()};
    canvas_.box("done", {mark, mark.height / 2, kTransparent, color_of(*process), 1.8f}, process->id.value);
    canvas_.text("result", {mark.x + width / 2, mark.y + mark.height / 2 + size() * 0.36f}, words,
                 {Face::kMonoBold, size(), canvas_.theme().ink, Align::kCenter}, 0, process->id.value);
    x -= width + kMarkGap;
  }
  begin_line(canvas_, line);
  return x;
}

// In a lesson and in a handout, siblings that stand at one line share a pill where they have one colour, or where the
// code has no room beside theirs.
std::vector<ListingMarks::Pill> ListingMarks::pills_of(const Processes& here, float size, float room) const {
  std::vector<Pill> each;
  each.reserve(here.size());
  float width = 0;
  for (const Process* process : here) {
    each.push_back({{process}, label_of(*process), color_of(*process)});
    width += width_of(each.back().label, size) + kMarkGap;
  }
  const bool crowded = width > room;
  std::vector<Pill> pills;
  for (Pill& pill : each) {
    const Process& one = *pill.processes.front();
    const auto family = std::find_if(pills.begin(), pills.end(), [&](const Pill& other) {
      return (request_.folds() || request_.shares_marks) && are_siblings(one, *other.processes.front()) &&
             (crowded || other.color == pill.color);
    });
    if (family == pills.end()) {
      pills.push_back(std::move(pill));
      continue;
    }
    if (family->color != pill.color) family->color = canvas_.theme().ink;
    family->processes.push_back(&one);
  }
  for (Pill& pill : pills) {
    if (pill.processes.size() == 1) continue;
    for (const char* const who : {"children ", "child ", ""})
      if (pill.label = who + numbers_of(pill.processes); width_of(pill.label, size) <= room) break;
  }
  return pills;
}

// None of them has anything that is its own: a button to step, or the selection.
bool ListingMarks::are_siblings(const Process& a, const Process& b) const {
  const auto plain = [&](const Process& one) { return one.child != 0 && !waits(one) && !is_selected(one); };
  return plain(a) && plain(b) && a.parent == b.parent;
}

float ListingMarks::draw_pills(const ListingLine& line, Processes here, Rect rect, Room room) {
  // The selected one first, then the one that did something last.
  std::stable_sort(here.begin(), here.end(), [&](const Process* a, const Process* b) {
    return std::pair(is_selected(*a), a->acted_step) > std::pair(is_selected(*b), b->acted_step);
  });
  const float least = least_of(room), more_width = width_of("+99", size()) + kMarkGap;
  const float y = rect.y + rect.height / 2;
  float x = room.right;
  const std::vector<Pill> pills = pills_of(here, size(), room.right - room.code_right - kCodeGap);
  std::size_t told = 0;
  for (const Pill& pill : pills) {
    const float width = width_of(pill.label, size());
    const bool last = told + pill.processes.size() == here.size();
    if (told > 0 && x - width - (last ? 0 : more_width) < least) {
      begin_line(canvas_, line);
      const std::string more = fmt::format("+{}", here.size() - told);
      canvas_.text("more", {x, y + size() * 0.36f}, more,
                   {Face::kSemiBold, size(), canvas_.theme().ink, Align::kRight});
      return x - canvas_.fonts().width(Face::kSemiBold, size(), more);
    }
    draw_pill(pill, {x - width, y - height() / 2, width, height()}, size());
    told += pill.processes.size();
    x -= width + kMarkGap;
  }
  begin_line(canvas_, line);
  return x;
}

void ListingMarks::draw_pill(const Pill& pill, Rect rect, float size) {
  const Process& process = *pill.processes.front();
  const Subject subject = waits(process) ? Subject{Subject::kStepProcess, process.id.value} : subject_of(process);
  canvas_.begin(key_of({Subject::kProcess, process.id.value}), subject, rect, 0);
  if (is_selected(process))
    canvas_.box(
        "selected",
        {{rect.x - 2, rect.y - 2, rect.width + 4, rect.height + 4}, rect.height / 2 + 2, canvas_.theme().accent});
  canvas_.box("chip", {rect, rect.height / 2, pill.color});
  canvas_.text("pid", {rect.x + rect.width / 2, rect.y + rect.height / 2 + size * 0.36f}, pill.label,
               {Face::kSemiBold, size, readable_on(pill.color), Align::kCenter});
}

// How far to the left the marks of a line may reach, the first of them excepted: of a lesson's lines, the code matters.
float ListingMarks::least_of(Room room) const {
  const float share = room.right - (room.right - room.left) * kMarkShare;
  return request_.folds() ? std::max(share, room.code_right + kCodeGap) : share;
}

float ListingMarks::size() const { return request_.folds() ? type_ : std::min(type_ * 0.9f, kLargestMark); }

// No higher than its line.
float ListingMarks::height() const {
  return request_.folds() ? std::min(size() * kMarkHeight, pitch_ - 1) : size() * kMarkHeight;
}

bool ListingMarks::is_selected(const Process& process) const { return request_.selected == subject_of(process); }

Color ListingMarks::color_of(const Process& process) const {
  const Theme& theme = canvas_.theme();
  if (process.thread_of && process.argument < 0) return theme.dead_line;  // it hasn't looked yet whom it serves
  return process.parent && !is_idle(process) ? theme.connection(process.connection) : theme.ink;
}

std::string ListingMarks::label_of(const Process& process) const {
  const bool main = process.id == request_.world.server && request_.world.shape.has(Shape::kThreads);
  return (waits(process) ? "▶ " : "") + (main ? "main" : Cards::holder(process));
}

float ListingMarks::width_of(const std::string& label, float size) const {
  return request_.folds() ? canvas_.fonts().width(Face::kSemiBold, size, label) + size * 0.8f
                          : canvas_.chip_width(label, size);
}

}  // namespace forktable
