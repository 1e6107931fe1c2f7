#include "core/world/columns.hpp"

#include <algorithm>

#include "core/world/describe.hpp"

namespace forktable {
namespace {

bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

// Characters. Those that are two columns wide are counted as one.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

// The bytes of the first so many characters.
std::size_t bytes_of(std::string_view text, std::size_t characters) {
  std::size_t at = 0;
  while (at < text.size() && (!begins_character(text[at]) || characters-- > 0)) ++at;
  return at;
}

}  // namespace

std::string inked(std::string_view text, Ink ink, bool colour) {
  const std::string shown = printable(text);
  if (!colour || ink == Ink::kPlain) return shown;
  return (ink == Ink::kStrong ? "\x1b[1m" : "\x1b[1;33m") + shown + "\x1b[0m";
}

std::string in_columns(const std::vector<Row>& rows, bool colour) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows) {
    if (widths.size() < row.cells.size()) widths.resize(row.cells.size());
    for (std::size_t i = 0; i < row.cells.size(); ++i)
      if (i + 1 < row.cells.size() || !row.list.empty())  // nothing has to stand beside what is the last in its line
        widths[i] = std::max(widths[i], width_of(printable(row.cells[i].text)));
  }
  std::size_t list_column = 2;
  for (const std::size_t width : widths) list_column += width + 2;

  std::string out;
  for (const Row& row : rows) {
    std::size_t column = 0;
    // What is left blank is written when something comes after it.
    const auto put = [&](const std::string& text, Ink ink, std::size_t at) {
      if (text.empty()) return;
      out += std::string(at - column, ' ') + inked(text, ink, colour);
      column = at + width_of(printable(text));
    };
    std::size_t at = 2;
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      put(row.cells[i].text, row.cells[i].ink, at);
      at += widths[i] + 2;
    }
    at = list_column;
    for (const std::string& one : row.list) {
      if (at > list_column && at + width_of(printable(one)) > kTerminalColumns) {
        out += '\n';
        column = 0;
        at = list_column;
      }
      put(one, Ink::kPlain, at);
      at = column + 2;
    }
    out += '\n';
  }
  return out;
}

std::string wrapped(std::string_view text, std::size_t indent) {
  const std::string shown = printable(text);
  std::string out;
  std::string_view rest = shown;
  std::size_t room = kTerminalColumns;
  while (width_of(rest) > room) {
    const std::size_t begin = rest.find_first_not_of(' ');
    std::size_t end = rest.rfind(' ', bytes_of(rest, room));
    if (end == rest.npos || end < begin) end = rest.find(' ', begin);  // a word that is longer than a line
    if (end == rest.npos) break;
    out += rest.substr(0, rest.find_last_not_of(' ', end) + 1);
    rest.remove_prefix(std::min(rest.find_first_not_of(' ', end), rest.size()));
    if (rest.empty()) break;
    out += '\n' + std::string(indent, ' ');
    room = kTerminalColumns - indent;
  }
  return out.append(rest) + '\n';
}

}  // namespace forktable
