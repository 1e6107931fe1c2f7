#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <bit>
#include <csignal>
#include <map>

#include "core/world/describe.hpp"
#include "ui/picture/cards.hpp"
#include "ui/picture/diagnoses.hpp"

namespace forktable {
namespace {

constexpr float kHeader = 62, kTitle = 37, kFoot = 6, kRow = 26, kPitch = 30, kLine = 24, kChip = 11.5f;
constexpr float kReturned = 26, kState = 24;  // lines: the latest call with its result, and what it does now
constexpr float kLeastWords = 30;             // of width: where there is less, nothing is said
constexpr float kFlatTop = 9;                 // above the table of a flat card
constexpr float kCallsShare = 0.5f;           // of the width of a flat card
constexpr std::size_t kMostRows = 10;         // of a descriptor table; beyond it, they are counted
constexpr int kMostSignals = 2;               // that are named

bool was_killed(const Process& process) {
  return process.life != Life::kAlive && process.wait_status && WIFSIGNALED(*process.wait_status);
}

// Nobody reaps it, says a diagnosis.
bool lingers(const Process& process, std::span<const Diagnosis> diagnoses) {
  return std::any_of(diagnoses.begin(), diagnoses.end(), [&](const Diagnosis& one) {
    return std::binary_search(one.zombies.begin(), one.zombies.end(), process.id);
  });
}

// About the process itself, and not about one of its descriptors.
bool is_about(const Difference& difference, const Process& process) {
  return difference.pid == process.pid && process.life != Life::kReaped &&
         (difference.in == Differs::kProcess || difference.in == Differs::kCall);
}

bool has_pending(const Process& process) { return process.life == Life::kAlive && process.signals.pending != 0; }

// In a call in which it sleeps until something comes, or until somebody else does something.
bool waits_long(const Process& process) {
  return process.activity.call != Call::kFork && process.activity.call != Call::kPthreadCreate;
}

// errno of the server's first thread after a failed call, and what it has become: "EMFILE → ECHILD". Empty: none has
// failed.
std::string errno_of_trouble(const World& world) {
  const auto* failed = world.trouble ? std::get_if<CallFailed>(&world.trouble->what) : nullptr;
  const Process* server = find_process(world, world.server);
  if (failed == nullptr || server == nullptr) return {};
  const bool by_handler = server->returned.call == Call::kWaitpid && server->returned.error != 0 &&
                          (server->in_handler != 0 || world.bugs.has(Bug::kErrnoClobbered));
  const int now = world.errno_seen.value_or(by_handler ? server->returned.error : failed->error);
  return error_name(failed->error) + (now != failed->error ? " → " + error_name(now) : "");
}

std::string why_pending(const Process& process) {
  if (process.stopped || process.gate) return "until it goes on";
  if (process.in_handler != 0) return "until the handler returns";
  return {};
}

}  // namespace

std::vector<Cards::TableRow> Cards::rows_of(const Process& process) const {
  std::vector<TableRow> rows;
  if (process.life != Life::kAlive) return rows;
  std::map<int, const Difference*> differing;  // by descriptor
  for (const Difference& one : world_.differences)
    if (one.in == Differs::kDescriptor && one.pid == process.pid) differing.emplace(one.number, &one);
  for (const Descriptor& descriptor : process.descriptors) {
    const OpenFile* file = find_file(world_, descriptor.file);
    if (file == nullptr) continue;
    const auto found = differing.find(descriptor.fd);
    const Difference* difference = found != differing.end() ? found->second : nullptr;
    if (found != differing.end()) differing.erase(found);
    if (file->kind != FileKind::kPlumbing || request_.show_plumbing || difference != nullptr)
      rows.push_back({descriptor.fd, &descriptor, nullptr, difference});
  }
  for (const auto& [fd, difference] : differing) rows.push_back({fd, nullptr, nullptr, difference});
  for (const ClosedDescriptor& closed : process.closed) {
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const TableRow& one) { return one.fd == closed.fd; });
    if (row == rows.end())
      rows.push_back({closed.fd, nullptr, &closed, nullptr});
    else if (row->open == nullptr)
      row->closed = &closed;
  }
  const auto by_number = [](const TableRow& a, const TableRow& b) { return a.fd < b.fd; };
  std::sort(rows.begin(), rows.end(), by_number);
  // What differs is shown whatever else has to be left out.
  if (rows.size() > kMostRows) {
    std::stable_partition(rows.begin(), rows.end(), [](const TableRow& row) { return row.difference != nullptr; });
    std::sort(rows.begin(), rows.begin() + std::ptrdiff_t{kMostRows}, by_number);
  }
  return rows;
}

