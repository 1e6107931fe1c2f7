// Starts the program that FORKTABLE_TEST_PROGRAM names as an ordinary user, with the same arguments.
#include <unistd.h>

#include <cstdlib>

#include "tests/support/user.hpp"

int main(int, char** argv) {
  forktable::test::become_ordinary();
  const char* program = std::getenv("FORKTABLE_TEST_PROGRAM");
  if (program != nullptr) execv(program, argv);
  return 126;
}
