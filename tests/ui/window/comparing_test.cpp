// Measures beside the window's work.
#include "ui/window/comparing.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include "core/program/server_setup.hpp"
#include "tests/compare/costs.hpp"
#include "tests/support/deadline.hpp"
#include "tests/support/headless_screen.hpp"
#include "tests/support/proc.hpp"
#include "tests/ui/picture/sound.hpp"
#include "ui/window/lesson_rules.hpp"

namespace forktable::test {
namespace {

CostRequest small() {
  CostRequest request{{ServerKind::kProcess, ServerKind::kThread}, {2}, 0.01, {}};
  request.program = [](ServerKind kind) { return with_server({.program = FORKTABLE_SERVER}, kind).program; };
  return request;
}

TEST(Comparing, KeepsWhatItHasMeasuredWhateverIsShown) {
  Model model, another;
  Comparing comparing([] {});
  comparing.begin(model, small());
  EXPECT_TRUE(wait_until([&] { return !comparing.work(model); }));
  ASSERT_TRUE(model.comparing.table);
  EXPECT_EQ(model.comparing.table->servers.size(), 2u);
  EXPECT_FALSE(model.comparing.part);
  comparing.work(another);
  EXPECT_EQ(another.comparing.table, model.comparing.table);
}

TEST(Comparing, GivenUpLeavesNothingAndKeepsTheLastResult) {
  Model model;
  Comparing comparing([] {});
  comparing.begin(model, small());
  EXPECT_TRUE(wait_until([&] { return !comparing.work(model); }));
  const auto table = model.comparing.table;
  comparing.begin(model);  // of all, which takes some time
  ASSERT_TRUE(wait_until([&] { return comparing.work(model) && model.comparing.part.value_or(0) > 0; }));
  EXPECT_TRUE(comparing.cancel());
  EXPECT_TRUE(wait_until([&] { return !comparing.work(model); }));
  EXPECT_TRUE(children_of(getpid()).empty());
  EXPECT_EQ(model.comparing.table, table);
  EXPECT_TRUE(model.messages.empty()) << "whoever cancels knows";
}

TEST(Comparing, EndsWithTheWindow) {
  {
    Model model;
    Comparing(([] {})).begin(model);
  }
  EXPECT_TRUE(children_of(getpid()).empty());
}

TEST(Comparing, TellsWhyItCannotMeasure) {
  Model model;
  Comparing comparing([] {});
  CostRequest request = small();
  request.program = [](ServerKind) { return std::string("/nowhere/server"); };
  comparing.begin(model, request);
  EXPECT_TRUE(wait_until([&] { return !comparing.work(model); }));
  ASSERT_EQ(model.messages.size(), 1u);
  EXPECT_TRUE(model.messages[0].trouble);
  EXPECT_EQ(model.messages[0].text.rfind("can't measure the process server", 0), 0u) << model.messages[0].text;
  EXPECT_FALSE(model.comparing.part);
  EXPECT_FALSE(comparing.cancel()) << "there is nothing to give up";
}

TEST(Comparing, HasNoChartBeforeItHasMeasured) {
  EXPECT_FALSE(chart_of(Model{}, Format::kPng, fonts()));
  Model model;
  model.comparing.table = std::make_shared<const CostTable>(some_costs());
  EXPECT_TRUE(chart_of(model, Format::kPdf, fonts()));
}

TEST(Comparing, IsBegunByEnterAndSavedByTheKeyForPicturesWhileItsPanelIsOpen) {
  Model model;
  EXPECT_TRUE(std::holds_alternative<StepSelected>(meant_by(StepSelected{}, model)));
  model.comparing.open = true;
  EXPECT_TRUE(std::holds_alternative<StartCompare>(meant_by(StepSelected{}, model)));
  EXPECT_TRUE(std::holds_alternative<SaveChart>(meant_by(SavePicture{}, model)));
  EXPECT_TRUE(std::holds_alternative<Quit>(meant_by(Quit{}, model)));
}

TEST(Comparing, IsBegunAndLeftByPageDownAloneWhereALessonEndsWithIt) {
  Model model;
  model.in_hand.emplace();
  model.in_hand->lesson.steps.resize(2);
  model.in_hand->lesson.steps.back().measure = true;
  EXPECT_TRUE(std::holds_alternative<NextStep>(meant_by(NextStep{}, model))) << "its last step is to come";
  model.in_hand->over = true;
  EXPECT_TRUE(std::holds_alternative<MeasureForLesson>(meant_by(NextStep{}, model)));
  model.in_hand->costs_shown = model.comparing.open = true;
  model.comparing.part = 0.5;
  EXPECT_TRUE(std::holds_alternative<StartCompare>(meant_by(NextStep{}, model))) << "which says that it is measured";
  model.comparing.part.reset();
  EXPECT_TRUE(std::holds_alternative<ToggleCompare>(meant_by(NextStep{}, model)));
  model.comparing.open = false;
  EXPECT_TRUE(std::holds_alternative<NextStep>(meant_by(NextStep{}, model))) << "once is enough";
  model.lecture.resize(2);
  model.lecture_place = 0;
  EXPECT_TRUE(std::holds_alternative<ShowNextLesson>(meant_by(NextStep{}, model)));
}

TEST(Comparing, IsDrawnBeforeWhileAndAfterItMeasures) {
  HeadlessScreen screen{fonts()};
  Model model;
  model.comparing.open = true;
  screen.draw(model);
  model.comparing.part = 0.5;
  model.comparing.doing = "thread, 10 clients";
  screen.draw(model);
  model.comparing.part.reset();
  model.comparing.table = std::make_shared<const CostTable>(some_costs());
  EXPECT_TRUE(screen.draw(model).empty()) << "nobody has asked for anything";
}

}  // namespace
}  // namespace forktable::test