std::string Cards::pending(const Process& process) const {
  if (!has_pending(process)) return {};
  const std::uint32_t all = process.signals.pending;
  std::uint32_t named = 0;
  for (std::uint32_t rest = all; rest != 0 && std::popcount(named) < kMostSignals; rest &= rest - 1)
    named |= rest & ~(rest - 1);
  const int more = std::popcount(all) - std::popcount(named);
  return names_of_signals(named) + (more > 0 ? fmt::format(" and {} more", more) : "") + " pending";
}

float Cards::notes_height(const Process& process) const {
  const bool waits_for_many = !readiness_of(process).empty();
  const auto differing = std::count_if(world_.differences.begin(), world_.differences.end(),
                                       [&](const Difference& one) { return is_about(one, process); });
  return static_cast<float>(differing) * (kDifferenceHeight + 4) + (shows_pending(process) ? kPitch : 0) +
         (shows_errno(process) ? kPitch : 0) + (waits_for_many ? kLine : 0);
}

bool Cards::shows_pending(const Process& process) const { return shows(Topic::kSignals) && has_pending(process); }

// Of the server, in a lesson about it, once there is one.
bool Cards::shows_errno(const Process& process) const {
  return in_lesson() && shows(Topic::kErrno) && process.id == world_.server && process.life == Life::kAlive &&
         !errno_of_trouble(world_).empty();
}

bool Cards::is_flat(const Process& process) const { return flat_ && forks(process.server); }

float Cards::calls_height(const Process& process) const {
  if (process.life != Life::kAlive || !in_lesson()) return kState;
  return kReturned + kState + (process.in_handler != 0 ? kState : 0);
}

float Cards::process_height(std::size_t rows, std::size_t notes) const {
  const float calls = kTitle + (in_lesson() ? kReturned : 0) + kState,
              table = kPitch * static_cast<float>(std::min(rows, kMostRows + 1));
  return (flat_ ? std::max(calls, kFlatTop + table) : calls + table) + kPitch * static_cast<float>(notes) + kFoot;
}

float Cards::height_with_threads(std::size_t threads, std::size_t rows) const {
  return kHeader + threads_height(1 + threads, false) + kPitch * static_cast<float>(rows) + kFoot;
}

float Cards::height(const Process& process) const {
  const float table = kPitch * static_cast<float>(std::min(rows_of(process).size(), kMostRows + 1));
  const float notes = notes_height(process), calls = kTitle + calls_height(process);
  if (threads_in(process).shown) return kHeader + notes + threads_height(process) + table + kFoot;
  if (is_flat(process)) return std::max(calls, kFlatTop + table) + notes + kFoot;
  return calls + notes + table + kFoot;
}

