// Code between backquotes in a lesson's texts.
#include "core/lesson/marks.hpp"

#include <gtest/gtest.h>

namespace forktable::test {
namespace {

using Pieces = std::vector<MarkedPiece>;

TEST(MarkedText, IsTakenApartIntoProseAndCode) {
  EXPECT_EQ(marked_pieces("`accept` returns 4 from `accept(3)`."),
            (Pieces{{"accept", true}, {" returns 4 from ", false}, {"accept(3)", true}, {".", false}}));
  EXPECT_EQ(marked_pieces("No code."), (Pieces{{"No code.", false}}));
  EXPECT_EQ(marked_pieces(""), Pieces{});
}

TEST(MarkedText, HasALonelyBackquoteAsALetter) {
  EXPECT_EQ(marked_pieces("a ` b"), (Pieces{{"a ` b", false}}));
  EXPECT_EQ(marked_pieces("`a` b ` c"), (Pieces{{"a", true}, {" b ` c", false}}));
  EXPECT_EQ(marked_pieces("``"), Pieces{});
}

TEST(MarkedText, LosesItsBackquotesWhereThereIsOnlyText) {
  EXPECT_EQ(without_marks("`while (true)` never ends: `for` neither."), "while (true) never ends: for neither.");
}

}  // namespace
}  // namespace forktable::test
