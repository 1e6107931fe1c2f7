#include "core/world/limits.hpp"

namespace forktable {

#ifdef FORKTABLE_TINY_MEMORY

const std::size_t kMostProcesses = 16;
const std::size_t kMostDescriptors = 64;
const std::size_t kMostFiles = 16;
const std::size_t kMostListening = 2;
const std::size_t kMostClients = 8;
const std::size_t kMostAnomalies = 4;
const std::size_t kMostDifferences = 4;
const std::size_t kMostClosed = 2;
const std::size_t kMostGoneFiles = 2;
const std::size_t kRemembered = 4;
const std::size_t kMostFollowed = 2;
const std::uint64_t kBetweenCopies = 4;
const std::size_t kMostCopiedBytes = 64 << 10;
const std::uint64_t kMostWork = 100'000, kMostWorkForEach = 128;

#else

const std::size_t kMostProcesses = 1 << 14;
const std::size_t kMostDescriptors = 1 << 19;
const std::size_t kMostFiles = 1 << 16;
const std::size_t kMostListening = 64;
const std::size_t kMostClients = 1 << 14;
const std::size_t kMostAnomalies = 100;
const std::size_t kMostDifferences = 100;
const std::size_t kMostClosed = 4;
const std::size_t kMostGoneFiles = 32;
const std::size_t kRemembered = 1024;
const std::size_t kMostFollowed = 32;
const std::uint64_t kBetweenCopies = 4096;
const std::size_t kMostCopiedBytes = std::size_t{256} << 20;
// A machine goes through some ten gigabytes in a second. A server with a thousand children at once takes some hundred
// kilobytes for each event.
const std::uint64_t kMostWork = 32'000'000'000, kMostWorkForEach = 128 << 10;

#endif

}  // namespace forktable
