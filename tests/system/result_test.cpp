#include "core/system/result.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

namespace forktable::test {
namespace {

TEST(Error, SaysWhatFailedOnWhatAndWhy) {
  EXPECT_EQ((Error{"can't write recording x.jsonl", ENOSPC}).message(),
            "can't write recording x.jsonl: No space left on device");
  EXPECT_EQ((Error{"there is no step 7", 0}).message(), "there is no step 7");
  EXPECT_EQ((Error{"can't", 4711}).message(), "can't: unknown error 4711");
}

TEST(Error, KnowsWhyTheCallBeforeItFailed) {
  ASSERT_LT(open("/nowhere/x", O_RDONLY), 0);
  EXPECT_EQ(system_error("can't open x").value().number, ENOENT);
}

}  // namespace
}  // namespace forktable::test
