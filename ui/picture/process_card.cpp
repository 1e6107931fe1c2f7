#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>

#include "core/world/describe.hpp"
#include "ui/picture/cards.hpp"
#include "ui/picture/diagnoses.hpp"

namespace forktable {
namespace {

constexpr float kChip = 13.5f;
constexpr float kCallsShare = 0.57f;  // of the width of a flat card
constexpr float kLeft = 20, kRight = 16;

bool was_killed(const Process& process) {
  return process.life != Life::kAlive && process.wait_status && WIFSIGNALED(*process.wait_status);
}

// Nobody reaps it, says a diagnosis.
bool lingers(const Process& process, std::span<const Diagnosis> diagnoses) {
  return std::any_of(diagnoses.begin(), diagnoses.end(), [&](const Diagnosis& one) {
    return std::binary_search(one.zombies.begin(), one.zombies.end(), process.id);
  });
}

}  // namespace

// The table of a flat card begins beside the title.
float Cards::ProcessParts::notes_top() const {
  if (threaded) return lines.header;
  return flat ? std::max(lines.title + calls, lines.flat_top + table) : lines.title + calls;
}
float Cards::ProcessParts::threads_top() const { return notes_top() + notes; }
float Cards::ProcessParts::table_top() const { return flat ? lines.flat_top : threads_top() + threads; }
float Cards::ProcessParts::height() const { return threads_top() + threads + (flat ? 0 : table) + lines.foot; }

bool Cards::is_flat(const Process& process) const {
  return flat_ && process.shape.has_children() && process.life == Life::kAlive;
}

Cards::ProcessParts Cards::parts_of(const Process& process) const {
  const bool threaded = threads_in(process).shown;
  return {.flat = is_flat(process),
          .threaded = threaded,
          .calls = calls_height(process),
          .notes = notes_height(process),
          .threads = threads_height(process),
          .table = table_height(rows_of(process).size() + (in_use(process).empty() ? 0 : 1)),
          .lines = lines_};
}

float Cards::height(const Process& process) const { return parts_of(process).height(); }

float Cards::process_height(std::size_t rows, std::size_t notes) const {
  return ProcessParts{.flat = flat_,
                      .threaded = false,
                      .calls = (in_lesson() ? lines_.returned : 0) + lines_.state,
                      .notes = kNote * static_cast<float>(notes),
                      .threads = 0,
                      .table = table_height(rows),
                      .lines = lines_}
      .height();
}

float Cards::height_with_threads(std::size_t threads, std::size_t rows) const {
  return ProcessParts{.flat = false,
                      .threaded = true,
                      .calls = 0,
                      .notes = 0,
                      .threads = threads_height(1 + threads, false),
                      .table = table_height(rows),
                      .lines = lines_}
      .height();
}

void Cards::draw(const Process& process, Rect rect, std::vector<Dot>& dots) {
  const Subject subject = subject_of(process);
  canvas_.begin(subject, rect, process.parent ? key_of({Subject::kProcess, process.parent.value}) : 0);
  const bool alive = process.life == Life::kAlive, orphan = is_orphan(world_, process);
  const ProcessParts parts = parts_of(process);
  frame(
      rect, alive ? color_of(process) : theme_.dead_line, alive, is_selected(subject),
      alive ? (orphan ? Dash::kDashed : Dash::kSolid) : (process.life == Life::kDead ? Dash::kDashed : Dash::kDotted));
  const Rect inside{rect.x + 2, rect.y + 2, rect.width - 4, rect.height - 4};
  if (process.life == Life::kDead) canvas_.box("dead", {inside, 8, theme_.dead});
  if (is_asleep(process) && !parts.threaded) canvas_.box("asleep", {inside, 8, theme_.asleep});

  const Rect body{rect.x + kLeft, rect.y, rect.width - kLeft - kRight, rect.height};
  Rect words = body;  // beside the table, if that is flat
  if (parts.flat) words.width = body.width * kCallsShare - 14;
  const bool counted = draw_title(process, words);
  Rect place = body;
  place.width -= 4;
  if (parts.threaded) {
    const Threads threads = threads_in(process);
    const std::string count = plural(1 + threads.rows.size() + threads.cells.size(), "thread", "threads");
    const TextStyle style{Face::kRegular, 13.5f, theme_.muted};
    canvas_.text("doing", {body.x, rect.y + lines_.header - 12},
                 canvas_.wording({count + ", one address space", count}, style, words.width), style);
  } else if (!alive) {
    draw_remains(process, {place.x, rect.y + lines_.title, place.width, 0});
  } else {
    Rect calls{place.x, rect.y + lines_.title, parts.flat ? words.width : place.width, parts.calls};
    // Where there is more to say of it, the count gives way.
    if (!counted && shows(Topic::kServed) && !orphan && !process.held && !process.stopped) {
      draw_counter(process, {calls.right(), calls.y + (in_lesson() ? lines_.returned + 11 : 9)});
      calls.width -= counter_width(process);
    }
    std::optional<Point> waited;
    if (const auto row = place_of_waited(process))
      waited = {parts.flat ? body.x + body.width * kCallsShare : place.x, rect.y + parts.table_top() + *row};
    draw_calls(process, calls, waited);
  }
  place.y = rect.y + parts.notes_top();
  draw_notes(process, place);
  place.y = rect.y + parts.threads_top();
  draw_threads(process, place, dots);
  place.y = rect.y + parts.table_top();
  if (parts.flat) {
    place.x = body.x + body.width * kCallsShare;
    place.width = body.width * (1 - kCallsShare) - 4;
  }
  draw_table(process, place, dots);
}

bool Cards::crowds_title(const Process& process, float width) const {
  const float counts = counter_width(process);
  if (!is_flat(process) || counts == 0) return false;
  return canvas_.width(Face::kBold, 17, title_of(process)) + counts +
             canvas_.width(Face::kMono, 13.5f, fmt::format("pid {}", process.pid)) + 24 >
         width;
}

// Its name, its number, whom it serves and how many it has served, as far as there is room. Returns whether the last is
// said, or nothing is to be said of it.
bool Cards::draw_title(const Process& process, Rect words) {
  const bool alive = process.life == Life::kAlive, killed = was_killed(process);
  const float left = words.x, right = words.right(), y = words.y + 27, middle = words.y + 22;
  const float counts = alive && shows(Topic::kServed) ? counter_width(process) : 0;
  const TextStyle style{Face::kBold, 17, alive ? theme_.ink : theme_.muted};
  const auto width_of = [&](const std::string& text) { return canvas_.width(style.face, style.size, text); };
  std::string pid = fmt::format("pid {}", process.pid), name = title_of(process);
  // In a flat card, there is no room for both.
  const bool orphan = parts_of(process).flat && is_orphan(world_, process);
  if (orphan) pid.clear();
  float pid_width = canvas_.width(Face::kMono, 13.5f, pid);
  // A zombie's stands among what is left of it. Where a counter is shown, that matters more; of children, all pids are
  // said or none.
  const auto crowds = [&](const Process& one) { return one.parent && crowds_title(one, words.width); };
  const bool narrow = counts > 0 && parts_of(process).flat &&
                      (process.parent ? std::any_of(world_.processes.begin(), world_.processes.end(), crowds)
                                      : crowds_title(process, words.width));
  if (narrow || (process.life == Life::kDead && process.parent)) {
    pid.clear();
    pid_width = 0;
  }
  if (!process.parent && process.shape.has_children())
    name = canvas_.wording({name, "parent"}, style, right - left - pid_width - counts - 12);
  canvas_.tight_text("title", {left, y}, name, style, right - left - pid_width - 12);
  canvas_.text("pid", {right, y}, pid, {Face::kMono, 13.5f, theme_.muted, Align::kRight});
  const float used = left + width_of(name) + 12;
  float free_right = right - pid_width - 12;
  if (!alive && (killed || process.life == Life::kDead))
    free_right -=
        canvas_.chip_before("state", {free_right, middle}, process.life == Life::kDead ? "ZOMBIE" : "KILLED",
                            killed || lingers(process, request_.diagnoses) ? theme_.alarm : theme_.chip, kChip) +
        8;
  if (orphan) free_right -= canvas_.chip_before("state", {right, middle}, "ORPHAN", theme_.alarm, kChip) + 8;
  const std::string service = service_of(world_, process);
  const float service_width = canvas_.width(Face::kRegular, 13.5f, service);
  const bool counted = counts > 0 && (narrow || parts_of(process).flat ||
                                      free_right - used - (service.empty() ? 0 : service_width + 8) > counts);
  if (counted) {
    draw_counter(process, {free_right, middle});
    free_right -= counts;
  }
  if (!service.empty() && used + service_width < free_right)
    canvas_.text("service", {used, y}, service, {Face::kRegular, 13.5f, theme_.muted});
  return counted || counts == 0;
}

bool Cards::was_sent_signal_dead(const Process& process) {
  return process.life == Life::kDead && process.parent && process.signal_step > process.ended_step;
}

// A zombie keeps its pid and its exit status; of one that was reaped, nothing is left.
void Cards::draw_remains(const Process& process, Rect place) {
  const bool zombie = process.life == Life::kDead, killed = was_killed(process);
  const float y = place.y + 16;
  float x = place.x;
  if (zombie && process.parent) {
    const auto field = [&](const char* part, const std::string& words, bool alarming) {
      const float width = canvas_.width(Face::kMono, 13.5f, words) + 14;
      const Color color = alarming ? theme_.alarm : theme_.ink;
      canvas_.box(part, {{x, place.y + 1, width, 21}, 4, theme_.card, alarming ? color : theme_.dead_line, 1.4f});
      canvas_.text(part, {x + 7, y}, words, {Face::kMono, 13.5f, color}, 0, 1);
      x += width + 6;
    };
    field("pid field", fmt::format("pid {}", process.pid), false);
    if (process.wait_status) field("status field", ending_of(*process.wait_status), killed);
    canvas_.tight_text("doing", {x + 4, y}, "not reaped", {Face::kRegular, 13.5f, theme_.muted},
                       place.x + place.width - x);
    if (was_sent_signal_dead(process))
      canvas_.tight_text("signal in vain", {place.x, y + lines_.state},
                         signal_name(process.pending_signal) + " sent, without effect",
                         {Face::kSemiBold, 13.5f, theme_.ink}, place.width);
    return;
  }
  // Its memory is gone; what was in it last is said where the lesson is about that.
  std::string end = doing(world_, process);
  if (in_lesson() && shows(Topic::kServed) && process.parent && !counter(process).empty())
    end += fmt::format(", served was {}", process.counter);
  canvas_.tight_text("doing", {x, y}, std::move(end),
                     {killed ? Face::kSemiBold : Face::kRegular, 13.5f, killed ? theme_.alarm : theme_.muted},
                     place.width);
}

}  // namespace forktable
