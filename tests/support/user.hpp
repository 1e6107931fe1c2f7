// Root may write everywhere and fork for ever. What an ordinary user is refused is tested as one.
#pragma once

#include <functional>

namespace forktable::test {

bool is_root();

// False where the root folder is root's own, as in some chroots: there, nobody else reaches any file.
bool ordinary_user_gets_in();

// In a child process: stop being root. Does nothing for an ordinary user.
void become_ordinary();

// Runs `body` in a child process, as an ordinary user. True if it returned true.
bool as_ordinary_user(const std::function<bool()>& body);

// Runs `body` in a child process: for what changes the whole process, such as its limits.
bool in_child(const std::function<bool()>& body);

}  // namespace forktable::test
