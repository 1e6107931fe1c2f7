#include "tests/window/processes.hpp"

#include <unistd.h>

#include <filesystem>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>

#include "tests/support/proc.hpp"
#include "tests/support/temporary_folder.hpp"

namespace forktable::test {

std::vector<int> server_processes(int forktable) {
  std::vector<int> all;
  // Every thread of Forktable may have started it.
  std::error_code error;
  for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(forktable) + "/task", error)) {
    std::istringstream children(contents(task.path() / "children"));
    for (int pid = 0; children >> pid;) all.push_back(pid);
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string pid = std::to_string(all[i]);
    std::istringstream children(contents("/proc/" + pid + "/task/" + pid + "/children"));
    for (int child = 0; children >> child;) all.push_back(child);
  }
  return all;
}

int process_of(int forktable, const std::string& program) {
  for (const int pid : server_processes(forktable))
    if (program_of(pid) == program) return pid;
  return 0;
}

long processor_time(int pid) {
  const std::string line = contents("/proc/" + std::to_string(pid) + "/stat");
  std::istringstream fields(line.substr(line.rfind(')') + 2));
  const std::vector<std::string> all{std::istream_iterator<std::string>(fields), {}};
  return std::stol(all.at(11)) + std::stol(all.at(12));
}

int listening_port(int pid) {
  // Descriptor 3, as in the textbook.
  char target[64];
  const ssize_t length = readlink(("/proc/" + std::to_string(pid) + "/fd/3").c_str(), target, sizeof target);
  if (length < 9) return 0;
  const std::string inode(target + 8, static_cast<std::size_t>(length) - 9);  // socket:[12345]
  std::istringstream table(contents("/proc/net/tcp"));
  for (std::string line; std::getline(table, line);) {
    std::istringstream fields(line);
    std::vector<std::string> words{std::istream_iterator<std::string>(fields), {}};
    if (words.size() > 9 && words[3] == "0A" && words[9] == inode)
      return static_cast<int>(std::stol(words[1].substr(words[1].find(':') + 1), nullptr, 16));
  }
  return 0;
}

}  // namespace forktable::test
