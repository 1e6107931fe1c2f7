// Reads the lines of a recording that hold its script.
#pragma once

#include <string>

#include "core/recording/flat_object.hpp"
#include "core/recording/script.hpp"

namespace forktable {

class ScriptReader {
 public:
  // False: it is no line of a script. What is wrong with one that is, is left in `problem`.
  bool take(const FlatObject& line, std::string& problem);

  Script script;
};

}  // namespace forktable
