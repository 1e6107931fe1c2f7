// Every lesson in a real window, from its start to its end, by the Page Down key alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <fstream>

#include "core/lesson/library.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/window/desktop.hpp"

namespace forktable::test {
namespace {

struct Shown {
  const char* lesson;
  std::vector<const char*> at_the_end;  // on the screen
};
void PrintTo(const Shown& shown, std::ostream* out) { *out << "lesson " << shown.lesson; }

bool is_over(const std::string& log) { return log.find("forktable: lesson: over") != std::string::npos; }

// How many stops the window has come to: steps and questions.
std::size_t stops_in(const std::string& log) {
  std::size_t count = 0;
  for (const char* stop : {"forktable: lesson: step", "forktable: lesson: question"})
    for (std::size_t at = log.find(stop); at != std::string::npos; at = log.find(stop, at + 1)) ++count;
  return count;
}

// How many a lesson has.
std::size_t stops_of(const char* number) {
  const auto lesson = find_lesson(number, FORKTABLE_LESSONS);
  if (!lesson) return 0;
  const auto asks = [](const LessonStep& step) { return !step.ask.empty(); };
  return lesson->steps.size() +
         static_cast<std::size_t>(std::count_if(lesson->steps.begin(), lesson->steps.end(), asks));
}

// It begins by itself with its first stop, paused.
bool begins_lesson(Desktop& desktop, const char* lesson) {
  desktop.prefer(R"({"reduced_motion": true})");
  desktop.start({"--port", "0", "--verbose", "--lesson", lesson});
  return wait_until([&] { return stops_in(desktop.errors()) == 1; });
}

// From its first stop, by Page Down. That it is over is told a moment after its last stop: another key would be for
// what comes after it.
bool plays_to_its_end(Desktop& desktop, std::size_t stops) {
  for (std::size_t stop = 2; stop <= stops; ++stop) {
    desktop.key("Next");
    if (!wait_until([&] { return stops_in(desktop.errors()) == stop; })) return false;
  }
  return stops > 1 && wait_until([&] { return is_over(desktop.errors()); });
}

class LessonInAWindow : public ::testing::TestWithParam<Shown> {};

TEST_P(LessonInAWindow, PlaysByPageDownAlone) {
  Desktop desktop(1600, 900);
  ASSERT_TRUE(begins_lesson(desktop, GetParam().lesson));
  const std::size_t stops = stops_of(GetParam().lesson);
  ASSERT_TRUE(plays_to_its_end(desktop, stops));
  for (const char* words : GetParam().at_the_end) EXPECT_TRUE(desktop.shows(words)) << words;
  desktop.keep_screenshot(std::string("lesson-") + GetParam().lesson);
  // Going back is looking back: nothing happens.
  desktop.key("Home");
  EXPECT_TRUE(desktop.hides(GetParam().at_the_end[0]));
  EXPECT_EQ(stops_in(desktop.errors()), stops);
}

INSTANTIATE_TEST_SUITE_P(Window, LessonInAWindow,
                         ::testing::Values(Shown{"1", {"serves client 1"}}, Shown{"2", {"served client 2"}},
                                           Shown{"3", {"its only open socket"}}, Shown{"4", {"Leak", "waiting for"}},
                                           Shown{"5", {"ORPHAN"}}, Shown{"6", {"Two more clients are served"}},
                                           Shown{"7", {"exited 0 not reaped", "ZOMBIE"}}, Shown{"8", {"exited 1"}},
                                           Shown{"9", {"three processes wait in accept"}}, Shown{"10", {"exited 1"}},
                                           Shown{"11", {"Again EMFILE"}},
                                           Shown{"12", {"Client 3 is still in the queue", "BESIDE IT", "child 2"}},
                                           Shown{"13", {"The server waits again"}},
                                           Shown{"14", {"A thread or a process for each client"}},
                                           Shown{"15", {"fails with EBADF"}}, Shown{"16", {"client 1 waits for ever"}},
                                           Shown{"17", {"To share a counter"}}, Shown{"18", {"4 in the parent"}},
                                           Shown{"19", {"Lost update"}}, Shown{"20", {"How much does each cost"}},
                                           Shown{"21", {"Killed by SIGPIPE"}}, Shown{"22", {"Children not replaced"}},
                                           Shown{"23", {"Only now is the port free"}}, Shown{"24", {"Stale job"}}),
                         [](const auto& one) { return "Lesson" + std::string(one.param.lesson); });

// Two of them, of one step each.
TEST(ALecture, GoesFromLessonToLessonByPageDownAlone) {
  const TemporaryFolder folder;
  const std::string first = folder.file("first.yaml"), second = folder.file("second.yaml");
  std::ofstream(first) << "title: Morning\nabout: It dawns.\nsteps: [say: The first caption.]\n"
                          "wild: [{project: some/body, issue: 1, what: Overslept.}]\n";
  std::ofstream(second) << "title: Evening\nabout: The sun sets in `west(1)`.\nsteps: [say: The second caption.]\n";
  Desktop desktop(1024, 768);
  desktop.prefer(R"({"reduced_motion": true})");
  desktop.start({"--port", "0", "--lessons", first + "," + second});
  ASSERT_TRUE(desktop.shows("The first caption"));
  EXPECT_TRUE(desktop.shows("Who was bitten? Next key."));
  desktop.key("Next");
  ASSERT_TRUE(desktop.shows("Overslept"));
  EXPECT_TRUE(desktop.shows("Page Down: lesson Evening"));
  desktop.key("Next");
  ASSERT_TRUE(desktop.shows("The sun sets in west(1)"));
  EXPECT_TRUE(desktop.hides("Overslept"));
  desktop.key("Prior");  // back
  EXPECT_TRUE(desktop.hides("The sun sets"));
  desktop.key("Next");
  desktop.key("Next");
  ASSERT_TRUE(desktop.shows("The sun sets"));
  desktop.key("Next");
  ASSERT_TRUE(desktop.shows("The second caption"));
  EXPECT_TRUE(desktop.shows("That was the last lesson"));
}

TEST(ALecture, WithoutAListGoesOnByTheNumbersOfTheLessons) {
  Desktop desktop(1600, 900);
  ASSERT_TRUE(begins_lesson(desktop, "18"));
  ASSERT_TRUE(plays_to_its_end(desktop, stops_of("18")));
  ASSERT_TRUE(desktop.shows("Page Down: lesson 19, Shared memory needs a semaphore"));
  const std::size_t before = stops_in(desktop.errors());
  desktop.key("Next");
  ASSERT_TRUE(desktop.shows("Two children add 1 to the same counter"));
  desktop.key("Next");
  EXPECT_TRUE(wait_until([&] { return stops_in(desktop.errors()) == before + 1; }));
  EXPECT_TRUE(desktop.shows("System V shared memory"));
}

TEST(Lessons, AreChosenByTheKeyboardAlone) {
  Desktop desktop(1024, 768);
  desktop.prefer(R"({"reduced_motion": true})");
  desktop.start();
  desktop.key("l");
  ASSERT_TRUE(desktop.shows("One child per client"));
  desktop.key("Down");
  desktop.key("Return");
  ASSERT_TRUE(desktop.shows("It will fork a child for each client"));
  desktop.key("Escape");
  desktop.key("Escape");  // once is not enough
  EXPECT_TRUE(desktop.shows("and blocks until a client connects")) << "the usual server, which runs";
}

TEST(Lessons, EndWithACaptionWhenSomebodyKillsTheirServer) {
  Desktop desktop(1600, 900);
  ASSERT_TRUE(begins_lesson(desktop, "4"));
  kill(server_processes(desktop.pid()).at(0), SIGKILL);
  EXPECT_TRUE(desktop.shows("The lesson can't go on"));
  desktop.key("Next");
  desktop.key("r");
  EXPECT_TRUE(wait_until([&] { return stops_in(desktop.errors()) == 2; })) << "it begins again";
  EXPECT_TRUE(desktop.hides("The lesson can't go on"));
}

TEST(Lessons, AreNotDisturbedByAKeyThatSlips) {
  Desktop desktop(1600, 900);
  ASSERT_TRUE(begins_lesson(desktop, "4"));
  for (const char* key : {"c", "1", "shift+c", "Down", "Return", "h", "ctrl+k"}) desktop.key(key);
  desktop.key("Escape");  // what Down has selected
  desktop.key("Next");
  ASSERT_TRUE(wait_until([&] { return stops_in(desktop.errors()) == 2; }));
  EXPECT_TRUE(desktop.shows("refcnt(connection 1) is 2, as it should be"));
  EXPECT_EQ(server_processes(desktop.pid()).size(), 2u);
}

TEST(Lessons, AskBeforeTheyAnswer) {
  Desktop desktop(1600, 900);
  ASSERT_TRUE(begins_lesson(desktop, "4"));
  for (std::size_t stops = 1; desktop.errors().find("question") == std::string::npos; ++stops) {
    ASSERT_LT(stops, 12u);
    desktop.key("Next");
    ASSERT_TRUE(wait_until([&] { return stops_in(desktop.errors()) == stops + 1; }));
  }
  ASSERT_TRUE(desktop.shows("Predict"));
  desktop.key("Next");
  EXPECT_TRUE(desktop.hides("Predict"));
}

TEST(Lessons, AFileWithAMistakeIsRefusedWithItsLine) {
  const TemporaryFolder folder;
  const std::string path = folder.file("wrong.yaml");
  std::ofstream(path)
      << "title: Wrong\nabout: It has a mistake.\nsteps:\n  - say: Begin.\n  - do: [parent dances]\n    say: No.\n";
  const std::string said = run(std::string(FORKTABLE_PROGRAM) + " --lesson " + path + " 2>&1");
  EXPECT_NE(said.find("wrong.yaml:5"), std::string::npos) << said;
}

}  // namespace
}  // namespace forktable::test
