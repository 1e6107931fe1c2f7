// Programs of others that do a job for Forktable where they are installed.
#pragma once

#include <optional>
#include <string>

namespace forktable {

// The path of a program that may be run, from the absolute folders in $PATH. Never one in the working directory.
std::optional<std::string> find_program(const std::string& name);

}  // namespace forktable
