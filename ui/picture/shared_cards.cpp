// What is counted, and where: the variable of each address space, and the segment that processes share with the
// semaphore that guards it.
#include <fmt/format.h>

#include <algorithm>

#include "core/world/describe.hpp"
#include "ui/picture/cards.hpp"

namespace forktable {
namespace {

constexpr float kChip = 11.5f;

std::uint32_t count_blocked(const World& world) {
  return static_cast<std::uint32_t>(
      std::count_if(world.processes.begin(), world.processes.end(), [](const Process& one) {
        return is_blocked(one) && one.activity.kind == Activity::kInCall && one.activity.call == Call::kSemop;
      }));
}

}  // namespace

std::string Cards::counter(const Process& process) const {
  return counted_ ? fmt::format("served {}", process.counter) : "";
}

float Cards::draw_counter(const Process& process, Point right) {
  float used = 0;
  if (process.loaded) {
    const std::string words = fmt::format("has read {}", *process.loaded);
    const float width = canvas_.fonts().width(Face::kSemiBold, kChip, words) + kChip * 1.3f;
    canvas_.chip("loaded", {right.x - width, right.y}, words, theme_.accent, kChip);
    used += width + 8;
  }
  const std::string words = counter(process);
  if (words.empty()) return used;
  const bool changed = process.counted_step != 0 && process.counted_step >= latest_act_;
  const float width = canvas_.fonts().width(Face::kSemiBold, kChip, words) + kChip * 1.3f;
  if (changed)
    canvas_.chip("counter", {right.x - used - width, right.y}, words, theme_.accent, kChip);
  else
    canvas_.text("counter", {right.x - used, right.y + 4.5f}, words,
                 {Face::kRegular, 12.5f, theme_.muted, Align::kRight});
  return used + width + 8;
}

std::string Cards::lost_update() const {
  if (!world_.segment || world_.segment->lost_step == 0) return {};
  const int lost = static_cast<int>(world_.segment->stores) - world_.segment->value;
  return fmt::format("{}, value {}: {}", plural(world_.segment->stores, "store", "stores"), world_.segment->value,
                     lost == 1 ? "an update is lost" : fmt::format("{} updates are lost", lost));
}

std::string Cards::segment_users() const {
  const std::uint32_t attached = count_attached(world_);
  if (!world_.segment->attached) return "attached by " + plural(attached, "process", "processes");
  return fmt::format("attached by {}, kernel: {}", attached, *world_.segment->attached);
}

std::string Cards::semaphore_holder() const {
  const Process* holder = find_process(world_, world_.semaphore->holder);
  if (holder == nullptr) return "held by nobody";
  if (holder->life != Life::kAlive) return fmt::format("held by {}, which has ended", holder->pid);
  return "held by " + Cards::holder(*holder);
}

float Cards::shared_height() const {
  return lost_update().empty() && !(world_.semaphore && world_.semaphore->seen) ? 84 : 104;
}

void Cards::draw_shared_memory(Rect rect) {
  const Segment& segment = *world_.segment;
  const bool two = world_.semaphore.has_value();
  const float width = two ? (rect.width - 14) / 2 : rect.width;
  const auto card = [&](const char* name, Rect place, const std::string& title, int value,
                        const std::vector<CardLine>& lines, Color color) {
    canvas_.begin(name);
    canvas_.box("card", {place, 10, theme_.card, color, 2.5f});
    // A cell of memory, and no disc: it is no reference count.
    const Rect cell{place.right() - 14 - 50, place.y + 14, 50, 56};
    canvas_.box("cell", {cell, 5, theme_.row, color, 1.6f});
    const std::string digits = std::to_string(value);
    const float size = digits.size() < 3 ? 30 : digits.size() == 3 ? 22 : 15;
    canvas_.text("value", {cell.x + cell.width / 2, cell.y + cell.height / 2 + size * 0.36f}, digits,
                 {Face::kBold, size, color, Align::kCenter}, cell.width - 4);
    const float left = place.x + 16, widest = cell.x - 10 - left;
    canvas_.text("title", {left, place.y + 27}, title, {Face::kBold, 16, theme_.ink}, widest);
    for (std::size_t i = 0; i < lines.size(); ++i)
      canvas_.text("line", {left, place.y + 49 + 20 * static_cast<float>(i)}, lines[i].text,
                   {lines[i].face, lines[i].size, lines[i].color}, widest, i);
  };
  const std::string lost = lost_update();
  const auto differs = [&](Differs in, int number) {
    return std::any_of(world_.differences.begin(), world_.differences.end(),
                       [&](const Difference& one) { return one.in == in && one.number == number; });
  };
  const bool attached_differs = differs(Differs::kSegment, segment.id);
  const bool alarming = !lost.empty() || attached_differs;
  std::vector<CardLine> lines;
  if (lost.empty()) {
    lines.push_back({plural(segment.stores, "store", "stores"), Face::kRegular, 13, theme_.muted});
  } else {
    const std::size_t colon = lost.find(": ");
    lines.push_back({lost.substr(0, colon + 1), Face::kSemiBold, 13, theme_.alarm});
    lines.push_back({lost.substr(colon + 2), Face::kSemiBold, 13, theme_.alarm});
  }
  lines.push_back({segment_users(), Face::kRegular, 13, attached_differs ? theme_.alarm : theme_.muted});
  card("segment", {rect.x, rect.y, width, rect.height}, fmt::format("segment {}", segment.id), segment.value, lines,
       alarming ? theme_.alarm : theme_.ink);
  if (!two) return;
  const Semaphore& semaphore = *world_.semaphore;
  const bool off = world_.bugs.has(Bug::kNoSemaphore);
  const bool value_differs = differs(Differs::kSemaphore, semaphore.id);
  std::vector<CardLine> about;
  if (off) {
    about.push_back({"nobody asks it", Face::kRegular, 13, theme_.muted});
  } else {
    const std::uint32_t blocked = semaphore.value > 0 ? 0 : count_blocked(world_);
    about.push_back({semaphore_holder(), Face::kRegular, 13, theme_.muted});
    about.push_back({blocked == 0 ? "nobody blocked in P" : fmt::format("{} blocked in P", blocked),
                     blocked == 0 ? Face::kRegular : Face::kSemiBold, 13, blocked == 0 ? theme_.muted : theme_.ink});
  }
  if (semaphore.seen)
    about.push_back({fmt::format("kernel: value {}, {} waiting", semaphore.seen->value, semaphore.seen->waiting),
                     Face::kRegular, 13, value_differs ? theme_.alarm : theme_.muted});
  card("semaphore", {rect.x + width + 14, rect.y, width, rect.height}, fmt::format("semaphore {}", semaphore.id),
       semaphore.value, about,
       value_differs                ? theme_.alarm
       : semaphore.value > 0 || off ? theme_.ink
                                    : theme_.accent);
}

}  // namespace forktable
