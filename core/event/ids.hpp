// Identity is a type: the number of a process, an open file and a client can't be mixed up, and none of
// them is a pid, a descriptor or a port, which the kernel hands out again and again.
#pragma once

#include <compare>
#include <cstdint>

namespace forktable {

// A number that is never used twice in one run. 0 means "none".
template <class Tag>
struct Id {
  std::uint32_t value = 0;

  constexpr explicit operator bool() const { return value != 0; }
  friend constexpr auto operator<=>(Id, Id) = default;
};

using ProcessId = Id<struct ProcessTag>;
using FileId = Id<struct FileTag>;
using ClientId = Id<struct ClientTag>;

using Pid = std::int32_t;          // as the kernel numbers processes; 0: not a process
using Port = std::uint16_t;        // TCP port, host byte order; 0: none yet
using Nanoseconds = std::int64_t;  // since the run began

inline constexpr Nanoseconds kMillisecond = 1'000'000;
inline constexpr Nanoseconds kSecond = 1'000'000'000;

}  // namespace forktable
