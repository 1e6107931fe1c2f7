#include "tests/window/said_screen.hpp"

#include <algorithm>
#include <sstream>

#include "tests/support/temporary_folder.hpp"

namespace forktable::test {
namespace {

// The words with a space between them, and for each character the word that it is of.
struct Joined {
  std::string text;
  std::vector<std::size_t> word_at;
};

Joined joined(const std::vector<SaidScreen::Word>& words) {
  Joined all;
  for (std::size_t i = 0; i < words.size(); ++i) {
    all.text += words[i].text + ' ';
    all.word_at.resize(all.text.size(), i);
  }
  return all;
}

}  // namespace

std::size_t SaidScreen::count(const std::string& wanted) const {
  const std::string all = joined(words).text;
  std::size_t found = 0;
  for (auto at = all.find(wanted); at != std::string::npos; at = all.find(wanted, at + 1)) ++found;
  return found;
}

std::optional<Place> SaidScreen::find(const std::string& wanted) const {
  const Joined all = joined(words);
  const auto at = all.text.find(wanted);
  if (at == std::string::npos) return std::nullopt;
  const Word& first = words[all.word_at[at]];
  // Of words that were broken into lines, those in the first one.
  const Word* last = &first;
  for (std::size_t i = all.word_at[at]; i <= all.word_at[at + wanted.size() - 1] && words[i].line == first.line; ++i)
    last = &words[i];
  return Place{(first.x + last->x + last->width) / 2, first.y + first.height / 2};
}

std::string SaidScreen::text() const {
  std::string text;
  int line = 0;
  for (const Word& word : words) {
    text += (word.line == line ? " " : "\n") + word.text;
    line = word.line;
  }
  return text + "\n";
}

SaidScreen read_said_screen(const std::string& path) {
  std::istringstream file(contents(path));
  SaidScreen said;
  std::string label;
  file >> label >> said.frame >> label >> said.answered;
  for (SaidScreen::Word word; file >> word.line >> word.x >> word.y >> word.width >> word.height >> word.text;)
    said.words.push_back(word);
  return said;
}

}  // namespace forktable::test
