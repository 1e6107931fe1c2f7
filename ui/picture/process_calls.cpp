// What a process did last and what it does now, in its card.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>
#include <vector>

#include "core/world/describe.hpp"
#include "ui/picture/cards.hpp"

namespace forktable {
namespace {

constexpr float kChip = 13.5f;
constexpr float kLeastWords = 30;  // of width: where there is less, nothing is said

}  // namespace

float Cards::calls_height(const Process& process) const {
  if (process.life != Life::kAlive) return lines_.state * (was_sent_signal_dead(process) ? 2 : 1);
  const float exec = exec_words(process).empty() ? 0 : lines_.state;
  if (!in_lesson()) return lines_.state + exec;
  return lines_.returned + lines_.state + (process.in_handler != 0 ? lines_.state : 0) + exec;
}

std::string Cards::exec_words(const Process& process) const {
  if (process.program.length > 0) return "runs " + printable(process.program.view());
  if (!shows(Topic::kCloexec) || !is_flat(process)) return {};
  std::string numbers;
  for (const Descriptor& descriptor : process.descriptors)
    if (descriptor.cloexec) numbers += fmt::format("{}{}", numbers.empty() ? "" : ", ", descriptor.fd);
  return numbers.empty() ? numbers : numbers + ": close-on-exec";
}

std::string Cards::brief_call(std::string returned) {
  if (const std::size_t open = returned.find('('), close = returned.find(')', open); close != std::string::npos)
    returned.erase(open, close + 1 - open);
  else if (constexpr std::string_view kJobs = "jobs: "; returned.starts_with(kJobs))
    returned.erase(0, kJobs.size());
  return returned;
}

// As strace(1) would: the latest call with its result, strong in the step in which it returned.
void Cards::draw_returned(const Process& process, Rect place) {
  std::string returned = returned_of(process);
  if (returned.empty()) return;
  const bool recent = is_recent(process.returned.at), waited = process.returned.call == Call::kWaitpid;
  const bool failed = process.returned.error != 0 && !waited;  // ECHILD ends a loop
  const Face face = recent ? Face::kMonoBold : Face::kMono;
  // A handler that reaps asks again until it finds none: which child it was matters more than that.
  if (waited && is_recent(process.reaped.at) && process.reaped.step < process.returned.step) {
    const std::string first = words_of(process, process.reaped);
    const std::string then = process.returned.error != 0 ? error_name(process.returned.error) : "0";
    const std::string brief = fmt::format("{} = {}, {}", name_of(Call::kWaitpid), process.reaped.result, then);
    returned = canvas_.wording({first + ", then " + then, brief, first}, {face, 13.5f, theme_.ink}, place.width - 12);
  }
  if (recent)
    canvas_.box("returned box",
                {{place.x - 6, place.y + 1, std::min(place.width + 6, canvas_.width(face, 13.5f, returned) + 18), 22},
                 5,
                 color_of(process).faded(0.16f),
                 color_of(process),
                 1.4f});
  const float indent = recent ? 3 : 0;
  canvas_.tight_text("returned", {place.x + indent, place.y + 17}, {returned, brief_call(returned)},
                     {face, 13.5f,
                      failed   ? theme_.alarm
                      : recent ? theme_.ink
                               : theme_.faint},
                     place.width - 2 * indent);
}

// That, and the call it is in, or the next.
void Cards::draw_calls(const Process& process, Rect place, std::optional<Point> waited) {
  float right = place.x + place.width, y = place.y + 13;
  if (const std::string exec = exec_words(process); !exec.empty()) {
    canvas_.tight_text("exec", {place.x, place.y + place.height - 8}, exec,
                       {process.program.length > 0 ? Face::kSemiBold : Face::kRegular, 13.5f,
                        process.program.length > 0 ? theme_.ink : theme_.muted},
                       place.width);
  }
  if (in_lesson()) {
    draw_returned(process, place);
    y += lines_.returned + 2;
  }
  const auto chip = [&](const char* part, const char* label, Color fill) {
    right -= canvas_.chip_before(part, {right, y - 4}, label, fill, kChip) + 8;
  };
  // With EPIPE comes SIGPIPE, and whoever sees the error has survived that.
  if (in_lesson() && shows(Topic::kSignals) && process.returned.call == Call::kWrite &&
      process.returned.error == EPIPE) {
    const TextStyle style{Face::kSemiBold, 13.5f, theme_.muted, Align::kRight};
    canvas_.text("sigpipe", {right, y}, "SIGPIPE ignored", style);
    right -= canvas_.width(style.face, style.size, "SIGPIPE ignored") + 10;
  }
  if (const float button = step_button(process, {right, y - 4}); button > 0) right -= button + 8;
  if (process.held) chip("held", "HELD", theme_.chip);
  if (process.stopped) chip("stopped", process.traced ? "TRACED" : "STOPPED", theme_.ink);
  const bool orphan = is_orphan(world_, process), flat = parts_of(process).flat;
  if (orphan && !flat) chip("state", "ORPHAN", theme_.alarm);
  if (!in_lesson()) {
    // Beside what it does, where there is room for it.
    const float used = canvas_.width(Face::kSemiBold, 13.5f, doing(world_, process)) + 30;
    const std::string returned = returned_of(process);
    if (const float width = canvas_.width(Face::kMono, 13.5f, returned);
        !returned.empty() && place.x + used + width < right) {
      canvas_.text("returned", {right, y}, returned, {Face::kMono, 13.5f, theme_.faint, Align::kRight});
      right -= width + 8;
    }
  }
  float x = place.x;
  const auto words = [&](const char* part, const std::string& text, const TextStyle& style) {
    const std::string brief = text.substr(0, text.find(", semop()"));  // P says it, too
    if (right - x > kLeastWords) canvas_.tight_text(part, {x, y}, {text, brief}, style, right - x);
  };
  if (process.in_handler != 0) {
    const std::string next = process.gate ? ", next: " + next_of(process) : "";
    const TextStyle style{Face::kSemiBold, 13.5f, theme_.ink};
    const std::string name = signal_name(process.in_handler);
    words("handler", canvas_.wording({name + " handler" + next, "handler" + next}, style, right - x), style);
    if (!in_lesson()) return;
    y += lines_.state;
    std::string interrupted = "the program";
    if (process.activity_outside.kind == Activity::kInCall)
      interrupted = words_of(process.activity_outside.call, process.activity_outside.fd);
    x += 12;
    words("interrupted", "interrupts " + interrupted, {Face::kRegular, 13.5f, theme_.muted});
    return;
  }
  // What its title says already, where there is little room.
  std::string does = doing(world_, process);
  if (constexpr std::string_view kOrphan = "orphan, "; orphan && flat && does.starts_with(kOrphan))
    does.erase(0, kOrphan.size());
  const bool asleep = is_asleep(process);
  if (!asleep) {
    const bool trouble = process.stopped;
    return words("doing", does,
                 {trouble || process.gate ? Face::kSemiBold : Face::kRegular, 13.5f,
                  trouble        ? theme_.alarm
                  : process.gate ? theme_.ink
                                 : theme_.muted});
  }
  for (int bar = 0; bar < 2; ++bar)
    canvas_.box("pause", {{x + 6 * static_cast<float>(bar), y - 10, 3.6f, 11}, 1, theme_.muted},
                static_cast<std::uint64_t>(bar));
  x += 17;
  const TextStyle style{Face::kSemiBold, 13.5f, theme_.ink};
  words("doing", does, style);
  if (!waited) return;
  const float middle = y - 4.5f;
  std::vector<Point> way;
  if (waited->x > right)  // the table is beside it
    way = {{std::min(x + canvas_.width(style.face, style.size, does) + 4, right), middle},
           {waited->x - 7, middle},
           {waited->x - 7, waited->y},
           *waited};
  else
    way = {{place.x - 3, middle}, {place.x - 10, middle}, {place.x - 10, waited->y}, *waited};
  canvas_.line("waits for", {std::move(way), theme_.muted, 1.6f});
}

float Cards::step_button(const Process& process, Point at) {
  if (!request_.step_buttons || !process.gate || process.life != Life::kAlive) return 0;
  constexpr float kHeight = 23, kSize = 12;
  const std::string words = "▶ step";
  const float width = canvas_.width(Face::kSemiBold, kSize, words) + 18;
  const Rect rect{at.x - width, at.y - kHeight / 2, width, kHeight};
  canvas_.area({Subject::kStepProcess, process.id.value}, rect);
  canvas_.box("step", {rect, 5, theme_.card, color_of(process), 1.8f}, process.id.value);
  canvas_.text("step words", {rect.x + width / 2, at.y + kSize * 0.36f}, words,
               {Face::kSemiBold, kSize, theme_.ink, Align::kCenter}, 0, process.id.value);
  return width;
}

}  // namespace forktable
