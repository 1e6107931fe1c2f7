// `forktable doctor`: what this machine allows.
#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

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
  if (!Faults::are_allowed()) GTEST_SKIP() << Faults::kWhyNot;
  const Faults faults(FORKTABLE_PROGRAM, {.calls = "kcmp", .error = EPERM});
  const Outcome outcome = run({.words = {FORKTABLE_FAULT_INJECTOR, "doctor"}});
  EXPECT_EQ(outcome.status, 0) << "the rest still works\n" << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "it agrees: 2 of 2 references, 3 of 3 sockets")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "which descriptors share an open file (EPERM)")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "to mend it: a kernel with CONFIG_KCMP")) << outcome.out;
}

TEST(Doctor, SaysThatTooFewFilesMayBeOpenWhereThatIsWhy) {
  const Outcome outcome = run({.words = {"/usr/bin/prlimit", "--nofile=12:12", FORKTABLE_PROGRAM, "doctor"}});
  EXPECT_TRUE(contains(outcome.out, "raise the limit of open files: ulimit -n 1024")) << outcome.out;
  for (const char* wrong : {"tcp_diag", "hidepid", "less busy"})
    EXPECT_FALSE(contains(outcome.out, wrong)) << outcome.out;
}

TEST(Doctor, SaysThatProcIsOfAnotherNamespaceWhereThatIsWhy) {
  if (const Outcome trial = run({.words = {"/usr/bin/unshare", "-pf", "/bin/true"}}); trial.status != 0) {
    ASSERT_TRUE(contains(trial.err, "not permitted")) << trial.err;
    GTEST_SKIP() << "only root may have a PID namespace of its own: " << trial.err;
  }
  const Outcome outcome = run({.words = {"/usr/bin/unshare", "-pf", FORKTABLE_PROGRAM, "doctor"}});
  EXPECT_TRUE(contains(outcome.out, "/proc shows the processes of another PID namespace")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "mount -t proc proc /proc")) << outcome.out;
  for (const char* wrong : {"tcp_diag", "hidepid", "less busy", "as yourself"})
    EXPECT_FALSE(contains(outcome.out, wrong)) << outcome.out;
}

TEST(Doctor, WithoutHomeNamesTheFoldersOfTheUsersEntryInPasswd) {
  const passwd* user = getpwuid(getuid());
  ASSERT_NE(user, nullptr);
  Command command = forktable({"doctor"});
  command.words.insert(command.words.begin(), {"/usr/bin/env", "-u", "HOME", "-u", "XDG_CONFIG_HOME", "-u",
                                               "XDG_STATE_HOME", "-u", "XDG_PICTURES_DIR"});
  const Outcome outcome = run(command);
  EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "ok  a real run")) << outcome.out;
  for (const char* path : {"/.config/forktable", "/.local/state/forktable"})
    EXPECT_TRUE(contains(outcome.out, user->pw_dir + std::string(path))) << outcome.out;
}

TEST(Doctor, TakesNoArguments) { EXPECT_EQ(run(forktable({"doctor", "nonsense"})).status, 2); }

}  // namespace
}  // namespace forktable::test
