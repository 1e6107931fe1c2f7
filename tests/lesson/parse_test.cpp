// A lesson's file, and every mistake that there can be in one.
#include "core/lesson/parse.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/temporary_folder.hpp"
#include "tests/support/text.hpp"

namespace forktable::test {
namespace {

constexpr const char* kGood = R"(title: A server
about: It serves.
server:
  bugs: [one-waitpid, errno-clobbered]
  descriptors: 8
  children: 2
steps:
  - say: The server
      listens.
  - do:
      - client 1 connects
      - parent accepts
    ask: "Predict: what?"
    say: "It accepts: 4."
    means: That is so.
wild:
  - project: novnc/websockify
    issue: 332
    what: It leaked.
ends:
  diagnoses: [zombies]
  counts: {accepted: 1, reaped: 0}
  refcounts: {listening: 2, connection 1: 1}
  states: {parent: blocked, child 1: zombie, client 1: half closed}
)";

// The good one with a line in place of another.
std::string with(const std::string& line, const std::string& instead) {
  std::string text = kGood;
  const std::size_t at = text.find(line);
  EXPECT_NE(at, text.npos) << line;
  return at == text.npos ? text : text.replace(at, line.size(), instead);
}

void expect_mistake(const std::string& text, int line, const std::string& about) {
  const auto lesson = parse_lesson(text, "folder/lecture.yaml");
  ASSERT_FALSE(lesson) << text;
  const std::string message = lesson.error().message();
  EXPECT_TRUE(message.starts_with("folder/lecture.yaml:" + std::to_string(line) + ": ")) << message;
  EXPECT_TRUE(contains(message, about)) << message;
}

TEST(LessonFile, IsReadWithAllThatIsInIt) {
  const auto lesson = parse_lesson(kGood, "folder/07-lecture.yaml");
  ASSERT_TRUE(lesson) << lesson.error().message();
  EXPECT_EQ(lesson->name, "07-lecture");
  EXPECT_EQ(lesson->number, 7);
  EXPECT_EQ(lesson->title, "A server");
  EXPECT_EQ(lesson->about, "It serves.");
  EXPECT_TRUE(lesson->bugs.has(Bug::kOneWaitpid) && lesson->bugs.has(Bug::kErrnoClobbered));
  EXPECT_FALSE(lesson->bugs.has(Bug::kNoEintrCheck));
  EXPECT_EQ(lesson->descriptors, 8);
  EXPECT_EQ(lesson->children, 2);
  ASSERT_EQ(lesson->steps.size(), 2u);
  EXPECT_EQ(lesson->steps[0].say, "The server listens.");
  EXPECT_TRUE(lesson->steps[0].actions.empty());
  ASSERT_EQ(lesson->steps[1].actions.size(), 2u);
  EXPECT_EQ(lesson->steps[1].actions[1].text, "parent accepts");
  EXPECT_EQ(lesson->steps[1].actions[1].line, 12u);
  EXPECT_EQ(lesson->steps[1].ask, "Predict: what?");
  EXPECT_EQ(lesson->steps[1].means, "That is so.");
  ASSERT_EQ(lesson->wild.size(), 1u);
  EXPECT_EQ(lesson->wild[0].project, "novnc/websockify");
  EXPECT_EQ(lesson->wild[0].issue, 332u);
  EXPECT_EQ(lesson->ends.diagnoses, std::vector<std::string>{"zombies"});
  EXPECT_EQ(lesson->ends.counts.at("reaped"), 0u);
  EXPECT_EQ(lesson->ends.refcounts.at("connection 1"), 1u);
  EXPECT_EQ(lesson->ends.states.at("client 1"), "half closed");
}

TEST(LessonFile, NeedsNoMoreThanTitleSentenceAndAStep) {
  const auto lesson = parse_lesson("title: A\nabout: B\nsteps: [say: C]\n", "lecture.yaml");
  ASSERT_TRUE(lesson) << lesson.error().message();
  EXPECT_EQ(lesson->number, 0);
  EXPECT_FALSE(lesson->ends.diagnoses.has_value());
}

TEST(LessonFile, NamesItsServerAndWhatItsCountersAreAtTheEnd) {
  const auto lesson = parse_lesson(
      "title: A\nabout: B\nserver: {kind: thread}\nsteps: [say: C]\nends:\n  counts: {threads: 2, ended_threads: 1}\n"
      "  states: {server: blocked, thread 1: ended}\n  values: {server: 1, child 1: 0, segment: 2, semaphore: 1}\n",
      "lecture.yaml");
  ASSERT_TRUE(lesson) << lesson.error().message();
  EXPECT_EQ(lesson->server, ServerKind::kThread);
  EXPECT_EQ(lesson->ends.counts.at("ended_threads"), 1u);
  EXPECT_EQ(lesson->ends.states.at("thread 1"), "ended");
  EXPECT_EQ(lesson->ends.values.at("segment"), 2);
  expect_mistake("title: A\nabout: B\nserver: {kind: threads}\n", 3,
                 "unknown server \"threads\"; expected one of: process, ");
  expect_mistake("title: A\nabout: B\nsteps: [say: C]\nends: {values: {thread 1: 1}}\n", 4,
                 "unknown name \"thread 1\"; expected one of: parent, server, child 1, segment, semaphore");
}

TEST(LessonFile, MayEndWithMeasuringWhatEachServerCosts) {
  const auto lesson = parse_lesson("title: A\nabout: B\nsteps:\n- say: C\n- say: D\n  measure: yes\n", "lecture.yaml");
  ASSERT_TRUE(lesson) << lesson.error().message();
  EXPECT_FALSE(lesson->steps[0].measure);
  EXPECT_TRUE(lesson->steps[1].measure);
  expect_mistake("title: A\nabout: B\nsteps:\n- say: C\n  measure: now\n", 5, "\"now\" is neither yes nor no");
  expect_mistake("title: A\nabout: B\nsteps:\n- say: C\n  measure: yes\n- say: D\n", 6, "no step comes after");
}

TEST(LessonFile, MayHaveItsTextsInAnyLanguage) {
  const auto lesson = parse_lesson(with("A server", "Größer → 服务器"), "lecture.yaml");
  ASSERT_TRUE(lesson) << lesson.error().message();
  EXPECT_EQ(lesson->title, "Größer → 服务器");
}

TEST(MistakeInALesson, WithANameIsToldWithTheNamesThereAre) {
  expect_mistake(with("one-waitpid", "one-waitpit"), 4,
                 "unknown bug \"one-waitpit\"; expected one of: parent-keeps-connfd, ");
  expect_mistake(with("[zombies]", "[zombis]"), 21, "unknown diagnosis \"zombis\"; expected one of: leaked-connfd, ");
  expect_mistake(with("- parent accepts", "- parent acepts"), 12, "can't do \"acepts\"");
  expect_mistake(with("listening: 2", "listenfd: 2"), 23, "unknown name \"listenfd\"");
  expect_mistake(with("connection 1: 1", "connection: 1"), 23, "expected one of: listening, connection 1");
  expect_mistake(with("child 1: zombie", "child 01: zombie"), 24,
                 "expected one of: parent, server, child 1, thread 1, client 1");
}

TEST(LinesOfCode, AreNumbersAndRangesInAscendingOrder) {
  EXPECT_EQ(parse_lines("7"), (Lines{{7, 7}}));
  EXPECT_EQ(parse_lines("6-11, 25,30 - 31"), (Lines{{6, 11}, {25, 25}, {30, 31}}));
  EXPECT_EQ(text_of(*parse_lines("6-11,25")), "6-11, 25");
  for (const char* none : {"", " ", "0", "1-", "-1", "3,", "3,2", "3-4,4", "11-6", "10000", "a", "3 4", "99999999999"})
    EXPECT_FALSE(parse_lines(none)) << none;
}

TEST(LessonFile, SaysWhatItsPictureShowsAndWhichLinesMatter) {
  const auto lesson = parse_lesson(with("server:", "show: [refcnt, signals]\ncode: 6-11, 25\nserver:"), "x.yaml");
  ASSERT_TRUE(lesson) << lesson.error().message();
  EXPECT_TRUE(lesson->show.has(Topic::kSignals));
  EXPECT_FALSE(lesson->show.has(Topic::kTcp));
  EXPECT_EQ(most_lines(*lesson), 7u);
  EXPECT_TRUE(has_line(code_at(*lesson, 1), 25));
  EXPECT_FALSE(has_line(code_at(*lesson, 1), 12));
  const auto all = parse_lesson(with("", ""), "x.yaml");
  ASSERT_TRUE(all);
  EXPECT_TRUE(all->show.has(Topic::kTcp)) << "without a word on it, everything";
}

TEST(LinesOfCode, OfAStepMatterFromThereOn) {
  Lesson lesson;
  lesson.code = {{1, 2}};
  lesson.steps.resize(3);
  lesson.steps[1].code = {{5, 9}};
  EXPECT_EQ(code_at(lesson, 0), (Lines{{1, 2}}));
  EXPECT_EQ(code_at(lesson, 1), (Lines{{1, 2}}));
  EXPECT_EQ(code_at(lesson, 2), (Lines{{5, 9}}));
  EXPECT_EQ(code_at(lesson, 3), (Lines{{5, 9}}));
  EXPECT_EQ(most_lines(lesson), 5u);
}

TEST(MistakeInALesson, InWhatItShowsIsToldWithWhatThereIs) {
  expect_mistake(with("server:", "show: [weather]\nserver:"), 3, "unknown topic; expected one of: refcnt, tcp, queue");
  expect_mistake(with("server:", "code: 9-3\nserver:"), 3, "not numbers of lines in ascending order");
  std::string many = "1";
  for (int line = 3; line < 400; line += 2) many += ", " + std::to_string(line);
  expect_mistake(with("server:", "code: " + many + "\nserver:"), 3, "too many lines of code");
}

TEST(MistakeInALesson, WithAKeyIsToldWithTheKeysThereAre) {
  expect_mistake(
      with("about:", "abuot:"), 2,
      "a lesson has no key \"abuot\"; expected one of: title, about, server, beside, code, show, steps, wild, ends");
  expect_mistake(with("descriptors:", "descriptor:"), 5,
                 "\"server\" has no key \"descriptor\"; expected one of: kind, bugs, descriptors");
  expect_mistake(with("    means:", "    meaning:"), 15, "one of: do, ask, say, means");
  expect_mistake(with("    what:", "    that:"), 19, "one of: project, issue, what");
  expect_mistake(with("reaped: 0", "raped: 0"), 22, "one of: accepted, forked, closed, exited, reaped");
  expect_mistake(with("  diagnoses:", "  [diagnoses]:"), 21, "one of: diagnoses, counts");
}

TEST(MistakeInALesson, ThatLeavesSomethingOutIsToldWhereItIsMissing) {
  expect_mistake("title: A\nsteps: [say: C]\n", 1, "a lesson has no \"about\"");
  expect_mistake(with("    say: \"It accepts: 4.\"\n", ""), 10, "a step has no \"say\"");
  expect_mistake(with("    issue: 332\n", ""), 17, "a card has no \"issue\"");
  expect_mistake("title: A\nabout: B\nsteps: []\n", 1, "at least one step");
  expect_mistake("", 1, "the file is empty");
  expect_mistake("# nothing\n", 1, "the file is empty");
}

TEST(Lesson, RevealsWhatIsWrongFromTheStepThatSaysSo) {
  const auto lesson = parse_lesson(with("    means: That is so.", "    reveals: yes"), "a.yaml");
  ASSERT_TRUE(lesson) << lesson.error().message();
  EXPECT_FALSE(lesson->steps[0].reveals);
  EXPECT_TRUE(lesson->steps[1].reveals);
  EXPECT_TRUE(lesson->steps[1].diagnoses.empty()) << "all";
  expect_mistake(with("    means: That is so.", "    reveals: perhaps"), 15, "neither yes nor no");
}

TEST(Lesson, NamesWhatAStepReveals) {
  const auto lesson = parse_lesson(with("    means: That is so.", "    reveals: [zombies, stalled]"), "a.yaml");
  ASSERT_TRUE(lesson) << lesson.error().message();
  EXPECT_TRUE(lesson->steps[1].reveals);
  EXPECT_EQ(lesson->steps[1].diagnoses, (std::vector<std::string>{"zombies", "stalled"}));
  expect_mistake(with("    means: That is so.", "    reveals: [zombis]"), 15, "unknown diagnosis \"zombis\"");
}

TEST(MistakeInALesson, ThatSaysSomethingTwiceIsTold) {
  expect_mistake(with("    means: That is so.", "    say: Again."), 15, "has \"say\" twice");
  expect_mistake(with("{listening: 2, connection 1: 1}", "{listening: 2, listening: 1}"), 23,
                 "\"listening\" appears twice");
  expect_mistake(std::string(kGood) + "---\ntitle: Another\n", 1, "more than one document");
}

TEST(LessonFile, MayHaveAServerBesideItsOwn) {
  EXPECT_FALSE(parse_lesson(kGood, "x.yaml")->beside);
  const auto lesson = parse_lesson(
      with("steps:\n", "beside: {kind: thread, bugs: [slow-handler], descriptors: 9, children: 3}\nsteps:\n"),
      "x.yaml");
  ASSERT_TRUE(lesson) << lesson.error().message();
  ASSERT_TRUE(lesson->beside);
  EXPECT_EQ(lesson->beside->kind, ServerKind::kThread);
  EXPECT_TRUE(lesson->beside->bugs.has(Bug::kSlowHandler));
  EXPECT_EQ(lesson->beside->descriptors, 9);
  EXPECT_EQ(lesson->beside->children, 3);
  EXPECT_EQ(lesson->server, ServerKind::kProcess);
  EXPECT_EQ(lesson->descriptors, 8) << "of its own server";
}

TEST(MistakeInALesson, AboutTheServerBesideItsOwnIsTold) {
  const auto beside = [](const std::string& what) { return with("steps:\n", "beside: " + what + "\nsteps:\n"); };
  expect_mistake(beside("{kind: threads}"), 7, "unknown server \"threads\"");
  expect_mistake(beside("process"), 7, "\"beside\" is expected to have keys and values");
  expect_mistake(beside("{server: process}"), 7, "\"beside\" has no key \"server\"");
  expect_mistake(beside("{bugs: [none]}"), 7, "unknown bug \"none\"");
  expect_mistake(beside("{descriptors: 1}"), 7, "a number from 5 to");
  expect_mistake(beside(""), 7, "\"beside\" has no value");
}

TEST(MistakeInALesson, OfTheWrongKindIsToldWithTheRightOne) {
  expect_mistake("- title\n", 1, "a lesson is expected to have keys and values");
  expect_mistake(with("[one-waitpid, errno-clobbered]", "one-waitpid"), 4, "a list of bugs is expected");
  expect_mistake(with("- client 1 connects", "- client 1: connects"), 11,
                 "an action, such as \"parent accepts\", is expected");
  expect_mistake(with("title: A server", "title: [A, B]"), 1, "a text is expected");
  expect_mistake(with("title: A server", "title:"), 1, "\"title\" has no value");
  expect_mistake(with("descriptors: 8", "descriptors: many"), 5, "a number from 5 to");
  expect_mistake(with("children: 2", "children: 0"), 6, "and not \"0\"");
  expect_mistake(with("issue: 332", "issue: -1"), 18, "a number from 1 to");
  expect_mistake(with("issue: 332", "issue: 332x"), 18, "and not \"332x\"");
  expect_mistake(with("novnc/websockify", "websockify"), 17, "a project on GitHub");
  expect_mistake(with("{accepted: 1, reaped: 0}", "1"), 22, "\"counts\" is expected to have keys");
}

TEST(MistakeInALesson, WithTheNumberOfAClientIsTold) {
  expect_mistake(with("client 1 connects", "client 2 connects"), 11, "the next client to connect is client 1");
  expect_mistake(with("- parent accepts", "- client 2 says hello"), 12, "client 2 hasn't connected yet");
}

TEST(MistakeInALesson, ThatIsNoYamlIsToldWithItsLine) {
  expect_mistake(with("descriptors: 8", "descriptors: [8"), 6, "not valid YAML");
  expect_mistake(with("\"It accepts: 4.\"", "It accepts: 4."), 14, "not valid YAML");
  expect_mistake(with("A server", "A \xff server"), 1, "not valid UTF-8");
  expect_mistake(with("That is so.", "\"That is \\a so.\""), 15, "a control character");
}

TEST(MistakeInALesson, ThatIsMeantToOverwhelmIsRefused) {
  expect_mistake(with("{accepted: 1, reaped: 0}", "&a {accepted: 1}"), 22, "no anchors");
  expect_mistake("title: &a A\nabout: *a\nsteps: [say: C]\n", 1, "no anchors");
  expect_mistake("title: A\nabout: " + std::string(100'000, '[') + "\n", 2, "nested too deeply");
  expect_mistake("title: A\nabout: " + std::string(100'000, '{') + "\n", 2, "nested too deeply");
  expect_mistake(std::string(kMostLessonBytes + 1, ' '), 1, "too large");
  expect_mistake(with("A server", std::string(81, 'x')), 1, "81 bytes; at most 80");
  std::string steps = "title: A\nabout: B\nsteps:\n";
  for (std::size_t i = 0; i <= kMostLessonSteps; ++i) steps += "  - say: C\n";
  expect_mistake(steps, 4, "101 steps; at most 100");
}

TEST(MistakeInALesson, DoesNotFillTheTerminalOrDoThingsToIt) {
  expect_mistake("\"\\e[31m\": A\n", 1, "a lesson has no key \".[31m\"");
  std::string number;
  for (int i = 0; i < 10'000; ++i) number += "ö";
  const auto lesson = parse_lesson(with("descriptors: 8", "descriptors: " + number), "lecture.yaml");
  EXPECT_LT(lesson.error().what.size(), 600u);
  EXPECT_TRUE(lesson.error().what.ends_with("ö...")) << lesson.error().what;
}

TEST(LessonFile, ThatIsNotThereOrTooLargeIsNotRead) {
  const TemporaryFolder folder;
  EXPECT_TRUE(contains(read_lesson(folder.file("no.yaml")).error().message(), "No such file"));
  put(folder.file("large.yaml"), std::string(kMostLessonBytes + 1, ' '));
  EXPECT_TRUE(contains(read_lesson(folder.file("large.yaml")).error().message(), "too large"));
}

TEST(LessonFile, ThatIsAPipeAFolderOrADeviceIsNotWaitedFor) {
  const TemporaryFolder folder;
  const auto why_not = [&](const std::string& name) { return read_lesson(folder.file(name)).error().message(); };
  ASSERT_EQ(mkfifo(folder.file("pipe.yaml").c_str(), 0600), 0);
  ASSERT_EQ(mkdir(folder.file("folder.yaml").c_str(), 0700), 0);
  ASSERT_EQ(symlink("/dev/zero", folder.file("zero.yaml").c_str()), 0);
  EXPECT_TRUE(contains(why_not("pipe.yaml"), "pipe.yaml: it is not a regular file"));
  EXPECT_TRUE(contains(why_not("folder.yaml"), "folder.yaml: Is a directory"));
  EXPECT_TRUE(contains(why_not("zero.yaml"), "zero.yaml: it is not a regular file"));
}

}  // namespace
}  // namespace forktable::test