void Cards::draw(const Process& process, Rect rect, std::vector<Dot>& dots) {
  const Subject subject = subject_of(process);
  canvas_.begin(subject, rect, process.parent ? key_of({Subject::kProcess, process.parent.value}) : 0);
  const bool alive = process.life == Life::kAlive, orphan = is_orphan(world_, process);
  const bool killed = was_killed(process);
  const Color color = alive ? color_of(process) : theme_.dead_line;
  frame(
      rect, color, alive, is_selected(subject),
      alive ? (orphan ? Dash::kDashed : Dash::kSolid) : (process.life == Life::kDead ? Dash::kDashed : Dash::kDotted));
  const Rect inside{rect.x + 2, rect.y + 2, rect.width - 4, rect.height - 4};
  if (process.life == Life::kDead) canvas_.box("dead", {inside, 8, theme_.dead});
  const Threads threads = threads_in(process);
  if (is_blocked(process) && !threads.shown && waits_long(process)) canvas_.box("asleep", {inside, 8, theme_.asleep});

  const bool flat = is_flat(process) && alive;
  const float left = rect.x + 20, inner = rect.right() - 16;
  const float right = flat ? left + (inner - left) * kCallsShare - 14 : inner;
  const float counts = alive && shows(Topic::kServed) ? counter_width(process) : 0;
  std::string pid = fmt::format("pid {}", process.pid), name = title_of(process);
  float pid_width = canvas_.fonts().width(Face::kMono, 12.5f, pid);
  // A zombie's stands among what is left of it. Where a counter is shown, that matters more.
  const bool narrow =
      flat && counts > 0 && left + canvas_.fonts().width(Face::kBold, 17, name) + counts + pid_width + 24 > right;
  if (narrow || (process.life == Life::kDead && process.parent)) {
    pid.clear();
    pid_width = 0;
  }
  if (!process.parent && forks(process.server))
    name = canvas_.wording({name, "parent"}, {Face::kBold, 17, theme_.ink}, right - left - pid_width - counts - 12);
  canvas_.tight_text("title", {left, rect.y + 27}, name, {Face::kBold, 17, alive ? theme_.ink : theme_.muted},
                     right - left - pid_width - 12);
  canvas_.text("pid", {right, rect.y + 27}, pid, {Face::kMono, 12.5f, theme_.muted, Align::kRight});
  float used = left + canvas_.fonts().width(Face::kBold, 17, name) + 12;
  float free_right = right - pid_width - 12;
  if (!alive && (killed || process.life == Life::kDead)) {
    const char* word = killed ? "KILLED" : "ZOMBIE";
    const float width = canvas_.fonts().width(Face::kSemiBold, kChip, word) + kChip * 1.3f;
    canvas_.chip("state", {free_right - width, rect.y + 22}, word,
                 killed || lingers(process, request_.diagnoses) ? theme_.alarm : theme_.chip, kChip);
    free_right -= width + 8;
  }
  const std::string service = service_of(world_, process);
  const float service_width = canvas_.fonts().width(Face::kRegular, 13, service);
  // In the title's line, if there is room for it, else in the next.
  const bool counts_above =
      counts > 0 && (narrow || free_right - used - (service.empty() ? 0 : service_width + 8) > counts);
  if (counts_above) {
    draw_counter(process, {free_right, rect.y + 22});
    free_right -= counts;
  }
  if (!service.empty() && used + service_width < free_right)
    canvas_.text("service", {used, rect.y + 27}, service, {Face::kRegular, 13, theme_.muted});

  Rect place{left, rect.y + kTitle, inner - left - 4, kRow};
  if (threads.shown) {
    const std::string count = plural(1 + threads.rows.size() + threads.cells.size(), "thread", "threads");
    const TextStyle style{Face::kRegular, 13.5f, theme_.muted};
    canvas_.text("doing", {left, rect.y + 50},
                 canvas_.wording({count + ", one address space", count}, style, right - left), style);
    place.y = rect.y + kHeader;
  } else if (!alive) {
    draw_remains(process, place);
    place.y += kState;
  }
  const std::vector<TableRow> rows = rows_of(process);
  Rect table = place;
  if (flat) {
    table = {left + (inner - left) * kCallsShare, rect.y + kFlatTop, (inner - left) * (1 - kCallsShare) - 4, kRow};
  } else if (alive && !threads.shown) {
    table.y += calls_height(process) + notes_height(process);
  } else if (threads.shown) {
    table.y += notes_height(process) + threads_height(process);
  }
  if (alive && !threads.shown) {
    // What it waits for is one of its descriptors.
    std::optional<float> waited;
    if (is_blocked(process))
      for (std::size_t row = 0; row < std::min(rows.size(), kMostRows); ++row)
        if (rows[row].open != nullptr && rows[row].fd == process.activity.fd)
          waited = table.y + kPitch * static_cast<float>(row) + kRow / 2;
    Rect calls = place;
    if (flat) calls.width = right - left;
    // Where there is more to say of it, the count gives way.
    if (counts > 0 && !counts_above && !orphan && !process.held && !process.stopped) {
      draw_counter(process, {calls.right(), calls.y + (in_lesson() ? kReturned + 11 : 9)});
      calls.width -= counts;
    }
    draw_calls(process, calls, flat ? std::nullopt : waited);
  }
  Rect notes = place;
  if (flat)
    notes.y = rect.y + std::max(kTitle + calls_height(process),
                                kFlatTop + kPitch * static_cast<float>(std::min(rows.size(), kMostRows + 1)));
  else if (alive && !threads.shown)
    notes.y += calls_height(process);
  draw_notes(process, notes);
  if (threads.shown) {
    place.y += notes_height(process);
    draw_threads(process, place);
  }
  for (std::size_t row = 0; row < rows.size(); ++row, table.y += kPitch) {
    if (row == kMostRows) {
      canvas_.text("more", {table.x + 12, table.y + 18}, fmt::format("and {} more descriptors", rows.size() - row),
                   {Face::kRegular, 13, theme_.muted});
      break;
    }
    draw_row(process, rows[row], table, dots);
  }
}

