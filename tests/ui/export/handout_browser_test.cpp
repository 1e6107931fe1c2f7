// The handout in a real browser.
#include <gtest/gtest.h>

#include <regex>
#include <sstream>

#include "tests/support/deadline.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/text.hpp"
#include "tests/ui/export/browser.hpp"
#include "tests/ui/export/pixels.hpp"
#include "tests/ui/export/told_run.hpp"
#include "ui/export/svg.hpp"
#include "ui/picture/cairo_painter.hpp"
#include "ui/picture/lesson_timeline.hpp"

namespace forktable::test {
namespace {

using Strings = std::vector<std::string>;

// One browser for all: it takes a second to start.
class HandoutInABrowser : public testing::Test {
 protected:
  static void SetUpTestSuite() { browser_ = std::make_unique<Browser>(1280, 800); }
  static void TearDownTestSuite() { browser_.reset(); }

  void open(const std::string& html, const std::string& hash = "") {
    put(folder_.file("handout.html"), html);
    browser().open("about:blank");
    browser().open("file://" + folder_.file("handout.html") + hash);
  }
  // Of a run that plays that lesson.
  std::string handout_of(const Lesson& lesson, const DeckRequest& deck) const {
    HandoutRequest request{lesson.title, "", run_.listing, deck.events, slide_theme(), fonts()};
    request.stage = stage_of(lesson, deck.events);
    request.lesson = axis_of(lesson, request.stage);
    Handout handout(request);
    EXPECT_TRUE(for_each_page(
        deck, [](std::uint64_t) { return true; }, [&](const Page& page) { return handout.add(page), true; }));
    return handout.finish();
  }
  static Browser& browser() { return *browser_; }
  std::string place() { return browser().text_of("#place"); }
  std::string said() { return browser().text_of("#said"); }
  std::string hash() { return browser().evaluate("return location.hash"); }
  std::string place_of(std::size_t page) { return pages_[page - 1].count; }

  void TearDown() override {
    EXPECT_EQ(browser().complaints(), Strings{});
    EXPECT_EQ(browser().requests(), Strings{}) << "all is in the file";
  }

  ToldRun run_;
  const std::vector<Page> pages_ = run_.pages();
  TemporaryFolder folder_;

