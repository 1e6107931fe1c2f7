#include "core/system/spawn.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <set>
#include <string_view>

#include "core/system/unique_fd.hpp"

namespace forktable {
namespace {

using Descriptors = std::vector<std::pair<int, int>>;

// In the new process they are put in place one after the other, each closing what had its number there. One of
// ours that is in the way of another goes by a copy, which `copies` keeps open here, and is in nobody's way.
bool move_out_of_the_way(Descriptors& descriptors, std::vector<UniqueFd>& copies) {
  const Descriptors wanted = descriptors;
  const auto is_taken = [&](int number) {
    return number == STDIN_FILENO || number == STDOUT_FILENO ||
           std::any_of(wanted.begin(), wanted.end(), [&](const auto& one) { return one.second == number; });
  };
  for (auto& [ours, theirs] : descriptors) {
    if (ours == theirs || !is_taken(ours)) continue;
    const int original = ours;
    do {
      copies.emplace_back(fcntl(original, F_DUPFD_CLOEXEC, 0));
      if (!copies.back()) return false;
      ours = copies.back().get();
    } while (is_taken(ours));
  }
  return true;
}

// Not all that is open here is ours and close-on-exec: libraries open files too, and whoever started us may have left
// some.
void close_others(posix_spawn_file_actions_t& actions, const Descriptors& descriptors) {
  std::set<int> wanted;
  for (const auto& [ours, theirs] : descriptors) wanted.insert(theirs);
  int next = STDERR_FILENO + 1;
  for (const int fd : wanted) {
    for (; next < fd; ++next) posix_spawn_file_actions_addclose(&actions, next);
    next = std::max(next, fd + 1);
  }
  posix_spawn_file_actions_addclosefrom_np(&actions, next);
}

bool same_name(std::string_view a, std::string_view b) { return a.substr(0, a.find('=')) == b.substr(0, b.find('=')); }

}  // namespace

Result<Pid> spawn(const Program& program) {
  Descriptors descriptors = program.descriptors;
  std::vector<UniqueFd> copies;
  if (!move_out_of_the_way(descriptors, copies)) return system_error("can't start " + program.path);

  std::vector<char*> arguments{const_cast<char*>(program.path.c_str())};
  for (const auto& argument : program.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  std::vector<char*> environment;
  for (const auto& variable : program.environment) environment.push_back(const_cast<char*>(variable.c_str()));
  for (char** variable = environ; *variable != nullptr; ++variable)
    if (std::none_of(program.environment.begin(), program.environment.end(),
                     [&](const std::string& added) { return same_name(added, *variable); }))
      environment.push_back(*variable);
  environment.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  if (program.may_outlive_us) {
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addchdir_np(&actions, "/");
  }
  for (const auto& [ours, theirs] : descriptors) posix_spawn_file_actions_adddup2(&actions, ours, theirs);
  close_others(actions, descriptors);

  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);

  pid_t pid = 0;
  errno = posix_spawn(&pid, program.path.c_str(), &actions, &attributes, arguments.data(), environment.data());
  const int error = errno;
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return tl::make_unexpected(Error{"can't start " + program.path, error});
  return pid;
}

}  // namespace forktable
