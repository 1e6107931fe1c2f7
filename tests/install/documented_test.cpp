// Every command and every option is in the manual page, and offered by both shells.
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>

#include "tests/install/installation.hpp"
#include "tests/support/text.hpp"

namespace forktable::test {
namespace {

std::vector<std::string> all_matches(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern, std::regex::ECMAScript | std::regex::multiline);
  std::vector<std::string> found;
  for (std::sregex_iterator i(text.begin(), text.end(), regex), end; i != end; ++i) found.push_back((*i)[1]);
  return found;
}

std::string help(const std::string& command) {
  std::vector<std::string> words{FORKTABLE_PROGRAM};
  if (!command.empty()) words.push_back(command);
  words.push_back("--help");
  return run({words}).out;
}

// As --help tells them.
std::vector<std::string> commands() {
  const std::string told = help("");
  return all_matches(told.substr(std::min(told.find("\nSubcommands:"), told.size())), "^  ([a-z]+) ");
}

std::vector<std::string> options(const std::string& command) {
  return all_matches(help(command), "^  (?:-[a-z],)?(--[a-z-]+)");
}

// Empty where there is no such part.
std::string between(const std::string& text, const std::string& beginning, const std::string& end) {
  const std::size_t from = text.find(beginning);
  return from == text.npos ? "" : text.substr(from, text.find(end, from) - from);
}

TEST(Manual, HasEveryCommandAndEveryOption) {
  // In roff, \- is a hyphen that can be copied into a shell.
  const std::string manual =
      std::regex_replace(contents(FORKTABLE_SOURCES "/packaging/man/forktable.1"), std::regex("\\\\-"), "-");
  const std::string told = between(manual, ".SH OPTIONS", ".SH KEYS");
  const auto has = [&](const std::string& option) {
    return !all_matches(told, "^\\.B[IR]? .*(" + option + ")(?![a-z-])").empty();
  };
  ASSERT_GE(commands().size(), 5u);
  for (const std::string& command : commands()) {
    EXPECT_TRUE(contains(manual, ".SY forktable\\ " + command + "\n")) << command;
    for (const std::string& option : options(command)) EXPECT_TRUE(has(option)) << command << " " << option;
  }
  for (const std::string& option : options("")) EXPECT_TRUE(has(option)) << option;
}

TEST(Bash, OffersEveryCommandAndEveryOption) {
  const auto offered = [](const std::string& words, const std::string& word) {
    const std::string script = "source " FORKTABLE_SOURCES "/packaging/completions/forktable.bash; COMP_WORDS=(" +
                               words + " '" + word +
                               "'); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _forktable; "
                               "printf ' %s' \"${COMPREPLY[@]}\" ''";
    const Outcome outcome = run({{"/bin/bash", "--norc", "-c", script}});
    EXPECT_EQ(outcome.err, "");
    return outcome.out;
  };
  for (const std::string& command : commands()) {
    EXPECT_TRUE(contains(offered("forktable", ""), " " + command + " ")) << command;
    for (const std::string& option : options(command))
      EXPECT_TRUE(contains(offered("forktable " + command, "--"), " " + option + " ")) << command << " " << option;
  }
  for (const std::string& option : options(""))
    EXPECT_TRUE(contains(offered("forktable", "--"), " " + option + " ")) << option;
  EXPECT_TRUE(contains(offered(FORKTABLE_PROGRAM " --lesson", "04"), " 04-parent-forgets-connfd "));
}

TEST(Zsh, OffersEveryCommandAndEveryOption) {
  const std::string path = FORKTABLE_SOURCES "/packaging/completions/_forktable", script = contents(path);
  const Outcome parsed = run({{"/bin/zsh", "-n", path}});
  EXPECT_EQ(parsed.status, 0) << parsed.err;
  // Written as --option[...] or {-o,--option}, or as $option where several commands have it; help is in $asked.
  const auto has = [](const std::string& part, const std::string& option) {
    return contains(part, option + "[") || contains(part, option + "}") || contains(part, "$" + option.substr(2)) ||
           (option == "--help" && contains(part, "$asked"));
  };
  for (const std::string& command : commands()) {
    EXPECT_TRUE(contains(script, "'" + command + ":")) << command;
    const std::string offered = between(script, "\n      " + command + ")", ";;");
    for (const std::string& option : options(command)) EXPECT_TRUE(has(offered, option)) << command << " " << option;
  }
  const std::string offered = between(script, "_arguments -C", "case $state");
  for (const std::string& option : options("")) EXPECT_TRUE(has(offered, option)) << option;
}

}  // namespace
}  // namespace forktable::test
