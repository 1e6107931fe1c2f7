// The program itself, as a user calls it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/program.hpp"
#include "tests/support/text.hpp"

namespace forktable::test {

inline Command forktable(const std::vector<std::string>& arguments) {
  Command command{.words = {FORKTABLE_PROGRAM}};
  command.words.insert(command.words.end(), arguments.begin(), arguments.end());
  return command;
}

// One line on standard error that says what failed on what.
inline void expect_one_line(const Outcome& outcome, const std::string& about, int status = 1) {
  EXPECT_EQ(outcome.status, status);
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, about)) << outcome.err;
}

}  // namespace forktable::test
