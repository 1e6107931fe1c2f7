// A recording on the window, in place of the live run.
#include "ui/window/replay.hpp"

#include <gtest/gtest.h>

#include "core/recording/installed_script.hpp"
#include "core/world/describe.hpp"
#include "tests/compare/costs.hpp"
#include "tests/support/deadline.hpp"
#include "tests/support/headless_screen.hpp"
#include "tests/support/story.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/text.hpp"
#include "ui/window/caption.hpp"
#include "ui/window/comparing.hpp"
#include "ui/window/lesson_rules.hpp"
#include "ui/window/saving.hpp"

namespace forktable::test {
namespace {

Lesson sample_lesson() {
  Lesson lesson;
  lesson.name = "90-sample";
  lesson.number = 90;
  lesson.title = "A sample";
  lesson.steps.resize(2);
  lesson.steps[0].say = "The first step.";
  lesson.steps[1].ask = "And now?";
  lesson.steps[1].say = "The second step.";
  lesson.wild = {{"some/project", 7, "It was bitten."}};
  return lesson;
}

class AReplay : public ::testing::Test {
 protected:
  std::string save(const std::string& name, const Story& story, const Script& script,
                   const RecordingHeader& header = {.started = "2024-05-06T07:08:09Z"}) {
    std::string text = line_of(header) + lines_of(script);
    for (const Event& event : story.events) text += line_of(event);
    put(folder.file(name), text);
    return folder.file(name);
  }
  std::string save_run(int clients) {
    Story story;
    for (int i = 0; i < clients; ++i) story.leave(story.client());
    return save("run.forktable", story, {listing_of("process"), {}});
  }
  // A lesson with a step, a question and a step.
  std::string save_lesson() {
    Story story;
    story.happens(0, LessonStepped{1});
    story.client();
    story.happens(0, LessonAsked{2});
    story.client();
    story.happens(0, LessonStepped{2});
    return save("lesson.forktable", story, {listing_of("process"), sample_lesson()});
  }
  // Until it is read, or refused.
  void wait() {
    EXPECT_TRUE(wait_until([&] { return replay.work() || !shown().loading; }));
  }
  void begin_with(const std::string& path) {
    replay.begin_with(path);
    wait();
  }
  Model& shown() { return replay.model(); }
  template <class What>
  void ask(const What& what) {
    replay.stepper()->carry_out(what);
  }
  std::string heading() { return caption_of(shown()).heading; }
  std::string said() { return caption_of(shown()).told.said; }
  std::string message() { return shown().messages.empty() ? "" : shown().messages.back().text; }

