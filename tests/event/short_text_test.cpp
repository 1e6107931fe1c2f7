#include "core/event/short_text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/effort.hpp"
#include "tests/support/events.hpp"

namespace forktable::test {
namespace {

std::string repaired(std::string_view text) { return std::string(valid_utf8(ShortText(text)).view()); }

// Judged by the JSON library, which refuses what is not UTF-8.
bool is_utf8(std::string_view text) {
  try {
    (void)nlohmann::json(text).dump();
    return true;
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

std::string utf8(char32_t c) {
  const auto tail = [](char32_t bits) { return static_cast<char>(0x80 | (bits & 0x3F)); };
  if (c < 0x80) return {static_cast<char>(c)};
  if (c < 0x800) return {static_cast<char>(0xC0 | (c >> 6)), tail(c)};
  if (c < 0x10000) return {static_cast<char>(0xE0 | (c >> 12)), tail(c >> 6), tail(c)};
  return {static_cast<char>(0xF0 | (c >> 18)), tail(c >> 12), tail(c >> 6), tail(c)};
}

TEST(ShortText, KeepsUpToThirtyOneBytes) {
  const std::string alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
  for (std::size_t length = 0; length <= alphabet.size(); ++length) {
    const ShortText text(alphabet.substr(0, length));
    EXPECT_EQ(text.view(), alphabet.substr(0, std::min<std::size_t>(length, 31))) << length;
  }
}

TEST(ShortText, KeepsZeroBytes) { EXPECT_EQ(ShortText(std::string("a\0b", 3)).view(), std::string("a\0b", 3)); }

TEST(ShortText, EveryCharacterThereIsSurvivesAndIsDroppedWhenItIsCut) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;  // surrogates are no characters
    const std::string whole = utf8(c);
    ASSERT_EQ(repaired(whole), whole) << std::hex << static_cast<unsigned>(c);
    for (std::size_t kept = 1; kept < whole.size(); ++kept)
      ASSERT_EQ(repaired(whole.substr(0, kept)), "") << std::hex << static_cast<unsigned>(c);
  }
}

TEST(ShortText, ACharacterThatDoesNotFitAsAWholeIsLeftOut) {
  const std::string filling(30, 'x');
  EXPECT_EQ(repaired(filling + "é"), filling);
  EXPECT_EQ(repaired(filling.substr(1) + "é"), filling.substr(1) + "é") << "exactly 31 bytes";
}

TEST(ShortText, BytesThatAreNoCharacterBecomeQuestionMarks) {
  EXPECT_EQ(repaired("\xFF\xFE"), "??");
  EXPECT_EQ(repaired("\x80z"), "?z") << "a continuation of nothing";
  EXPECT_EQ(repaired("\xC3z"), "?z") << "a beginning without its continuation";
  EXPECT_EQ(repaired("\xC0\xAF!"),
            "?"
            "?!")
      << "an overlong slash";
  EXPECT_EQ(repaired("\xED\xA0\x80!"),
            "??"
            "?!")
      << "half a surrogate pair";
  EXPECT_EQ(repaired("\xF4\x90\x80\x80!"),
            "???"
            "?!")
      << "beyond the last character";
}

TEST(ShortText, WhateverTheBytesTheResultIsText) {
  Random random(1);
  for (int round = 0; round < static_cast<int>(tries(200'000)); ++round) {
    std::string bytes(static_cast<std::size_t>(number_between(random, 0, 31)), '\0');
    // Mostly bytes that mean something in UTF-8.
    for (char& byte : bytes)
      byte = static_cast<char>(one_in(random, 3) ? number_between(random, 0, 127) : number_between(random, 0x80, 255));
    const std::string text = repaired(bytes);
    ASSERT_TRUE(is_utf8(text)) << testing::PrintToString(bytes);
    ASSERT_LE(text.size(), bytes.size());
    ASSERT_EQ(repaired(text), text) << "text stays as it is";
    if (is_utf8(bytes)) {
      ASSERT_EQ(text, bytes);
    }
  }
}

}  // namespace
}  // namespace forktable::test
