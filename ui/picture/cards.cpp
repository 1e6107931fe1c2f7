#include "ui/picture/cards.hpp"

#include <algorithm>

#include "core/world/describe.hpp"
#include "ui/picture/diagnoses.hpp"

namespace forktable {
namespace {

constexpr LineHeights kUsualLines;

}  // namespace

Cards::Cards(Canvas& canvas, const PictureRequest& request)
    : canvas_(canvas),
      request_(request),
      world_(request.world),
      theme_(request.theme),
      lines_(request.stage ? kLessonLines : kUsualLines) {
  for (const Process& process : world_.processes) latest_act_ = std::max(latest_act_, process.acted_step);
  leaked_ = leaked_files(world_, request.diagnoses);
}

Color Cards::color_of(const Process& process) const {
  if (process.thread_of && process.argument < 0) return theme_.dead_line;  // it hasn't looked yet whom it serves
  return process.parent && !is_idle(process) ? theme_.connection(process.connection) : theme_.ink;
}
Color Cards::color_of(const OpenFile& file) const {
  switch (file.kind) {
    case FileKind::kListening: return theme_.ink;
    case FileKind::kConnection: return theme_.connection(file.number);
    case FileKind::kPlumbing: return theme_.faint;
    default: return theme_.ink;
  }
  return theme_.ink;
}
Color Cards::color_of(const Client& client) const { return theme_.connection(client.connection_number); }

bool Cards::is_recent(Nanoseconds at) const {
  if (request_.stage) return at > world_.lesson_stopped_before;
  return request_.now - at <= request_.recent;
}

void Cards::frame(Rect rect, Color color, bool bar, bool selected, Dash dash) {
  if (selected)
    canvas_.box("selected", {{rect.x - 5, rect.y - 5, rect.width + 10, rect.height + 10},
                             14,
                             kTransparent,
                             theme_.panel_accent,
                             3,
                             Dash::kSolid});
  canvas_.box("card", {rect, 10, theme_.card, color, 2.5f, dash});
  if (bar)
    canvas_.box("bar", {{rect.x - 1, rect.y + 1, 7, rect.height - 2}, 3.5f, color, kTransparent, 0, Dash::kSolid});
}

std::string Cards::brief_words_of(const Difference& difference) {
  return printable(difference.ours.view()) + " — kernel: " + printable(difference.kernel.view());
}

void Cards::draw_difference(const Difference& difference, Point at, float width, std::uint64_t index) {
  canvas_.box("difference", {{at.x, at.y, width, kDifferenceHeight}, 5, theme_.alarm_soft, theme_.alarm, 1.8f}, index);
  canvas_.text("reported", {at.x + 12, at.y + 17}, "reported: " + printable(difference.ours.view()),
               {Face::kRegular, 13.5f, theme_.alarm}, width - 20, index);
  canvas_.text("kernel", {at.x + 12, at.y + 34}, "kernel: " + printable(difference.kernel.view()),
               {Face::kSemiBold, 13.5f, theme_.alarm}, width - 20, index);
}

TextStyle Cards::line_style(const std::string& disagreement) const {
  return disagreement.empty() ? TextStyle{Face::kRegular, 13.5f, theme_.muted}
                              : TextStyle{Face::kSemiBold, 13.5f, theme_.alarm};
}

bool Cards::is_selected(const OpenFile& file) const {
  if (request_.selected.kind != Subject::kDescriptor) return is_selected(subject_of(file));
  const Process* process = find_process(world_, ProcessId{request_.selected.id});
  const Descriptor* descriptor =
      process != nullptr ? find_descriptor(*process, static_cast<int>(request_.selected.part)) : nullptr;
  return descriptor != nullptr && descriptor->file == file.id;
}

}  // namespace forktable
