#include "ui/window/model.hpp"
#include "core/event/traits.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/story.hpp"
#include "ui/window/lesson_rules.hpp"

namespace forktable::test {
namespace {

// A model that has heard of a story, and the story goes on.
class Heard : public ::testing::Test {
 protected:
  void hear() {
    const auto& events = story.events;
    take(model, std::span(events).subspan(model.history.size()));
  }
  std::uint64_t steps() const { return model.history.size(); }
  // What is said of the step that is looked at.
  std::string said() const { return said_of(model, told_step(model)).narration.said; }

  Story story;
  Model model;
};

TEST_F(Heard, TheLatestStepIsLookedAtUntilTheUserGoesBack) {
  story.client();
  hear();
  EXPECT_EQ(told_step(model), steps());
  story.client();
  hear();
  EXPECT_EQ(told_step(model), steps());
  ASSERT_TRUE(go_by(model, -1));
  const auto before = told_step(model);
  EXPECT_LT(before, steps());
  story.client();
  hear();
  EXPECT_EQ(told_step(model), before);
}

TEST_F(Heard, GoingBackToTheFirstStepAndForwardAgainPassesEveryToldStep) {
  story.client();
  hear();
  std::vector<std::uint64_t> back{told_step(model)}, forth;
  while (go_by(model, -1)) back.push_back(told_step(model));
  EXPECT_EQ(told_step(model), 1u);
  forth.push_back(told_step(model));
  while (go_by(model, 1)) forth.push_back(told_step(model));
  std::reverse(forth.begin(), forth.end());
  EXPECT_EQ(back, forth);
  EXPECT_FALSE(model.focus) << "at the end, what comes next is followed again";
}

TEST_F(Heard, TheServerBesideALessonsIsShownAsItWasAtTheMomentThatIsLookedAt) {
  Story other;
  model.in_hand.emplace();
  model.in_hand->lesson.steps.resize(2);
  model.in_hand->lesson.beside = LessonServer{};
  EXPECT_EQ(model.world_beside(), nullptr) << "nothing is known of it";
  take_beside(model, std::span(other.events).subspan(1));
  EXPECT_EQ(model.world_beside(), nullptr) << "what comes without a launch is left over from another lesson";
  take_beside(model, other.events);
  story.happens(0, LessonStepped{1});
  hear();
  const std::uint64_t first_stop = steps();
  other.time = story.time;
  other.client();
  take_beside(model, std::span(other.events).subspan(3));
  ASSERT_NE(model.world_beside(), nullptr);
  EXPECT_EQ(model.world_beside()->counts.forked, 1u) << "now";
  story.time = other.time;
  story.happens(0, LessonStepped{2});
  hear();
  go_to(model, first_stop);
  EXPECT_EQ(model.world_beside()->counts.forked, 0u);
  EXPECT_EQ(model.world_beside()->processes.size(), 1u);
  go_to(model, steps());
  EXPECT_EQ(model.world_beside()->counts.forked, 1u);
  EXPECT_EQ(model.world_beside(first_stop)->counts.forked, 0u) << "what has happened is shown in its order";
  take_beside(model, Story().events);
  EXPECT_EQ(model.beside.size(), 3u) << "another launch begins it anew";
  model.in_hand.reset();
  EXPECT_EQ(model.world_beside(), nullptr);
}

TEST_F(Heard, TheNewestStepThatIsToldIsNowAlthoughTheKernelHasSpokenSince) {
  const Pid child = story.client();
  story.happens(0, KernelChecked{4, 4, 3, 3});
  hear();
  go_to_told(model, told_step(model));
  EXPECT_FALSE(model.focus);
  story.happens(child, DeathSeen{});
  hear();
  EXPECT_EQ(find_process(model.world(), child)->life, Life::kDead) << "what happens then is shown";
  ASSERT_TRUE(go_by(model, -1));
  EXPECT_TRUE(model.focus);
}

TEST_F(Heard, TheWorldIsAsItWasAtTheStepThatIsLookedAt) {
  story.client();
  hear();
  while (model.world().counts.forked > 0) ASSERT_TRUE(go_by(model, -1));
  EXPECT_EQ(model.world().processes.size(), 1u);
  EXPECT_EQ(model.live().processes.size(), 2u);
}

TEST_F(Heard, WhatNobodyTellsOfBelongsToTheStepBeforeIt) {
  const Pid child = story.client();
  story.happens(child, Closed{4}, 33);
  story.happens(child, GateReached{Call::kExit, -1}, 34);
  hear();
  const std::uint64_t closed = steps() - 1;
  EXPECT_EQ(told_step(model), closed);
  story.happens(child, ExitCalled{0}, 34);
  hear();
  go_to(model, closed);
  EXPECT_TRUE(find_process(model.world(), child)->gate) << "it waits at its gate already";
}

TEST_F(Heard, WhatTheKernelSaidRightAfterAStepBelongsToItsPicture) {
  story.client();
  story.happens(0, ClientHalfClosed{{1}});
  const std::uint64_t half_closed = story.world.step;
  story.happens(0, TcpStateSeen{8080, story.port(), TcpState::kCloseWait});
  story.happens(0, KernelChecked{4, 4, 3, 3});
  story.client();
  hear();
  go_to(model, half_closed);
  const std::string told = said();
  EXPECT_EQ(model.world().files[1].socket.state, TcpState::kCloseWait);
  EXPECT_TRUE(is_checked(model.world())) << "the mark is that step's own";
  EXPECT_EQ(said(), told);
  EXPECT_NE(told.find("shut"), std::string::npos) << "the caption is about what happened: " << told;
  ASSERT_TRUE(go_by(model, -1));
  EXPECT_NE(model.world().files[1].socket.state, TcpState::kCloseWait);
}

TEST_F(Heard, AStepIsToldInThePastAsItWasThen) {
  story.client();
  hear();
  const std::string latest = model.said.back().narration.said;
  EXPECT_EQ(said(), latest);
  ASSERT_TRUE(go_by(model, -1));
  const std::string earlier = said();
  EXPECT_NE(earlier, latest);
  story.client();
  hear();
  EXPECT_EQ(said(), earlier);
}

TEST_F(Heard, TheProcessThatHasWaitedLongestTakesTheNextStep) {
  const Pid first = story.client(), second = story.client();
  EXPECT_EQ(next_to_step(story.world), nullptr);
  story.happens(second, Wrote{4, 1}, 13);
  story.happens(second, GateReached{Call::kRead, 4}, 12);
  story.happens(first, Wrote{4, 1}, 13);
  story.happens(first, GateReached{Call::kRead, 4}, 12);
  EXPECT_EQ(next_to_step(story.world)->pid, second);
  story.happens(second, HoldChanged{1});
  EXPECT_EQ(next_to_step(story.world)->pid, first) << "one that is held is left out";
}

// A lesson of two steps, with a question before the second, in which `story` goes on.
class InALesson : public Heard {
 protected:
  InALesson() {
    Lesson lesson;
    lesson.steps = {{{}, "", "First.", ""}, {{}, "What now?", "Second.", ""}};
    model.in_hand = LessonInHand{lesson, false, false, false, ""};
    story.happens(0, LessonStepped{1});
    story.client();
    story.happens(0, LessonAsked{2});
    story.client();
    story.happens(0, LessonStepped{2});
    hear();
  }
};

// Two runs side by side, each with its own steps. The other one began some time later.
class BesideAnother : public Heard {
 protected:
  static constexpr Nanoseconds kLater = 20 * kMillisecond;

