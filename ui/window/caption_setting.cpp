#include "ui/window/caption_setting.hpp"

#include <algorithm>

namespace forktable {
namespace {

// Of what is said: on the blackboard, a part of the height that there is at most; else in units of the design.
constexpr float kLargestOnBoard = 0.21f, kUsual = 19, kInLesson = 23;
constexpr float kSmallest = 0.25f;  // of that: text that is longer than it should be is cut off then
constexpr float kShrink = 0.94f;

bool is_board(const CaptionRoom& room) { return room.place == CaptionPlace::kBoard; }

}  // namespace

CaptionSetting::CaptionSetting(const Caption& caption, const CaptionRoom& room, float size, const Fonts& fonts)
    : caption_(caption), room_(room), fonts_(fonts) {
  const bool board = is_board(room), column = room.place == CaptionPlace::kColumn;
  edge_ = board ? room.width * 0.035f : (column ? 20 : 14) * room.unit;
  gap_ = size * (board ? 0.25f : 0.35f);
  const float width = room.width - 2 * edge_, small = size * (board ? 0.8f : kSmallCaption / kUsual);
  // On the blackboard there is room for one of them.
  const bool shows_next = column || (board && caption.told.meaning.empty());
  if (!board) heading_ = set_text(caption.heading, {Face::kSemiBold, small, 1.3f}, width, fonts);
  said_ = set_text(caption.told.said,
                   {board ? Face::kBold : Face::kSemiBold, size, board ? 1.2f : 1.25f, caption.marked, board}, width,
                   fonts);
  meaning_ = set_text(caption.told.meaning, {Face::kRegular, small, 1.28f, caption.marked, board}, width, fonts);
  if (shows_next)
    next_ = set_text(caption.next, {board ? Face::kRegular : Face::kSemiBold, small, 1.28f}, width, fonts);
}

float CaptionSetting::height() const {
  float height = is_board(room_) ? edge_ * 0.5f : 2 * edge_;
  for (const SetText* text : {&heading_, &said_, &meaning_, &next_})
    if (!text->lines.empty()) height += text->height() + gap_;
  return height;
}

void CaptionSetting::draw(Scene& scene, const Theme& theme) const {
  Canvas canvas(scene, theme, fonts_);
  canvas.begin("caption");
  const bool board = is_board(room_);
  float y = board ? edge_ * 0.25f : edge_;
  const auto put = [&](std::string_view part, const SetText& text, Color color) {
    if (!text.lines.empty()) y = draw_text(canvas, part, {edge_, y}, text, color) + gap_;
  };
  if (board) canvas.line("rule", {{{edge_, 2}, {room_.width - edge_, 2}}, theme.line, 2});
  if (room_.place == CaptionPlace::kStrip && !caption_.next.empty()) {
    float after = edge_ + heading_.size;
    for (const TextLine& line : heading_.lines)
      for (const TextRun& run : line) after += fonts_.width(heading_.face, heading_.size, run.text);
    const std::string fitting =
        fonts_.fitted(caption_.next, Face::kRegular, heading_.size, room_.width - edge_ - after);
    const SetText next = set_text(fitting, {Face::kRegular, heading_.size, 1.3f}, room_.width, fonts_);
    draw_text(canvas, "next", {after, y}, next, theme.panel_muted);
  }
  put("heading", heading_, theme.panel_accent);
  const Color said = board               ? caption_.question ? theme.accent : theme.ink
                     : caption_.question ? theme.panel_accent
                                         : theme.panel_text;
  put("said", said_, said);
  put("meaning", meaning_, board ? theme.muted : theme.panel_muted);
  put("next", next_, board ? theme.muted : theme.panel_muted);
}

float caption_height(const std::vector<Caption>& captions, const CaptionRoom& room, float size, const Fonts& fonts) {
  float height = 0;
  for (const Caption& caption : captions)
    height = std::max(height, CaptionSetting(caption, room, size, fonts).height());
  return height;
}

float caption_size(const std::vector<Caption>& captions, const CaptionRoom& room, const Fonts& fonts) {
  const float usual = (room.lesson && room.place == CaptionPlace::kColumn ? kInLesson : kUsual) * room.unit;
  const float largest = is_board(room) ? kLargestOnBoard * room.height : usual;
  float size = largest;
  while (size > largest * kSmallest && caption_height(captions, room, size, fonts) > room.height) size *= kShrink;
  return size;
}

}  // namespace forktable
