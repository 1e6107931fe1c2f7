// Which steps of a run make a page, and what stands on it.
#include "ui/export/deck.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/compare/costs.hpp"
#include "tests/support/story.hpp"
#include "tests/ui/export/told_run.hpp"
#include "tests/ui/picture/sound.hpp"

namespace forktable::test {
namespace {

class Deck : public ::testing::Test {
 protected:
  Deck() {
    lesson.number = 4;
    lesson.title = "A leak";
    lesson.about = "What is not closed stays open.";
    lesson.steps = {{{}, "", "It begins.", "", false}, {{}, "And then?", "It is closed.", "For good.", true}};
  }

  DeckRequest request(const Lesson* held = nullptr) const {
    DeckRequest request{story.events, held, slide_theme(), fonts()};
    request.last = story.events.size();
    return request;
  }
  static std::vector<Page> pages_of(const DeckRequest& request) {
    std::vector<Page> pages;
    for_each_page(
        request, [](std::uint64_t) { return true; },
        [&](const Page& page) {
          pages.push_back(page);
          return true;
        });
    return pages;
  }
  static std::vector<std::string> said_on(const std::vector<Page>& pages) {
    std::vector<std::string> all;
    for (const Page& page : pages) all.push_back(page.caption.said);
    return all;
  }

