// The table of costs, for people and for programs.
#include "tests/compare/costs.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/text.hpp"

namespace forktable::test {
namespace {

TEST(Costs, AreShownWithAsManyDigitsAsMeanSomething) {
  const auto text = [](double value) { return shown(Figure{value, {}}); };
  EXPECT_EQ(text(0), "0");
  EXPECT_EQ(text(0.1412), "0.14");
  EXPECT_EQ(text(0.999), "1.0");
  EXPECT_EQ(text(2.64), "2.6");
  EXPECT_EQ(text(7), "7");
  EXPECT_EQ(text(19.2), "19");
  EXPECT_EQ(text(101), "101");
  EXPECT_EQ(text(18400.4), "18 400");
  EXPECT_EQ(text(1234567), "1 234 567");
  EXPECT_EQ(shown(Figure{{}, "the others wait"}), "-");
}

TEST(Costs, AsTextHaveEveryServerAndTheReasonForWhatIsMissing) {
  const std::string text = text_of(some_costs(), false);
  for (const char* name : {"iterative", "process", "event", "event-epoll", "thread"})
    EXPECT_TRUE(contains(text, std::string("\n  ") + name + " ")) << name;
  for (const FigureKind& kind : kFigureKinds) EXPECT_TRUE(contains(text, "\n" + std::string(kind.title))) << kind.title;
  EXPECT_TRUE(contains(text, "iterative, -: the others wait"));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
}

TEST(Costs, AsJsonAreNullWithAReasonWhereTheyAreMissing) {
  const auto json = nlohmann::json::parse(json_of(some_costs()));
  EXPECT_EQ(json["machine"]["cpus"], 2);
  EXPECT_EQ(json["clients"], nlohmann::json({1, 10, 100}));
  const auto& waiting = json["servers"][0]["at"][1];
  EXPECT_EQ(waiting["clients"], 10);
  EXPECT_TRUE(waiting["memory_per_client_kib"].is_null());
  EXPECT_EQ(waiting["reasons"]["memory_per_client_kib"], "the others wait");
  EXPECT_TRUE(waiting["connections_per_second"].is_number());
  EXPECT_EQ(json["servers"][1]["shares"]["descriptors"], false);
  EXPECT_TRUE(json["servers"][2]["shares"]["globals"].is_null());
}

}  // namespace
}  // namespace forktable::test
