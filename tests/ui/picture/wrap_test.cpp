// Text and code in lines.
#include "ui/picture/wrap.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/ui/loaded_fonts.hpp"

namespace forktable::test {
namespace {

using Lines = std::vector<std::string>;

TEST(ALineOfText, IsNotBrokenBetweenAClientAndItsNumber) {
  for (float width = 60; width < 500; width += 10)
    for (const std::string& line : wrap("The parent waits, and client 3 waits, and so do Child 2 and thread 1.",
                                        Face::kRegular, 16, width, fonts()))
      for (const char* name : {"client", "Child", "thread"})
        EXPECT_FALSE(line.ends_with(name)) << line << " at " << width;
  EXPECT_THAT(wrap("uses 6", Face::kRegular, 16, 45, fonts()), testing::ElementsAre("uses", "6"));
}

TEST(ALineOfCode, IsBrokenBeforeItsCommentAndEachLineOfThatIsAComment) {
  const std::string code = "Close(connfd);  // in the parent, right after Fork()";
  const auto lines = [&](float width) { return wrap_code(code, Face::kMono, 10, width, fonts()); };
  const float one = fonts().width(Face::kMono, 10, "m");
  EXPECT_EQ(lines(45 * one), (Lines{"Close(connfd);", "// in the parent, right after Fork()"}));
  EXPECT_EQ(lines(25 * one), (Lines{"Close(connfd);", "// in the parent, right", "// after Fork()"}));
  EXPECT_EQ(wrap_code("int CHILDREN = 4;", Face::kMono, 10, 15 * one, fonts()), (Lines{"int CHILDREN", "= 4;"}));
  EXPECT_EQ(wrap_code("--children;", Face::kMono, 10, 100 * one, fonts()), (Lines{"--children;"}));
}

}  // namespace
}  // namespace forktable::test
