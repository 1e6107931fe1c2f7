#include "tests/install/installation.hpp"

#include <gtest/gtest.h>

namespace forktable::test {

Installation::Installation() {
  const Outcome installed = run({{FORKTABLE_CMAKE, "--install", FORKTABLE_BUILD, "--strip", "--prefix", prefix()}});
  EXPECT_EQ(installed.status, 0) << installed.err;
}

Outcome Installation::forktable(std::initializer_list<std::string> arguments) const {
  std::vector<std::string> words{file("bin/forktable")};
  words.insert(words.end(), arguments);
  return run({words});
}

}  // namespace forktable::test