  void both_hear() {
    hear();
    other.began = model.began + kLater;
    take(other, others_story.events);
  }
  Nanoseconds moment() const { return model.began + model.shown_now(); }
  Nanoseconds others_moment() const { return other.began + other.shown_now(); }

  Story others_story;
  Model other;
};

TEST_F(BesideAnother, BothServersShowTheSameMomentWhenOneGoesBackAStep) {
  story.client();
  story.client();
  others_story.client();
  both_hear();
  while (go_by(model, -1)) {
    go_to_moment_of(other, model);
    ASSERT_TRUE(other.focus) << "not now, where the first one is in the past";
    EXPECT_LE(others_moment(), std::max(moment(), other.began));
    const std::uint64_t next = *other.focus;
    if (next < other.history.size() && is_narrated(other.history.events()[next])) {
      EXPECT_GT(other.began + other.history.events()[next].at, moment()) << "the latest that was told by then";
    }
  }
  EXPECT_EQ(other.world().processes.size(), 0u) << "it had not begun";
}

TEST_F(BesideAnother, TheOtherServerIsAtNowOnlyWithTheFirst) {
  story.client();
  others_story.client();
  both_hear();
  go_by(model, -1);
  go_to_moment_of(other, model);
  EXPECT_TRUE(is_at_end(other) || other.focus);
  go_by(model, 1);
  ASSERT_FALSE(model.focus);
  go_to_moment_of(other, model);
  EXPECT_FALSE(other.focus);
}

TEST_F(InALesson, OneGoesFromStopToStop) {
  const auto place = [this] { return std::pair{lesson_place(model).step, lesson_place(model).asks}; };
  EXPECT_EQ(place(), (std::pair{std::size_t{2}, false}));
  ASSERT_TRUE(go_by(model, -1));
  EXPECT_EQ(place(), (std::pair{std::size_t{2}, true}));
  EXPECT_EQ(model.world().counts.forked, 1u);
  ASSERT_TRUE(go_by(model, -1));
  EXPECT_EQ(place(), (std::pair{std::size_t{1}, false}));
  EXPECT_FALSE(go_by(model, -1));
  ASSERT_TRUE(go_by(model, 1));
  ASSERT_TRUE(go_by(model, 1));
  EXPECT_FALSE(model.focus);
  EXPECT_FALSE(go_by(model, 1)) << "what comes next hasn't happened yet";
}

TEST_F(InALesson, WhatTheKernelSaidAfterAStopBelongsToItsPicture) {
  story.happens(0, TcpStateSeen{8080, story.port(), TcpState::kCloseWait});
  story.happens(0, LessonAsked{3});
  story.happens(0, TcpStateSeen{8080, story.port(), TcpState::kLastAck});
  hear();
  const auto state = [this] { return model.world().files.back().socket.state; };
  go_to(model, steps() - 3);  // the second step of the lesson
  EXPECT_EQ(state(), TcpState::kCloseWait);
  go_to(model, steps() - 1);
  EXPECT_EQ(state(), TcpState::kLastAck);
}

TEST_F(InALesson, WhatIsWrongIsNotShownBeforeItsStepHasBeenTaken) {
  story.happens(Story::kServer + 1, ExitCalled{0});  // the child of client 1, which nobody reaps
  story.happens(0, LessonAsked{3});
  hear();
  model.now = model.live().now + 10 * kSecond;
  const std::size_t wrong = shown_diagnoses(model).size();
  ASSERT_GT(wrong, 0u) << "a lesson that reveals nothing hides nothing, not even beside a question";
  LessonStep& last = model.in_hand->lesson.steps.emplace_back();
  last.reveals = true;
  EXPECT_EQ(shown_diagnoses(model).size(), 0u) << "beside its question";
  last.diagnoses = {"lost-update"};
  EXPECT_EQ(shown_diagnoses(model).size(), wrong) << "that is another one";
  last.diagnoses.clear();
  story.happens(0, LessonStepped{3});
  hear();
  EXPECT_EQ(shown_diagnoses(model).size(), wrong);
}

Lesson lesson_called(const std::string& name) {
  Lesson lesson;
  lesson.name = lesson.title = name;
  lesson.steps.resize(1);
  return lesson;
}

// The name of the lesson that is next when this one has begun.
std::string next_after(Model& model, const std::string& name) {
  const Lesson lesson = lesson_called(name);
  take_place_in_lecture(model, lesson);
  model.in_hand = LessonInHand{lesson, false, true, false, ""};
  const Lesson* next = next_lesson(model);
  return next != nullptr ? next->name : "none";
}

TEST(ALecture, GoesOnWithTheLessonThatFollowsTheOneThatWasGiven) {
  Model model;
  model.lecture = {lesson_called("12"), lesson_called("1"), lesson_called("2")};
  EXPECT_EQ(next_after(model, "mine"), "none") << "a file that is no part of it";
  EXPECT_EQ(next_after(model, "12"), "1");
  EXPECT_EQ(next_after(model, "12"), "1") << "once more";
  EXPECT_EQ(next_after(model, "1"), "2");
  EXPECT_EQ(next_after(model, "7"), "2") << "one that is put in between changes nothing";
  EXPECT_EQ(next_after(model, "2"), "none");
  model.lecture_place = 0;
  model.replayed.emplace();
  EXPECT_EQ(next_lesson(model), nullptr) << "a recording is of one lesson";
}

TEST(ALecture, MayHaveALessonTwice) {
  Model model;
  model.lecture = {lesson_called("4"), lesson_called("4"), lesson_called("1")};
  EXPECT_EQ(next_after(model, "4"), "4");
  ++*model.lecture_place;
  EXPECT_EQ(next_after(model, "4"), "1");
}

TEST(ALecture, TellsWhoWasBittenBeforeWhichLessonIsNextAndBeginsThat) {
  Model model;
  Lesson first = lesson_called("1");
  first.wild.push_back({"some/body", 1, "It happened."});
  model.lecture = {first, lesson_called("2")};
  model.lecture_place = 0;
  model.in_hand = LessonInHand{first, false, false, false, ""};
  const auto next_key = [&]() -> Action { return meant_by(NextStep{}, model); };
  EXPECT_TRUE(std::holds_alternative<NextStep>(next_key())) << "its last step is to come";
  model.in_hand->over = true;
  EXPECT_TRUE(std::holds_alternative<NextStep>(next_key())) << "which opens who was bitten";
  model.wild_open = true;
  EXPECT_TRUE(std::holds_alternative<ShowNextLesson>(next_key()));
  model.next_lesson_open = true;
  EXPECT_TRUE(std::holds_alternative<StartNextLesson>(next_key()));
  EXPECT_TRUE(std::holds_alternative<RestartLesson>(meant_by(RunOrPause{}, model))) << "R begins it again";
  model.focus = 1;
  EXPECT_TRUE(std::holds_alternative<NextStep>(next_key())) << "in its past";
}

TEST_F(InALesson, AnEventBetweenItsStopsIsLookedAtAsAnEvent) {
  EXPECT_TRUE(looks_at_lesson(model));
  go_to(model, steps() - 3);
  EXPECT_FALSE(looks_at_lesson(model));
  EXPECT_FALSE(said().empty());
}

TEST_F(Heard, TheNextProcessIsSelectedInTurn) {
  const Pid child = story.client();
  hear();
  select_next_process(model, 1);
  EXPECT_EQ(model.selected.kind, Subject::kProcess);
  EXPECT_EQ(find_process(model.world(), ProcessId{model.selected.id})->pid, Story::kServer);
  select_next_process(model, 1);
  EXPECT_EQ(find_process(model.world(), ProcessId{model.selected.id})->pid, child);
  select_next_process(model, 1);
  EXPECT_EQ(find_process(model.world(), ProcessId{model.selected.id})->pid, Story::kServer);
}

// A storm: many connect, are served and leave, all between two looks.
TEST_F(Heard, OfManyAtOnceNeitherTheFirstNorWhatTheySayToEachOtherIsTold) {
  std::vector<Pid> children;
  for (int i = 0; i < 60; ++i) children.push_back(story.client());
  for (int i = 0; i < 59; ++i) story.leave(children[static_cast<std::size_t>(i)]);
  for (int i = 0; i < 40; ++i) story.happens(children.back(), Read{4, 6, ShortText("hello\n")}, 12);
  story.leave(children.back());
  take_in(model, story.events);
  ASSERT_FALSE(model.said.empty());
  EXPECT_LT(model.said.size(), 81u);
  EXPECT_GT(model.said.front().step, steps() / 2);
  for (const Said& said : model.said) EXPECT_EQ(said.narration.said.find("reads 6 bytes"), std::string::npos);
  EXPECT_EQ(model.timeline.steps(), steps()) << "but all of it has happened";
}

TEST_F(InALesson, EachEventMayDisturbItAndTheNewsAreTakenInToTheEnd) {
  const std::uint64_t before = steps();
  story.happens(0, OutsiderConnected{{99}, 50099});
  story.client();
  take_in(model, std::span(story.events).subspan(before));
  EXPECT_EQ(model.in_hand->trouble, "A client from outside has connected.");
  EXPECT_EQ(steps(), story.events.size());
}

TEST_F(Heard, SeekingInASessionOfAHundredThousandEventsIsExact) {
  const Pid child = story.client();
  while (story.events.size() < 100'000) {
    story.happens(child, Read{4, 6, ShortText("hello\n")}, 12);
    story.happens(child, Wrote{4, 6}, 13);
    story.happens(child, ReadCalled{4}, 12);
  }
  hear();
  for (const std::uint64_t step : {99'999u, 1u, 50'000u, 49'999u, 77'777u, 12u}) {
    go_to(model, step);
    EXPECT_EQ(model.world().step, step);
  }
}

}  // namespace
}  // namespace forktable::test