// As strace(1) would: the latest call with its result, strong in the step in which it returned.
void Cards::draw_returned(const Process& process, Rect place) {
  const std::string returned = returned_of(process);
  if (returned.empty()) return;
  const bool recent = is_recent(process.returned.at);
  const bool failed = process.returned.error != 0 && process.returned.call != Call::kWaitpid;  // ECHILD ends a loop
  const Face face = recent ? Face::kMonoBold : Face::kMono;
  if (recent)
    canvas_.box("returned box", {{place.x - 6, place.y + 1,
                                  std::min(place.width + 6, canvas_.fonts().width(face, 13.5f, returned) + 18), 22},
                                 5,
                                 color_of(process).faded(0.16f),
                                 color_of(process),
                                 1.4f});
  const float indent = recent ? 3 : 0;
  canvas_.tight_text("returned", {place.x + indent, place.y + 17}, returned,
                     {face, 13.5f,
                      failed   ? theme_.alarm
                      : recent ? theme_.ink
                               : theme_.faint},
                     place.width - 2 * indent);
}

// That, and the call it is in, or the next.
void Cards::draw_calls(const Process& process, Rect place, std::optional<float> waited_row) {
  float right = place.x + place.width, y = place.y + 13;
  if (in_lesson()) {
    draw_returned(process, place);
    y += kReturned + 2;
  }
  const auto chip = [&](const char* part, const char* label, Color fill) {
    const float width = canvas_.fonts().width(Face::kSemiBold, kChip, label) + kChip * 1.3f;
    canvas_.chip(part, {right - width, y - 4}, label, fill, kChip);
    right -= width + 8;
  };
  if (const float button = step_button(process, {right, y - 4}); button > 0) right -= button + 8;
  if (process.held) chip("held", "HELD", theme_.chip);
  if (process.stopped) chip("stopped", process.traced ? "TRACED" : "STOPPED", theme_.ink);
  if (is_orphan(world_, process)) chip("state", "ORPHAN", theme_.alarm);
  if (!in_lesson()) {
    // Beside what it does, where there is room for it.
    const float used = canvas_.fonts().width(Face::kSemiBold, 13.5f, doing(world_, process)) + 30;
    const std::string returned = returned_of(process);
    if (const float width = canvas_.fonts().width(Face::kMono, 13.5f, returned);
        !returned.empty() && place.x + used + width < right) {
      canvas_.text("returned", {right, y}, returned, {Face::kMono, 13.5f, theme_.faint, Align::kRight});
      right -= width + 8;
    }
  }
  float x = place.x;
  const auto words = [&](const char* part, std::string text, const TextStyle& style) {
    if (right - x > kLeastWords) canvas_.tight_text(part, {x, y}, std::move(text), style, right - x);
  };
  if (process.in_handler != 0) {
    const std::string next = process.gate ? ", next: " + words_of(*process.gate) : "";
    words("handler", fmt::format("{} handler{}", signal_name(process.in_handler), next),
          {Face::kSemiBold, 13.5f, theme_.ink});
    if (!in_lesson()) return;
    y += kState;
    std::string interrupted = "running";
    if (process.activity_outside.kind == Activity::kInCall)
      interrupted = fmt::format("{}({})", name_of(process.activity_outside.call),
                                process.activity_outside.fd >= 0 ? std::to_string(process.activity_outside.fd) : "");
    x += 12;
    words("interrupted", "over " + interrupted, {Face::kRegular, 12.5f, theme_.muted});
    return;
  }
  const bool asleep = is_blocked(process) && waits_long(process);
  if (!asleep) {
    const bool trouble = process.stopped;
    return words("doing", doing(world_, process),
                 {trouble || process.gate ? Face::kSemiBold : Face::kRegular, 13.5f,
                  trouble        ? theme_.alarm
                  : process.gate ? theme_.ink
                                 : theme_.muted});
  }
  for (int bar = 0; bar < 2; ++bar)
    canvas_.box("pause", {{x + 6 * static_cast<float>(bar), y - 10, 3.6f, 11}, 1, theme_.muted},
                static_cast<std::uint64_t>(bar));
  if (waited_row)
    canvas_.line(
        "waits for",
        {{{x - 3, y - 4.5f}, {x - 10, y - 4.5f}, {x - 10, *waited_row}, {x, *waited_row}}, theme_.muted, 1.6f});
  x += 17;
  words("doing", doing(world_, process), {Face::kSemiBold, 13.5f, theme_.ink});
}

