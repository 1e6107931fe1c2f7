// `forktable export` of many steps: decks, numbered pictures, films.
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/recording/recording.hpp"
#include "core/system/programs.hpp"
#include "tests/support/deadline.hpp"
#include "tests/support/forktable.hpp"
#include "tests/support/temporary_folder.hpp"

namespace forktable::test {
namespace {

// Lesson 4, recorded once for all tests.
const std::string& lesson() {
  static const TemporaryFolder folder;
  static const std::string path = [] {
    const Outcome outcome = run(forktable({"record", "--lesson", "4", "-o", folder.file("lesson.jsonl")}));
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return folder.file("lesson.jsonl");
  }();
  return path;
}

Outcome exported(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"export", lesson()});
  return run(forktable(arguments));
}

std::string said_by(const std::vector<std::string>& words) {
  const Outcome outcome = run({.words = words});
  EXPECT_EQ(outcome.status, 0) << words[0] << ": " << outcome.err;
  return outcome.out;
}

int pages_of(const std::string& pdf) {
  const std::string about = said_by({"/usr/bin/pdfinfo", pdf});
  const std::size_t at = about.find("Pages:");
  return at == std::string::npos ? 0 : std::atoi(about.c_str() + at + 6);
}

struct ExportedDeck : ::testing::Test {
  TemporaryFolder folder;
};

TEST_F(ExportedDeck, OfALessonIsOnePdfWithAPageForEachStepAndItsCaptions) {
  const std::string pdf = folder.file("lesson.pdf"), stops = folder.file("stops.pdf");
  const Outcome outcome = exported({"--all", "-o", pdf});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out, pdf + "\n");
  EXPECT_GT(pages_of(pdf), 30);
  ASSERT_EQ(exported({"--stops", "-o", stops}).status, 0);
  EXPECT_EQ(pages_of(stops), 9) << "8 steps, one of which asks before";
  const std::string text = said_by({"/usr/bin/pdftotext", "-layout", stops, "-"});
  EXPECT_TRUE(contains(text, "Client 2 fares no better")) << "it can be searched";
  EXPECT_TRUE(contains(text, "listening socket"));
  EXPECT_TRUE(contains(said_by({"/usr/bin/pdfinfo", stops}), "Lesson 4: The parent forgets to close connfd"));
}

TEST_F(ExportedDeck, HasTheSameBytesEachTime) {
  for (const std::string ending : {".pdf", ".svg", ".png", ".html", ".json", ".gif", ".mp4"}) {
    const std::string one = folder.file("one" + ending), two = folder.file("two" + ending);
    ASSERT_EQ(exported({"--step", "60", "-o", one}).status, 0) << ending;
    ASSERT_EQ(exported({"--step", "60", "-o", two}).status, 0) << ending;
    EXPECT_TRUE(contents(one) == contents(two)) << ending;
  }
}

TEST_F(ExportedDeck, OfPicturesNumbersThemInAFolderOfTheirOwn) {
  const Outcome outcome = exported({"--stops", "--scale", "0.25", "-o", folder.file("slides/lesson.png")});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  std::string names;
  for (int i = 1; i <= 9; ++i) names += folder.file("slides/lesson-00" + std::to_string(i) + ".png") + "\n";
  EXPECT_EQ(outcome.out, names);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.file("slides")), {}), 9);
}

TEST_F(ExportedDeck, OfARangeHasItsStepsOnly) {
  const std::string pdf = folder.file("x.pdf");
  ASSERT_EQ(exported({"--every-step", "--steps", "1-10", "-o", pdf}).status, 0);
  const int ten = pages_of(pdf);
  ASSERT_EQ(exported({"--every-step", "--steps", "6-10", "--force", "-o", pdf}).status, 0);
  EXPECT_GT(ten, pages_of(pdf));
  EXPECT_EQ(exported({"--steps", "100-", "--force", "-o", pdf}).status, 0);
  EXPECT_EQ(exported({"--steps", "-10", "--force", "-o", pdf}).status, 0);
}

TEST_F(ExportedDeck, OfARangeThatIsNoneSaysSo) {
  const std::string pdf = folder.file("x.pdf");
  for (const char* range : {"5", "-", "a-b", "9-5", "1-100000", "1-2-3", "--"}) {
    const Outcome outcome = exported({std::string("--steps=") + range, "-o", pdf});
    EXPECT_EQ(outcome.status, 2) << range << outcome.err;
    EXPECT_TRUE(contains(outcome.err, range)) << outcome.err;
  }
  EXPECT_EQ(exported({"--steps", "1-9", "--step", "3", "-o", pdf}).status, 2);
  EXPECT_EQ(exported({"--stops", "--every-step", "-o", pdf}).status, 2);
  EXPECT_TRUE(folder.names().empty());
}

