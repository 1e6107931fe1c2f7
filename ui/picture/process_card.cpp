#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <bit>
#include <map>

#include "core/world/describe.hpp"
#include "ui/picture/cards.hpp"
#include "ui/picture/diagnoses.hpp"

namespace forktable {
namespace {

constexpr float kHeader = 62, kRow = 26, kPitch = 30, kLine = 24, kChip = 11.5f;
constexpr std::size_t kMostRows = 10;  // of a descriptor table; beyond it, they are counted
constexpr int kMostSignals = 2;        // that are named

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
  return static_cast<float>(differing) * (kDifferenceHeight + 4) + (has_pending(process) ? kPitch : 0) +
         (waits_for_many ? kLine : 0);
}

float Cards::height(const Process& process) const {
  const float below = notes_height(process) + threads_height(process) +
                      kPitch * static_cast<float>(std::min(rows_of(process).size(), kMostRows + 1));
  return kHeader + below + (process.life != Life::kAlive && below == 0 ? 2 : 8);
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
  if (!alive) canvas_.box("dead", {{rect.x + 2, rect.y + 2, rect.width - 4, rect.height - 4}, 8, theme_.dead});

  const float left = rect.x + 20, right = rect.right() - 16;
  const std::string pid = fmt::format("pid {}", process.pid);
  const float pid_width = canvas_.fonts().width(Face::kMono, 13, pid);
  canvas_.tight_text("title", {left, rect.y + 27}, title(process), {Face::kBold, 17, alive ? theme_.ink : theme_.muted},
                     right - left - pid_width - 12);
  canvas_.text("pid", {right, rect.y + 27}, pid, {Face::kMono, 13, theme_.muted, Align::kRight});
  float doing_right = right;
  const Threads threads = threads_in(process);
  if (alive) {
    // Below the pid only where there is no room beside it: there stands what the process does.
    const float counts = counter_width(process);
    const float free = right - left - pid_width - 12 - canvas_.fonts().width(Face::kBold, 17, title(process));
    const bool beside_pid = free > counts;
    draw_counter(process, beside_pid ? Point{right - pid_width - 12, rect.y + 22} : Point{right, rect.y + 46});
    if (!beside_pid) doing_right -= counts;
  }
  // The first thread has a row of its own.
  if (!threads.shown)
    if (const float width = step_button(process, {doing_right, rect.y + 46}); width > 0) doing_right -= width + 8;
  const auto chip = [&](const char* part, const char* label, Color fill) {
    const float width = canvas_.fonts().width(Face::kSemiBold, kChip, label) + kChip * 1.3f;
    canvas_.chip(part, {doing_right - width, rect.y + 46}, label, fill, kChip);
    doing_right -= width + 8;
  };
  if (process.held && alive) chip("held", "HELD", theme_.chip);
  if (process.stopped && alive) chip("stopped", process.traced ? "TRACED" : "STOPPED", theme_.ink);
  if (orphan || killed || process.life == Life::kDead)
    chip("state",
         orphan   ? "ORPHAN"
         : killed ? "KILLED"
                  : "ZOMBIE",
         killed || orphan || lingers(process, request_.diagnoses) ? theme_.alarm : theme_.chip);
  const TextStyle style{killed ? Face::kSemiBold : Face::kRegular, 13.5f, killed ? theme_.alarm : theme_.muted};
  std::string words = doing(world_, process);
  if (threads.shown) {
    const std::string count = plural(1 + threads.rows.size() + threads.cells.size(), "thread", "threads");
    words = canvas_.wording({count + ", one address space", count}, style, doing_right - left);
  }
  canvas_.tight_text("doing", {left, rect.y + 50}, std::move(words), style, doing_right - left);

  Rect place{left, rect.y + kHeader, right - left - 4, kRow};
  draw_notes(process, place);
  place.y += notes_height(process);
  draw_threads(process, place);
  place.y += threads_height(process);
  const std::vector<TableRow> rows = rows_of(process);
  for (std::size_t row = 0; row < rows.size(); ++row, place.y += kPitch) {
    if (row == kMostRows) {
      canvas_.text("more", {left + 12, place.y + 18}, fmt::format("and {} more descriptors", rows.size() - row),
                   {Face::kRegular, 13, theme_.muted});
      break;
    }
    draw_row(process, rows[row], place, dots);
  }
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
  if (!has_pending(process)) return;
  const float used = canvas_.chip("pending", {place.x, place.y + kRow / 2}, pending(process), theme_.chip, kChip);
  canvas_.text("why pending", {place.x + used + 10, place.y + 18}, why_pending(process),
               {Face::kRegular, 12.5f, theme_.muted}, place.width - used - 10);
}

void Cards::draw_row(const Process& process, const TableRow& row, Rect place, std::vector<Dot>& dots) {
  if (row.open != nullptr) return open_row(process, row, place, dots);
  if (row.difference != nullptr) return unreported_row(row, place);
  closed_row(*row.closed, place);
}

void Cards::closed_row(const ClosedDescriptor& closed, Rect place) {
  const auto part = static_cast<std::uint64_t>(closed.fd);
  const float y = place.y + 18;
  canvas_.box("closed", {place, 5, kTransparent, theme_.line, 1.2f, Dash::kDotted}, part);
  canvas_.text("closed fd", {place.x + 12, y}, std::to_string(closed.fd), {Face::kMono, 14, theme_.faint}, 0, part);
  canvas_.text("closed name", {place.x + 42 + (closed.fd > 99 ? 12.f : 0.f), y}, variable_for(closed.kind),
               {Face::kMono, 14, theme_.faint, Align::kLeft, 0, true}, 0, part);
  canvas_.text("closed word", {place.right() - 12, y}, "closed", {Face::kRegular, 12, theme_.faint, Align::kRight}, 0,
               part);
}

void Cards::open_row(const Process& process, const TableRow& row, Rect place, std::vector<Dot>& dots) {
  const Descriptor& descriptor = *row.open;
  const OpenFile* found = find_file(world_, descriptor.file);
  if (found == nullptr) return;
  const OpenFile& file = *found;
  const auto part = static_cast<std::uint64_t>(descriptor.fd);
  const Subject subject = subject_of(process, descriptor);
  const bool selected = is_selected(subject), differs = row.difference != nullptr;
  const Point dot{place.right() - 12, place.y + kRow / 2};
  const float y = place.y + 18, name_at = place.x + 42 + (descriptor.fd > 99 ? 12.f : 0.f);
  const std::string name = variable_for(file.kind);
  canvas_.area(subject, place);
  canvas_.box("row",
              {place, 5, differs ? theme_.alarm_soft : theme_.row,
               selected  ? theme_.panel_accent
               : differs ? theme_.alarm
                         : kTransparent,
               selected  ? 2.5f
               : differs ? 1.8f
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
