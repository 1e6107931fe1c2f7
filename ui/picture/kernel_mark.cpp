#include "ui/picture/kernel_mark.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ui/picture/wrap.hpp"

namespace forktable {
namespace {

constexpr float kRadius = 9, kIndent = 27, kType = 13, kSmallType = 12.5f, kLeading = 18, kEdge = 5;
constexpr float kBriefDisc = 26, kTwoLines = 12.5f;  // room for the disc; the type of two lines
constexpr std::size_t kMostElsewhere = 2;

}  // namespace

Face KernelMark::face_of(const Line& line) { return line.heading ? Face::kSemiBold : Face::kRegular; }
float KernelMark::size_of(const Line& line) { return line.heading ? kType : kSmallType; }

std::vector<KernelMark::Line> KernelMark::lines(float width) const {
  std::vector<Line> all;
  const auto add = [&](const std::string& text, bool heading, bool alarm) {
    Line line{{}, heading, alarm};
    for (std::string& part : wrap(text, face_of(line), size_of(line), width - kIndent - kEdge, canvas_.fonts())) {
      line.text = std::move(part);
      all.push_back(line);
    }
  };
  const bool differs = verdict_.kind == KernelVerdict::kDiffers;
  add(verdict_.words, true, differs);
  for (std::size_t i = 0; i < std::min(verdict_.elsewhere.size(), kMostElsewhere); ++i)
    add(verdict_.elsewhere[i], false, true);
  if (verdict_.elsewhere.size() > kMostElsewhere)
    add(fmt::format("and {} more", verdict_.elsewhere.size() - kMostElsewhere), false, true);
  if (!verdict_.unchecked.empty()) add(verdict_.unchecked, false, false);
  return all;
}

float KernelMark::height(float width) const {
  if (verdict_.kind == KernelVerdict::kNone) return 0;
  return kLeading * static_cast<float>(lines(width).size()) + 2 * kEdge;
}

void KernelMark::draw(Point at, float width, bool selected) {
  if (verdict_.kind == KernelVerdict::kNone) return;
  const Theme& theme = canvas_.theme();
  float used = 0;
  for (const Line& line : lines(width)) used = std::max(used, canvas_.width(face_of(line), size_of(line), line.text));
  const Rect rect{at.x, at.y, std::min(width, kIndent + used + 2 * kEdge), height(width)};
  canvas_.begin({Subject::kKernel}, rect);
  if (selected) canvas_.box("selected", {rect, 8, kTransparent, theme.panel_accent, 3});
  disc({at.x + kEdge + kRadius, at.y + kEdge + kLeading / 2}, kRadius);
  float y = at.y + kEdge + 13.5f;
  std::uint64_t index = 0;
  for (Line& line : lines(width)) {
    const bool quiet = verdict_.kind == KernelVerdict::kUnasked || (past_ && verdict_.kind == KernelVerdict::kAgrees);
    const Color color = line.alarm ? theme.alarm : line.heading && !quiet ? theme.ink : theme.muted;
    canvas_.text("words", {at.x + kIndent, y}, std::move(line.text), {face_of(line), size_of(line), color},
                 width - kIndent - kEdge, index++);
    y += kLeading;
  }
}

void KernelMark::draw_brief(Point right, float widest) {
  const bool agrees = verdict_.kind == KernelVerdict::kAgrees;
  if (!agrees && verdict_.kind != KernelVerdict::kDiffers) return;
  const Theme& theme = canvas_.theme();
  TextStyle style{Face::kSemiBold, 13.5f, agrees ? theme.muted : theme.alarm, Align::kRight};
  const auto width_of = [&](const std::string& words) { return canvas_.width(style.face, style.size, words); };
  const std::string subject = "kernel", verb = agrees ? "agrees" : "differs", whole = subject + " " + verb;
  const bool one_line = width_of(whole) <= widest - kBriefDisc;
  if (!one_line && !canvas_.has_large_type()) style.size = kTwoLines;
  const float two = std::max(width_of(subject), width_of(verb));
  const float width = one_line ? width_of(whole) : two <= widest - kBriefDisc ? two : 0;
  const float half = canvas_.has_large_type() ? 22 : 14;  // of two lines
  canvas_.begin({Subject::kKernel}, {right.x - width - kBriefDisc, right.y - half, width + kBriefDisc + 4, 2 * half});
  disc({right.x - width - 15, right.y}, 8);
  if (one_line) return canvas_.text("words", {right.x, right.y + 4.3f}, whole, style);
  if (width == 0) return;
  const float left = right.x - width;
  style.align = Align::kLeft;
  canvas_.text("words", {left, right.y - half * 0.2f}, subject, style, 0, 0);
  canvas_.text("words", {left, right.y + half * 0.7f}, verb, style, 0, 1);
}

// A tick, an exclamation mark, or an empty ring: never told by the colour alone. That it agreed once is in grey.
void KernelMark::disc(Point center, float radius) {
  const Theme& theme = canvas_.theme();
  const Rect rect{center.x - radius, center.y - radius, 2 * radius, 2 * radius};
  if (verdict_.kind == KernelVerdict::kUnasked)
    return canvas_.box("ring", {rect, radius, kTransparent, theme.dead_line, 2, Dash::kDotted});
  const Color agreeing = past_ ? theme.dead_line : theme.good;
  const Color color = verdict_.kind == KernelVerdict::kAgrees ? agreeing : theme.alarm;
  canvas_.box(verdict_.kind == KernelVerdict::kAgrees ? "good disc" : "alarm disc", {rect, radius, color});
  if (verdict_.kind == KernelVerdict::kAgrees)
    return canvas_.line(
        "tick",
        {{{center.x - 4.2f, center.y + 0.2f}, {center.x - 1.2f, center.y + 3.4f}, {center.x + 4.4f, center.y - 3.2f}},
         readable_on(color),
         2.2f});
  canvas_.text("mark", {center.x, center.y + 5}, "!", {Face::kBold, 14, readable_on(color), Align::kCenter});
}

}  // namespace forktable
