#include "core/system/limits.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace forktable {

int raise_descriptor_limit() {
  constexpr rlim_t kEnough = 1 << 16;  // some programs walk the whole range
  rlimit descriptors{};
  if (getrlimit(RLIMIT_NOFILE, &descriptors) != 0) return 1024;
  const rlim_t before = descriptors.rlim_cur;
  descriptors.rlim_cur = std::max(before, std::min(descriptors.rlim_max, kEnough));
  setrlimit(RLIMIT_NOFILE, &descriptors);
  return static_cast<int>(std::min<rlim_t>(before, kEnough));
}

}  // namespace forktable
