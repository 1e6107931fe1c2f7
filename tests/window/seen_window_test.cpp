// What the window says that it shows is what is to be seen: read off its pixels by tesseract, who sees the screen
// alone. All other tests believe what is said.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

#include "tests/window/desktop.hpp"
#include "tests/window/read_text.hpp"

namespace forktable::test {
namespace {

// How tesseract cuts text into words and tells 1, l and I is its own business.
std::string plain(const std::string& text) {
  std::string letters;
  for (const char c : text)
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      letters += c == '0' ? 'o' : c == '1' || c == 'I' || c == '|' ? 'l' : static_cast<char>(std::tolower(c));
  return letters;
}

// Of how many of all words, in hundredths, `is_there` is true.
template <class Words>
int share_of(const Words& words, const auto& is_there) {
  const auto found = std::count_if(words.begin(), words.end(), is_there);
  return words.empty() ? 0 : static_cast<int>(100 * found / static_cast<std::ptrdiff_t>(words.size()));
}

class SeenWindow : public ::testing::Test {
 protected:
  // At least so many hundredths of what is said are read, and nearly all that is read for certain is said; tesseract
  // misreads the rest, the more the smaller the type.
  void what_is_said_is_seen(Desktop& desktop, int at_least = 80) {
    // Between looking and listening nothing must have changed.
    SaidScreen said;
    Image image;
    ASSERT_TRUE(wait_until([&] {
      said = desktop.said();
      image = desktop.look();
      return image.rgb == desktop.look().rgb && said.text() == desktop.said().text() && said.words.size() > 5;
    }));
    const auto read = read_text(image, desktop.folder());
    std::string all_read, all_said;
    for (const ReadWord& word : read) all_read += plain(word.text);
    for (const auto& word : said.words) all_said += plain(word.text);
    // Single letters and numbers are found anywhere.
    auto long_said = said.words;
    std::erase_if(long_said, [](const auto& word) { return plain(word.text).size() < 4; });
    auto long_read = read;
    std::erase_if(long_read, [](const ReadWord& word) { return plain(word.text).size() < 4 || word.certainty < 90; });
    EXPECT_GE(long_said.size(), 8u);
    const auto is_read = [&](const auto& word) { return all_read.find(plain(word.text)) != std::string::npos; };
    const auto is_said = [&](const ReadWord& word) { return all_said.find(plain(word.text)) != std::string::npos; };
    EXPECT_GE(share_of(long_said, is_read), at_least) << "said:" << said.text() << "read: " << all_read;
    EXPECT_GE(share_of(long_read, is_said), 95) << "said:" << said.text() << "read: " << all_read;
  }
};

constexpr const char* kQuietAndStill = R"({"behaviour": "quiet", "reduced_motion": true})";

TEST_F(SeenWindow, ShowsThePictureAndThePanelsAsItSays) {
  Desktop desktop(1600, 900);
  desktop.prefer(kQuietAndStill);
  desktop.start();
  desktop.key("c");
  ASSERT_TRUE(desktop.shows("blocked in read(4)"));
  desktop.key("Tab");
  ASSERT_TRUE(desktop.shows("Half-close"));
  what_is_said_is_seen(desktop);
}

TEST_F(SeenWindow, ShowsTheDarkThemeAsItSays) {
  Desktop desktop(1600, 900);
  desktop.prefer(R"({"behaviour": "quiet", "reduced_motion": true, "dark": true, "story_open": true})");
  desktop.start();
  desktop.key("c");
  ASSERT_TRUE(desktop.shows("blocked in read(4)"));
  what_is_said_is_seen(desktop);
}

TEST_F(SeenWindow, ShowsASmallScreenAsItSays) {
  Desktop desktop(1024, 768);
  desktop.prefer(kQuietAndStill);
  desktop.start();
  for (int i = 0; i < 3; ++i) desktop.key("c");
  ASSERT_TRUE(desktop.shows("blocked in read(4)", 3));
  what_is_said_is_seen(desktop, 60);
}

TEST_F(SeenWindow, SaysNothingThatAMenuHides) {
  Desktop desktop(1600, 900);
  desktop.prefer(kQuietAndStill);
  desktop.start();
  desktop.key("c");
  ASSERT_TRUE(desktop.shows("blocked in read(4)"));
  desktop.key("F2");
  ASSERT_TRUE(desktop.shows("Bugs: lines left out, or put in"));
  what_is_said_is_seen(desktop);
}

TEST_F(SeenWindow, ShowsALessonAsItSays) {
  Desktop desktop(1600, 900);
  desktop.prefer(kQuietAndStill);
  desktop.start({"--port", "0", "--lesson", "4"});
  ASSERT_TRUE(desktop.shows("One line of this server is switched off"));
  what_is_said_is_seen(desktop);
}

TEST_F(SeenWindow, ShowsTheBlackboardAsItSays) {
  Desktop desktop(1600, 900);
  desktop.prefer(kQuietAndStill);
  desktop.start();
  desktop.key("c");
  ASSERT_TRUE(desktop.shows("blocked in read(4)"));
  desktop.key("f");
  ASSERT_TRUE(desktop.hides("process_server.cpp"));
  what_is_said_is_seen(desktop);
}

TEST_F(SeenWindow, SaysNothingOnABlackScreen) {
  Desktop desktop(1024, 768);
  desktop.start();
  ASSERT_TRUE(desktop.shows("listening socket"));
  desktop.key("b");
  EXPECT_TRUE(wait_until([&] { return desktop.said().words.empty(); }));
}

}  // namespace
}  // namespace forktable::test
