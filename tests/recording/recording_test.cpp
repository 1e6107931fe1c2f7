// A recording, there and back again.
#include "core/recording/recording.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <algorithm>

#include "tests/support/events.hpp"
#include "tests/support/text.hpp"

namespace forktable::test {
namespace {

std::string recording_of(const std::vector<Event>& events) {
  std::string text = line_of(RecordingHeader{.started = "2024-05-06T07:08:09Z"});
  for (const Event& event : events) text += line_of(event);
  return text;
}

TEST(Recording, EveryKindOfEventIsReadAsItWasWritten) {
  Random random(1);
  for (int round = 0; round < 100; ++round) {
    const auto events = one_of_every_kind(random);
    const auto read = parse_recording(recording_of(events), "x");
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(read->events, events);
    EXPECT_FALSE(read->cut_short);
  }
}

// As nearly everybody calls from there, and all did before version 6.
TEST(Recording, NamesAnAddressIfItIsAnotherThanTheUsualOne) {
  const Event usual{5, 7, 22, Accepted{3, 4, 40001}};
  const Event another{5, 7, 22, Accepted{3, 4, {Ipv4{0x7F000002}, 40001}}};
  const std::string head = "{\"t\":5,\"pid\":7,\"line\":22,\"event\":\"accepted\",\"listenfd\":3,\"connfd\":4,";
  EXPECT_EQ(line_of(usual), head + "\"peer_port\":40001}\n");
  EXPECT_EQ(line_of(another), head + "\"peer_port\":40001,\"peer_address\":\"127.0.0.2\"}\n");
  const auto read = parse_recording(recording_of({usual, another}), "x");
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(std::get<Accepted>(read->events.at(0).what).peer, Address(40001));
  EXPECT_EQ(std::get<Accepted>(read->events.at(1).what).peer, Address(Ipv4{0x7F000002}, 40001));
}

TEST(Recording, ItsHeaderIsReadAsItWasWritten) {
  const RecordingHeader header{.server = "thread \"é\n", .started = "2024-05-06T07:08:09Z"};
  const auto read = parse_recording(line_of(header), "x");
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->header.version, kRecordingVersion);
  EXPECT_EQ(read->header.server, header.server);
  EXPECT_EQ(read->header.started, header.started);
  EXPECT_TRUE(read->events.empty());
}

TEST(Recording, ItsHeaderNamesTheLessonIfThereWasOne) {
  const RecordingHeader lesson{.lesson = "7 \"one waitpid\""};
  const auto read = parse_recording(line_of(lesson), "x");
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->header.lesson, lesson.lesson);
  EXPECT_EQ(line_of(RecordingHeader{}).find("lesson"), std::string::npos) << "else it isn't mentioned";
}

TEST(Recording, OfTheFirstVersionIsStillRead) {
  const auto read = parse_recording(
      "{\"format\":\"forktable-recording\",\"version\":1,\"server\":\"process\",\"started\":\"\"}\n"
      "{\"t\":1,\"pid\":7,\"event\":\"closed\",\"fd\":4}\n",
      "x");
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->header.version, 1);
  EXPECT_EQ(read->header.lesson, "");
  EXPECT_EQ(read->events.at(0), (Event{1, 7, 0, Closed{4}}));
}

TEST(Recording, EveryLineIsAFlatJsonObjectWithItsNamesAsDocumented) {
  Random random(2);
  for (const Event& event : one_of_every_kind(random)) {
    const std::string line = line_of(event);
    ASSERT_EQ(line.find('\n'), line.size() - 1) << "one line: " << line;
    const auto object = nlohmann::json::parse(line);
    EXPECT_EQ(object.at("t"), event.at);
    std::visit([&]<class T>(const T&) { EXPECT_EQ(object.at("event"), T::name); }, event.what);
    for (const auto& [key, value] : object.items()) EXPECT_TRUE(value.is_primitive()) << key;
  }
}

