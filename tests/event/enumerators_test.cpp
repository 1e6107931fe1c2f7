// What is checked while compiling: that each value of an enumeration has a name, and that an event fits into a
// record; and that its mark names a field that it has.
#include "core/event/enumerators.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <variant>

#include "core/event/wire.hpp"

namespace forktable::test {
namespace {

enum class Colour : std::uint8_t { kRed, kGreen, kBlue };
enum class Nothing : std::uint8_t {};
enum class Gap : std::uint8_t { kFirst, kThird = 2 };

TEST(Enumerators, AreCountedToTheLastThatHasAName) {
  EXPECT_EQ(count_of<Colour>(), 3u);
  EXPECT_EQ(count_of<Nothing>(), 0u);
  EXPECT_EQ(count_of<Gap>(), 1u);
  EXPECT_TRUE(is_enumerator<Gap::kThird>());
  EXPECT_FALSE(is_enumerator<static_cast<Gap>(1)>());
}

struct Crowded {
  int one = 1, two = 2, three = 3, four = 4;
  std::int64_t five = 5;
  ShortText text, more;
  FORKTABLE_FIELDS(visit("one", self.one); visit("two", self.two); visit("three", self.three); visit("four", self.four);
                   visit("five", self.five); visit("text", self.text); visit("more", self.more);)
};

TEST(WireRecord, IsOnlyForEventsThatFitIntoIt) {
  constexpr wire_detail::Contents crowded = wire_detail::contents_of<Crowded>();
  EXPECT_EQ(crowded.numbers, 5);
  EXPECT_EQ(crowded.texts, 2);
  EXPECT_EQ(crowded.widest, 8u);
  constexpr wire_detail::Contents read = wire_detail::contents_of<Read>();
  EXPECT_EQ(read.numbers, 2);
  EXPECT_EQ(read.texts, 1);
  EXPECT_EQ(read.widest, 4u);
}

template <class T>
void expect_marks_of_fields(const T& what) {
  const std::string mark(what.mark());
  const auto begin = mark.find('{'), end = mark.find('}');
  if (begin == std::string::npos) return;
  int named = 0;
  T::fields(what, [&](const std::string& field, const auto&) {
    if (field == mark.substr(begin + 1, end - begin - 1)) ++named;
  });
  EXPECT_EQ(named, 1) << T::name << ": " << mark;
}

template <std::size_t... I>
void expect_all_marks_of_fields(std::index_sequence<I...>) {
  (expect_marks_of_fields(std::variant_alternative_t<I, What>{}), ...);
}

TEST(AnEventsMark, NamesNothingButAFieldOfIt) {
  expect_all_marks_of_fields(std::make_index_sequence<std::variant_size_v<What>>{});
  JobDeleted deleted;
  deleted.found = 1;
  expect_marks_of_fields(deleted);
  ClientEnded failed;
  failed.end = ClientEnd::kFailed;
  expect_marks_of_fields(failed);
}

}  // namespace
}  // namespace forktable::test