// A zombie keeps its pid and its exit status; of one that was reaped, nothing is left.
void Cards::draw_remains(const Process& process, Rect place) {
  const bool zombie = process.life == Life::kDead, killed = was_killed(process);
  const float y = place.y + 16;
  float x = place.x;
  if (zombie && process.parent) {
    const auto field = [&](const char* part, const std::string& words) {
      const float width = canvas_.fonts().width(Face::kMono, 12.5f, words) + 14;
      canvas_.box(part, {{x, place.y + 1, width, 21}, 4, theme_.card, theme_.dead_line, 1.4f});
      canvas_.text(part, {x + 7, y}, words, {Face::kMono, 12.5f, theme_.ink}, 0, 1);
      x += width + 6;
    };
    field("pid field", fmt::format("pid {}", process.pid));
    if (process.wait_status) field("status field", ending_of(*process.wait_status));
    canvas_.tight_text("doing", {x + 4, y}, "not reaped", {Face::kRegular, 13, theme_.muted},
                       place.x + place.width - x);
    return;
  }
  canvas_.tight_text("doing", {x, y}, doing(world_, process),
                     {killed ? Face::kSemiBold : Face::kRegular, 13.5f, killed ? theme_.alarm : theme_.muted},
                     place.width);
}

void Cards::draw_notes(const Process& process, Rect place) {
  for (const Difference& one : world_.differences) {
    if (!is_about(one, process)) continue;
    // Apart from the rows of descriptors, which go by their numbers.
    draw_difference(one, {place.x, place.y}, place.width, ~static_cast<std::uint64_t>(one.in));
    place.y += kDifferenceHeight + 4;
  }
  if (const std::string ready = readiness_of(process); !ready.empty()) {
    const bool some = !process.ready.empty();
    canvas_.tight_text("readiness", {place.x, place.y + 15}, ready,
                       {some ? Face::kSemiBold : Face::kRegular, 13, some ? theme_.ink : theme_.muted}, place.width);
    place.y += kLine;
  }
  if (shows_errno(process)) {
    canvas_.text("errno", {place.x, place.y + 18}, "errno", {Face::kMono, 13.5f, theme_.muted});
    const std::string words = errno_of_trouble(world_);
    const float x = place.x + canvas_.fonts().width(Face::kMono, 13.5f, "errno ") + 4;
    const float width = canvas_.fonts().width(Face::kMonoBold, 13.5f, words) + 16;
    canvas_.box("errno cell", {{x, place.y + 2, width, 23}, 4, theme_.card, theme_.ink, 1.6f});
    canvas_.text("errno value", {x + 8, place.y + 18}, words, {Face::kMonoBold, 13.5f, theme_.ink});
    place.y += kPitch;
  }
  if (!shows_pending(process)) return;
  if (in_lesson() && process.signals.pending == 1u << (SIGCHLD - 1)) return draw_sigchld(process, place);
  const float used = canvas_.chip("pending", {place.x, place.y + kRow / 2}, pending(process), theme_.chip, kChip);
  canvas_.text("why pending", {place.x + used + 10, place.y + 18}, why_pending(process),
               {Face::kRegular, 12.5f, theme_.muted}, place.width - used - 10);
}

