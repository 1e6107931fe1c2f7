// Exports beside the window's work.
#include "ui/window/exporting.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/deadline.hpp"
#include "tests/support/story.hpp"
#include "tests/support/temporary_folder.hpp"

namespace forktable::test {
namespace {

struct ExportingBesideTheWindow : ::testing::Test {
  ExportingBesideTheWindow() {
    model.settings.exported.folder = folder.path();
    model.exporting.open = true;
  }
  void many_clients(int count) {
    Story story;
    for (int i = 0; i < count; ++i) story.leave(story.client());
    take(model, story.events);
  }
  void until_done(Exporting& exporting) {
    ASSERT_TRUE(wait_until([&] { return !exporting.work(model); }));
  }

  TemporaryFolder folder;
  Model model;
};

TEST_F(ExportingBesideTheWindow, TellsWhereItHasPutWhatItMade) {
  many_clients(1);
  Exporting exporting([] {});
  exporting.begin(model);
  until_done(exporting);
  ASSERT_EQ(folder.names().size(), 1u);
  ASSERT_EQ(model.messages.size(), 1u);
  EXPECT_EQ(model.messages[0].text, "Saved " + folder.file(folder.names()[0]));
  EXPECT_FALSE(model.exporting.open);
}

TEST_F(ExportingBesideTheWindow, GivenUpLeavesNothing) {
  many_clients(200);
  Exporting exporting([] {});
  exporting.begin(model);
  ASSERT_TRUE(wait_until([&] { return exporting.work(model) && model.exporting.part.value_or(0) > 0; }));
  EXPECT_TRUE(exporting.cancel());
  until_done(exporting);
  EXPECT_TRUE(folder.names().empty());
  EXPECT_TRUE(model.messages.empty()) << "whoever cancels knows";
  EXPECT_FALSE(model.exporting.part);
  EXPECT_FALSE(exporting.cancel()) << "there is nothing more";
}

TEST_F(ExportingBesideTheWindow, OfPicturesGivenUpTakesThoseAwayThatItHasMade) {
  many_clients(200);
  model.settings.exported.format = Format::kPng;
  Exporting exporting([] {});
  exporting.begin(model);
  const auto has_made_one = [&] {
    const auto names = folder.names();
    return !names.empty() && !std::filesystem::is_empty(folder.file(names[0]));
  };
  ASSERT_TRUE(wait_until([&] { return exporting.work(model) && has_made_one(); }));
  EXPECT_TRUE(exporting.cancel());
  until_done(exporting);
  EXPECT_TRUE(folder.names().empty());
}

TEST_F(ExportingBesideTheWindow, FromALaterStepToAnEarlierOneSaysThatThereAreNone) {
  many_clients(1);
  model.settings.exported.steps = ExportChoice::kRange;
  model.exporting.first = 20;
  model.exporting.last = 9;
  Exporting exporting([] {});
  exporting.begin(model);
  EXPECT_FALSE(exporting.work(model));
  ASSERT_EQ(model.messages.size(), 1u);
  EXPECT_EQ(model.messages[0].text, "There are no steps 20-9.");
  EXPECT_TRUE(folder.names().empty());
}

TEST_F(ExportingBesideTheWindow, EndsWithTheWindow) {
  many_clients(200);
  {
    Exporting(([] {})).begin(model);
  }
  EXPECT_TRUE(folder.names().empty());
}

TEST_F(ExportingBesideTheWindow, OfARangeThatNoLongerIsThereTakesWhatThereIs) {
  many_clients(1);
  model.settings.exported.steps = ExportChoice::kRange;
  model.settings.exported.format = Format::kTrace;
  model.exporting.first = 500;
  model.exporting.last = 2;
  Exporting exporting([] {});
  exporting.begin(model);
  until_done(exporting);
  EXPECT_EQ(folder.names().size(), 1u);
}

TEST_F(ExportingBesideTheWindow, OfNothingIsTold) {
  Exporting exporting([] {});
  exporting.begin(model);
  EXPECT_FALSE(exporting.work(model));
  EXPECT_TRUE(model.messages.at(0).trouble);
}

}  // namespace
}  // namespace forktable::test
