// What else is said of a process, in its card: in what the kernel disagrees, what it waits for, errno, signals.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <csignal>
#include <cstddef>

#include "core/world/describe.hpp"
#include "ui/picture/cards.hpp"

namespace forktable {
namespace {

constexpr float kLine = 24, kChip = 11.5f, kLessonChip = 13.5f;
constexpr int kMostSignals = 2;  // that are named

// About the process itself, and not about one of its descriptors.
bool is_about(const Difference& difference, const Process& process) {
  return difference.pid == process.pid && process.life != Life::kReaped &&
         (difference.in == Differs::kProcess || difference.in == Differs::kCall || difference.in == Differs::kMask);
}

bool has_pending(const Process& process) { return process.life == Life::kAlive && process.signals.pending != 0; }

// errno of the server's first thread after a failed call, and what it has become: "EMFILE → ECHILD". Empty: none has
// failed. Nobody reports errno before the program looks at it: until then, it is what the listing makes of it, where
// the handler puts back what it found, or doesn't.
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
  return static_cast<float>(differing) * (kDifferenceHeight + 4) +
         (shows_pending(process) || shows_ignored_sigchld(process) ? kNote : 0) + (shows_errno(process) ? kNote : 0) +
         (shows_mask(process) ? kNote : 0) + (shows_jobs(process) ? kNote : 0) + (waits_for_many ? kLine : 0);
}

// Where it is shown whether SIGCHLD is blocked, it is shown there whether it is pending.
bool Cards::shows_pending(const Process& process) const {
  return shows(Topic::kSignals) && has_pending(process) &&
         !(shows_mask(process) && process.signals.pending == 1u << (SIGCHLD - 1));
}

bool Cards::shows_ignored_sigchld(const Process& process) const {
  return in_lesson() && shows(Topic::kSignals) && process.id == world_.server && process.life == Life::kAlive &&
         world_.bugs.has(Bug::kNoSigchldHandler) && !has_signal(process.signals.caught, SIGCHLD) &&
         !has_pending(process) &&
         std::any_of(world_.processes.begin(), world_.processes.end(), [&](const Process& one) {
           return one.parent == process.id && one.life == Life::kDead && one.ended_at > process.delivered_at;
         });
}

// Of the server, in a lesson about it, once there is one.
bool Cards::shows_errno(const Process& process) const {
  return in_lesson() && shows(Topic::kErrno) && process.id == world_.server && process.life == Life::kAlive &&
         !errno_of_trouble(world_).empty();
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
                       {some ? Face::kSemiBold : Face::kRegular, 13.5f, some ? theme_.ink : theme_.muted}, place.width);
    place.y += kLine;
  }
  if (shows_errno(process)) {
    canvas_.text("errno", {place.x, place.y + 18}, "errno", {Face::kMono, 13.5f, theme_.muted});
    const std::string words = errno_of_trouble(world_);
    const float x = place.x + canvas_.width(Face::kMono, 13.5f, "errno ") + 4;
    const float width = canvas_.width(Face::kMonoBold, 13.5f, words) + 16;
    canvas_.box("errno cell", {{x, place.y + 2, width, 23}, 4, theme_.card, theme_.ink, 1.6f});
    canvas_.text("errno value", {x + 8, place.y + 18}, words, {Face::kMonoBold, 13.5f, theme_.ink});
    place.y += kNote;
  }
  if (shows_mask(process)) {
    draw_mask(process, place);
    place.y += kNote;
  }
  if (shows_jobs(process)) {
    draw_jobs(process, place);
    place.y += kNote;
  }
  if (shows_ignored_sigchld(process)) return draw_sigchld(process, place);
  if (!shows_pending(process)) return;
  if (in_lesson() && process.signals.pending == 1u << (SIGCHLD - 1)) return draw_sigchld(process, place);
  const float used = canvas_.chip("pending", {place.x, place.y + kNote / 2 - 1.5f}, pending(process), theme_.chip,
                                  in_lesson() ? kLessonChip : kChip);
  canvas_.text("why pending", {place.x + used + 10, place.y + 18}, why_pending(process),
               {Face::kRegular, in_lesson() ? 13.5f : 12.5f, theme_.muted}, place.width - used - 10);
}

// How many were sent beside the one bit that is pending; or beside what comes of them by default.
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
    canvas_.text(part, {x, y}, text, {face, 13.5f, face == Face::kSemiBold ? theme_.ink : theme_.muted});
    x += canvas_.width(face, 13.5f, text) + 7;
  };
  word("pending", "SIGCHLD", Face::kSemiBold);
  word("sent word", "sent", Face::kRegular);
  for (std::ptrdiff_t i = 0; i < std::min<std::ptrdiff_t>(sent, 6); ++i, x += 14)
    canvas_.box("sent", {{x, y - 10, 10, 10}, 5, theme_.ink}, static_cast<std::uint64_t>(i));
  x += 6;
  if (!has_pending(process)) return word("default word", "no handler", Face::kSemiBold);
  word("pending word", "pending", Face::kRegular);
  canvas_.box("bit", {{x, y - 11, 12, 12}, 2, theme_.ink});
  x += 19;
  // With only one sent, that would be no news.
  if (sent > 1) word("bit word", "one bit", Face::kSemiBold);
}

}  // namespace forktable