 private:
  static std::unique_ptr<Browser> browser_;
};
std::unique_ptr<Browser> HandoutInABrowser::browser_;

TEST_F(HandoutInABrowser, OpensAtItsFirstPageWithPictureListingAndTimeline) {
  open(run_.handout());
  EXPECT_EQ(browser().evaluate("return document.title"), "Two clients");
  EXPECT_EQ(place(), place_of(1));
  EXPECT_EQ(said(), pages_[0].caption.said);
  EXPECT_EQ(browser().text_of("#meaning"), pages_[0].caption.meaning);
  EXPECT_TRUE(contains(browser().text_of("#listing"), "Accept(listenfd)"));
  EXPECT_TRUE(contains(browser().text_of("#names"), "parent"));
  EXPECT_TRUE(contains(browser().text_of("#timeline"), "accept"));
  EXPECT_TRUE(contains(browser().text_of("#picture"), "server (parent)"));
}

TEST_F(HandoutInABrowser, IsLeafedThroughWithTheKeysOfTheProgram) {
  open(run_.handout());
  std::size_t page = 1;
  for (const std::string& key : {std::string(" "), kRight, kPageDown, std::string("n")}) {
    browser().press(key);
    EXPECT_EQ(place(), place_of(++page));
    EXPECT_EQ(said(), pages_[page - 1].caption.said);
  }
  for (const std::string& key : {kLeft, kPageUp, std::string("p")}) {
    browser().press(key);
    EXPECT_EQ(place(), place_of(--page));
  }
  browser().press(kEnd);
  EXPECT_EQ(place(), place_of(pages_.size()));
  browser().press(kRight);
  EXPECT_EQ(place(), place_of(pages_.size())) << "there is no further one";
  browser().press(kHome);
  EXPECT_EQ(place(), place_of(1));
}

TEST_F(HandoutInABrowser, IsLeafedThroughWithButtonsSliderAndTimeline) {
  open(run_.handout());
  browser().click("#next");
  EXPECT_EQ(place(), place_of(2));
  browser().press(" ");
  EXPECT_EQ(place(), place_of(3)) << "the button that was clicked has the focus, and is pressed once more";
  browser().click("#previous");
  EXPECT_EQ(place(), place_of(2));
  browser().click("#last");
  EXPECT_EQ(place(), place_of(pages_.size()));
  EXPECT_EQ(browser().evaluate("return [part('next').disabled, part('first').disabled]"),
            nlohmann::json({true, false}));
  browser().click("#first");
  browser().click("#slider");
  EXPECT_NEAR(browser().evaluate("return shown").get<double>(), static_cast<double>(pages_.size() - 1) / 2, 1.5)
      << "in its middle";
  browser().press(kRight);
  browser().press(kHome);
  EXPECT_EQ(place(), place_of(1)) << "with the focus on the slider, keys do what they always do";
  // A mark of the timeline.
  const auto page = pages_.size() * 3 / 4;
  const int right =
      browser().evaluate("const view = timeline.viewBox.baseVal; return (timelineX(run.pages[" + std::to_string(page) +
                         "]) - view.x - view.width / 2) * timeline.clientWidth / view.width");
  browser().click("#timeline", right);
  EXPECT_EQ(said(), pages_[page].caption.said);
}

TEST_F(HandoutInABrowser, ALinkToAStepOpensItsPageOrTheLatestBeforeIt) {
  const Page& wanted = pages_[pages_.size() / 2];
  open(run_.handout(), "#step=" + std::to_string(wanted.step));
  EXPECT_EQ(said(), wanted.caption.said);
  Handout few({"without one", "", run_.listing, run_.story.events, slide_theme(), fonts()});
  for (std::size_t i = 0; i < pages_.size(); ++i)
    if (i != 2) few.add(pages_[i]);
  open(few.finish(), "#step=" + std::to_string(pages_[2].step));
  EXPECT_EQ(place(), place_of(2)) << "a step without a page of its own";
  open(run_.handout(), "#step=999999");
  EXPECT_EQ(place(), place_of(pages_.size()));
  open(run_.handout(), "#step=0");
  EXPECT_EQ(place(), place_of(1));
  open(run_.handout(), "#step=<b>");
  EXPECT_EQ(place(), place_of(1)) << "what is no step is passed over";
}

TEST_F(HandoutInABrowser, TheAddressFollowsWithoutFillingTheHistory) {
  open(run_.handout());
  const nlohmann::json before = browser().evaluate("return history.length");
  browser().press(kRight);
  browser().press(kRight);
  EXPECT_EQ(hash(), "#step=" + std::to_string(pages_[2].step));
  EXPECT_EQ(browser().evaluate("return history.length"), before);
  browser().evaluate("location.hash = '#step=" + std::to_string(pages_[5].step) + "'");
  EXPECT_TRUE(wait_until([&] { return place() == place_of(6); })) << "the address was changed by hand";
}

TEST_F(HandoutInABrowser, WhateverAnybodySaysIsText) {
  const std::string evil = "</script><img src=x onerror=\"document.title='gone'\">'&amp;\x01\xFF";
  ToldRun run("</script><b>\"hi\"</b>\x02\xFE");
  run.listing.file = evil;
  run.listing.lines[0].text = evil;
  std::vector<Page> pages = run.pages();
  Handout handout({evil, evil, run.listing, run.story.events, slide_theme(), fonts()});
  for (Page& page : pages) {
    page.count = page.heading = page.caption.said = page.caption.meaning = evil;
    handout.add(page);
  }
  open(handout.finish());
  const std::string shown = "</script><img src=x onerror=\"document.title='gone'\">'&amp;\uFFFD\uFFFD";
  EXPECT_EQ(browser().evaluate("return document.title"), shown);
  for (const char* place : {"h1", "#subtitle", "#heading", "#said", "#meaning"})
    EXPECT_EQ(browser().text_of(place), shown) << place;
  EXPECT_EQ(browser().evaluate("return document.querySelectorAll('img, b').length"), 0);
  browser().press(kEnd);
  EXPECT_EQ(place(), shown);
  EXPECT_TRUE(contains(browser().text_of("#listing"), "</script>"));
}

TEST_F(HandoutInABrowser, ALinkInThePictureLeadsToItsStep) {
  Page page = pages_.back();
  page.picture.groups.push_back(
      {7, {800, 300, 200, 100}, {Subject::kStep, static_cast<std::uint32_t>(pages_[4].step)}});
  Handout handout({"a link", "", run_.listing, run_.story.events, slide_theme(), fonts()});
  for (std::size_t i = 0; i + 1 < pages_.size(); ++i) handout.add(pages_[i]);
  handout.add(page);
  open(handout.finish(), "#step=" + std::to_string(page.step));
  browser().click("#picture a");
  EXPECT_TRUE(wait_until([&] { return place() == place_of(5); }));
}

TEST_F(HandoutInABrowser, ShowsWhereItIsInTheTimelineOnItsLastPageToo) {
  open(run_.handout(), "#step=" + std::to_string(run_.story.events.size()));
  EXPECT_EQ(place(), place_of(pages_.size()));
  EXPECT_TRUE(contains(browser().text_of("#timeline"), "▼"));
}

TEST_F(HandoutInABrowser, GivesThePictureMostOfALowWindow) {
  open(run_.handout());  // in the large window, for the checks of what it asks for and complains about
  Browser low(1200, 640);
  low.open("file://" + folder_.file("handout.html"));
  EXPECT_GT(low.evaluate("return picture.clientWidth"), 750);
  EXPECT_GT(low.evaluate("return picture.clientHeight"), 240);  // less what the browser's own bars take
}

TEST_F(HandoutInABrowser, IsPrintedAPageASheet) {
  open(run_.handout());
  put(folder_.file("handout.pdf"), browser().print());
  const Outcome info = run({.words = {"/usr/bin/env", "pdfinfo", folder_.file("handout.pdf")}});
  EXPECT_TRUE(std::regex_search(info.out, std::regex("Pages: +" + std::to_string(pages_.size()) + "\n"))) << info.out;
  const Outcome text = run({.words = {"/usr/bin/env", "pdftotext", folder_.file("handout.pdf"), "-"}});
  EXPECT_TRUE(contains(text.out, pages_[3].heading)) << text.out.substr(0, 500);
  EXPECT_EQ(browser().evaluate("return document.querySelectorAll('section').length"), 0) << "and is as before";
}

TEST_F(HandoutInABrowser, OnAPhoneNothingIsBesideTheScreenAndASwipeTurnsThePage) {
  open(run_.handout());  // in the large window, for the checks of what it asks for and complains about
  Browser phone(390, 844, true);
  phone.open("file://" + folder_.file("handout.html"));
  EXPECT_EQ(phone.evaluate("return [innerWidth, document.documentElement.scrollWidth]"), nlohmann::json({390, 390}));
  EXPECT_EQ(phone.evaluate("return part('code').open"), true) << "below, where nothing else needs the room";
  EXPECT_GT(phone.evaluate("return stack.clientWidth"), 350);
  phone.swipe("#stack", -150);
  EXPECT_TRUE(wait_until([&] { return phone.text_of("#place") == place_of(2); }));
  phone.swipe("#stack", 150);
  EXPECT_TRUE(wait_until([&] { return phone.text_of("#place") == place_of(1); }));
  EXPECT_EQ(phone.complaints(), Strings{});
}

TEST_F(HandoutInABrowser, OnAPhoneCardsStandOneBelowTheOtherAndCanBeRead) {
  open(run_.handout());  // in the large window, for the checks of what it asks for and complains about
  Browser phone(390, 844, true);
  phone.open("file://" + folder_.file("handout.html") + "#step=" + std::to_string(run_.story.events.size()));
  EXPECT_EQ(phone.evaluate("return picture.clientWidth"), 0) << "it would be too small";
  const auto top_of = [&](const std::string& words) -> double {
    return phone.evaluate("const text = [...stack.querySelectorAll('text')].find((one) => one.textContent === '" +
                          words + "'); return text.getBoundingClientRect().top");
  };
  EXPECT_LT(top_of("server (parent)"), top_of("listening socket"));
  EXPECT_LT(top_of("listening socket"), top_of("client 2"));
  EXPECT_LT(phone.evaluate("return part('said').getBoundingClientRect().top").get<double>(), top_of("server (parent)"))
      << "what is said can be read before anything is scrolled";
  const auto smallest = [&](const std::string& texts) -> double {
    return phone.evaluate("return Math.min(...[...document.querySelectorAll('" + texts +
                          "')].map((one) => parseFloat(getComputedStyle(one).fontSize) * one.getScreenCTM().a))");
  };
  EXPECT_GE(smallest("#stack text"), 11);
  const double code = phone.evaluate(
      "const line = [...listing.querySelectorAll('text')].find((one) => /Accept/.test(one.textContent));"
      "return parseFloat(getComputedStyle(line).fontSize) * line.getScreenCTM().a");
  EXPECT_GE(code, 13);
}

TEST_F(HandoutInABrowser, OfACrowdIsMovedUnderTheFingerOnAPhone) {
  ToldRun crowd;
  for (int i = 0; i < 20; ++i) crowd.story.client();
  open(crowd.handout());
  Browser phone(390, 844, true);
  phone.open("file://" + folder_.file("handout.html") + "#step=" + std::to_string(crowd.story.events.size()));
  EXPECT_EQ(phone.evaluate("return [stack.clientWidth, picture.clientWidth, document.documentElement.scrollWidth]"),
            nlohmann::json({0, 1100, 390}));
  EXPECT_GT(phone.evaluate("const box = picture.parentElement; return box.scrollWidth - box.clientWidth"), 500);
}

TEST_F(HandoutInABrowser, OfALessonCountsItsStepsAndNothingElse) {
  Lesson lesson;
  lesson.number = 4;
  lesson.title = "A leak";
  lesson.steps = {{{}, "", "It begins.", ""}, {{}, "And then?", "It is closed.", ""}};
  Story story;
  story.happens(0, LessonStepped{1});
  story.client();
  story.happens(0, LessonAsked{2});
  story.happens(0, LessonStepped{2});
  DeckRequest deck{story.events, &lesson, slide_theme(), fonts()};
  deck.last = story.events.size();
  open(handout_of(lesson, deck), "#step=1");
  EXPECT_EQ(place(), "step 1 of 2");
  EXPECT_EQ(browser().text_of("#heading"), "Lesson 4 · step 1 of 2");
  browser().press(kRight);
  EXPECT_EQ(place(), "in step 2 of 2");
  browser().press(kEnd);
  EXPECT_EQ(place(), "step 2 of 2");
  EXPECT_EQ(hash(), "#step=2");
  browser().press(kLeft);
  EXPECT_EQ(place(), "question 2 of 2");
  EXPECT_EQ(hash(), "#question=2");
}

TEST_F(HandoutInABrowser, OfALessonHasTheLessonsTimelineWithOneAxisAndItsStopsNumbered) {
  Lesson lesson;
  lesson.title = "Three stops";
  lesson.steps.resize(3);
  Story story;
  story.happens(0, LessonStepped{1});
  story.client();
  story.happens(0, LessonStepped{2});
  story.client();
  story.happens(0, LessonStepped{3});
  DeckRequest deck{story.events, &lesson, slide_theme(), fonts()};
  deck.last = story.events.size();
  deck.pages = DeckRequest::kStops;
  open(handout_of(lesson, deck), "#step=2");
  const auto place_of_stop = [&](const std::string& number) -> double {
    return browser().evaluate(
        "const text = [...timeline.querySelectorAll('text')].find((one) => one.textContent === '" + number +
        "'); return Math.round(text.getBoundingClientRect().left)");
  };
  const double third = place_of_stop("3");
  EXPECT_LT(place_of_stop("1"), place_of_stop("2"));
  EXPECT_LT(place_of_stop("2"), third);
  EXPECT_TRUE(contains(browser().text_of("#timeline"), "fork = "));
  for (const char* word : {"runs", "blocked", "held", "call"})
    EXPECT_TRUE(contains(browser().text_of("#names"), word)) << word;
  browser().press(kRight);
  EXPECT_NEAR(place_of_stop("3"), third, 3) << "the axis is that of the whole lesson";
  browser().click(
      "#timeline",
      static_cast<int>(browser().evaluate(
          "const view = timeline.viewBox.baseVal; return (timelineX(run.pages[0]) - view.x - view.width / 2) * "
          "timeline.clientWidth / view.width")));
  EXPECT_EQ(hash(), "#step=1");
}

// Not of a handout, but in the same browser.
TEST_F(HandoutInABrowser, AnSvgLooksLikeThePngWhetherTheFontsAreInstalledOrNot) {
  const Scene slide = slide_of(pages_[pages_.size() / 2], slide_theme(), fonts());
  FontSubsets subsets(fonts());
  std::string svg = paint_svg(slide, slide_theme().paper, subsets, {});
  const std::string png = *paint_png(slide, slide_theme().paper, fonts(), 1);
  Browser large(1920, 1080);
  const auto difference = [&] {
    put(folder_.file("x.svg"), svg);
    large.open("file://" + folder_.file("x.svg"));
    return mean_difference(large.screenshot(), png);
  };
  const double installed = difference();
  EXPECT_LT(installed, 0.0035);
  svg = std::regex_replace(svg, std::regex("\"(Inter|JetBrains Mono)\""), "\"not $1\"");
  EXPECT_NEAR(difference(), installed, 0.0002) << "no font of that name is installed";
}

}  // namespace
}  // namespace forktable::test