// How many were sent beside the one bit that is pending.
void Cards::draw_sigchld(const Process& process, Rect place) {
  const auto sent_by = [&](const Process& child) {
    return child.parent == process.id && !child.thread_of && child.life != Life::kAlive &&
           child.ended_at > process.delivered_at;
  };
  const auto sent = std::count_if(world_.processes.begin(), world_.processes.end(), sent_by) +
                    std::count_if(world_.departed.begin(), world_.departed.end(), sent_by);
  const float y = place.y + 18;
  float x = place.x;
  const auto word = [&](const char* part, const char* text, Face face) {
    canvas_.text(part, {x, y}, text, {face, 13, face == Face::kSemiBold ? theme_.ink : theme_.muted});
    x += canvas_.fonts().width(face, 13, text) + 7;
  };
  word("pending", "SIGCHLD", Face::kSemiBold);
  word("sent word", "sent", Face::kRegular);
  for (std::ptrdiff_t i = 0; i < std::min<std::ptrdiff_t>(sent, 6); ++i, x += 14)
    canvas_.box("sent", {{x, y - 10, 10, 10}, 5, theme_.ink}, static_cast<std::uint64_t>(i));
  x += 6;
  word("pending word", "pending", Face::kRegular);
  canvas_.box("bit", {{x, y - 11, 12, 12}, 2, theme_.ink});
  x += 19;
  word("bit word", "one bit", Face::kSemiBold);
}

void Cards::draw_row(const Process& process, const TableRow& row, Rect place, std::vector<Dot>& dots) {
  if (row.open != nullptr) return open_row(process, row, place, dots);
  if (row.difference != nullptr) return unreported_row(row, place);
  closed_row(process, *row.closed, place, dots);
}

void Cards::closed_row(const Process& process, const ClosedDescriptor& closed, Rect place, std::vector<Dot>& dots) {
  const auto part = static_cast<std::uint64_t>(closed.fd);
  const float y = place.y + 18;
  canvas_.box("closed", {place, 5, kTransparent, theme_.line, 1.2f, Dash::kDotted}, part);
  canvas_.text("closed fd", {place.x + 12, y}, std::to_string(closed.fd), {Face::kMono, 14, theme_.faint}, 0, part);
  canvas_.text("closed name", {place.x + 42 + (closed.fd > 99 ? 12.f : 0.f), y}, name_in(process, closed),
               {Face::kMono, 14, theme_.faint, Align::kLeft, 0, true}, 0, part);
  const OpenFile* gone = is_recent(closed.at) ? find_gone_file(world_, closed.file) : nullptr;
  if (gone == nullptr || gone->changed_at != closed.at)
    return canvas_.text("closed word", {place.right() - 12, y}, "closed",
                        {Face::kRegular, 12, theme_.faint, Align::kRight}, 0, part);
  // It was the last one: it still shows which open file went with it.
  const Point dot{place.right() - 12, place.y + kRow / 2};
  canvas_.text("closed word", {dot.x - 12, y}, "closed", {Face::kRegular, 12, theme_.faint, Align::kRight}, 0, part);
  const Color color = color_of(*gone).faded(0.6f);
  canvas_.box("dot", {{dot.x - 6, dot.y - 6, 12, 12}, 6, theme_.card, color, 2}, part);
  dots.push_back({closed.file, dot, color, 2, key_of(key_of(subject_of(process)), "arrow", part), Dash::kDashed});
}