TEST_F(ExportedDeck, HasAnEndingInCapitalsToo) {
  EXPECT_EQ(exported({"--step", "5", "-o", folder.file("X.PDF")}).status, 0);
  EXPECT_EQ(pages_of(folder.file("X.PDF")), 1);
}

TEST_F(ExportedDeck, OfARecordingWithoutEventsSaysThatThereIsNothing) {
  std::ifstream recording(lesson());
  std::string header;
  std::getline(recording, header);
  std::ofstream(folder.file("empty.jsonl")) << header << '\n';
  for (const char* name : {"x.html", "x.pdf", "x.gif"}) {
    const Outcome outcome = run(forktable({"export", folder.file("empty.jsonl"), "--all", "-o", folder.file(name)}));
    EXPECT_EQ(outcome.status, 1);
    EXPECT_TRUE(contains(outcome.err, "there is nothing in the recording")) << outcome.err;
  }
}

TEST_F(ExportedDeck, AsAFilmLeavesALinkToADeviceAlone) {
  if (!find_program("ffmpeg")) GTEST_SKIP() << "there is no ffmpeg, which scripts/test installs";
  std::filesystem::create_symlink("/dev/full", folder.file("full.gif"));
  EXPECT_EQ(exported({"--stops", "-o", folder.file("full.gif")}).status, 1);
  EXPECT_TRUE(std::filesystem::is_symlink(folder.file("full.gif")));
}

TEST_F(ExportedDeck, OfStopsIsOfALessonOnly) {
  const std::string path = folder.file("run.jsonl");
  ASSERT_EQ(run(forktable({"record", "--clients", "1", "--port", "0", "-o", path})).status, 0);
  const Outcome outcome = run(forktable({"export", path, "--stops", "-o", folder.file("x.pdf")}));
  EXPECT_EQ(outcome.status, 2);
  EXPECT_TRUE(contains(outcome.err, "--stops is for a recording of a lesson")) << outcome.err;
}

TEST_F(ExportedDeck, HasNothingBehindThePictureWhereThatIsWanted) {
  const std::string png = folder.file("x.png");
  constexpr std::size_t kColourType = 25;  // of a PNG: 2 is without, 6 with transparency
  ASSERT_EQ(exported({"--step", "60", "--transparent", "-o", png}).status, 0);
  EXPECT_EQ(contents(png)[kColourType], 6);
  ASSERT_EQ(exported({"--step", "60", "--force", "-o", png}).status, 0);
  EXPECT_EQ(contents(png)[kColourType], 2);
}

TEST_F(ExportedDeck, HasLettersAsShapesWhereThatIsWanted) {
  const std::string svg = folder.file("x.svg");
  ASSERT_EQ(exported({"--step", "60", "--outlines", "-o", svg}).status, 0);
  EXPECT_FALSE(contains(contents(svg), "<text"));
  EXPECT_FALSE(contains(contents(svg), "<image")) << "nothing but vectors";
  EXPECT_TRUE(contains(contents(svg), "<path"));
}

TEST_F(ExportedDeck, OfAStrangerShowsItsTextAsText) {
  const std::string name = folder.file("a <b>\"&' (x).jsonl");
  const std::string started = "2026-01-01)/X(<<>>Z";  // no date, but something that a PDF could take for its own
  std::ofstream(name) << line_of(RecordingHeader{.started = started, .lesson = "x"})
                      << "{\"lesson_title\":\"<script>alert(1)</script> ) endobj \\u0001\\u001b[2J\",\"number\":0}\n"
                      << "{\"lesson_step\":1,\"say\":\"</text> & \\\" ' \\u0000 %PDF\"}\n"
                      << line_of(Event{1, 100, 0, ServerLaunched{8080}}) << line_of(Event{2, 0, 0, LessonStepped{1}});
  for (const char* ending : {".pdf", ".svg", ".png"}) {
    const std::string out = folder.file(std::string("<&'\" $(x)") + ending);
    const Outcome outcome = run(forktable({"export", name, "--all", "-o", out}));
    EXPECT_EQ(outcome.status, 0) << outcome.err;
  }
  const std::string pdf = folder.file("<&'\" $(x).pdf");
  EXPECT_TRUE(contains(said_by({"/usr/bin/pdftotext", pdf, "-"}), "</text> & \" ' . %PDF"));
  const std::string about = said_by({"/usr/bin/pdfinfo", pdf});
  EXPECT_TRUE(contains(about, "<script>alert(1)</script> ) endobj ..[2J")) << about;
  EXPECT_TRUE(contains(about, "1970")) << "what is no date is none: " << about;
}

