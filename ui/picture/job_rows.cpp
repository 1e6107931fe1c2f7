// In the card of a process whose program keeps a list of its children: that list, and whether SIGCHLD is blocked.
#include <fmt/format.h>

#include <csignal>

#include "core/world/describe.hpp"
#include "ui/picture/cards.hpp"

namespace forktable {
namespace {

constexpr float kCellHeight = 23, kCellGap = 6;

// "child 1"; of one that isn't remembered, nothing. One that was reaped is still in the list.
std::string name_of_job(const World& world, const Job& job) {
  const Process* child = find_process(world, job.child);
  if (child == nullptr) return {};
  return title_of(*child) + (child->life == Life::kReaped ? ", reaped" : "");
}

}  // namespace

// Without a lesson, only while it is blocked.
bool Cards::shows_mask(const Process& process) const {
  return process.shape.has(Shape::kListsJobs) && process.life == Life::kAlive && shows(Topic::kSignals) &&
         (in_lesson() || has_signal(process.blocked, SIGCHLD));
}

bool Cards::shows_jobs(const Process& process) const {
  return process.shape.has(Shape::kListsJobs) && process.life == Life::kAlive && process.id == world_.server &&
         shows(Topic::kJobs);
}

// Two bits of the kernel's, each as a box that is filled or isn't. A child has no children: none is sent to it.
void Cards::draw_mask(const Process& process, Rect place) {
  const float y = place.y + 18, size = in_lesson() ? 13.5f : 13;
  float x = place.x;
  const auto word = [&](const char* part, const char* text, bool strong) {
    const Face face = strong ? Face::kSemiBold : Face::kRegular;
    canvas_.text(part, {x, y}, text, {face, size, strong ? theme_.ink : theme_.muted});
    x += canvas_.width(face, size, text) + 7;
  };
  const auto bit = [&](const char* part, const char* name, bool set) {
    word(name, name, set);
    canvas_.box(part, {{x, y - 11, 12, 12}, 2, set ? theme_.ink : theme_.card, theme_.ink, 1.4f});
    x += 26;
  };
  word("signal", "SIGCHLD", true);
  // While its handler runs, the kernel blocks it, too.
  bit("blocked bit", "blocked", has_signal(process.blocked, SIGCHLD) || process.in_handler == SIGCHLD);
  if (process.id == world_.server) bit("pending bit", "pending", has_signal(process.signals.pending, SIGCHLD));
}

// With the names of the children, or, where there is no room for that, their pids alone, as many as there is room for.
void Cards::draw_jobs(const Process& process, Rect place) {
  const float y = place.y + 18, right = place.right(), size = in_lesson() ? 13.5f : 13;
  const std::vector<Job>& jobs = process.jobs;
  const auto width_of = [&](Face face, const std::string& text) { return canvas_.width(face, size, text); };
  canvas_.text("jobs", {place.x, y}, "jobs", {Face::kMono, 13.5f, theme_.muted});
  const float left = place.x + canvas_.width(Face::kMono, 13.5f, "jobs ") + 4;
  if (jobs.empty())
    return canvas_.text("no jobs", {left, y}, "empty", {Face::kRegular, size, theme_.muted}, right - left);
  const auto cell_width = [&](const Job& job) { return width_of(Face::kMonoBold, std::to_string(job.pid)) + 14; };
  const auto name_width = [&](const Job& job) {
    const std::string name = name_of_job(world_, job);
    return name.empty() ? 0 : width_of(Face::kRegular, name) + 5;
  };
  float all = 0;
  for (const Job& job : jobs) all += cell_width(job) + name_width(job) + kCellGap + 4;
  const bool named = left + all - kCellGap <= right;
  float x = left;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const Job& job = jobs[i];
    const float width = cell_width(job);
    const std::string more = fmt::format("+{}", jobs.size() - i);
    const float reserved = i + 1 < jobs.size() ? width_of(Face::kRegular, more) + kCellGap : 0;
    if (!named && x + width + reserved > right)
      return canvas_.text("more jobs", {x, y}, more, {Face::kRegular, size, theme_.muted}, right - x);
    const Color color = job.late ? theme_.alarm : theme_.ink;
    canvas_.box("job", {{x, place.y + 2, width, kCellHeight}, 4, theme_.card, color, 1.6f}, i);
    canvas_.text("job pid", {x + 7, y}, std::to_string(job.pid), {Face::kMonoBold, size, color}, 0, i);
    x += width;
    if (named) {
      const std::string name = name_of_job(world_, job);
      canvas_.text("job name", {x + 5, y}, name,
                   {job.late ? Face::kSemiBold : Face::kRegular, size, job.late ? theme_.alarm : theme_.muted}, 0, i);
      x += name_width(job) + 4;
    }
    x += kCellGap;
  }
}

}  // namespace forktable