void Cards::open_row(const Process& process, const TableRow& row, Rect place, std::vector<Dot>& dots) {
  const Descriptor& descriptor = *row.open;
  const OpenFile* found = find_file(world_, descriptor.file);
  if (found == nullptr) return;
  const OpenFile& file = *found;
  const auto part = static_cast<std::uint64_t>(descriptor.fd);
  const Subject subject = subject_of(process, descriptor);
  const bool selected = is_selected(subject), differs = row.difference != nullptr;
  const bool waited = is_blocked(process) && waits_long(process) && process.activity.fd == descriptor.fd;
  const Point dot{place.right() - 12, place.y + kRow / 2};
  const float y = place.y + 18, name_at = place.x + 42 + (descriptor.fd > 99 ? 12.f : 0.f);
  std::string name = name_in(process, file);
  if (!in_lesson() && file.kind == FileKind::kConnection && name != variable_for(file.kind))
    name = fmt::format("conn. {}", file.number);  // beside it stands who uses it
  canvas_.area(subject, place);
  canvas_.box("row",
              {place, 5,
               differs  ? theme_.alarm_soft
               : waited ? theme_.said
                        : theme_.row,
               selected  ? theme_.panel_accent
               : differs ? theme_.alarm
               : waited  ? theme_.ink
                         : kTransparent,
               selected  ? 2.5f
               : differs ? 1.8f
               : waited  ? 1.6f
                         : 0},
              part);
  canvas_.text("fd", {place.x + 12, y}, std::to_string(descriptor.fd), {Face::kMonoBold, 14, theme_.ink}, 0, part);
  canvas_.text("name", {name_at, y}, name, {Face::kMono, 14, theme_.ink, Align::kLeft, 0, differs}, 0, part);
  if (differs) {
    const float used = name_at + canvas_.fonts().width(Face::kMono, 14, name) + 10;
    canvas_.text("kernel", {dot.x - 14, y}, "kernel: " + printable(row.difference->kernel.view()),
                 {Face::kSemiBold, 12, theme_.alarm, Align::kRight}, dot.x - 14 - used, part);
  } else {
    draw_use(process, descriptor, file, {dot.x - 14, dot.y},
             dot.x - 14 - name_at - canvas_.fonts().width(Face::kMono, 14, name) - 8);
  }
  canvas_.box("dot", {{dot.x - 6, dot.y - 6, 12, 12}, 6, color_of(file)}, part);
  const bool leaking = file.acceptor == process.id && leaks(file);
  dots.push_back({descriptor.file, dot, leaking || differs ? theme_.alarm : color_of(file),
                  selected || leaking ? 3.6f : 2.2f, key_of(key_of(subject_of(process)), "arrow", part),
                  differs ? Dash::kDashed : Dash::kSolid});
}

void Cards::unreported_row(const TableRow& row, Rect place) {
  const auto part = static_cast<std::uint64_t>(row.fd);
  const float y = place.y + 18, words_at = place.x + 42 + (row.fd > 99 ? 12.f : 0.f);
  canvas_.box("unreported", {place, 5, theme_.alarm_soft, theme_.alarm, 1.8f, Dash::kDashed}, part);
  canvas_.text("fd", {place.x + 12, y}, std::to_string(row.fd), {Face::kMonoBold, 14, theme_.alarm}, 0, part);
  canvas_.text("unreported words", {words_at, y},
               fmt::format("{} — kernel: {}", row.closed != nullptr ? "closed" : "not reported",
                           printable(row.difference->kernel.view())),
               {Face::kSemiBold, 12.5f, theme_.alarm}, place.right() - 12 - words_at, part);
}

std::string Cards::disagreement(const Process& process) const {
  if (process.life == Life::kReaped) return {};
  std::string first;
  std::size_t more = 0;
  for (const Difference& one : world_.differences) {
    if (one.pid != process.pid) continue;
    if (first.empty())
      first = (one.in == Differs::kDescriptor ? fmt::format("fd {}: ", one.number) : "") + brief_words_of(one);
    else
      ++more;
  }
  return first + (more > 0 ? fmt::format(" (and {} more)", more) : "");
}

float Cards::step_button(const Process& process, Point at) {
  if (!request_.step_buttons || !process.gate || process.life != Life::kAlive) return 0;
  constexpr float kHeight = 23, kSize = 12;
  const std::string words = "▶ step";
  const float width = canvas_.fonts().width(Face::kSemiBold, kSize, words) + 18;
  const Rect rect{at.x - width, at.y - kHeight / 2, width, kHeight};
  canvas_.area({Subject::kStepProcess, process.id.value}, rect);
  canvas_.box("step", {rect, 5, theme_.card, color_of(process), 1.8f}, process.id.value);
  canvas_.text("step words", {rect.x + width / 2, at.y + kSize * 0.36f}, words,
               {Face::kSemiBold, kSize, theme_.ink, Align::kCenter}, 0, process.id.value);
  return width;
}

}  // namespace forktable
