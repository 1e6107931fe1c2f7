// What has to hold whatever the bytes are. The fuzzer keeps the input that made it stop.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

namespace forktable::fuzz {

inline void require(bool holds, const std::string& what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what.c_str());
  std::abort();
}

}  // namespace forktable::fuzz
