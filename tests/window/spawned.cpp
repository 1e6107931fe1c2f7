#include "tests/window/spawned.hpp"

#include <unistd.h>

#include <cstdio>

namespace forktable::test {

int start_program(const std::vector<std::string>& words, const std::function<void()>& prepare) {
  const int pid = fork();
  if (pid != 0) return pid;
  prepare();
  std::vector<char*> arguments;
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  _exit(127);
}

std::string run(const std::string& command) {
  std::string output;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return output;
  char chunk[4096];
  for (std::size_t got = 0; (got = fread(chunk, 1, sizeof chunk, pipe)) > 0;) output.append(chunk, got);
  pclose(pipe);
  return output;
}

}  // namespace forktable::test
