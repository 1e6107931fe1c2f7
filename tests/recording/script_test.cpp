// The listing and the lesson's texts that a recording carries.
#include "core/recording/script.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/recording/head.hpp"
#include "core/recording/installed_script.hpp"
#include "tests/compare/costs.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/text.hpp"

namespace forktable::test {
namespace {

const std::string kHeader = "{\"format\":\"forktable-recording\",\"version\":4}\n";
const std::string kEvent = "{\"t\":1,\"pid\":7,\"event\":\"closed\",\"fd\":4}\n";
const std::string kLesson = "{\"lesson_title\":\"T\",\"name\":\"n\",\"number\":3}\n";

Script sample() {
  Script script;
  script.listing.file = "echo \"server\".cpp";
  script.listing.lines = {{4, "int main() {", {}, {}},
                          {5, "  Close(connfd);  // <b>é</b> \\ \"x\"", Bug::kParentKeepsConnfd, {}},
                          {9, "}", {}, Bug::kErrnoClobbered}};
  Lesson lesson;
  lesson.name = "04-leak";
  lesson.number = 4;
  lesson.title = "The parent \"forgets\"";
  lesson.about = "About it.";
  LessonStep asks, says;
  asks.ask = "What now?";
  asks.say = "This.";
  says.say = "That.";
  says.means = "Which means <i>this</i>.";
  says.reveals = true;
  lesson.show.value = 0;
  lesson.show.set(Topic::kTcp);
  lesson.show.set(Topic::kErrno);
  lesson.code = {{6, 11}, {25, 25}};
  says.diagnoses = {"zombies", "leaked-connfd"};
  says.code = {{4, 5}};
  lesson.steps = {asks, says};
  lesson.wild = {{"some/project", 4294967295u, "It leaked."}};
  script.lesson = lesson;
  return script;
}

TEST(Script, IsReadAsItWasWritten) {
  const std::string text = kHeader + lines_of(sample()) + kEvent;
  const auto read = parse_recording(text, "x");
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->events.size(), 1u);
  EXPECT_EQ(lines_of(read->script), lines_of(sample()));
  ASSERT_EQ(read->script.listing.lines.size(), 3u);
  EXPECT_EQ(read->script.listing.lines[1].unless, Bug::kParentKeepsConnfd);
  EXPECT_EQ(read->script.listing.lines[2].when, Bug::kErrnoClobbered);
  ASSERT_TRUE(read->script.lesson);
  EXPECT_EQ(read->script.lesson->steps[0].ask, "What now?");
  EXPECT_TRUE(read->script.lesson->steps[1].reveals);
  EXPECT_EQ(read->script.lesson->steps[1].diagnoses, (std::vector<std::string>{"zombies", "leaked-connfd"}));
  EXPECT_EQ(read->script.lesson->steps[1].code, (Lines{{4, 5}}));
  EXPECT_EQ(read->script.lesson->code, (Lines{{6, 11}, {25, 25}}));
  EXPECT_EQ(read->script.lesson->show, sample().lesson->show);
  EXPECT_EQ(read->script.lesson->wild[0].issue, 4294967295u);
}

TEST(Script, HasWhatEachServerCostsAsItWasMeasured) {
  Script script = sample();
  script.costs = some_costs();
  script.costs->servers[1].shares.globals = {{}, "the kernel doesn't say"};
  script.costs->servers[2].at[0].memory_per_client.value = -0.25;
  const auto read = parse_recording(kHeader + lines_of(script) + kEvent, "x");
  ASSERT_TRUE(read) << read.error().message();
  ASSERT_TRUE(read->script.costs);
  EXPECT_EQ(lines_of(read->script), lines_of(script));
  EXPECT_EQ(text_of(*read->script.costs, false), text_of(*script.costs, false));
  EXPECT_TRUE(measures(*read->script.lesson)) << "and its last step shows it";
  EXPECT_FALSE(measures(*parse_recording(kHeader + lines_of(sample()), "x")->script.lesson));
}

TEST(Script, ABadLineOfCostsIsRefusedWithItsNumber) {
  const std::string many(81, 'x');
  const std::string machine = R"({"costs_measured":"2026","cpus":2,"kernel":"6.1"})", of = R"({"costs_of":"thread"})";
  const auto complaint = [](const std::string& text) {
    const auto read = parse_recording(kHeader + text + "\n" + kEvent, "lecture.jsonl");
    return read ? "" : read.error().message();
  };
  EXPECT_TRUE(contains(complaint(machine), "line 2: ")) << "without its lesson";
  EXPECT_TRUE(contains(complaint(kLesson + machine), "line 3: ")) << "of a lesson without a step";
  const std::string lesson = kLesson + "{\"lesson_step\":1,\"say\":\"x\"}\n";
  EXPECT_TRUE(contains(complaint(lesson + of), "line 4: ")) << "before its table";
  EXPECT_EQ(complaint(lesson + machine + "\n" + of + "\n{\"costs_at\":3,\"first_byte_ms\":\"0.5\"}"), "");
  for (const std::string& line : {
           machine,  // a second one
           R"({"costs_of":"no-such-server"})" + std::string(),
           R"({"costs_of":7})" + std::string(),
           R"({"costs_of":"thread","globals":1})" + std::string(),
           R"({"costs_of":"thread","globals":")" + many + "\"}",
           R"({"costs_at":2})" + std::string(),
           of + "\n" + R"({"costs_at":0})",
           of + "\n" + R"({"costs_at":1,"first_byte_ms":3})",
           of + "\n" + R"({"costs_at":1,"first_byte_ms":"inf"})",
           of + "\n" + R"({"costs_at":1,"first_byte_ms":"nan"})",
           of + "\n" + R"({"costs_at":1,"first_byte_ms":"1e300"})",
           of + "\n" + R"({"costs_at":1,"first_byte_ms":")" + many + "\"}",
           of + "\n" + R"({"costs_at":1})" + "\n" + of + "\n" + R"({"costs_at":2})",
       }) {
    EXPECT_TRUE(contains(complaint(lesson + machine + "\n" + line), "lecture.jsonl: line ")) << line;
  }
  std::string runs = of + "\n", servers;
  for (int i = 1; i <= 7; ++i) runs += "{\"costs_at\":" + std::to_string(i) + "}\n";
  for (int i = 1; i <= 11; ++i) servers += of + "\n";
  EXPECT_TRUE(contains(complaint(lesson + machine + "\n" + runs), "line 12: "));
  EXPECT_TRUE(contains(complaint(lesson + machine + "\n" + servers), "line 15: "));
}

