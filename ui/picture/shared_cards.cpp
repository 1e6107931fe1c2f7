// What is counted, and where: the variable of each address space, and the segment that processes share with the
// semaphore that guards it.
#include <fmt/format.h>

#include <algorithm>

#include "core/world/describe.hpp"
#include "ui/picture/cards.hpp"

namespace forktable {
namespace {

constexpr float kChip = 13.5f, kCounter = 13.5f, kGap = 14;
constexpr float kCell = 22, kCellGap = 6;  // the height of a variable, and what is between its name and itself
constexpr const char* kCounterName = "served";
constexpr float kNarrowest = 240;               // of a card that has all its words
constexpr float kFirst = 49;                    // line below the title
constexpr float kValue = 50, kNamedValue = 42;  // the cell of a value: its width; its height above its name

// What belongs together has room in one line.
bool is_roomy(float card) { return card > 320; }

std::uint32_t count_blocked(const World& world) {
  return static_cast<std::uint32_t>(
      std::count_if(world.processes.begin(), world.processes.end(), [](const Process& one) {
        return is_blocked(one) && one.activity.kind == Activity::kInCall && one.activity.call == Call::kSemop;
      }));
}

}  // namespace

std::string Cards::counter(const Process& process) const {
  // Each server has the variable, but for the one whose counter is in the shared segment, and the one that doesn't
  // count.
  const bool has =
      (!process.shape.has(Shape::kSharesMemory) && !process.shape.has(Shape::kExecs)) || process.counted_step != 0;
  return has ? fmt::format("served {}", process.counter) : "";
}

std::string Cards::loaded(const Process& process) {
  return process.loaded ? fmt::format("n = {}", *process.loaded) : "";
}

float Cards::cell_width(const Process& process) const {
  return canvas_.width(Face::kMonoBold, kCounter, std::to_string(process.counter)) + 14;
}

float Cards::counter_width(const Process& process) const {
  const std::string read = loaded(process);
  const float chip = read.empty() ? 0 : canvas_.chip_width(read, kChip) + 8;
  if (counter(process).empty()) return chip;
  return chip + canvas_.width(Face::kRegular, kCounter, kCounterName) + kCellGap + cell_width(process) + 8;
}

void Cards::draw_counter(const Process& process, Point right) {
  float x = right.x;
  if (const std::string words = loaded(process); !words.empty())
    x -= canvas_.chip_before("loaded", {x, right.y}, words, theme_.accent, kChip) + 8;
  if (counter(process).empty()) return;
  // A cell of its memory, with its name.
  const bool recent = process.counted_step != 0 && process.counted_step >= latest_act_;
  const float width = cell_width(process);
  const Rect cell{x - width, right.y - kCell / 2, width, kCell};
  canvas_.text("counter name", {cell.x - kCellGap, right.y + 4.8f}, kCounterName,
               {Face::kRegular, kCounter, theme_.ink, Align::kRight});
  canvas_.box("counter", {cell, 4, recent ? theme_.accent : theme_.card, recent ? theme_.accent : theme_.ink, 1.4f});
  canvas_.text("counter", {cell.x + width / 2, right.y + 4.8f}, std::to_string(process.counter),
               {Face::kMonoBold, kCounter, recent ? readable_on(theme_.accent) : theme_.ink, Align::kCenter}, 0, 1);
}

std::string Cards::lost_update() const {
  if (!world_.segment || world_.segment->lost_step == 0) return {};
  const int lost = static_cast<int>(world_.segment->stores) - world_.segment->value;
  return fmt::format("{}, value {}: {}", plural(world_.segment->stores, "store", "stores"), world_.segment->value,
                     lost == 1 ? "an update is lost" : fmt::format("{} updates are lost", lost));
}

std::string Cards::segment_users() const {
  const std::uint32_t attached = count_attached(world_);
  if (in_lesson() && world_.segment->attached.value_or(attached) == attached)
    return fmt::format("attached by {}", attached);
  if (!world_.segment->attached) return "attached by " + plural(attached, "process", "processes");
  return fmt::format("attached by {}, kernel: {}", attached, *world_.segment->attached);
}

std::string Cards::semaphore_holder() const {
  const auto at = std::find_if(world_.processes.begin(), world_.processes.end(),
                               [](const Process& one) { return one.life == Life::kAlive && one.undo > 0; });
  const Process* holder = at != world_.processes.end() ? &*at : nullptr;
  if (holder == nullptr) return "held by nobody";
  return "held by " + Cards::holder(*holder);
}

float Cards::shared_height(float width) const {
  const bool more = !lost_update().empty() || (world_.semaphore && world_.semaphore->seen);
  const bool stacked = stacks_shared(width);
  const bool roomy = is_roomy(stacked ? width : (width - kGap) / 2);
  // In a lesson, as high whatever happens.
  const float one = in_lesson() ? kFirst + lines_.shared + 11 : (more ? 84.f : 64.f) + (roomy ? 0 : 20);
  return stacked ? 2 * one + kGap : one;
}

bool Cards::stacks_shared(float width) const { return world_.semaphore && (width - kGap) / 2 < kNarrowest; }

Rect Cards::place_of_segment(Rect shared) const {
  const bool stacked = stacks_shared(shared.width);
  if (stacked) return {shared.x, shared.y, shared.width, (shared.height - kGap) / 2};
  return {shared.x, shared.y, world_.semaphore ? (shared.width - kGap) / 2 : shared.width, shared.height};
}

void Cards::draw_shared_memory(Rect rect) {
  const Segment& segment = *world_.segment;
  const bool two = world_.semaphore.has_value();
  const Rect first = place_of_segment(rect);
  const float width = first.width, height = first.height;
  const bool roomy = is_roomy(width);
  // `variable`: what the program calls it, in a lesson, whose cards are high enough.
  const auto card = [&](const char* name, Rect place, const std::string& title, int value, const char* variable,
                        const std::vector<CardLine>& lines, Color color) {
    canvas_.begin(name);
    canvas_.box("card", {place, 10, theme_.card, color, 2.5f});
    // A cell of memory, and no disc: it is no reference count.
    const bool named = in_lesson() && *variable != 0;
    const Rect cell{place.right() - 14 - kValue, place.y + (named ? 10 : 12), kValue,
                    named ? kNamedValue : std::min(place.height - 24, 58.f)};
    canvas_.box("cell", {cell, 5, theme_.row, color, 1.6f});
    if (named)
      canvas_.text("variable", {cell.x + kValue / 2, cell.bottom() + 17}, variable,
                   {Face::kMono, 13.5f, theme_.ink, Align::kCenter});
    const std::string digits = std::to_string(value);
    const float size = digits.size() < 3 ? 30 : digits.size() == 3 ? 22 : 15;
    canvas_.text("value", {cell.x + cell.width / 2, cell.y + cell.height / 2 + size * 0.36f}, digits,
                 {Face::kBold, size, color, Align::kCenter}, cell.width - 4);
    const float left = place.x + 16, widest = cell.x - 10 - left;
    canvas_.tight_text("title", {left, place.y + 27}, title, {Face::kBold, 16, theme_.ink}, widest);
    for (std::size_t i = 0; i < lines.size(); ++i)
      canvas_.tight_text("line", {left, place.y + kFirst + lines_.shared * static_cast<float>(i)}, lines[i].text,
                         {lines[i].face, lines[i].size, lines[i].color}, widest, i);
  };
  const std::string lost = lost_update();
  const auto differs = [&](Differs in, int number) {
    return std::any_of(world_.differences.begin(), world_.differences.end(),
                       [&](const Difference& one) { return one.in == in && one.number == number; });
  };
  const bool attached_differs = differs(Differs::kSegment, segment.id);
  const bool alarming = !lost.empty() || attached_differs;
  const auto plain = [&](std::string text, bool alarm = false) {
    return CardLine{std::move(text), Face::kRegular, 13.5f, alarm ? theme_.alarm : theme_.muted};
  };
  std::vector<CardLine> lines;
  const auto add = [&](CardLine line) {
    if (roomy && !lines.empty() && lines.back().color == line.color && lines.back().face == line.face)
      lines.back().text += ", " + line.text;
    else
      lines.push_back(std::move(line));
  };
  if (lost.empty()) {
    add(plain(plural(segment.stores, "store", "stores")));
  } else {
    const std::size_t colon = lost.find(": ");
    lines.push_back({roomy ? lost : lost.substr(0, colon + 1), Face::kSemiBold, 13.5f, theme_.alarm});
    if (!roomy) lines.push_back({lost.substr(colon + 2), Face::kSemiBold, 13.5f, theme_.alarm});
  }
  // A lesson has two lines: what is wrong goes before who is there.
  if (!in_lesson() || lines.size() < 2) add(plain(segment_users(), attached_differs));
  card("segment", first, fmt::format("segment {}", segment.id), segment.value, kCounterName, lines,
       alarming ? theme_.alarm : theme_.ink);
  if (!two) return;
  const Semaphore& semaphore = *world_.semaphore;
  const bool off = world_.bugs.has(Bug::kNoSemaphore);
  const bool value_differs = differs(Differs::kSemaphore, semaphore.id);
  lines.clear();
  if (off) {
    add(plain("not used"));
  } else {
    const std::uint32_t blocked = semaphore.value > 0 ? 0 : count_blocked(world_);
    add(plain(semaphore_holder()));
    add(plain(blocked == 0 ? "nobody blocked in P" : fmt::format("{} blocked in P", blocked)));
  }
  if (semaphore.seen && in_lesson() && value_differs) lines.resize(std::min<std::size_t>(lines.size(), 1));
  if (semaphore.seen && (!in_lesson() || value_differs))
    lines.push_back(plain(fmt::format("kernel: value {}, {} waiting", semaphore.seen->value, semaphore.seen->waiting),
                          value_differs));
  card("semaphore", {rect.right() - width, rect.bottom() - height, width, height},
       fmt::format("semaphore {}", semaphore.id), semaphore.value, "", lines,
       value_differs                ? theme_.alarm
       : semaphore.value > 0 || off ? theme_.ink
                                    : theme_.accent);
}

}  // namespace forktable
