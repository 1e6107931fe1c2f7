// The threads of a process, in its card: they share its descriptors and its variables, so they have no cards of their
// own.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/world/describe.hpp"
#include "ui/picture/cards.hpp"

namespace forktable {
namespace {

constexpr float kCells = 40, kChip = 13.5f;
constexpr float kVariable = 116, kVariableGap = 30, kVariableHeight = 58;
constexpr std::size_t kMostRows = 7;    // of threads, the first one included
constexpr std::size_t kMostCells = 80;  // of the others, that can be told apart

bool is_alive(const Process* thread) { return thread->life == Life::kAlive; }

}  // namespace

Cards::Threads Cards::threads_in(const Process& process) const {
  Threads threads;
  if (process.life != Life::kAlive || !process.shape.has(Shape::kThreads)) return threads;
  threads.shown = true;
  threads.rows = threads_of(world_, process);
  if (threads.rows.size() < kMostRows || threads.rows.size() <= request_.stage.threads) return threads;
  // Those that have ended do nothing any more: they are the first to be shown as cells.
  const auto by_number = [](const Process* a, const Process* b) { return a->id < b->id; };
  std::stable_partition(threads.rows.begin(), threads.rows.end(), is_alive);
  threads.cells.assign(threads.rows.begin() + (kMostRows - 2), threads.rows.end());
  threads.rows.resize(kMostRows - 2);
  std::sort(threads.rows.begin(), threads.rows.end(), by_number);
  std::sort(threads.cells.begin(), threads.cells.end(), by_number);
  return threads;
}

float Cards::threads_height(const Process& process) const {
  const Threads threads = threads_in(process);
  if (!threads.shown) return 0;
  return threads_height(std::max(threads.rows.size(), request_.stage.threads) + 1, !threads.cells.empty());
}

float Cards::threads_height(std::size_t rows, bool cells) const {
  return 2 * lines_.thread_heading + lines_.thread_pitch * static_cast<float>(rows) + (cells ? kCells : 0);
}

void Cards::draw_threads(const Process& process, Rect place, std::vector<Dot>& dots) {
  const Threads threads = threads_in(process);
  if (!threads.shown) return;
  const TextStyle heading{Face::kBold, 13.5f, theme_.muted, Align::kLeft, 1.2f};
  const TextStyle gloss{Face::kRegular, 13.5f, theme_.muted};
  const auto head = [&](const char* title, std::initializer_list<std::string> glosses, std::uint64_t index) {
    canvas_.text("heading", {place.x, place.y + lines_.thread_heading - 9}, title, heading, 0, index);
    const float used = canvas_.width({{}, title, heading.face, heading.size, {}, Align::kLeft, heading.spacing});
    const float room = place.width - used - 10;
    canvas_.text("gloss", {place.x + used + 10, place.y + lines_.thread_heading - 9},
                 canvas_.wording(glosses, gloss, room), gloss, room, index);
    place.y += lines_.thread_heading;
  };
  head("THREADS", {"each has a stack of its own", "a stack each"}, 0);
  Rect row = place;
  row.height = lines_.thread;
  const bool variable = passes_address(process);
  if (variable) row.width -= kVariable + kVariableGap;
  const float top = row.y;
  draw_thread(process, process, row, dots);
  // In a lesson, each thread has its place.
  const bool placed = std::all_of(threads.rows.begin(), threads.rows.end(),
                                  [&](const Process* thread) { return thread->fork <= request_.stage.threads; });
  const Rect box{row.right() + kVariableGap, top, kVariable, kVariableHeight};
  for (std::size_t i = 0; i < threads.rows.size(); ++i) {
    const Process& thread = *threads.rows[i];
    row.y = top + lines_.thread_pitch * static_cast<float>(placed ? thread.fork : i + 1);
    draw_thread(process, thread, row, dots);
    if (variable) point_to_variable(thread, row, box);
  }
  if (variable) draw_variable(process, box);
  place.y = top + lines_.thread_pitch * static_cast<float>(std::max(threads.rows.size(), request_.stage.threads) + 1);
  if (!threads.cells.empty()) {
    draw_thread_cells(threads.cells, place);
    place.y += kCells;
  }
  head("DESCRIPTOR TABLE", {"one for all threads", "one for all", ""}, 1);
}

// Main hands the address of its variable to each thread.
bool Cards::passes_address(const Process& process) const {
  return in_lesson() && process.id == world_.server && world_.bugs.has(Bug::kConnfdRace);
}

// Main's connfd.
void Cards::draw_variable(const Process& process, Rect box) {
  std::string value;
  for (const Descriptor& descriptor : process.descriptors)
    if (process.accepted && descriptor.file == process.accepted) value = std::to_string(descriptor.fd);
  for (const ClosedDescriptor& closed : process.closed)
    if (process.accepted && closed.file == process.accepted) value = std::to_string(closed.fd);
  const float middle = box.x + box.width / 2;
  canvas_.box("variable", {box, 6, theme_.card, theme_.ink, 2});
  canvas_.text("variable name", {middle, box.y + 18}, "connfd", {Face::kMonoBold, 13.5f, theme_.ink, Align::kCenter});
  canvas_.text("variable value", {middle, box.y + 47}, value.empty() ? "–" : value,
               {Face::kMonoBold, 26, theme_.ink, Align::kCenter});
  canvas_.text("variable place", {middle, box.bottom() + 14}, "on main's stack",
               {Face::kRegular, 13.5f, theme_.muted, Align::kCenter}, kVariable + 24);
}

// A thread that has read it, or is about to.
void Cards::point_to_variable(const Process& thread, Rect row, Rect box) {
  const bool has_read = thread.argument >= 0;
  // Once it has read the variable, it has a copy of its own.
  if (!is_alive(&thread) || (has_read && !(thread.returned.call == Call::kLoad && is_recent(thread.returned.at))))
    return;
  const float y = row.y + lines_.thread / 2;
  canvas_.arrow("argument",
                {{row.right() + 2, y},
                 {box.x - 2, std::clamp(y, box.y + 10, box.bottom() - 8)},
                 has_read ? color_of(thread) : theme_.dead_line,
                 2,
                 has_read ? Dash::kSolid : Dash::kDashed,
                 true},
                thread.id.value);
}

void Cards::draw_thread(const Process& process, const Process& thread, Rect place, std::vector<Dot>& dots) {
  const bool first = thread.id == process.id, alive = is_alive(&thread);
  const bool selected = !first && is_selected(subject_of(thread));
  const std::uint64_t part = thread.id.value;
  // The first thread is the process, as far as a click is concerned.
  if (!first) canvas_.area(subject_of(thread), place);
  canvas_.box("thread",
              {place, 5, alive ? theme_.row : theme_.dead,
               selected ? theme_.panel_accent
               : alive  ? kTransparent
                        : theme_.dead_line,
               selected ? 2.5f
               : alive  ? 0
                        : 1.5f,
               alive ? Dash::kSolid : Dash::kDashed},
              part);
  if (alive) canvas_.box("thread bar", {{place.x, place.y + 1, 6, place.height - 2}, 3, color_of(thread)}, part);
  const float left = place.x + 16;
  float right = place.right() - 10;
  const TextStyle gloss{Face::kRegular, 13.5f, theme_.muted};
  std::string words = first ? "main" : title_of(thread), service, below;
  if (!first && alive) service = thread.argument < 0 ? "has not looked yet" : service_of(world_, thread);
  std::string returned = alive ? returned_of(thread) : "";
  const bool recent = is_recent(thread.returned.at);
  // Where its variable stands beside it, there is less room: "read = -1 EBADF".
  const auto has_room = [&] {
    return left + canvas_.width(Face::kSemiBold, 13.5f, words) + 14 +
               canvas_.width(recent ? Face::kMonoBold : Face::kMono, 13.5f, returned) <
           right;
  };
  if (!has_room()) returned = brief_call(returned);
  if (!has_room()) returned.clear();
  if (!service.empty() && thread.argument >= 0) {
    // What has just returned matters more.
    const float room =
        right - left -
        (recent && in_lesson() && !returned.empty() ? canvas_.width(Face::kMonoBold, 13.5f, returned) + 16 : 0);
    if (canvas_.width(Face::kSemiBold, 13.5f, words + ", " + service) < room)
      words += ", " + service;
    else
      below = service;
    service.clear();
  }
  const TextStyle result{recent ? Face::kMonoBold : Face::kMono, 13.5f,
                         thread.returned.error != 0 ? theme_.alarm
                         : recent                   ? theme_.ink
                                                    : theme_.faint,
                         Align::kRight};
  float title_right = right;
  const float words_width = canvas_.width(Face::kSemiBold, 13.5f, words);
  if (const float width = canvas_.width(result.face, result.size, returned);
      !returned.empty() && left + words_width + 14 + width < right) {
    if (recent)
      canvas_.box("returned box",
                  {{right - width - 8, place.y + 2, width + 13, in_lesson() ? 22.f : 19.f},
                   4,
                   color_of(thread).faded(0.16f),
                   color_of(thread),
                   1.2f},
                  part);
    canvas_.text("returned", {right, place.y + 16}, returned, result, 0, part);
    title_right -= width + 14;
  }
  canvas_.tight_text("thread title", {left, place.y + 16}, words,
                     {Face::kSemiBold, 13.5f, alive ? theme_.ink : theme_.muted}, title_right - left, part);
  const float after = left + words_width + 8;
  if (!service.empty() && canvas_.width(gloss.face, gloss.size, service) < title_right - after)
    canvas_.text("thread service", {after, place.y + 16}, service, gloss, 0, part);
  if (const float width = step_button(thread, {right, place.y + 31}); width > 0) right -= width + 8;
  const auto chip = [&](const char* what, const char* label, Color fill) {
    right -= canvas_.chip_before(what, {right, place.y + 31}, label, fill, kChip, part) + 8;
  };
  if (thread.held && alive && !first) chip("thread held", "HELD", theme_.chip);
  if (thread.keeps) right -= keep_dot(thread, {right - 6, place.y + lines_.thread_doing - 5}, dots);
  const std::string fate = !below.empty() ? below : thread.detached ? "detached" : "joinable";
  const float fate_width = canvas_.width(gloss.face, gloss.size, fate);
  if (!first && alive && canvas_.width(Face::kRegular, 13.5f, doing(world_, thread)) + fate_width + 8 < right - left) {
    canvas_.text("fate", {right, place.y + lines_.thread_doing}, fate,
                 {Face::kRegular, 13.5f, theme_.muted, Align::kRight}, 0, part);
    right -= fate_width + 6;
  }
  const std::string dispute = first ? "" : disagreement(thread);
  if (dispute.empty())
    canvas_.tight_text("thread doing", {left, place.y + lines_.thread_doing}, doing(world_, thread),
                       {Face::kRegular, 13.5f, theme_.muted}, right - left, part);
  else
    canvas_.tight_text("thread doing", {left, place.y + lines_.thread_doing}, dispute, line_style(dispute),
                       right - left, part);
}

// Of the open file that its call keeps: no descriptor refers to it any more.
float Cards::keep_dot(const Process& thread, Point middle, std::vector<Dot>& dots) {
  const OpenFile* kept = find_file(world_, thread.keeps);
  if (kept == nullptr) return 0;
  const Color color = color_of(*kept);
  canvas_.box("kept", {{middle.x - 6, middle.y - 6, 12, 12}, 6, theme_.card, color, 2}, thread.id.value);
  dots.push_back({kept->id, middle, color, 2.2f, key_of(key_of(subject_of(thread)), "arrow", 0), Dash::kDashed});
  return 22;
}

void Cards::draw_thread_cells(const std::vector<const Process*>& cells, Rect place) {
  const std::size_t shown = std::min(cells.size(), kMostCells);
  constexpr float kWidest = 20, kHeight = 16;
  const float pitch = std::min(kWidest, place.width / static_cast<float>(shown)), width = pitch * 0.8f;
  for (std::size_t i = 0; i < shown; ++i) {
    const Process& thread = *cells[i];
    const Rect cell{place.x + static_cast<float>(i) * pitch, place.y, width, kHeight};
    const bool alive = is_alive(&thread), selected = is_selected(subject_of(thread));
    canvas_.area(subject_of(thread), cell);
    canvas_.box("thread cell",
                {cell, 2, alive ? color_of(thread) : theme_.dead,
                 selected ? theme_.panel_accent
                 : alive  ? kTransparent
                          : theme_.dead_line,
                 selected ? 2.f
                 : alive  ? 0
                          : 1.2f},
                thread.id.value);
  }
  const auto ended = static_cast<std::size_t>(
      std::count_if(cells.begin(), cells.end(), [](const Process* one) { return !is_alive(one); }));
  std::string words = "and " + plural(cells.size(), "more thread", "more threads");
  if (ended == cells.size())
    words = fmt::format("and {} that {} ended, and nobody has joined", ended, ended == 1 ? "has" : "have");
  else if (ended > 0)
    words += fmt::format(", {} ended and not joined", ended);
  canvas_.tight_text("more threads", {place.x, place.y + 31}, words, {Face::kRegular, 13.5f, theme_.muted},
                     place.width);
}

}  // namespace forktable
