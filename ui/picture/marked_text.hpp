// A text in lines, with the code in it set in the face for code: captions of lessons.
#pragma once

#include <string>
#include <vector>

#include "ui/picture/canvas.hpp"

namespace forktable {

struct TextRun {
  std::string text;
  bool code = false;
  friend bool operator==(const TextRun&, const TextRun&) = default;
};
using TextLine = std::vector<TextRun>;

struct SetText {
  std::vector<TextLine> lines;
  Face face = Face::kRegular;  // of what isn't code
  float size = 0;              // of the type
  float pitch = 0;             // from line to line
  float height() const { return pitch * static_cast<float>(lines.size()); }
};

// How it is set. Without `marked`, a backquote is a letter like all others.
struct TextSetting {
  Face face = Face::kRegular;
  float size = 14, pitch = 1.25f;  // the latter of the size
  bool marked = false;
  bool balanced = false;  // lines about equally wide, and no word alone on the last one
};

// Broken between words, and in code only where it is wider than a line.
SetText set_text(const std::string& text, const TextSetting& setting, float width, const Fonts& fonts);

// Below `at`, its upper left corner. Returns where it ends.
float draw_text(Canvas& canvas, std::string_view part, Point at, const SetText& text, Color color);

}  // namespace forktable
