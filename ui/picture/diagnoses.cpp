#include "ui/picture/diagnoses.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ui/picture/wrap.hpp"

namespace forktable {
namespace {

constexpr float kType = 13.5f, kLessonType = 18.2f;
constexpr float kGap = 10;
constexpr float kPadding = 16, kEdge = 12;
constexpr std::size_t kMostTextLines = 5, kMostBriefLines = 2, kMostColumnLines = 9;
constexpr float kNarrow = 400;  // in a lesson, a column
constexpr float kLineGap = 6;
constexpr std::size_t kMostLines = 3;  // beyond the full ones; the rest is counted

float half(float width) { return (width - kGap) / 2; }

}  // namespace

DiagnosisCards::DiagnosisCards(Canvas& canvas, const PictureRequest& request)
    : canvas_(canvas.with_plain_type()),
      all_(request.warns ? std::vector(request.diagnoses.begin(), request.diagnoses.end()) : std::vector<Diagnosis>()),
      lesson_step_(request.lesson_step),
      links_(request.links),
      brief_(static_cast<bool>(request.stage)),
      type_(canvas.has_large_type() ? kLessonType : kType),
      leading_(canvas.has_large_type() ? 24.f : 20.f),
      line_height_(canvas.has_large_type() ? 32.f : 28.f) {
  // The news first.
  std::stable_sort(all_.begin(), all_.end(), [](const Diagnosis& a, const Diagnosis& b) { return a.since > b.since; });
}

std::string DiagnosisCards::since_words(const Diagnosis& diagnosis) const {
  return fmt::format("since step {}", lesson_step_ ? lesson_step_(diagnosis.since) : diagnosis.since);
}

DiagnosisCards::Words DiagnosisCards::words_of(const Diagnosis& diagnosis, float width) const {
  const Fonts& fonts = canvas_.fonts();
  const float room = width - 2 * kPadding;
  Words words;
  const bool narrow = brief_ && width <= kNarrow;  // a column that nothing else is in
  words.title = narrow ? wrap(diagnosis.title, Face::kBold, type_ + 1, room, fonts) : std::vector{diagnosis.title};
  words.indent = fonts.width(Face::kBold, type_ + 1, words.title.back()) + 9;
  if (narrow && room - words.indent < room / 3) words.indent = room;  // the text begins below it
  words.lines = wrap(diagnosis.text, Face::kRegular, type_, room, fonts, words.indent < room ? words.indent : 0);
  const std::size_t most = narrow ? kMostColumnLines : brief_ ? kMostBriefLines : kMostTextLines;
  if (words.lines.size() > most) {
    words.lines.resize(most);
    words.lines.back() += " …";
  }
  const float before = fonts.width(Face::kBold, type_, "Fix: ");
  words.fix_below = narrow && fonts.width(Face::kMonoBold, type_, diagnosis.fix) > room - before;
  const float beside = words.fix_below ? 0 : before;
  if (fonts.width(Face::kMonoBold, type_, diagnosis.fix) > room - beside)
    words.fix = wrap_code(diagnosis.fix, Face::kMonoBold, type_, room - beside, fonts);
  else if (!diagnosis.fix.empty())
    words.fix = {diagnosis.fix};
  const float last = words.fix.empty() ? 0 : beside + fonts.width(Face::kMonoBold, type_, words.fix.back());
  words.since_below = diagnosis.since != 0 && last + 16 + since_width(diagnosis, type_) > room;
  const std::size_t rows = words.title.size() - 1 + (words.indent == room ? 1 : 0) +
                           std::max<std::size_t>(1, words.lines.size()) + (words.fix_below ? 1 : 0) +
                           std::max<std::size_t>(1, words.fix.size()) + (words.since_below ? 1 : 0);
  words.height = 2 * kEdge + leading_ * static_cast<float>(rows) - 4;
  return words;
}

std::size_t DiagnosisCards::lines_beyond(std::size_t full) const {
  return all_.size() <= full ? 0 : std::min(all_.size() - full, kMostLines);
}

float DiagnosisCards::height(float width, std::size_t full, bool beside) const {
  full = std::min(full, all_.size());
  float height = 0;
  if (beside && full == 2)
    height = std::max(words_of(all_[0], half(width)).height, words_of(all_[1], half(width)).height) + kGap;
  else
    for (std::size_t i = 0; i < full; ++i) height += words_of(all_[i], width).height + kGap;
  if (brief_) return std::max(0.f, height + (full < all_.size() ? line_height_ + kLineGap : 0) - kLineGap);
  const std::size_t lines = lines_beyond(full);
  height += static_cast<float>(lines) * (line_height_ + kLineGap);
  if (full + lines < all_.size()) height += line_height_;
  return std::max(0.f, height - kLineGap);
}

void DiagnosisCards::draw(Point at, float width, std::size_t full, bool beside) {
  full = std::min(full, all_.size());
  if (beside && full == 2) {
    draw_full(all_[0], at, half(width));
    draw_full(all_[1], {at.x + width - half(width), at.y}, half(width));
    at.y += std::max(words_of(all_[0], half(width)).height, words_of(all_[1], half(width)).height) + kGap;
  } else {
    for (std::size_t i = 0; i < full; ++i) {
      draw_full(all_[i], at, width);
      at.y += words_of(all_[i], width).height + kGap;
    }
  }
  if (brief_) {
    if (full < all_.size()) draw_names(full, at, width);
    return;
  }
  const std::size_t lines = lines_beyond(full);
  for (std::size_t i = 0; i < lines; ++i) {
    draw_line(all_[full + i], at, width);
    at.y += line_height_ + kLineGap;
  }
  if (full + lines == all_.size()) return;
  canvas_.begin("diagnoses");
  canvas_.text("more", {at.x + kPadding, at.y + 14}, fmt::format("and {} more", all_.size() - full - lines),
               {Face::kSemiBold, type_, canvas_.theme().alarm});
}

void DiagnosisCards::begin(const Diagnosis& diagnosis, Rect rect) {
  const Key who = key_of(key_of(key_of({Subject::kProcess, diagnosis.process.value}), "file", diagnosis.file.value),
                         "client", diagnosis.client.value);
  canvas_.begin(key_of(key_of(who, diagnosis.kind), "since", diagnosis.since), {}, rect, 0);
}

float DiagnosisCards::since_width(const Diagnosis& diagnosis, float size) const {
  return diagnosis.since == 0 ? 0 : canvas_.fonts().width(Face::kSemiBold, size, since_words(diagnosis));
}

void DiagnosisCards::since(const Diagnosis& diagnosis, Point at, float size) {
  if (diagnosis.since == 0) return;
  const float width = since_width(diagnosis, size);
  canvas_.area({Subject::kStep, static_cast<std::uint32_t>(diagnosis.since)},
               {at.x - width - 4, at.y - size - 2, width + 8, size + 8});
  canvas_.text("since", at, since_words(diagnosis),
               {Face::kSemiBold, size, links_ ? canvas_.theme().accent : canvas_.theme().muted, Align::kRight});
  if (!links_) return;
  canvas_.line("underline", {{{at.x - width, at.y + 3}, {at.x, at.y + 3}}, canvas_.theme().accent, 1});
}

void DiagnosisCards::draw_full(const Diagnosis& diagnosis, Point at, float width) {
  const Theme& theme = canvas_.theme();
  const Words words = words_of(diagnosis, width);
  const Rect rect{at.x, at.y, width, words.height};
  begin(diagnosis, rect);
  canvas_.box("card", {rect, 10, theme.alarm_soft, theme.alarm, 2});
  const float left = rect.x + kPadding, right = rect.right() - kPadding;
  float y = rect.y + kEdge + type_;
  for (std::size_t i = 0; i < words.title.size(); ++i, y += leading_)
    canvas_.text("title", {left, y}, words.title[i], {Face::kBold, type_ + 1, theme.alarm}, right - left, i);
  const bool text_below = words.indent == right - left;
  if (!text_below) y -= leading_;
  for (std::size_t i = 0; i < words.lines.size(); ++i) {
    const float indent = i == 0 && !text_below ? words.indent : 0;
    if (right - left > indent + type_)
      canvas_.text("text", {left + indent, y}, words.lines[i], {Face::kRegular, type_, theme.ink},
                   right - left - indent, i);
    y += leading_;
  }
  if (words.lines.empty()) y += leading_;
  if (!words.fix.empty()) {
    canvas_.text("fix", {left, y}, "Fix:", {Face::kBold, type_, theme.ink});
    if (words.fix_below) y += leading_;
    const float after = words.fix_below ? 0 : canvas_.fonts().width(Face::kBold, type_, "Fix: ");
    for (std::size_t i = 0; i < words.fix.size(); ++i) {
      if (i > 0) y += leading_;
      canvas_.text("code", {left + after, y}, words.fix[i], {Face::kMonoBold, type_, theme.ink}, right - left - after,
                   i);
    }
  }
  since(diagnosis, {right, words.since_below ? y + leading_ : y}, type_);
}

void DiagnosisCards::draw_line(const Diagnosis& diagnosis, Point at, float width) {
  const Theme& theme = canvas_.theme();
  const Rect rect{at.x, at.y, width, line_height_};
  begin(diagnosis, rect);
  canvas_.box("card", {rect, 7, theme.alarm_soft, theme.alarm, 1.5f});
  const float left = rect.x + kPadding, right = rect.right() - kPadding, y = rect.y + line_height_ / 2 + 4.5f;
  since(diagnosis, {right, y}, type_);
  const float room = right - left - since_width(diagnosis, type_) - 12;
  const float title = canvas_.fonts().width(Face::kBold, type_, diagnosis.title) + 9;
  canvas_.text("title", {left, y}, diagnosis.title, {Face::kBold, type_, theme.alarm}, room);
  if (room - title > 40)
    canvas_.text("text", {left + title, y}, diagnosis.text, {Face::kRegular, type_, theme.ink}, room - title);
}

// "also: Leak, Nearly out of descriptors"
void DiagnosisCards::draw_names(std::size_t from, Point at, float width) {
  std::string names = "also: ";
  for (std::size_t i = from; i < all_.size(); ++i) names += (i == from ? "" : ", ") + all_[i].title;
  canvas_.begin("diagnoses");
  canvas_.text("names", {at.x + kPadding, at.y + line_height_ / 2 + 5}, names,
               {Face::kSemiBold, type_, canvas_.theme().alarm}, width - 2 * kPadding);
}

std::vector<FileId> leaked_files(const World& world, std::span<const Diagnosis> diagnoses) {
  std::vector<FileId> files;
  for (const Diagnosis& one : diagnoses) {
    if (one.kind != "leaked-connfd") continue;
    if (one.file) {
      files.push_back(one.file);
      continue;
    }
    // It is about many: those that their acceptor kept when it had handed them to a child.
    const Process* holder = find_present(world, one.process);
    if (holder == nullptr) continue;
    for (const Descriptor& descriptor : holder->descriptors)
      if (const OpenFile* file = find_file(world, descriptor.file);
          file != nullptr && file->kept_step != 0 && file->acceptor == holder->id)
        files.push_back(file->id);
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace forktable