TEST(RecordingHead, NamesTheServerThatRunsAndCarriesItsListing) {
  for (int i = 0; i < kServerCount; ++i) {
    const auto server = static_cast<ServerKind>(i);
    const RecordingHead head = head_of(server, nullptr);
    EXPECT_EQ(head.header.server, name_of(server));
    EXPECT_EQ(head.script.listing.file, listing_of(server).file);
    EXPECT_FALSE(head.script.listing.lines.empty());
    EXPECT_FALSE(head.script.lesson);
  }
}

TEST(Script, OfTheInstalledServerIsReadAsItWasWritten) {
  const Script script{listing_of("process"), {}};
  ASSERT_FALSE(script.listing.lines.empty());
  const auto read = parse_recording(kHeader + lines_of(script), "x");
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(lines_of(read->script), lines_of(script));
}

TEST(Script, ThatIsEmptyTakesNoLine) { EXPECT_EQ(lines_of(Script{}), ""); }

TEST(Script, ABadLineIsRefusedWithItsNumber) {
  const std::string many(401, 'x'), title(81, 'x');
  for (const std::string& line : {
           std::string(R"({"listing":5})"),
           R"({"listing":")" + title + "\"}",
           std::string(R"({"listing_line":0,"text":"x"})"),
           std::string(R"({"listing_line":-1,"text":"x"})"),
           std::string(R"({"listing_line":9999999,"text":"x"})"),
           std::string(R"({"listing_line":"5","text":"x"})"),
           R"({"listing_line":5,"text":")" + many + "\"}",
           std::string(R"({"listing_line":5,"text":7})"),
           std::string(R"({"listing_line":5,"text":"x","unless":"no-such-bug"})"),
           std::string(R"({"listing_line":5,"text":"x","when":1})"),
           R"({"lesson_title":")" + title + "\",\"name\":\"n\",\"number\":1}",
           std::string(R"({"lesson_title":"x","name":"n","number":10000})"),
           std::string(R"({"lesson_title":"x","name":"n","number":-1})"),
           R"({"lesson_title":"x","name":"n","number":1,"about":")" + many + "\"}",
           std::string(R"({"lesson_title":"x","name":"n","number":1,"show":512})"),
           std::string(R"({"lesson_title":"x","name":"n","number":1,"code":"11-6"})"),
           std::string(R"({"lesson_step":1,"say":"before its lesson"})"),
           std::string(R"({"seen_in":"before/its-lesson","issue":1,"what":"x"})"),
       }) {
    const auto read = parse_recording(kHeader + line + "\n" + kEvent, "lecture.jsonl");
    ASSERT_FALSE(read) << line;
    EXPECT_TRUE(contains(read.error().message(), "lecture.jsonl: line 2: ")) << line << read.error().message();
  }
}

