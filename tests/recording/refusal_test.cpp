// A recording is data from a stranger: what is wrong with it is told, with the file and the line.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/recording/recording.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/events.hpp"
#include "tests/support/text.hpp"

namespace forktable::test {
namespace {

const std::string kFirstVersion = "{\"format\":\"forktable-recording\",\"version\":1}\n";
const std::string kGood = "{\"t\":1,\"pid\":7,\"event\":\"closed\",\"fd\":4}\n";

// What is said about it; empty if it is taken.
std::string complaint(const std::string& text) {
  const auto read = parse_recording(text, "lecture.jsonl");
  if (read) return {};
  std::string message = read.error().message();
  EXPECT_EQ(message.rfind("can't read recording lecture.jsonl: ", 0), 0u) << message;
  for (const char c : message)
    EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20) << "one line of plain text: " << message;
  EXPECT_LT(message.size(), 300u) << message;
  return message;
}

// The same about the third line of a file, after a good header and a good event.
std::string complaint_about(const std::string& line) {
  std::string message = complaint(kFirstVersion + kGood + line + "\n" + kGood);
  EXPECT_TRUE(message.empty() || contains(message, ": line 3: ")) << message;
  return message;
}

TEST(RefusedRecording, AnEmptyFileIsNone) {
  EXPECT_TRUE(contains(complaint(""), "empty"));
  EXPECT_NE(complaint("\n"), "");
}

TEST(RefusedRecording, AFileOfAnotherKindIsNone) {
  for (const char* text :
       {"#!/bin/sh\necho hello\n",
        "\x7f"
        "ELF\x02\x01\x01\n",
        "{}\n", "[]\n", "42\n", "\"x\"\n", "null\n", "{\"format\":\"something-else\",\"version\":1}\n",
        "{\"format\":\"forktable-recording\"}\n", "{\"format\":\"forktable-recording\",\"version\":\"1\"}\n",
        "{\"version\":1,\"event\":\"closed\"}\n"})
    EXPECT_TRUE(contains(complaint(text), "line 1: ")) << text;
  EXPECT_TRUE(contains(complaint("{\"format\":\"something-else\",\"version\":1}\n"), "not a Forktable recording"));
  EXPECT_NE(complaint("no line end and no recording"), "");
}

TEST(RefusedRecording, AnEventWithoutTheHeaderBeforeItIsNone) { EXPECT_TRUE(contains(complaint(kGood), "line 1: ")); }

TEST(RefusedRecording, ANewerVersionSaysWhichOneItIsAndWhatToDo) {
  const std::string message =
      complaint("{\"format\":\"forktable-recording\",\"version\":10}\n{\"from\":[\"the future\"]}\n");
  EXPECT_TRUE(contains(message, "version 10")) << message;
  EXPECT_TRUE(contains(message, "reads up to 9")) << message;
  EXPECT_TRUE(contains(message, "newer Forktable is needed")) << message;
}

TEST(RefusedRecording, AVersionBelowOneIsNone) {
  for (const char* version : {"0", "-1", "-9223372036854775808"})
    EXPECT_TRUE(contains(complaint(std::string("{\"format\":\"forktable-recording\",\"version\":") + version + "}\n"),
                         "version"));
}

TEST(RefusedRecording, AnUnknownEventIsNamed) {
  EXPECT_TRUE(contains(complaint_about(R"({"t":1,"event":"teleported"})"), "teleported"));
}

TEST(RefusedRecording, AnEventsNameCannotWriteToTheTerminal) {
  for (const char* name : {R"(a\nb)", R"(\u001b[2Jx)", R"(\r\u0000)", R"(\u009b31m)",
                           "\xC2\x9B"
                           "31m"}) {
    const std::string message = complaint_about(std::string(R"({"t":1,"event":")") + name + "\"}");
    EXPECT_FALSE(contains(message, "\xC2\x9B")) << message;
  }
  // Cut in the middle of a character, it is still text.
  const std::string message = complaint_about("{\"t\":1,\"event\":\"" + std::string(39, 'x') + "ééé\"}");
  EXPECT_NO_THROW((void)nlohmann::json(message).dump());
}

TEST(RefusedRecording, EveryFieldOfEveryEventMustBeThereAndOfItsType) {
  Random random(1);
  for (const Event& event : one_of_every_kind(random)) {
    const auto good = nlohmann::json::parse(line_of(event));
    ASSERT_EQ(complaint_about(good.dump()), "");
    for (const auto& [key, value] : good.items()) {
      const bool optional = key == "pid" || key == "line" || key == "address" || key == "peer_address";
      auto without = good;
      without.erase(key);
      EXPECT_EQ(complaint_about(without.dump()).empty(), optional) << without;

      std::vector<nlohmann::json> wrong = {nullptr,   true, 1.5, nlohmann::json::array(), nlohmann::json::object(),
                                           {{"a", 1}}};
      if (value.is_string())
        wrong.push_back(4711);
      else
        for (const char* text : {"1", ""}) wrong.push_back(text);
      for (const auto& instead : wrong) {
        auto bad = good;
        bad[key] = instead;
        EXPECT_TRUE(contains(complaint_about(bad.dump()), key) || instead.is_structured()) << bad;
        EXPECT_NE(complaint_about(bad.dump()), "") << bad;
      }
    }
  }
}

TEST(RefusedRecording, NumbersMustFitIntoTheirField) {
  const char* lines[] = {
      R"({"t":-1,"event":"stop_asked"})",
      R"({"t":9223372036854775808,"event":"stop_asked"})",
      R"({"t":1e3,"event":"stop_asked"})",
      R"({"t":99999999999999999999999999,"event":"stop_asked"})",
      R"({"t":1,"pid":2147483648,"event":"stop_asked"})",
      R"({"t":1,"line":-1,"event":"stop_asked"})",
      R"({"t":1,"event":"closed","fd":2147483648})",
      R"({"t":1,"event":"closed","fd":-2147483649})",
      R"({"t":1,"event":"server_launched","port":65536})",
      R"({"t":1,"event":"server_launched","port":-1})",
      R"({"t":1,"event":"client_connected","client":-1})",
      R"({"t":1,"event":"client_connected","client":4294967296})",
      R"({"t":1,"event":"wrote","fd":4,"bytes":-1})",
  };
  for (const char* line : lines) EXPECT_NE(complaint_about(line), "") << line;
  EXPECT_EQ(complaint_about(
                R"({"t":9223372036854775807,"pid":2147483647,"line":4294967295,"event":"closed","fd":-2147483648})"),
            "");
}

TEST(RefusedRecording, NamesOfCallsBehavioursAndEndsMustBeKnown) {
  EXPECT_NE(complaint_about(R"({"t":1,"event":"call_failed","call":"teleport","fd":3,"error":1})"), "");
  EXPECT_NE(complaint_about(R"({"t":1,"event":"call_failed","call":"","fd":3,"error":1})"), "");
  EXPECT_NE(complaint_about(R"({"t":1,"event":"client_connecting","client":1,"behaviour":"rude","port":1})"), "");
  EXPECT_NE(complaint_about(R"({"t":1,"event":"client_ended","client":1,"end":"happy","call":"close","error":0})"), "");
}

TEST(RefusedRecording, LinesThatAreNoJsonAreTold) {
  for (const char* line :
       {"", " ", "{", "}", "{}", "{}{}", R"({"t":1,"event":"stop_asked"} x)", R"({"t":1 "event":2})", R"({"t":1,})",
        "{'t':1}", R"({"t":NaN,"event":"stop_asked"})", R"({"t":01,"event":"stop_asked"})", "\xFF\xFE",
        "{\"t\":1,\"event\":\"\xFF\"}", "{\"t\":1,\"event\":\"stop_asked\",\"x\":\"\t\"}",
        R"({"t":1,"event":"\ud800"})", "// comment", R"(["t",1])"})
    EXPECT_NE(complaint_about(line), "") << line;
  EXPECT_NE(complaint_about(std::string("{\"t\":1,\0\"event\":\"stop_asked\"}", 29)), "") << "a zero byte";
}

TEST(RefusedRecording, NestingIsRefusedHoweverDeepItIs) {
  for (const std::size_t depth : {1u, 2u, 1000u, 30000u}) {
    EXPECT_NE(complaint_about("{\"t\":1,\"event\":\"stop_asked\",\"x\":" + std::string(depth, '[') +
                              std::string(depth, ']') + "}"),
              "");
    std::string objects = "1";
    objects.insert(0, [&] {
      std::string open;
      for (std::size_t i = 0; i < depth / 6 + 1; ++i) open += "{\"x\":";
      return open;
    }());
    objects += std::string(depth / 6 + 1, '}');
    EXPECT_NE(complaint_about("{\"t\":1,\"event\":\"stop_asked\",\"x\":" + objects + "}"), "");
    EXPECT_NE(complaint_about(std::string(depth, '[')), "");
  }
}

TEST(RefusedRecording, ALineOfTooManyFieldsIsRefused) {
  std::string line = R"({"t":1,"event":"stop_asked")";
  for (int i = 0; i < 1000; ++i) line += ",\"x" + std::to_string(i) + "\":1";
  EXPECT_NE(complaint_about(line + "}"), "");
}

TEST(RefusedRecording, ALineMayBeSixtyFourKilobytesLongAndNoLonger) {
  const std::string start = R"({"t":1,"event":"stop_asked","x":")", end = "\"}";
  const auto line = [&](std::size_t size) { return start + std::string(size - start.size() - end.size(), 'x') + end; };
  EXPECT_EQ(complaint_about(line(64 * 1024)), "");
  EXPECT_TRUE(contains(complaint_about(line(64 * 1024 + 1)), "too long"));
  EXPECT_TRUE(contains(complaint_about(line(10 << 20)), "too long"));
}

TEST(RefusedRecording, RandomDamageNeverDoesHarm) {
  Random random(2);
  std::string whole = kFirstVersion;
  for (const Event& event : one_of_every_kind(random)) whole += line_of(event);
  int taken = 0;
  for (int round = 0; round < static_cast<int>(tries(20'000)); ++round) {
    std::string damaged = whole;
    for (std::int64_t i = number_between(random, 1, 4); i > 0; --i) {
      const auto at =
          static_cast<std::size_t>(number_between(random, 0, static_cast<std::int64_t>(damaged.size()) - 1));
      switch (number_between(random, 0, 3)) {
        case 0: damaged[at] = static_cast<char>(number_between(random, 0, 255)); break;
        case 1: damaged.erase(at, static_cast<std::size_t>(number_between(random, 1, 50))); break;
        case 2:
          damaged.insert(at, damaged.substr(at / 2, static_cast<std::size_t>(number_between(random, 1, 50))));
          break;
        default: damaged.insert(at, 1, "{}[]\",:\n\\"[number_between(random, 0, 8)]); break;
      }
    }
    if (complaint(damaged).empty()) ++taken;
  }
  EXPECT_GT(taken, 0) << "some damage leaves a recording that can be read";
}

}  // namespace
}  // namespace forktable::test