TEST(Recording, ControlBytesAndMarkupSurvive) {
  const std::string texts[] = {"<b>bold</b> & \"quoted\"",
                               "back\\slash\t\r\n",
                               std::string("\0\1\2\x1f\x7f", 5),
                               "\x1b[31mred\x1b[0m",
                               "é → 😀",
                               "\u2028\u2029"};
  for (const std::string& text : texts) {
    const Event event{5, 0, 0, ClientSent{{1}, static_cast<std::uint32_t>(text.size()), ShortText(text)}};
    const std::string line = line_of(event);
    for (const char c : line.substr(0, line.size() - 1))
      EXPECT_GE(static_cast<unsigned char>(c), 0x20) << "a control byte in the file itself";
    const auto read = parse_recording(recording_of({event}), "x");
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(std::get<ClientSent>(read->events.at(0).what).text.view(), text);
  }
}

TEST(Recording, ATextThatIsTooLongIsCutAtACharacter) {
  const std::string text = std::string(30, 'x') + "éé";
  const auto read = parse_recording(
      line_of(RecordingHeader{}) + R"({"t":1,"event":"client_sent","client":1,"bytes":34,"text":")" + text + "\"}\n",
      "x");
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(std::get<ClientSent>(read->events.at(0).what).text.view(), std::string(30, 'x'));
}

TEST(Recording, HasWhatHappenedAtAServerBesideItsLessonsBehindItsEvents) {
  const std::string header = "{\"format\":\"forktable-recording\",\"version\":8}\n";
  const Event first{5, 7, 3, Accepted{3, 4, 40100}}, second{6, 8, 0, Closed{4}};
  const std::vector<Event> beside = {second, first};
  const std::string text = header + line_of(first) + lines_beside(beside);
  const auto read = parse_recording(text, "x");
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->events.size(), 1u);
  ASSERT_EQ(read->beside.size(), 2u);
  EXPECT_EQ(lines_beside(read->beside), lines_beside(beside));
  EXPECT_EQ(line_beside(*read, 0), 4u) << "of the file";
  EXPECT_EQ(lines_beside({}), "");
  EXPECT_TRUE(parse_recording(header + line_of(first), "x")->beside.empty());
  const auto twice = parse_recording(text + lines_beside(beside), "x");
  ASSERT_FALSE(twice) << "there is one at most";
  EXPECT_TRUE(contains(twice.error().message(), "line 6: ")) << twice.error().message();
  EXPECT_FALSE(parse_recording(header + lines_beside(beside), "x")) << "beside nothing";
}

TEST(Recording, CutAtAnyByteGivesTheWholeLinesBeforeIt) {
  Random random(3);
  const auto events = one_of_every_kind(random);
  const std::string whole = recording_of(events);
  const std::size_t header = whole.find('\n') + 1;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string cut = whole.substr(0, size);
    const auto read = parse_recording(cut, "lecture.jsonl");
    if (size < header) {
      ASSERT_FALSE(read) << size;
      ASSERT_NE(read.error().message().find("lecture.jsonl"), std::string::npos) << read.error().message();
      continue;
    }
    ASSERT_TRUE(read) << "cut at " << size << ": " << read.error().message();
    const auto lines = static_cast<std::size_t>(std::count(cut.begin(), cut.end(), '\n'));
    ASSERT_EQ(read->events, std::vector(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(lines - 1)));
    ASSERT_EQ(read->cut_short, cut.back() != '\n') << size;
  }
}

TEST(Recording, FieldsThatThisVersionDoesNotKnowAreIgnored) {
  const auto read = parse_recording(
      "{\"format\":\"forktable-recording\",\"version\":1,\"server\":\"process\",\"started\":\"\",\"host\":"
      "\"x\"}\n"
      "{\"t\":1,\"pid\":7,\"event\":\"closed\",\"fd\":4,\"why\":\"x\",\"really\":true,\"how\":null,\"much\":"
      "1.5}\n",
      "x");
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->events.at(0), (Event{1, 7, 0, Closed{4}}));
}

TEST(Recording, FieldsMayComeInAnyOrderWithSpacesAndWindowsLineEnds) {
  const auto read = parse_recording(
      " { \"version\" : 1, \"format\" : \"forktable-recording\" }\r\n\t{\"fd\": 4, \"event\": \"closed\", "
      "\"t\": 1}\r\n",
      "x");
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->events.at(0), (Event{1, 0, 0, Closed{4}}));
}

}  // namespace
}  // namespace forktable::test