  TemporaryFolder folder;
  Model live;
  Replay replay{live, [] {}};
};

TEST_F(AReplay, OfALessonThatHasMeasuredShowsThatAtItsEndByTheKeyThatGoesOn) {
  Story story;
  story.happens(0, LessonStepped{1});
  story.client();
  story.happens(0, LessonStepped{2});
  Script script{listing_of("process"), sample_lesson(), some_costs()};
  begin_with(save("costs.forktable", story, script));
  Comparing comparing([] {});
  comparing.work(shown());
  ASSERT_TRUE(shown().comparing.table);
  EXPECT_EQ(text_of(*shown().comparing.table, false), text_of(some_costs(), false));
  EXPECT_TRUE(std::holds_alternative<NextStep>(meant_by(NextStep{}, shown()))) << "it isn't at its end";
  ask(LastStep{});
  EXPECT_EQ(caption_of(shown()).next, "Page Down shows what each server costs.");
  EXPECT_TRUE(std::holds_alternative<MeasureForLesson>(meant_by(NextStep{}, shown())));
  EXPECT_TRUE(head_of(shown()).script.costs) << "and a copy has it";
  shown().in_hand->costs_shown = true;
  EXPECT_TRUE(std::holds_alternative<NextStep>(meant_by(NextStep{}, shown())));
  begin_with(save_lesson());
  comparing.work(shown());
  EXPECT_FALSE(shown().comparing.table) << "of another recording";
}

TEST_F(AReplay, BeginsAtTheFirstStepAndNotAtTheEnd) {
  begin_with(save_run(3));
  ASSERT_TRUE(shown().replayed);
  EXPECT_EQ(shown().replayed->trouble, "");
  EXPECT_EQ(told_step(shown()), 1u);
  EXPECT_EQ(shown().world().processes.size(), 1u);
  EXPECT_EQ(shown().live().counts.reaped, 3u);
}

TEST_F(AReplay, GoesForwardAndBackAndKnowsItsLastStep) {
  begin_with(save_run(3));
  ask(NextStep{});
  EXPECT_GT(told_step(shown()), 1u);
  ask(PreviousStep{});
  EXPECT_EQ(told_step(shown()), 1u);
  ask(LastStep{});
  EXPECT_EQ(shown().focus, shown().history.size()) << "nothing is now, in a recording";
  EXPECT_EQ(message(), "");
  ask(NextStep{});
  EXPECT_TRUE(contains(message(), "That was the recording's last step."));
  ask(FirstStep{});
  EXPECT_EQ(told_step(shown()), 1u);
}

TEST_F(AReplay, RunsThroughAllStepsAndStopsAtTheEnd) {
  begin_with(save_run(3));
  shown().settings.speed = 0;
  ask(RunOrPause{});
  EXPECT_TRUE(is_running(shown()));
  std::uint64_t shown_steps = 0;
  double clock = 0;
  for (; is_running(shown()) && clock < 60; clock += 1.0 / 60)
    if (replay.stepper()->play(clock)) ++shown_steps;
  EXPECT_FALSE(is_running(shown()));
  EXPECT_EQ(told_step(shown()), shown().timeline.told_at(shown().timeline.places()));
  EXPECT_EQ(shown_steps, shown().timeline.places() - 1) << "each step is shown, from where one looked";
  ask(RunOrPause{});
  replay.stepper()->play(clock + 1);
  EXPECT_EQ(told_step(shown()), 1u) << "from the end it begins again";
  ask(RunOrPause{});
  EXPECT_FALSE(is_running(shown()));
}

TEST_F(AReplay, RunsAtTheSpeedThatWasChosen) {
  begin_with(save_run(3));
  ask(SetSpeed{2});  // one a second
  ask(RunOrPause{});
  EXPECT_TRUE(replay.stepper()->play(10));
  EXPECT_FALSE(replay.stepper()->play(10.9));
  EXPECT_TRUE(replay.stepper()->play(11.1));
}

TEST_F(AReplay, OfALessonGoesFromStopToStopWithItsCaptions) {
  begin_with(save_lesson());
  ASSERT_TRUE(shown().in_hand);
  EXPECT_EQ(heading(), "LESSON 90 · STEP 1 OF 2");
  EXPECT_EQ(said(), "The first step.");
  ask(NextStep{});
  EXPECT_EQ(heading(), "LESSON 90 · QUESTION 2 OF 2");
  EXPECT_EQ(said(), "And now?");
  EXPECT_TRUE(caption_of(shown()).question);
  ask(NextStep{});
  EXPECT_EQ(said(), "The second step.");
  EXPECT_EQ(shown().world().counts.forked, 2u);
  ask(NextStep{});
  EXPECT_TRUE(shown().wild_open) << "who was bitten";
  ask(NextStep{});
  EXPECT_TRUE(contains(message(), "last step"));
  ask(FirstStep{});
  EXPECT_EQ(said(), "The first step.");
  EXPECT_EQ(shown().world().counts.forked, 0u);
}

TEST_F(AReplay, OfALessonRunsThroughTheStepsBetweenItsStopsToo) {
  begin_with(save_lesson());
  EXPECT_TRUE(std::holds_alternative<RunOrPause>(meant_by(RunOrPause{}, shown()))) << "nothing is begun again";
  ask(RunOrPause{});
  replay.stepper()->play(1);
  EXPECT_EQ(said(), said_of(shown(), told_step(shown())).narration.said) << "a step between two stops";
  for (double clock = 2; is_running(shown()) && clock < 200; ++clock) replay.stepper()->play(clock);
  EXPECT_EQ(said(), "The second step.");
}

TEST_F(AReplay, ShowsTheListingOfTheRecordingAndNotTheOneThatIsInstalled) {
  Script script;
  script.listing = {"other_server.cpp", {{1, "int main() {}", {}, {}}}};
  begin_with(save("other.forktable", Story{}, script));
  EXPECT_EQ(shown().listing().file, "other_server.cpp");
  ASSERT_EQ(shown().listing().lines.size(), 1u);
}

TEST_F(AReplay, OfAnOlderVersionShowsTheInstalledListingAndSaysSo) {
  begin_with(save("old.jsonl", Story{}, {}, {.version = 3}));
  EXPECT_EQ(shown().listing().file, "process_server.cpp (of this Forktable)");
  EXPECT_FALSE(shown().listing().lines.empty());
}

TEST_F(AReplay, IsSavedAsACopyWithWhatItCarries) {
  for (const std::string& path : {save_run(2), save_lesson(), save("old.jsonl", Story{}, {}, {.version = 2})}) {
    Replay one(live, [] {});
    one.begin_with(path);
    ASSERT_TRUE(wait_until([&] { return one.work() || !one.model().loading; }));
    EXPECT_EQ(recording_of(one.model()), contents(path));
  }
}

TEST_F(AReplay, ComesToRestAndWaitsForNothing) {
  begin_with(save_run(3));
  for (const bool at_the_end : {false, true}) {
    if (at_the_end) ask(LastStep{});
    EXPECT_EQ(restless_until(shown()), 0);
  }
}

TEST_F(AReplay, OfABrokenFileSaysWhyAndShowsNoPicture) {
  const std::string path = save_run(1);
  put(path, contents(path) + "{\"t\":1,\"event\":\"nonsense\"}\n");
  begin_with(path);
  EXPECT_TRUE(contains(shown().replayed->trouble, "nonsense")) << shown().replayed->trouble;
  EXPECT_EQ(shown().history.size(), 0u);
}

TEST_F(AReplay, HasNothingThatCouldBeDoneToAServer) {
  for (const Action& action :
       {Action{LaunchClients{1}}, Action{StartServer{0}}, Action{StopServer{}}, Action{ToggleBug{}},
        Action{SendLine{{1}, "x"}}, Action{SignalProcess{1, 9}}, Action{DoToSelected{}}, Action{StepSelected{}},
        Action{HoldSelected{}}, Action{ToggleLessons{}}, Action{StartChosenLesson{}}, Action{LeaveLesson{}},
        Action{OpenMenu{"server"}}, Action{OpenMenu{"behaviour"}}})
    EXPECT_TRUE(needs_server(action)) << action.index();
  for (const Action& action :
       {Action{NextStep{}}, Action{LastStep{}}, Action{GoToStep{1}}, Action{RunOrPause{}}, Action{SavePicture{}},
        Action{SaveRecording{}}, Action{Leave{}}, Action{Select{}}, Action{OpenMenu{"export"}}, Action{ToggleWild{}}})
    EXPECT_FALSE(needs_server(action)) << action.index();
}

// ---- on a window with a live run ----

TEST_F(AReplay, IsShownInPlaceOfTheLiveRunWhichGoesOnAndIsReturnedTo) {
  Story story;
  story.client();
  take(live, story.events);
  live.settings.dark = false;
  replay.open(save_run(3));
  EXPECT_EQ(&shown(), &live) << "until it is read";
  wait();
  ASSERT_NE(&shown(), &live);
  EXPECT_EQ(shown().live().counts.reaped, 3u);
  EXPECT_TRUE(contains(message(), "run.forktable is shown")) << message();
  const auto before = live.history.size();
  story.client();
  take(live, std::span(story.events).subspan(before));
  shown().settings.dark = true;
  ASSERT_TRUE(replay.leave());
  EXPECT_EQ(&shown(), &live);
  EXPECT_EQ(shown().live().counts.forked, 2u) << "what has happened meanwhile is there";
  EXPECT_TRUE(shown().settings.dark) << "what was chosen stays chosen";
  EXPECT_FALSE(replay.leave());
}

TEST_F(AReplay, GivesPlaceToAnotherOne) {
  begin_with(save_run(3));
  const auto run = shown().run;
  replay.open(save_lesson());
  wait();
  EXPECT_EQ(said(), "The first step.");
  EXPECT_NE(shown().run, run);
  EXPECT_FALSE(replay.leave()) << "there is no live run";
}

TEST_F(AReplay, OfAFileThatIsNoRecordingChangesNothing) {
  put(folder.file("photo.png"), "\x89PNG\r\n");
  replay.open(folder.file("photo.png"));
  EXPECT_EQ(&shown(), &live);
  EXPECT_FALSE(shown().loading);
  EXPECT_TRUE(contains(message(), "photo.png")) << message();
  EXPECT_TRUE(contains(message(), "not a Forktable recording")) << message();
  replay.open(folder.path());
  EXPECT_TRUE(contains(message(), "not a regular file")) << message();
  EXPECT_EQ(&shown(), &live);
}

TEST_F(AReplay, OfAFileThatIsBrokenFurtherOnLeavesTheOneThatIsShown) {
  begin_with(save_lesson());
  const std::string path = save_run(1);
  put(path, contents(path) + "nonsense\n");
  replay.open(path);
  wait();
  EXPECT_TRUE(contains(message(), "run.forktable: line ")) << message();
  EXPECT_EQ(said(), "The first step.");
}

TEST_F(AReplay, IsGivenUpWhileItIsRead) {
  replay.open(save_run(2000));
  ASSERT_TRUE(shown().loading);
  EXPECT_TRUE(replay.cancel());
  EXPECT_FALSE(shown().loading);
  EXPECT_EQ(&shown(), &live);
  EXPECT_FALSE(replay.work());
  EXPECT_FALSE(replay.cancel());
}

TEST_F(AReplay, IsDrawnWhileItIsReadAndAfterwards) {
  const auto fonts = Fonts::load().value();
  HeadlessScreen screen(*fonts);
  replay.begin_with(save_lesson());
  for (int i = 0; i < 3; ++i) screen.draw(shown());
  wait();
  for (int i = 0; i < 3; ++i)
    for (const Action& action : screen.draw(shown())) EXPECT_FALSE(needs_server(action)) << "nobody asked for anything";
}

}  // namespace
}  // namespace forktable::test
