// What is taken home from the window arrives as a whole, under a name of its own, or the user learns why not.
#include "ui/window/saving.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>

#include "core/recording/recording.hpp"
#include "core/system/file.hpp"
#include "tests/support/story.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/text.hpp"
#include "tests/support/user.hpp"
#include "ui/export/deck.hpp"
#include "ui/picture/cairo_painter.hpp"

namespace forktable::test {
namespace {

struct Saving : ::testing::Test {
  Saving() { setenv("XDG_PICTURES_DIR", home.path().c_str(), 1); }
  std::string why_not() const {
    const auto saved = save_new("run", ".forktable", std::string(1 << 16, 'x'));
    return saved ? "saved" : saved.error().message();
  }
  TemporaryFolder home;
  std::string folder = home.file("Forktable");
};

TEST(SlideOfTheWindow, IsThatWhichAnExportMakesOfTheSameStep) {
  const auto fonts = Fonts::load();
  ASSERT_TRUE(fonts);
  Model model;
  Story story;
  story.leave(story.client());
  take(model, story.events);
  for (std::uint64_t step : {0, 7, 12, 20}) {
    go_to(model, step);
    DeckRequest deck{story.events, nullptr, slide_theme(), **fonts};
    deck.last = story.events.size();
    const Scene exported = slide_of(page_at(deck, step), slide_theme(), **fonts);
    const auto from_window = slide_of(model, **fonts),
               from_export = paint_png(exported, slide_theme().paper, **fonts, 2);
    ASSERT_TRUE(from_window && from_export);
    EXPECT_TRUE(*from_window == *from_export) << step;
  }
}

TEST(RecordingOfTheWindow, NamesTheServerThatRanAndCarriesItsListing) {
  Model model;
  Story story;
  story.happens(Story::kServer, ServerNamed{ServerKind::kIterative});
  take(model, story.events);
  const auto recording = parse_recording(recording_of(model), "saved");
  ASSERT_TRUE(recording) << recording.error().message();
  EXPECT_EQ(recording->header.server, "iterative");
  EXPECT_EQ(recording->script.listing.file, "iterative_server.cpp");
}

TEST_F(Saving, GivesEachItsOwnName) {
  const auto first = save_new("run", ".forktable", std::string("first"));
  const auto second = save_new("run", ".forktable", std::string("second"));
  ASSERT_TRUE(first && second);
  EXPECT_NE(*first, *second);
  EXPECT_TRUE(first->starts_with(folder + "/") && first->ends_with(".forktable")) << *first;
  EXPECT_EQ(contents(*first) + contents(*second), "firstsecond");
}

TEST_F(Saving, OnADiskThatIsFullFailsWithTheReasonAndLeavesNothing) {
  EXPECT_TRUE(in_child([&] {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    setrlimit(RLIMIT_FSIZE, &limit);
    const std::string why = why_not();
    return contains(why, folder) && contains(why, "File too large");
  }));
  EXPECT_EQ(home.names(), std::vector<std::string>{"Forktable"});
  EXPECT_NE(rmdir(folder.c_str()), -1) << "nothing is left in it";
}

TEST_F(Saving, IntoAFolderThatIsReadOnlyOrNoneFailsWithTheReason) {
  ASSERT_TRUE(make_folder(folder));
  chmod(home.path().c_str(), 0755);
  chmod(folder.c_str(), 0555);
  EXPECT_TRUE(as_ordinary_user([&] {
    const std::string why = why_not();
    return contains(why, folder) && contains(why, "Permission denied");
  }));
  chmod(folder.c_str(), 0755);
  ASSERT_EQ(rmdir(folder.c_str()), 0);
  put(folder, "a file");
  EXPECT_TRUE(contains(why_not(), folder)) << why_not();
  EXPECT_EQ(contents(folder), "a file");
}

TEST_F(Saving, OfWhatCouldNotBeMadeFailsWithThatReason) {
  const auto saved = save_new("run", ".png", failure("can't paint"));
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().message(), "can't paint");
  EXPECT_TRUE(home.names().empty());
}

}  // namespace
}  // namespace forktable::test
