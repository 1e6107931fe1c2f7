#include "ui/picture/marked_text.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/lesson/marks.hpp"
#include "ui/picture/wrap.hpp"

namespace forktable {
namespace {

constexpr float kCodeSize = 0.94f;  // of the size of the text around it: its letters are larger

struct MarkedType {
  Face face, code;
  float size;
  const Fonts& fonts;

  float width(const TextRun& run) const {
    return fonts.width(run.code ? code : face, run.code ? size * kCodeSize : size, run.text);
  }
  float width(const TextLine& line) const {
    return std::accumulate(line.begin(), line.end(), 0.f, [&](float sum, const auto& run) { return sum + width(run); });
  }
};

Face face_of_code(Face face) { return face == Face::kSemiBold || face == Face::kBold ? Face::kMonoBold : Face::kMono; }

// What isn't broken: letters without a space between them, a name with its number, and code with its spaces.
struct MarkedWord {
  TextLine runs;
  bool goes_on = false;  // it is the rest of code that was broken before it
};

std::vector<MarkedWord> marked_words(const std::string& text, bool marked) {
  std::vector<MarkedWord> words;
  bool open = false;  // what comes next belongs to the last word
  const auto add = [&](std::string_view letters, bool code) {
    if (!open) words.emplace_back();
    words.back().runs.push_back({std::string(letters), code});
    open = true;
  };
  const auto pieces = marked ? marked_pieces(text) : std::vector<MarkedPiece>{{text, false}};
  for (const auto& [piece, code] : pieces) {
    if (code) {
      add(piece, true);
      continue;
    }
    for (std::size_t at = 0; at < piece.size();) {
      const std::size_t end = end_of_word(piece, at);
      if (end > at) add(piece.substr(at, end - at), false);
      if (end < piece.size()) open = false;
      at = end + 1;
    }
  }
  return words;
}

// Of words that are wider than a line: code is broken at its spaces.
std::vector<MarkedWord> code_broken(std::vector<MarkedWord> words, const MarkedType& type, float width) {
  std::vector<MarkedWord> all;
  for (MarkedWord& word : words) {
    if (type.width(word.runs) <= width) {
      all.push_back(std::move(word));
      continue;
    }
    all.emplace_back();
    for (const TextRun& run : word.runs) {
      std::size_t at = 0;
      for (std::size_t space = run.text.find(' '); run.code && space != run.text.npos; space = run.text.find(' ', at)) {
        all.back().runs.push_back({run.text.substr(at, space - at), true});
        all.push_back({{}, true});
        at = space + 1;
      }
      all.back().runs.push_back({run.text.substr(at), run.code});
    }
  }
  return all;
}

void append_run(TextLine& line, const TextRun& run) {
  if (!line.empty() && line.back().code == run.code)
    line.back().text += run.text;
  else
    line.push_back(run);
}

TextLine with_word(TextLine line, const MarkedWord& word) {
  if (!line.empty()) append_run(line, {" ", word.goes_on});
  for (const TextRun& run : word.runs) append_run(line, run);
  return line;
}

std::vector<TextLine> marked_lines(const std::vector<MarkedWord>& words, const MarkedType& type, float width) {
  std::vector<TextLine> lines;
  TextLine line;
  for (const MarkedWord& word : words) {
    TextLine longer = with_word(line, word);
    if (!line.empty() && type.width(longer) > width) {
      lines.push_back(std::move(line));
      line = with_word({}, word);
    } else {
      line = std::move(longer);
    }
  }
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

// In as many lines, of widths as equal as can be.
std::vector<TextLine> equal_lines(const std::vector<MarkedWord>& words, const MarkedType& type, float widest,
                                  std::size_t lines) {
  float narrow = widest / static_cast<float>(lines + 1), wide = widest;
  while (wide - narrow > 4) {
    const float width = (narrow + wide) / 2;
    const auto in_lines = marked_lines(words, type, width);
    const bool fits = in_lines.size() <= lines && std::all_of(in_lines.begin(), in_lines.end(), [&](const auto& line) {
                        return type.width(line) <= width;
                      });
    (fits ? wide : narrow) = width;
  }
  return marked_lines(words, type, wide);
}

}  // namespace

SetText set_text(const std::string& text, const TextSetting& setting, float width, const Fonts& fonts) {
  const MarkedType type{setting.face, face_of_code(setting.face), setting.size, fonts};
  const std::vector<MarkedWord> words = code_broken(marked_words(text, setting.marked), type, width);
  SetText set{marked_lines(words, type, width), setting.face, setting.size, setting.size * setting.pitch};
  if (setting.balanced && set.lines.size() > 1) set.lines = equal_lines(words, type, width, set.lines.size());
  return set;
}

float draw_text(Canvas& canvas, std::string_view part, Point at, const SetText& text, Color color) {
  const MarkedType type{text.face, face_of_code(text.face), text.size, canvas.fonts()};
  float y = at.y;
  std::uint64_t index = 0;
  for (const TextLine& line : text.lines) {
    float x = at.x;
    y += text.pitch;
    const float baseline = y - (text.pitch - text.size * 0.72f) / 2;  // capitals in the middle
    for (const TextRun& run : line) {
      canvas.text(part, {x, baseline}, run.text,
                  {run.code ? type.code : type.face, run.code ? type.size * kCodeSize : type.size, color}, 0, index++);
      x += type.width(run);
    }
  }
  return y;
}

}  // namespace forktable
