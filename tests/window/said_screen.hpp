// What the window says that stands on its screen, in the file of FORKTABLE_SAY_SCREEN.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace forktable::test {

struct Place {
  int x, y;
};

struct SaidScreen {
  struct Word {
    int line, x, y, width, height;
    std::string text;
  };
  std::uint64_t frame = 0;     // 0: nothing has been said yet
  std::uint64_t answered = 0;  // keys, clicks and turns of the wheel that came before it
  std::vector<Word> words;

  // How often these words stand there, one after the other. A word may be a part of one that stands there at the
  // beginning of the first and at the end of the last; a text may be broken into lines anywhere.
  std::size_t count(const std::string& wanted) const;
  // The middle of the first that do so.
  std::optional<Place> find(const std::string& wanted) const;
  // All of it, a line for each.
  std::string text() const;
};

SaidScreen read_said_screen(const std::string& path);

}  // namespace forktable::test
