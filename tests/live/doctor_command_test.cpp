// `forktable doctor`: what this machine allows.
#include <gtest/gtest.h>

#include "tests/support/forktable.hpp"

namespace forktable::test {
namespace {

TEST(Doctor, TriesARealRunAndSaysHowItWent) {
  const Outcome outcome = run(forktable({"doctor"}));
  EXPECT_EQ(outcome.status, 0) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "ok  a real run")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "a client was echoed, its child reaped")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "ok  no orphans")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "ok  outsiders")) << outcome.out;
}

TEST(Doctor, NamesTheRemedyForWhatIsMissing) {
  Command command = forktable({"doctor"});
  command.words.insert(command.words.begin(), {"/usr/bin/env", "-u", "DISPLAY", "-u", "WAYLAND_DISPLAY"});
  const Outcome outcome = run(command);
  EXPECT_EQ(outcome.status, 0) << "a machine without a display can still record and export";
  EXPECT_TRUE(contains(outcome.out, "--  window")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "to mend it: log in at a desktop")) << outcome.out;
}

TEST(Doctor, TakesNoArguments) { EXPECT_EQ(run(forktable({"doctor", "nonsense"})).status, 2); }

}  // namespace
}  // namespace forktable::test
