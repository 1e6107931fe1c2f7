// Programs that a test of the window starts: in the background, or to their end.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace forktable::test {

// fork(2) and exec(2), with what `prepare` does in between. The pid.
int start_program(const std::vector<std::string>& words, const std::function<void()>& prepare);

// What a shell's command writes to standard output.
std::string run(const std::string& command);

}  // namespace forktable::test