TEST(Script, ABadLineOfALessonIsRefusedWithItsNumber) {
  const std::string many(401, 'x');
  for (const std::string& line : {
           kLesson.substr(0, kLesson.size() - 1),  // a second one
           std::string(R"({"lesson_step":2,"say":"there is no first"})"),
           std::string(R"({"lesson_step":0,"say":"x"})"),
           std::string(R"({"lesson_step":101,"say":"x"})"),
           std::string(R"({"lesson_step":1,"say":"x","reveals":2})"),
           std::string(R"({"lesson_step":1,"say":"x","diagnoses":"zombies, no-such-thing"})"),
           std::string(R"({"lesson_step":1,"say":"x","diagnoses":"zombies,leaked-connfd"})"),
           std::string(R"({"lesson_step":1,"say":"x","code":"3, 2"})"),
           R"({"lesson_step":1,"say":")" + many + "\"}",
           R"({"lesson_step":1,"ask":")" + many + "\"}",
           R"({"lesson_step":1,"say":"x","means":")" + many + "\"}",
           std::string(R"({"seen_in":"a/b","issue":4294967296,"what":"x"})"),
           std::string(R"({"seen_in":7,"issue":1,"what":"x"})"),
           R"({"seen_in":"a/b","issue":1,"what":")" + many + "\"}",
       }) {
    const auto read = parse_recording(kHeader + kLesson + line + "\n" + kEvent, "lecture.jsonl");
    ASSERT_FALSE(read) << line;
    EXPECT_TRUE(contains(read.error().message(), "line 3: ")) << line << read.error().message();
  }
}

TEST(Script, ItsLinesAreCounted) {
  std::string lines, steps = kLesson, cards = kLesson;
  for (int i = 1; i <= 10'001; ++i) lines += "{\"listing_line\":" + std::to_string(i) + ",\"text\":\"x\"}\n";
  for (int i = 1; i <= 101; ++i) steps += "{\"lesson_step\":" + std::to_string(i) + ",\"say\":\"x\"}\n";
  for (int i = 1; i <= 21; ++i) cards += "{\"seen_in\":\"a/b\",\"issue\":1,\"what\":\"x\"}\n";
  const auto complaint = [](const std::string& text) {
    const auto read = parse_recording(kHeader + text, "x");
    return read ? "" : read.error().message();
  };
  EXPECT_TRUE(contains(complaint(lines), "line 10002: "));
  EXPECT_TRUE(contains(complaint(steps), "line 103: "));
  EXPECT_TRUE(contains(complaint(cards), "line 23: "));
}

TEST(Script, LinesOfAListingAscend) {
  const auto read =
      parse_recording(kHeader + "{\"listing_line\":5,\"text\":\"x\"}\n{\"listing_line\":5,\"text\":\"x\"}\n", "x");
  ASSERT_FALSE(read);
  EXPECT_TRUE(contains(read.error().message(), "line 3: "));
}

TEST(Script, AfterTheFirstEventItIsNone) {
  const auto read = parse_recording(kHeader + kEvent + "{\"listing\":\"x\"}\n", "x");
  ASSERT_FALSE(read);
  EXPECT_TRUE(contains(read.error().message(), "line 3: "));
}

TEST(Script, ControlCharactersAreShownAsDots) {
  const auto read =
      parse_recording(kHeader +
                          "{\"listing\":\"a\\u001b[2Jb\"}\n{\"listing_line\":1,\"text\":\"x\\ny\\u0000z\"}\n"
                          "{\"lesson_title\":\"t\\r\",\"name\":\"n\",\"number\":1}\n",
                      "x");
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->script.listing.file, "a.[2Jb");
  EXPECT_EQ(read->script.listing.lines[0].text, "x.y.z");
  EXPECT_EQ(read->script.lesson->title, "t.");
}

TEST(Script, ALessonsNameOpensNoFileOutsideTheFolderOfLessons) {
  const TemporaryFolder folder;
  const std::string lesson = "title: Stolen\nabout: x\nsteps:\n  - say: x\n";
  for (const char* name : {"evil.yaml", ".yaml", ".yml"}) put(folder.file(name), lesson);
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  for (const std::string& name :
       {folder.file("evil.yaml"), std::string("./evil.yaml"), std::string("evil.yaml"), std::string("evil"),
        std::string(".yaml"), std::string(".yml"), std::string("../x"), std::string("/etc/passwd")}) {
    Recording recording;
    recording.header.version = 3;
    recording.header.lesson = name;
    EXPECT_FALSE(script_of(recording).lesson) << name;
  }
  std::filesystem::current_path(before);
}

TEST(Script, OfAVersion4RecordingIsItsOwnEvenWhereItHasNone) {
  Recording recording;
  recording.header.lesson = "04-parent-forgets-connfd";
  EXPECT_FALSE(script_of(recording).lesson);
  EXPECT_TRUE(script_of(recording).listing.lines.empty());
}

}  // namespace
}  // namespace forktable::test
