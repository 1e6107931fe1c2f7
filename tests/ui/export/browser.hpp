// Chromium without a screen, driven through WebDriver: it opens pages, presses keys and clicks as a user does.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/event/ids.hpp"
#include "tests/support/program.hpp"

namespace forktable::test {

class Browser {
 public:
  // A window of that size; `phone`: with touch, and twice as many pixels. Fails the test if there is no browser.
  Browser(int width, int height, bool phone = false);
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;
  ~Browser();

  void open(const std::string& url);
  void press(const std::string& key);  // as WebDriver names it: "n", kRight
  // Clicks on what the CSS selector finds: on its middle, or so many pixels beside that.
  void click(const std::string& selector, int right_of_middle = 0);
  void swipe(const std::string& selector, int to_the_right);
  // What the body of a function in JavaScript returns.
  nlohmann::json evaluate(const std::string& body);
  std::string text_of(const std::string& selector);  // as it is shown
  std::string print();                               // PDF
  std::string screenshot();                          // PNG

  // Errors and warnings on its console since the last time.
  std::vector<std::string> complaints();
  // All that has been asked for since the last time, but for the pages that were opened and what is in them.
  std::vector<std::string> requests();

 private:
  nlohmann::json call(const std::string& method, const std::string& path, const nlohmann::json& body = nullptr);
  nlohmann::json find(const std::string& selector);
  std::vector<nlohmann::json> log(const std::string& kind);

  RunningProgram driver_;
  Port port_ = 0;
  std::string session_;
};

inline const std::string kLeft = "\uE012", kRight = "\uE014", kPageUp = "\uE00E", kPageDown = "\uE00F",
                         kHome = "\uE011", kEnd = "\uE010";

}  // namespace forktable::test
