#include "core/kernel/process_state.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "core/system/unique_fd.hpp"

namespace forktable {

char process_state(Pid pid) {
  const UniqueFd file(open(("/proc/" + std::to_string(pid) + "/stat").c_str(), O_RDONLY | O_CLOEXEC));
  char text[512];
  const ssize_t got = file ? read(file.get(), text, sizeof text) : 0;
  if (got <= 0) return '-';
  // "PID (NAME) STATE ...", and the name may have anything in it.
  const std::string_view stat(text, static_cast<std::size_t>(got));
  const std::size_t end = stat.rfind(')');
  return end != stat.npos && end + 2 < stat.size() ? stat[end + 2] : '-';
}

int descriptor_limit(Pid pid) {
  rlimit limit{};
  if (prlimit(pid, RLIMIT_NOFILE, nullptr, &limit) != 0) return 0;
  return static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 1u << 30));
}

}  // namespace forktable
