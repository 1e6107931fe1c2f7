// `forktable doctor`: what this machine allows.
#include <gtest/gtest.h>

#include <cerrno>

#include "tests/support/faults.hpp"
#include "tests/support/forktable.hpp"

namespace forktable::test {
namespace {

TEST(Doctor, TriesARealRunAndSaysHowItWent) {
  const Outcome outcome = run(forktable({"doctor"}));
  EXPECT_EQ(outcome.status, 0) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "ok  a real run")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "a client was echoed, its child reaped")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "ok  no orphans")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "ok  the kernel's word")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "it agrees: 2 of 2 references, 3 of 3 sockets")) << outcome.out;
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

TEST(Doctor, SaysWhatTheKernelCannotBeAskedAndHowToAllowIt) {
  if (!Faults::are_allowed()) GTEST_SKIP() << "this machine doesn't let a program have its calls fail";
  const Faults faults(FORKTABLE_PROGRAM, {.calls = "kcmp", .error = EPERM});
  const Outcome outcome = run({.words = {FORKTABLE_FAULT_INJECTOR, "doctor"}});
  EXPECT_EQ(outcome.status, 0) << "the rest still works\n" << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "it agrees: 2 of 2 references, 3 of 3 sockets")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "which descriptors share an open file (EPERM)")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "to mend it: a kernel with CONFIG_KCMP")) << outcome.out;
}

TEST(Doctor, TakesNoArguments) { EXPECT_EQ(run(forktable({"doctor", "nonsense"})).status, 2); }

}  // namespace
}  // namespace forktable::test