TEST_F(ExportedDeck, ThatCannotBeSavedSaysWhyAndLeavesWhatWasThere) {
  symlink("/dev/full", folder.file("x.pdf").c_str());
  expect_one_line(exported({"--all", "-o", folder.file("x.pdf")}), "x.pdf: No space left on device");
  expect_one_line(exported({"--all", "-o", folder.file("none/x.pdf")}), "none/x.pdf: No such file or directory");
  std::ofstream(folder.file("file")) << "mine";
  expect_one_line(exported({"--all", "-o", folder.file("file/x.png")}), "can't create folder");
  EXPECT_EQ(contents(folder.file("file")), "mine");
}

TEST_F(ExportedDeck, NeverTakesThePlaceOfItsRecording) {
  const std::string path = folder.file("run.json");
  put(path, contents(lesson()));
  const Outcome outcome = run(forktable(
      {"export", path, "-o", folder.file("../") + folder.path().substr(folder.path().rfind('/') + 1) + "/run.json"}));
  EXPECT_EQ(outcome.status, 2);
  EXPECT_TRUE(contains(outcome.err, "onto itself")) << outcome.err;
  EXPECT_EQ(contents(path), contents(lesson()));
}

TEST_F(ExportedDeck, OfARecordingThatWasCutOffSaysSo) {
  const std::string whole = contents(lesson()), path = folder.file("cut.jsonl");
  put(path, whole.substr(0, whole.size() - 10));
  const Outcome outcome = run(forktable({"export", path, "-o", folder.file("x.svg")}));
  EXPECT_EQ(outcome.status, 0);
  EXPECT_TRUE(contains(outcome.err, "cut.jsonl ends in the middle of a line")) << outcome.err;
  EXPECT_TRUE(contains(run(forktable({"inspect", path})).err, "ends in the middle of a line"));
  EXPECT_FALSE(contains(run(forktable({"inspect", lesson()})).err, "middle"));
}

TEST_F(ExportedDeck, TakesNoOptionThatTheFormatDoesNotKnow) {
  for (const auto& [option, name] :
       {std::pair{"--transparent", "x.html"}, {"--transparent", "x.gif"}, {"--outlines", "x.png"}})
    EXPECT_EQ(exported({option, "-o", folder.file(name)}).status, 2) << option << name;
  EXPECT_TRUE(folder.names().empty());
}

TEST_F(ExportedDeck, EmbedsItsFontsOnceAndNotOnEachPage) {
  const std::string one = folder.file("one.pdf"), all = folder.file("all.pdf");
  ASSERT_EQ(exported({"--step", "60", "-o", one}).status, 0);
  ASSERT_EQ(exported({"--all", "-o", all}).status, 0);
  EXPECT_LT(contents(all).size(), 15 * contents(one).size()) << "for 50 pages";
}

TEST_F(ExportedDeck, ThatIsInterruptedLeavesNothingHalfDone) {
  const std::string path = folder.file("run.jsonl");
  ASSERT_EQ(run(forktable({"record", "--clients", "80", "--port", "0", "-o", path})).status, 0);
  RunningProgram program(forktable({"export", path, "--every-step", "-o", folder.file("x.pdf")}));
  // It reads first, and handles signals from then on.
  const std::string status = "/proc/" + std::to_string(program.pid()) + "/status";
  ASSERT_TRUE(wait_until([&] {
    const std::string text = contents(status);
    const std::size_t at = text.find("SigCgt:");
    return at != std::string::npos &&
           (std::strtoull(text.c_str() + at + 7, nullptr, 16) & (1ull << (SIGTERM - 1))) != 0;
  }));
  kill(program.pid(), SIGTERM);
  const Outcome outcome = program.wait();
  expect_one_line(outcome, "given up");
  EXPECT_EQ(folder.names(), std::vector<std::string>{"run.jsonl"});
}

TEST_F(ExportedDeck, AsAFilmNeedsFfmpegAndSaysSo) {
  Command command = forktable({"export", lesson(), "--stops", "-o", folder.file("x.gif")});
  command.words.insert(command.words.begin(), {"/usr/bin/env", "PATH=/nonexistent:."});
  expect_one_line(run(command), "ffmpeg isn't installed (apt install ffmpeg)");
  EXPECT_TRUE(folder.names().empty());
}

TEST_F(ExportedDeck, AsAFilmIsAGifThatEveryBrowserPlays) {
  ASSERT_TRUE(find_program("ffmpeg")) << "ffmpeg isn't installed; scripts/test installs what the tests need";
  const std::string gif = folder.file("it's a film.gif");
  const Outcome outcome = exported({"--stops", "-o", gif});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const std::string bytes = contents(gif);
  EXPECT_EQ(bytes.substr(0, 6), "GIF89a");
  EXPECT_EQ(bytes.back(), ';') << "it is whole";
  EXPECT_EQ(folder.names(), std::vector<std::string>{"it's a film.gif"});
}

}  // namespace
}  // namespace forktable::test
