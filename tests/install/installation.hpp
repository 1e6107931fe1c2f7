// Forktable, installed into a folder that is gone when the test is over.
#pragma once

#include <initializer_list>
#include <string>

#include "tests/support/program.hpp"
#include "tests/support/temporary_folder.hpp"

namespace forktable::test {

class Installation {
 public:
  // A test fails where it can't be installed.
  Installation();

  const std::string& prefix() const { return folder_.path(); }
  std::string file(const std::string& name) const { return folder_.file(name); }
  Outcome forktable(std::initializer_list<std::string> arguments) const;

 private:
  TemporaryFolder folder_;
};

inline const std::string kId = "io.github.forktable.Forktable";

}  // namespace forktable::test