  Story story;
  Lesson lesson;
};

TEST_F(Deck, HasAPageForEachStepThatChangesThePicture) {
  story.leave(story.client());
  const auto pages = pages_of(request());
  ASSERT_GT(pages.size(), 10u);
  for (std::size_t i = 1; i < pages.size(); ++i) {
    EXPECT_GT(pages[i].step, pages[i - 1].step);
    EXPECT_FALSE(pages[i].picture.items == pages[i - 1].picture.items) << pages[i].heading;
  }
  EXPECT_THAT(said_on(pages), testing::Contains(testing::HasSubstr("closes connfd 4")));
  EXPECT_EQ(pages[0].heading, "Step 1 of " + std::to_string(story.events.size()));
}

TEST_F(Deck, HasThoseToThatDoNotChangeItWhereEveryStepIsWanted) {
  story.client();
  story.happens(Story::kServer, CallFailed{Call::kAccept, EINTR});
  DeckRequest every = request();
  every.pages = DeckRequest::kEvery;
  EXPECT_EQ(pages_of(every).size(), story.events.size());
  story.happens(0, KernelChecked{});
  EXPECT_EQ(pages_of(every).size(), story.events.size() - 1) << "up to the last that was asked for";
  every.last = story.events.size();
  const auto pages = pages_of(every);
  ASSERT_EQ(pages.size(), story.events.size()) << "those too that nobody tells of";
  EXPECT_EQ(pages.back().caption.said, pages[pages.size() - 2].caption.said);
  EXPECT_LT(pages_of(request()).size(), story.events.size());
}

TEST_F(Deck, OfARangeHasTheSamePagesAsTheWhole) {
  story.client();
  DeckRequest part = request();
  part.first = 5;
  part.last = 9;
  const auto pages = pages_of(part), all = pages_of(request());
  ASSERT_FALSE(pages.empty());
  EXPECT_GE(pages.front().step, 5u);
  EXPECT_LE(pages.back().step, 9u);
  for (const Page& page : pages)
    EXPECT_TRUE(std::any_of(all.begin(), all.end(), [&](const Page& one) {
      return one.step == page.step && one.caption.said == page.caption.said && one.picture.items == page.picture.items;
    })) << page.heading;
}

TEST_F(Deck, OfALessonHasItsCaptionInPlaceOfWhatWasToldOfTheSamePicture) {
  story.happens(0, LessonStepped{1});
  story.client();
  story.happens(0, LessonAsked{2});
  story.happens(0, LessonStepped{2});
  const auto pages = pages_of(request(&lesson));
  const auto said = said_on(pages);
  EXPECT_THAT(said, testing::IsSupersetOf({"It begins.", "And then?", "It is closed."}));
  EXPECT_THAT(said, testing::Not(testing::Contains("Client 1 receives \"hello\"."))) << "the question has its picture";
  const Page& question = pages[pages.size() - 2];
  EXPECT_EQ(question.caption.said, "And then?");
  EXPECT_EQ(question.first, question.step - 1) << "it stands for the step with the same picture too";
  EXPECT_EQ(question.title, "A leak");
  EXPECT_EQ(question.heading, "Lesson 4 · question 2 of 2");
  EXPECT_TRUE(question.question) << "and the answer, on a page of its own, is not given away";
  EXPECT_EQ(pages.back().caption.meaning, "For good.");
  EXPECT_EQ(pages[pages.size() - 3].heading, "Lesson 4 · in step 2 of 2") << "no other count is on any page";

  DeckRequest stops = request(&lesson);
  stops.pages = DeckRequest::kStops;
  EXPECT_THAT(said_on(pages_of(stops)), testing::ElementsAre("It begins.", "And then?", "It is closed."));
}

TEST_F(Deck, OfALessonShowsWhatIsWrongWhereTheLessonRevealsIt) {
  lesson.steps[1].reveals = true;
  const Pid child = story.client();
  story.happens(0, ClientHalfClosed{{1}});
  story.happens(child, EndOfFile{4});
  story.happens(child, ExitCalled{0});  // nobody reaps it
  story.time += 10 * kSecond;
  story.happens(0, LessonAsked{2});
  story.happens(0, LessonStepped{2});
  const auto pages = pages_of(request(&lesson));
  EXPECT_TRUE(pages[pages.size() - 2].diagnoses.empty());
  EXPECT_FALSE(pages.back().diagnoses.empty());
}

TEST_F(Deck, OfAStrangerWhoseLessonNamesStepsThatItDoesNotHaveIsShownAllTheSame) {
  story.happens(0, LessonStepped{99});
  story.happens(0, LessonAsked{0});
  lesson.steps.clear();
  const auto pages = pages_of(request(&lesson));
  ASSERT_FALSE(pages.empty());
  EXPECT_EQ(pages.back().caption.said, "A leak");
}

// Nobody turns so many pages, and each takes some hundredths of a second.
TEST_F(Deck, OfTooManyPagesIsRefusedBeforeTheFirstIsMadeAndSaysWhichWouldDo) {
  while (story.events.size() < 20'000)
    story.events.push_back({story.events.back().at, Story::kServer, 0, BackedOff{1}});
  DeckRequest all = request();
  all.pages = DeckRequest::kEvery;
  all.first_line = 17;
  int looked = 0;
  const auto look_once = [&](std::uint64_t) { return ++looked < 1; };
  const auto nobody = [](const Page&) { return false; };
  const auto made = for_each_page(all, look_once, nobody);
  ASSERT_FALSE(made);
  EXPECT_EQ(looked, 0);
  const std::string said = made.error().message();
  ASSERT_TRUE(said.starts_with("step ")) << said;
  const auto step = std::stoul(said.substr(5));
  EXPECT_EQ(said, fmt::format("step {} (line {} of the recording) and those after it are too much for one "
                              "deck: choose fewer, as in --steps 1-{}",
                              step, step + 16, step - 1));
  EXPECT_GT(step, 1000u) << "a lesson has less than a hundred";
  all.last = step - 1;
  EXPECT_TRUE(for_each_page(all, look_once, nobody)) << "as it said";
  EXPECT_EQ(looked, 1);
}

TEST_F(Deck, OfALessonWithAServerBesideItsOwnShowsThatAtTheSameTime) {
  lesson.beside = LessonServer{};
  for (std::uint32_t client : {1, 2}) lesson.steps[0].actions.push_back({ClientDoes{client, {}, ""}, "", 0});
  Story other;
  other.time = story.time;
  story.happens(0, LessonStepped{1});
  story.connect_only();
  other.time = story.time;
  const Pid child = other.client();
  story.time = other.time + kMillisecond;
  story.happens(0, LessonStepped{2});
  other.time = story.time + kSecond;
  other.client();
  DeckRequest stops = request(&lesson);
  stops.pages = DeckRequest::kStops;
  stops.stage = stage_of(lesson, {});
  stops.beside = &other.events;
  const auto pages = pages_of(stops);
  ASSERT_EQ(pages.size(), 2u);
  EXPECT_TRUE(says(pages[0].picture, "BESIDE IT") && says(pages[1].picture, "BESIDE IT"));
  EXPECT_TRUE(says(pages[0].picture, "A process for")) << "the server that it is";
  EXPECT_FALSE(says(pages[0].picture, "child 1"));
  EXPECT_NE(child, 0);
  EXPECT_TRUE(says(pages[1].picture, "child 1")) << "which serves client 1 beside it";
  EXPECT_FALSE(says(pages[1].picture, "child 2")) << "who came later";
  EXPECT_EQ(page_at(stops, story.events.size()).picture.items, pages[1].picture.items);
  stops.beside = nullptr;
  EXPECT_FALSE(says(pages_of(stops)[1].picture, "child 1")) << "a recording that was cut short has nothing of it";
}

TEST_F(Deck, OfALessonThatMeasuresEndsWithTheChartOfWhatEachServerCosts) {
  story.happens(0, LessonStepped{1});
  story.client();
  story.happens(0, LessonAsked{2});
  story.happens(0, LessonStepped{2});
  lesson.steps.back().measure = true;
  const CostTable costs = some_costs();
  DeckRequest stops = request(&lesson);
  stops.pages = DeckRequest::kStops;
  EXPECT_FALSE(pages_of(stops).back().chart) << "nothing has been measured";
  stops.costs = &costs;
  const auto pages = pages_of(stops);
  ASSERT_EQ(pages.size(), 3u);
  EXPECT_FALSE(pages[0].chart || pages[1].chart) << "not before it is the answer";
  EXPECT_TRUE(pages[2].chart);
  EXPECT_EQ(pages[2].heading, "Lesson 4 · step 2 of 2");
  const Scene slide = slide_of(pages[2], slide_theme(), fonts());
  EXPECT_TRUE(says(slide, "Memory per client"));
  EXPECT_FALSE(says(slide, "It is closed.")) << "the chart has the slide for itself";
  expect_sound(slide, 22);
  EXPECT_TRUE(page_at(stops, story.events.size()).chart);
  lesson.steps.back().measure = false;
  EXPECT_FALSE(pages_of(stops).back().chart) << "the lesson hasn't asked for it";
}

TEST_F(Deck, EndsWhenNobodyWantsMore) {
  story.client();
  int taken = 0;
  for_each_page(
      request(), [](std::uint64_t) { return true; }, [&](const Page&) { return ++taken < 3; });
  EXPECT_EQ(taken, 3);
  for_each_page(
      request(), [](std::uint64_t step) { return step < 3; }, [&](const Page& page) { return page.step < 3; });
}

TEST_F(Deck, PageOfOneStepTellsTheLatestThatIsToldOf) {
  story.client();
  story.happens(0, KernelChecked{2, 2, 1, 1});
  const Page page = page_at(request(), story.events.size());
  EXPECT_EQ(page.step, story.events.size() - 1);
  EXPECT_EQ(page.heading, fmt::format("Step {0} of {0}", story.events.size())) << "named after what was asked for";
  EXPECT_EQ(page.world.step, story.events.size()) << "the kernel's word belongs to its picture";
  EXPECT_EQ(page_at(request(), 0).world.processes.size(), 0u);
}

}  // namespace
}  // namespace forktable::test
