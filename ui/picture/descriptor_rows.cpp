// The descriptor table of a process, in its card: what is open, what was closed, what nobody has told of.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/world/describe.hpp"
#include "ui/picture/cards.hpp"

namespace forktable {
namespace {

constexpr float kChip = 13.5f;
constexpr std::size_t kMostRows = 10;  // beyond it, they are counted

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

float Cards::table_height(std::size_t rows) const {
  return lines_.pitch * static_cast<float>(std::min(rows, kMostRows + 1));
}

void Cards::draw_table(const Process& process, Rect place, std::vector<Dot>& dots) {
  const std::vector<TableRow> rows = rows_of(process);
  place.height = lines_.row;
  for (std::size_t row = 0; row < rows.size(); ++row, place.y += lines_.pitch) {
    if (row == kMostRows)
      return canvas_.text("more", {place.x + 12, place.y + lines_.words},
                          fmt::format("and {} more descriptors", rows.size() - row),
                          {Face::kRegular, 13.5f, theme_.muted});
    draw_row(process, rows[row], place, dots);
  }
  if (const std::string words = in_use(process); !words.empty())
    canvas_.tight_text("in use", {place.x + 12, place.y + lines_.words}, words, {Face::kRegular, 13.5f, theme_.muted},
                       place.width - 12);
}

// Of the server, where that matters: how many it may have, and has. Those that aren't shown count, too.
std::string Cards::in_use(const Process& process) const {
  const int limit = world_.descriptor_limit;
  if (!in_lesson() || process.id != world_.server || process.life != Life::kAlive || limit == 0 ||
      limit >= kFewDescriptors)
    return {};
  const auto shown = std::count_if(process.descriptors.begin(), process.descriptors.end(),
                                   [&](const Descriptor& one) { return one.fd > 2 && one.fd < limit; });
  return fmt::format("and 0, 1, 2: {} of {}", 3 + shown, limit);
}

std::optional<float> Cards::place_of_waited(const Process& process) const {
  const std::vector<TableRow> rows = rows_of(process);
  if (is_asleep(process))
    for (std::size_t row = 0; row < std::min(rows.size(), kMostRows); ++row)
      if (rows[row].open != nullptr && rows[row].fd == process.activity.fd)
        return lines_.pitch * static_cast<float>(row) + lines_.row / 2;
  return std::nullopt;
}

void Cards::draw_row(const Process& process, const TableRow& row, Rect place, std::vector<Dot>& dots) {
  if (row.open != nullptr) return open_row(process, row, place, dots);
  if (row.difference != nullptr) return unreported_row(row, place);
  closed_row(process, *row.closed, place, dots);
}

void Cards::closed_row(const Process& process, const ClosedDescriptor& closed, Rect place, std::vector<Dot>& dots) {
  const auto part = static_cast<std::uint64_t>(closed.fd);
  const float y = place.y + lines_.words;
  canvas_.box("closed", {place, 5, kTransparent, theme_.line, 1.2f, Dash::kDotted}, part);
  canvas_.text("closed fd", {place.x + 12, y}, std::to_string(closed.fd), {Face::kMono, 14, theme_.faint}, 0, part);
  const float name_at = place.x + 42 + (closed.fd > 99 ? 12.f : 0.f);
  const std::string name = name_in(process, closed);
  canvas_.text("closed name", {name_at, y}, name, {Face::kMono, 14, theme_.faint, Align::kLeft, 0, true}, 0, part);
  const OpenFile* gone = is_recent(closed.at) ? find_gone_file(world_, closed.file) : nullptr;
  const bool was_last = gone != nullptr && gone->changed_at == closed.at;
  const Point dot{place.right() - 12, place.y + lines_.row / 2};
  const TextStyle style{Face::kRegular, 13.5f, theme_.faint, Align::kRight};
  // The line through its name says it, too.
  const float right = was_last ? dot.x - 12 : dot.x;
  const float used = name_at + canvas_.width(Face::kMono, 14, name) + 8;
  canvas_.text(
      "closed word", {right, y},
      canvas_.wording({closed.by_exec ? "closed by execve" : "closed", closed.by_exec ? "execve" : "closed", ""}, style,
                      right - used),
      style, 0, part);
  if (!was_last) return;
  // It still shows which open file went with it.
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
  const bool waited = is_asleep(process) && process.activity.fd == descriptor.fd;
  const Point dot{place.right() - 12, place.y + lines_.row / 2};
  const float y = place.y + lines_.words, name_at = place.x + 42 + (descriptor.fd > 99 ? 12.f : 0.f);
  std::string name = name_in(process, descriptor.fd, file);
  if (file.kind == FileKind::kConnection && name == title_of(file) &&
      (!in_lesson() || canvas_.width(Face::kMono, 14, name) > dot.x - 10 - name_at))
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
  canvas_.tight_text("name", {name_at, y}, name, {Face::kMono, 14, theme_.ink, Align::kLeft, 0, differs},
                     dot.x - 10 - name_at, part);
  if (differs) {
    const float used = name_at + canvas_.width(Face::kMono, 14, name) + 10;
    canvas_.text("kernel", {dot.x - 14, y}, "kernel: " + printable(row.difference->kernel.view()),
                 {Face::kSemiBold, 13.5f, theme_.alarm, Align::kRight}, dot.x - 14 - used, part);
  } else {
    float used = name_at + canvas_.width(Face::kMono, 14, name) + 8;
    if (const std::string target = "→ " + title_of(file); names_targets_ && name != title_of(file)) {
      const TextStyle style{Face::kSemiBold, 13.5f, theme_.muted};
      canvas_.text("target", {used, y}, target, style, dot.x - 14 - used, part);
      used += canvas_.width(style.face, style.size, target) + 8;
    }
    draw_use(process, descriptor, file, {dot.x - 14, dot.y}, dot.x - 14 - used);
  }
  canvas_.box("dot", {{dot.x - 6, dot.y - 6, 12, 12}, 6, color_of(file)}, part);
  const bool leaking = file.acceptor == process.id && leaks(file);
  dots.push_back({descriptor.file, dot, leaking || differs ? theme_.alarm : color_of(file),
                  selected || leaking ? 3.6f : 2.2f, key_of(key_of(subject_of(process)), "arrow", part),
                  differs ? Dash::kDashed : Dash::kSolid});
}

void Cards::unreported_row(const TableRow& row, Rect place) {
  const auto part = static_cast<std::uint64_t>(row.fd);
  const float y = place.y + lines_.words, words_at = place.x + 42 + (row.fd > 99 ? 12.f : 0.f);
  canvas_.box("unreported", {place, 5, theme_.alarm_soft, theme_.alarm, 1.8f, Dash::kDashed}, part);
  canvas_.text("fd", {place.x + 12, y}, std::to_string(row.fd), {Face::kMonoBold, 14, theme_.alarm}, 0, part);
  canvas_.text("unreported words", {words_at, y},
               fmt::format("{} — kernel: {}", row.closed != nullptr ? "closed" : "not reported",
                           printable(row.difference->kernel.view())),
               {Face::kSemiBold, 13.5f, theme_.alarm}, place.right() - 12 - words_at, part);
}

void Cards::draw_use(const Process& process, const Descriptor& descriptor, const OpenFile& file, Point right,
                     float widest) {
  const auto part = static_cast<std::uint64_t>(descriptor.fd);
  if (process.shape.has(Shape::kThreads) && file.kind == FileKind::kConnection) {
    std::string users;
    std::size_t count = 0;
    // Main has yet to make a thread for it, or that hasn't begun.
    bool expected = process.accepted == file.id ||
                    std::any_of(world_.expected.begin(), world_.expected.end(), [&](const ExpectedChild& one) {
                      return one.child.thread_of == process.id && one.child.connection == file.number;
                    });
    for (const Process* thread : threads_of(world_, process)) {
      if (thread->life != Life::kAlive) continue;
      expected = expected || (thread->argument < 0 && thread->connection == file.number);
      if (thread->argument != descriptor.fd) continue;
      if (++count <= 2) users += fmt::format("{}{}", count == 1 ? "" : ", ", thread->fork);
    }
    const bool alarming = count > 1 || (count == 0 && !expected);
    std::string words = count == 0   ? (expected ? "" : "no thread serves it")
                        : count == 1 ? "thread " + users
                        : count == 2 ? "threads " + users
                                     : fmt::format("{} threads", count);
    const TextStyle style{alarming ? Face::kSemiBold : Face::kRegular, 13.5f, alarming ? theme_.alarm : theme_.muted,
                          Align::kRight};
    if (!words.empty()) canvas_.tight_text("use", {right.x, right.y + 4.5f}, std::move(words), style, widest, part);
    return;
  }
  if (descriptor.cloexec && shows(Topic::kCloexec) && !is_flat(process)) {
    const TextStyle style{Face::kRegular, 13.5f, theme_.muted, Align::kRight};
    canvas_.text("use", {right.x, right.y + 4.5f}, canvas_.wording({"close-on-exec", "cloexec", ""}, style, widest),
                 style, 0, part);
    return;
  }
  const auto has = [&](const std::vector<int>& all) {
    return std::binary_search(all.begin(), all.end(), descriptor.fd);
  };
  const bool works = process.activity.kind == Activity::kWorking && !process.gate;  // at a gate, it is over
  if (works && process.activity.fd == descriptor.fd) {
    const std::string words = canvas_.wording({"working on it", "working", "busy"},
                                              {Face::kSemiBold, kChip, theme_.ink}, widest - kChip * 1.3f);
    canvas_.chip_before("working", right, words, theme_.accent, kChip, part);
    return;
  }
  if (!has(process.watched)) return;
  // A ring while it is only watched, a label when there is something to do: never told by the colour alone.
  if (has(process.ready)) {
    canvas_.chip_before("ready", right, "ready", theme_.ink, kChip, part);
    return;
  }
  constexpr float kRadius = 5;
  const TextStyle style{Face::kRegular, 13.5f, theme_.muted, Align::kRight};
  // Nobody watches it while its process does something else: it is in the set, or with the epoll instance, for the next
  // time.
  if (!is_polling(process)) {
    const char* words = process.shape.has(Shape::kEpolls) ? "in epfd" : "in read_set";
    return canvas_.text("use", {right.x, right.y + 4.5f}, canvas_.wording({words, ""}, style, widest), style, 0, part);
  }
  const float word = canvas_.width(style.face, style.size, "watched");
  const bool said = word + 8 + 2 * kRadius < widest;
  if (said) canvas_.text("use", {right.x, right.y + 4.5f}, "watched", style, 0, part);
  const float x = right.x - (said ? word + 8 : 0) - 2 * kRadius;
  canvas_.box("watch",
              {{x, right.y - kRadius, 2 * kRadius, 2 * kRadius}, kRadius, kTransparent, theme_.dead_line, 1.6f}, part);
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

}  // namespace forktable
