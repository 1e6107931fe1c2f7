// How often a test with random or many cases tries: under a sanitizer each try takes ten times as long.
#pragma once

#include <cstdint>

namespace forktable::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr std::uint64_t kSlowness = 10;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
inline constexpr std::uint64_t kSlowness = 10;
#else
inline constexpr std::uint64_t kSlowness = 1;
#endif
#else
inline constexpr std::uint64_t kSlowness = 1;
#endif

constexpr std::uint64_t tries(std::uint64_t number) { return number / kSlowness; }

}  // namespace forktable::test
